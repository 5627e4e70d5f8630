#include "core/replay/explain_run.h"

#include "core/base/digest.h"
#include "core/base/text.h"
#include "core/domain/detection.h"
#include "core/examine/encoder.h"
#include "core/ledger/former_findings.h"
#include "core/ledger/suppression.h"
#include "core/lists/intelligence.h"
#include "core/replay/replay.h"
#include "core/replay/settle.h"
#include "core/store/statement.h"

#include <algorithm>
#include <optional>

namespace riskdesk::run {
namespace {

// Every key the id may stand for: a GUID is its bytes, 32 hex digits are a made key, a text is hashed.
std::vector<EventKey> keysOf(std::string_view id)
{
    std::vector<EventKey> keys;
    EventKey key;
    if (parseGuid(id, key))
        return {key};
    if (id.size() == 2 * key.size())
        if (const auto made = fromHex128(id))
            keys.push_back(*made);
    keys.push_back(blake2b128(id));
    return keys;
}

} // namespace

Result<SignInExplanation> explainSignIn(Directory &directory, std::string_view id, std::stop_token stop,
                                        const ProgressSink &progress, const Clock &clock)
{
    auto &connection = directory.connection();
    std::vector<Error> unusable;
    auto enricher = loadEnricher(connection, unusable);
    const auto tunings = Tunings::load(connection);
    if (!enricher || !tunings)
        return tl::unexpected(!enricher ? enricher.error() : tunings.error());
    auto ground = ReplayGround::load(connection, std::move(*enricher));
    if (!ground)
        return tl::unexpected(ground.error());
    auto &enrichment = (*ground)->enrichment();
    const auto keys = keysOf(id);
    const auto rules = ledger::Suppressions::inForce(connection, clock.now());
    if (!rules)
        return tl::unexpected(rules.error());

    std::optional<SignInExplanation> found;
    EventKey key{};
    std::optional<detect::Engine> engine;
    const auto answer = [&](const detect::EnrichedSignIn &signIn) {
        const auto &row = signIn.row;
        if (std::find(keys.begin(), keys.end(), row.eventKey) == keys.end())
            return true;
        auto &out = found.emplace();
        out.requestId =
            requestId(row.eventIdKind, row.eventKey, enrichment.text(Dictionary::EventId, row.eventIdText));
        out.at = row.time();
        out.user = row.user;
        out.userName = enrichment.userName(row.user);
        out.ip = signIn.ip.toString();
        out.city = signIn.place->city;
        out.country = signIn.place->country;
        out.application = enrichment.text(Dictionary::Application, row.application);
        out.outcome = row.outcome;
        out.errorCode = row.errorCode;
        out.detectors = engine->explain(signIn);
        key = row.eventKey;
        for (const auto &d : out.detectors)
            if (d.verdict.reason == detect::Reason::Raised)
                if (const auto *rule = rules->match({d.type, signIn, {}, false}, enrichment))
                    out.silencedBy.emplace(d.type, *rule);
        return false;
    };
    // Most ask about what has just happened: the stretches behind the points that the detectors' memory can be put back
    // to are looked at first, the newest first, each until the next one begins.
    const auto unsettled = unsettledFrom(connection);
    auto points = rewindPoints(connection);
    if (!unsettled || !points)
        return tl::unexpected(!unsettled ? unsettled.error() : points.error());
    std::optional<Position> end; // of the stretch; nothing: of what is stored
    const auto answerUntilEnd = [&](const detect::EnrichedSignIn &signIn) {
        return (!end || end->covers(signIn.row)) && answer(signIn);
    };
    const auto play = [&](const ReplayOptions &options) -> Status {
        const ReplaySeat seat{**ground, *engine, answerUntilEnd, {}, &*tunings};
        const auto played = replay(connection, {&seat, 1}, options);
        return played ? Status() : tl::unexpected(played.error());
    };
    const auto kept = keptBeginning(connection);
    if (!kept)
        return tl::unexpected(kept.error());
    if (*unsettled)
        points->clear();
    if (*kept)
        points->insert(points->begin(), (*kept)->point);
    for (auto point = points->rbegin(); !found && point != points->rend(); ++point) {
        auto memory = DetectorMemory::open(connection);
        if (!memory)
            return tl::unexpected(memory.error());
        memory->rewind(*point);
        if (auto ok = memory->openReader(DetectorMemory::Sees::OneMoment); !ok)
            return tl::unexpected(ok.error());
        engine.emplace(tunings->behind(point->position), *memory, enrichment);
        auto ok = play({stop, progress, {}, point->position, false, point->isKept()});
        engine.reset();
        if (ok)
            ok = memory->loaded();
        if (!ok)
            return tl::unexpected(ok.error());
        end = point->position;
    }
    if (!found) { // where old sign-ins were deleted, what is left of that time is looked at by itself
        engine.emplace((*ground)->engine(tunings->behind({})));
        if (auto ok = play({std::move(stop), progress, {}, {}}); !ok)
            return tl::unexpected(ok.error());
    }
    if (!found)
        return fail(Code::NotFound, std::string(id), "no stored sign-in has this id");
    const auto former = ledger::formerFindingsUntil(connection);
    if (!former)
        return tl::unexpected(former.error());
    found->listsChangedSince = found->at.us <= *former;
    // What was silenced then counts, whatever the rules say now.
    const auto all = ledger::suppressions(connection);
    if (!all)
        return tl::unexpected(all.error());
    store::Statement then(connection, "SELECT type, rule FROM suppressed WHERE event_key = ?1");
    then.bind(std::span<const std::uint8_t>(key));
    while (then.step())
        for (const auto &rule : *all)
            if (rule.id == then.int64(1))
                found->silencedBy[then.as<DetectionType>(0)] = rule;
    if (!then.ok())
        return tl::unexpected(then.error());
    return std::move(*found);
}

} // namespace riskdesk::run
