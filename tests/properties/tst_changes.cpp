// Whatever happens, whenever a reader looks and however much it takes at a time: what it has put together of changes
// is what a fresh reading of the whole list gives.
#include "core/action/action_service.h"
#include "core/import/kept_records.h"
#include "core/ledger/ageing.h"
#include "core/query/changes.h"
#include "core/query/reading.h"
#include "core/query/spine.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/risky_users.h"
#include "core/store/seal.h"

#include "tests/support/risk_fixture.h"

#include <QTest>

#include <rapidcheck.h>

#include <cstdlib>
#include <map>
#include <set>

using namespace riskdesk;
using namespace riskdesk::action;
using namespace riskdesk::query;
using namespace riskdesk::test;
using std::chrono::minutes;

namespace {

constexpr std::uint32_t users = 5;

struct Deed
{
    int what = 0; // see perform()
    std::uint32_t user = 1, other = 1, number = 0;
    int type = 1, level = 1, minutesOn = 0;
    int reader = 0, batch = 1, batches = 0; // who looks afterwards, and how far
};

rc::Gen<Deed> aDeed()
{
    return rc::gen::build<Deed>(rc::gen::set(&Deed::what, rc::gen::inRange(0, 26)),
                                rc::gen::set(&Deed::user, rc::gen::inRange<std::uint32_t>(1, users + 1)),
                                rc::gen::set(&Deed::other, rc::gen::inRange<std::uint32_t>(1, users + 1)),
                                rc::gen::set(&Deed::number, rc::gen::inRange<std::uint32_t>(0, 40)),
                                rc::gen::set(&Deed::type, rc::gen::element(1, 2, 4, 4, 1, 5)),
                                rc::gen::set(&Deed::level, rc::gen::inRange(1, 4)),
                                rc::gen::set(&Deed::minutesOn, rc::gen::element(0, 1, 7, 90, 1500, 30000)),
                                rc::gen::set(&Deed::reader, rc::gen::inRange(0, 4)),
                                rc::gen::set(&Deed::batch, rc::gen::element(1, 2, 3, 7, 50)),
                                rc::gen::set(&Deed::batches, rc::gen::inRange(0, 5)));
}

// The n-th sign-in belongs to one user for ever.
std::uint32_t owner(std::uint32_t n)
{
    return n % users + 1;
}

void perform(Fixture &f, const Deed &d)
{
    f.clock.advance(minutes(d.minutesOn));
    ActionService service(f.connection(), f.clock, Operator{"ana", Role::Administrator, "console", "desk"});
    const auto act = [&](const Request &request) { Fixture::check(service.carryOut(request)); };
    const auto write = [&](auto &&deed) {
        auto t = store::Transaction::begin(f.connection());
        Fixture::check(t);
        Fixture::check(deed());
        Fixture::check(t->commit());
    };
    const std::vector<std::uint32_t> two{d.user, d.other};
    const std::string signIn = signInId(d.number);
    const auto detection = detectionId(static_cast<DetectionType>(d.type), userKey(owner(d.number)), signIn);
    switch (d.what) {
    case 0: act({Action::Dismiss, two, {}, {}, {}, {}}); break;
    case 1:
    case 2: act({Action::ConfirmCompromised, two, {}, {}, {}, {}}); break;
    case 3: act({Action::ConfirmSafe, two, {}, {}, {}, {}}); break;
    case 4: act({Action::ResetPassword, two, {}, {}, {}, {}}); break;
    case 5: act({Action::Block, {d.user}, {}, {}, {}, {}}); break;
    case 6: act({Action::Dismiss, {}, {}, {signIn}, {}, {}}); break;
    case 7: act({Action::ConfirmCompromised, {}, {}, {signIn, signInId(d.number + 1)}, {}, {}}); break;
    case 8: act({Action::Dismiss, {}, {detection}, {}, {}, {}}); break;
    case 9: act({Action::ConfirmSafe, {}, {detection}, {}, {}, {}}); break;
    case 10: Fixture::check(ledger::ageLowDetections(f.connection(), f.clock)); break;
    case 11:
        write([&] {
            return ledger::RiskWriter(f.connection(), f.clock)
                .passwordChanged(d.user, PasswordChange::ResetByUser, f.clock.now());
        });
        break;
    case 12:
    case 13:
    case 14: (void)service.undo(); break; // Conflict and NotFound are answers too
    case 15:
    case 16: (void)service.redo(); break;
    case 17:
        write([&] {
            run::ProviderRecords records;
            auto one = finding(d.user, d.number + 100, DetectionType::UnlikelyTravel, RiskLevel::High, noon);
            one.detection.source = "provider";
            one.detection.hasSignIn = false;
            records.detections.push_back(std::move(one));
            records.riskyUsers.push_back(
                {d.other, "high", d.level == 1 ? "atRisk" : "remediated", "none", noon});
            return run::writeProviderRecords(f.connection(), f.clock, records);
        });
        break;
    default: // mostly findings: late ones, repeats, pairs
        f.raise(finding(owner(d.number), d.number, static_cast<DetectionType>(d.type),
                        static_cast<RiskLevel>(d.level), f.clock.now() - minutes(d.other * 4),
                        d.level == 1 ? "" : "scope"));
    }
}

using Picture = std::map<std::string, std::string>; // what is told, by id

Picture tell(store::Connection &connection, Feed feed, const std::vector<std::int64_t> &ids)
{
    Picture out;
    if (feed == Feed::Detections) {
        const auto rows = readDetections(connection, ids);
        Fixture::check(rows);
        for (const auto &row : *rows)
            out[row.detection.id] = json(riskDetectionColumns(), row);
    } else {
        const auto rows = readRiskyUsers(connection, ids);
        Fixture::check(rows);
        for (const auto &row : *rows)
            out[row.key] = json(riskyUserColumns(), row);
    }
    return out;
}

// The list as it is, by another way than changes.
Picture whole(store::Connection &connection, Feed feed)
{
    Question question;
    question.report = feed == Feed::Detections ? Report::Detections : Report::RiskyUsers;
    const auto ids = readSpine(connection, question);
    Fixture::check(ids);
    return tell(connection, feed, *ids);
}

class Follower
{
public:
    Follower(store::Connection &connection, Feed feed)
        : m_connection(connection)
        , m_feed(feed)
    {}

