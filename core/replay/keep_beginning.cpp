#include "core/replay/keep_beginning.h"

#include "core/directory/directory.h"
#include "core/examine/memory_writer.h"
#include "core/lists/intelligence.h"
#include "core/replay/replay.h"
#include "core/replay/settle.h"
#include "core/store/lease.h"
#include "core/store/schema.h"

#include <algorithm>

namespace riskdesk::run {
namespace {

Status write(store::Connection &connection, store::ImportLease &lease, ReplayGround &ground,
             detect::Engine &engine, const KeptBeginning &beginning)
{
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    auto ok = lease.heartbeat(true);
    // What the memory speaks of.
    auto &enrichment = ground.enrichment();
    if (ok)
        ok = writeAddressFacts(connection, enrichment.takeNewAddresses(), enrichment.factsVersion());
    if (ok)
        ok = store::writeTexts(connection, enrichment.takeNewTexts());
    if (ok)
        ok = MemoryWriter(connection).keepBeginning(beginning, engine);
    if (ok)
        ok = markKept(connection, beginning.point.position.at);
    if (ok)
        ok = dropTaught(connection);
    return ok ? transaction->commit() : ok;
}

} // namespace

Status keepBeginning(store::Connection &connection, store::ImportLease &lease, std::int64_t upTo,
                     std::stop_token stop, const ProgressSink &progress)
{
    const auto info = store::directoryInfo(connection);
    const auto before = keptBeginning(connection);
    if (!info || !before)
        return tl::unexpected(!info ? info.error() : before.error());
    if (info->trial || (*before && (*before)->point.position.at >= upTo))
        return {};
    std::vector<Error> unusable; // what an import leaves out is left out here too
    auto enricher = loadEnricher(connection, unusable);
    const auto tunings = Tunings::load(connection);
    const auto learnt = learntBy(connection);
    if (!enricher || !tunings || !learnt)
        return tl::unexpected(!enricher ? enricher.error() : !tunings ? tunings.error() : learnt.error());
    auto ground = ReplayGround::load(connection, std::move(*enricher));
    const auto source = BeginningOfAll::open(connection);
    if (!ground || !source)
        return tl::unexpected(!ground ? ground.error() : source.error());
    auto engine = (*ground)->engine(tunings->behind((*source)->position()), **source);
    engine.judgeOwnTrafficFrom(*learnt);
    const ReplaySeat seat{
        **ground, engine, [upTo](const auto &signIn) { return signIn.row.at <= upTo; }, {}, &*tunings};
    const auto played = replay(connection, {&seat, 1},
                               {std::move(stop), progress, [&lease] { return lease.heartbeat(); },
                                (*source)->position(), false, true});
    if (!played)
        return tl::unexpected(played.error());
    if (auto ok = (*source)->loaded(); !ok)
        return ok;
    Position position{upTo, {}};
    position.key.fill(0xFF);
    return write(connection, lease, **ground, engine, {{0, position}, std::max(upTo, *learnt)});
}

} // namespace riskdesk::run
