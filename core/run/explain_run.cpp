#include "core/run/explain_run.h"

#include "core/base/digest.h"
#include "core/base/text.h"
#include "core/domain/detection.h"
#include "core/run/encoder.h"
#include "core/run/intelligence.h"
#include "core/run/sightings.h"
#include "core/run/stored_sign_ins.h"
#include "core/run/user_book.h"
#include "core/store/dictionary.h"

namespace riskdesk::run {
namespace {

// Every key the id may stand for: a GUID is its bytes, 32 hex digits are a made key, a text is hashed.
std::vector<EventKey> keysOf(std::string_view id)
{
    std::vector<EventKey> keys;
    EventKey key;
    if (parseGuid(id, key))
        return {key};
    if (id.size() == 32) {
        std::string guid(id);
        for (const std::size_t at : {8u, 13u, 18u, 23u})
            guid.insert(at, 1, '-');
        if (parseGuid(guid, key))
            keys.push_back(key);
    }
    keys.push_back(blake2b128(id));
    return keys;
}

} // namespace

Result<SignInExplanation> explainSignIn(Directory &directory, std::string_view id, std::stop_token stop,
                                        const ProgressSink &progress)
{
    auto &connection = directory.connection();
    std::vector<Error> unusable;
    auto enricher = loadEnricher(connection, unusable);
    auto users = UserBook::load(connection);
    auto tuned = tuning(connection);
    if (!enricher || !users || !tuned)
        return tl::unexpected(!enricher ? enricher.error() : !users ? users.error() : tuned.error());
    store::Dictionaries dictionaries;
    if (auto ok = dictionaries.load(connection); !ok)
        return tl::unexpected(ok.error());
    Sightings sightings(dictionaries, *users, *enricher);
    detect::NoState nothing;
    detect::Engine engine(*tuned, nothing, sightings);
    const auto keys = keysOf(id);

    SignInStream stream(connection);
    std::uint64_t played = 0;
    for (StoredRow stored;;) {
        auto more = stream.next(stored);
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            return fail(Code::NotFound, std::string(id), "no stored sign-in has this id");
        auto sighting = sightings.make(stored.row);
        sighting.late = stored.late;
        if (std::find(keys.begin(), keys.end(), stored.row.eventKey) == keys.end()) {
            engine.examine(sighting);
            if ((++played & 0xfff) == 0) {
                if (stop.stop_requested())
                    return fail(Code::Cancelled, std::string(id));
                if (progress)
                    progress({"detect", played, stream.total()});
            }
            continue;
        }
        SignInExplanation out;
        out.requestId = requestId(stored.row.eventIdKind, stored.row.eventKey,
                                  sightings.text(Dictionary::EventId, stored.row.eventIdText));
        out.at = stored.row.time();
        out.user = stored.row.user;
        out.userName = sightings.userName(stored.row.user);
        out.ip = sighting.ip.toString();
        out.city = sighting.place->city;
        out.country = sighting.place->country;
        out.application = sightings.text(Dictionary::Application, stored.row.application);
        out.outcome = stored.row.outcome;
        out.errorCode = stored.row.errorCode;
        out.late = stored.late;
        out.detectors = engine.explain(sighting);
        return out;
    }
}

} // namespace riskdesk::run