    // False when nothing waits any more.
    bool take(int atMost)
    {
        const auto reading = Reading::begin(m_connection);
        Fixture::check(reading);
        std::optional<ChangeToken> token;
        if (!m_token.empty())
            token = *ChangeToken::fromText(m_token, m_feed);
        const auto changes = readChanges(m_connection, m_feed, token, static_cast<std::size_t>(atMost));
        Fixture::check(changes);
        RC_ASSERT(changes->rows.size() <= static_cast<std::size_t>(atMost));
        RC_ASSERT(!changes->more || changes->rows.size() == static_cast<std::size_t>(atMost));
        std::vector<std::int64_t> rows;
        std::set<std::string> ids;
        for (const auto &change : changes->rows) {
            if (m_feed != Feed::History)
                RC_ASSERT(ids.insert(change.id).second); // each once in a batch
            if (change.removed)
                m_picture.erase(change.id);
            else
                rows.push_back(change.row);
        }
        if (m_feed == Feed::History)
            m_history.insert(m_history.end(), rows.begin(), rows.end());
        else
            for (auto &[id, object] : tell(m_connection, m_feed, rows))
                m_picture[id] = object;
        m_token = changes->next.toText();
        m_taken += changes->rows.size();
        return changes->more;
    }
    void takeAll(int atMost)
    {
        while (take(atMost)) {
        }
    }
    void mustBeRight()
    {
        if (m_feed == Feed::History) {
            const auto lines = [&] {
                store::Statement rows(m_connection, "SELECT id FROM ledger ORDER BY id");
                std::vector<std::int64_t> ids;
                while (rows.step())
                    ids.push_back(rows.int64(0));
                return ids;
            }();
            RC_ASSERT(m_history == lines); // each once, in their order
        } else {
            RC_ASSERT(m_picture == whole(m_connection, m_feed));
        }
        // Without a change there is nothing more to tell.
        const auto taken = m_taken;
        const auto token = m_token;
        takeAll(3);
        RC_ASSERT(m_taken == taken);
        RC_ASSERT(m_token == token);
    }

private:
    store::Connection &m_connection;
    Feed m_feed;
    std::string m_token;
    Picture m_picture;
    std::vector<std::int64_t> m_history;
    std::size_t m_taken = 0;
};

} // namespace

class ChangesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        if (std::getenv("RC_PARAMS") == nullptr)
            setenv("RC_PARAMS", "seed=20260318 max_success=60 max_size=60", 1);
    }
    void who_follows_the_changes_has_the_whole_list()
    {
        QVERIFY(rc::check("who follows the changes has the whole list", [] {
            Fixture f(users);
            auto other = store::openForReading(f.connection().file()); // as another process would
            Fixture::check(other);
            std::vector<Follower> followers;
            for (const auto feed : {Feed::Detections, Feed::Users, Feed::History, Feed::Detections})
                followers.emplace_back(*other, feed);
            for (const auto &deed : *rc::gen::container<std::vector<Deed>>(aDeed())) {
                perform(f, deed);
                auto &reader = followers[static_cast<std::size_t>(deed.reader)];
                for (int i = 0; i < deed.batches && reader.take(deed.batch); ++i) {
                }
            }
            for (auto &follower : followers) {
                follower.takeAll(*rc::gen::inRange(1, 9));
                follower.mustBeRight();
            }
            const auto broken = store::brokenSeals(f.connection());
            Fixture::check(broken);
            RC_ASSERT(broken->empty());
        }));
    }
};

QTEST_GUILESS_MAIN(ChangesTest)
#include "tst_changes.moc"
