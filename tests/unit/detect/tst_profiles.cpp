// What the detectors remember of users is saved as it is, and goes out of memory only when it is told to.
#include "core/detect/usual/profile.h"

#include "tests/unit/detect/detector_stage.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::detect;
using test::MemoryState;

class ProfilesTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void savingForgetsNobody()
    {
        NoState nothing; // nobody gives back what was saved
        Profiles profiles(nothing);
        const auto users = static_cast<std::uint32_t>(Profiles::mostUsers) + 1;
        for (std::uint32_t user = 1; user <= users; ++user) {
            auto &profile = profiles.of(user);
            profile.lastSuccess = user;
            profile.changed = true;
        }
        MemoryState saved;
        profiles.save(saved);
        QCOMPARE(saved.parts.size(), std::size_t(users));
        QCOMPARE(profiles.of(1).lastSuccess, Minute(1));
        QCOMPARE(profiles.of(users).lastSuccess, Minute(users));
    }
    void whatIsForgottenIsReadAgain()
    {
        MemoryState memory;
        Profiles profiles(memory);
        for (std::uint32_t user = 1; user <= 3; ++user) {
            profiles.of(user).lastSuccess = user;
            profiles.of(user).changed = true;
        }
        profiles.save(memory);
        profiles.of(2).lastSuccess = 20; // since then
        profiles.of(2).changed = true;
        profiles.forget();
        QCOMPARE(profiles.size(), std::size_t(1));
        QCOMPARE(profiles.of(1).lastSuccess, Minute(1));
        QCOMPARE(profiles.of(2).lastSuccess, Minute(20));
        QCOMPARE(profiles.of(3).lastSuccess, Minute(3));
    }
};

QTEST_APPLESS_MAIN(ProfilesTest)
#include "tst_profiles.moc"
