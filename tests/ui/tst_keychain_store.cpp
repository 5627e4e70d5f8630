// The keyring of the desktop: a real one, GNOME Keyring on a bus of its own, in a home folder of the test's; and
// what is said where no keyring is.
#include "app/keychain_store.h"
#include "tests/support/child_process.h"

#include <QElapsedTimer>
#include <QProcessEnvironment>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include <cstdio>

using namespace riskdesk;
using connect::Secret;

namespace {

constexpr auto plainSecret = "hunter2-hunter2-hunter2";

// On a thread that may wait; the one of the application does nothing meanwhile, and need not.
int aside(const std::function<int()> &what)
{
    int result = -1;
    std::unique_ptr<QThread> thread(QThread::create([&] { result = what(); }));
    thread->start();
    thread->wait();
    return result;
}

// The line that did not hold, said where the outer test is heard.
int heldNot(int line, const std::string &what = {})
{
    std::fprintf(stderr, "line %d: %s\n", line, what.c_str());
    return 1;
}
#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            return heldNot(__LINE__, #condition);                                                            \
    } while (false)

std::string got(KeychainStore &store, std::string_view name)
{
    auto found = store.get(name);
    return !found ? "error: " + sentence(found.error()) : !*found ? "none" : std::string((*found)->reveal());
}

int useKeyring()
{
    KeychainStore store(QStringLiteral("d-1"));
    if (auto ok = store.available(); !ok)
        return heldNot(__LINE__, sentence(ok.error()));
    HOLDS(store.place() == "keyring");
    HOLDS(store.names() && store.names()->empty());
    HOLDS(got(store, "audit/key") == "none");
    HOLDS(store.set("connector/3/clientSecret", Secret(plainSecret)));
    HOLDS(store.set("audit/key", Secret("first")));
    HOLDS(store.set("audit/key", Secret("second")));
    HOLDS(got(store, "connector/3/clientSecret") == plainSecret);
    HOLDS(got(store, "audit/key") == "second");
    HOLDS((*store.names() == std::vector<std::string>{"audit/key", "connector/3/clientSecret"}));
    // Bytes that are no text.
    std::string bytes;
    for (int i = 0; i < 256; ++i)
        bytes += static_cast<char>(i);
    HOLDS(store.set("audit/bytes", Secret(bytes)));
    HOLDS(got(store, "audit/bytes") == bytes);
    HOLDS(store.forget("audit/bytes"));
    HOLDS(store.forget("audit/bytes"));
    HOLDS(got(store, "audit/bytes") == "none");
    HOLDS(store.names()->size() == 2);
    // Another directory has its own.
    KeychainStore other(QStringLiteral("d-2"));
    HOLDS(other.names() && other.names()->empty());
    HOLDS(got(other, "audit/key") == "none");
    HOLDS(other.set("audit/key", Secret("other")));
    HOLDS(got(store, "audit/key") == "second");
    HOLDS(other.forget("audit/key"));
    HOLDS(other.names() && other.names()->empty());
    HOLDS(store.names()->size() == 2);
    // What may not be stored.
    HOLDS(store.set("no name", Secret("x")).error().code == Code::WrongUsage);
    HOLDS(store.set("audit/empty", Secret()).error().code == Code::WrongUsage);
    HOLDS(store.names()->size() == 2);
    // Several at once lose no name.
    std::vector<std::unique_ptr<QThread>> threads;
    for (int who = 0; who < 3; ++who) {
        threads.emplace_back(QThread::create([who] {
            KeychainStore own(QStringLiteral("d-3"));
            for (int i = 0; i < 4; ++i)
                (void)own.set(std::to_string(who) + '/' + std::to_string(i), Secret("k"));
        }));
        threads.back()->start();
    }
    for (const auto &thread : threads)
        thread->wait();
    HOLDS(KeychainStore(QStringLiteral("d-3")).names()->size() == 12);
    return 0;
}

// In a process of its own afterwards: what one stored another finds.
int readKeyring()
{
    KeychainStore store(QStringLiteral("d-1"));
    HOLDS(got(store, "connector/3/clientSecret") == plainSecret);
    HOLDS(store.names()->size() == 2);
    return 0;
}

bool isKeyringOnTheBus()
{
    QProcess asking;
    asking.start(QStringLiteral("dbus-send"),
                 {QStringLiteral("--session"), QStringLiteral("--print-reply"),
                  QStringLiteral("--dest=org.freedesktop.DBus"), QStringLiteral("/org/freedesktop/DBus"),
                  QStringLiteral("org.freedesktop.DBus.NameHasOwner"),
                  QStringLiteral("string:org.freedesktop.secrets")});
    return asking.waitForFinished(10000) && asking.readAllStandardOutput().contains("boolean true");
}

// "--child session", on a bus that was begun for it.
int session(const std::vector<std::string> &)
{
    int count = 1;
    char name[] = "session";
    char *arguments[] = {name, nullptr};
    const QCoreApplication application(count, arguments);
    QProcess daemon;
    daemon.setStandardErrorFile(QProcess::nullDevice());
    daemon.start(
        QStringLiteral("gnome-keyring-daemon"),
        {QStringLiteral("--foreground"), QStringLiteral("--unlock"), QStringLiteral("--components=secrets")});
    daemon.write("passphrase of the test");
    daemon.waitForBytesWritten();
    daemon.closeWriteChannel();
    QElapsedTimer time;
    time.start();
    while (!isKeyringOnTheBus())
        if (time.elapsed() > 30000 || daemon.state() == QProcess::NotRunning)
            return 77; // no keyring can be begun here
    int result = aside(useKeyring);
    if (result == 0)
        result = riskdesk::test::runChild(QStringLiteral("reader"), {});
    daemon.kill();
    daemon.waitForFinished();
    return result;
}

int reader(const std::vector<std::string> &)
{
    int count = 1;
    char name[] = "reader";
    char *arguments[] = {name, nullptr};
    const QCoreApplication application(count, arguments);
    return aside(readKeyring);
}

// "--child none": each call where no keyring is; the exit code is 0 when all say so.
int none(const std::vector<std::string> &)
{
    int count = 1;
    char name[] = "none";
    char *arguments[] = {name, nullptr};
    const QCoreApplication application(count, arguments);
    return aside([] {
        KeychainStore store(QStringLiteral("d-1"));
        const auto isNone = [](const Error &error) {
            std::fprintf(stderr, "%s\n", sentence(error).c_str());
            return error.code == Code::NotFound && error.subject == "keyring" && !error.detail.empty() &&
                   sentence(error).find("hunter2") == std::string::npos;
        };
        HOLDS(isNone(store.available().error()));
        HOLDS(isNone(store.get("audit/key").error()));
        HOLDS(isNone(store.set("audit/key", Secret(plainSecret)).error()));
        HOLDS(isNone(store.forget("audit/key").error()));
        HOLDS(isNone(store.names().error()));
        return 0;
    });
}

} // namespace

class TestKeychainStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void keepsSecretsInAKeyring();
    void saysThatThereIsNone_data();
    void saysThatThereIsNone();
    void isNotAskedByTheWindow();

private:
    [[nodiscard]] QProcessEnvironment ownHome() const;
    std::unique_ptr<QTemporaryDir> m_home;
};

void TestKeychainStore::init()
{
    m_home = std::make_unique<QTemporaryDir>();
    for (const auto *folder : {"run", "data", "config"})
        QVERIFY(QDir(m_home->path()).mkdir(QString::fromLatin1(folder)));
    QFile::setPermissions(m_home->filePath(QStringLiteral("run")), QFile::Permissions(0x7000)); // 0700
}

void TestKeychainStore::cleanup()
{
    m_home.reset();
}

QProcessEnvironment TestKeychainStore::ownHome() const
{
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("HOME"), m_home->path());
    environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), m_home->filePath(QStringLiteral("run")));
    environment.insert(QStringLiteral("XDG_DATA_HOME"), m_home->filePath(QStringLiteral("data")));
    environment.insert(QStringLiteral("XDG_CONFIG_HOME"), m_home->filePath(QStringLiteral("config")));
    environment.insert(QStringLiteral("XDG_CURRENT_DESKTOP"), QStringLiteral("GNOME"));
    environment.remove(QStringLiteral("DISPLAY"));
    environment.remove(QStringLiteral("GNOME_KEYRING_CONTROL"));
    return environment;
}

void TestKeychainStore::keepsSecretsInAKeyring()
{
    for (const auto *program : {"dbus-run-session", "dbus-send", "gnome-keyring-daemon"})
        if (QStandardPaths::findExecutable(QString::fromLatin1(program)).isEmpty())
            QSKIP(qPrintable(QStringLiteral("%1 is not installed").arg(QString::fromLatin1(program))));
    QProcess process;
    process.setProcessEnvironment(ownHome());
    process.start(QStringLiteral("dbus-run-session"),
                  {QStringLiteral("--"), QCoreApplication::applicationFilePath(), QStringLiteral("--child"),
                   QStringLiteral("session")});
    QVERIFY(process.waitForFinished(120000));
    const auto said = process.readAllStandardError();
    if (process.exitCode() == 77)
        QSKIP("gnome-keyring-daemon does not run here");
    QVERIFY2(process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0, said.constData());
}

void TestKeychainStore::saysThatThereIsNone_data()
{
    QTest::addColumn<QString>("bus");
    QTest::addColumn<QString>("desktop");
    QTest::newRow("no bus") << QStringLiteral("unix:path=/nonexistent") << QStringLiteral("GNOME");
    QTest::newRow("no bus, KDE") << QStringLiteral("unix:path=/nonexistent") << QStringLiteral("KDE");
    QTest::newRow("none named") << QString() << QString();
}

void TestKeychainStore::saysThatThereIsNone()
{
    QFETCH(QString, bus);
    QFETCH(QString, desktop);
    auto environment = ownHome();
    if (bus.isEmpty())
        environment.remove(QStringLiteral("DBUS_SESSION_BUS_ADDRESS"));
    else
        environment.insert(QStringLiteral("DBUS_SESSION_BUS_ADDRESS"), bus);
    environment.insert(QStringLiteral("XDG_CURRENT_DESKTOP"), desktop);
    QProcess process;
    process.setProcessEnvironment(environment);
    riskdesk::test::startChild(process, QStringLiteral("none"), {});
    QVERIFY(process.waitForFinished(120000));
    const auto said = process.readAllStandardError();
    QVERIFY2(process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0, said.constData());
}

void TestKeychainStore::isNotAskedByTheWindow()
{
    KeychainStore store(QStringLiteral("d-1"));
    QCOMPARE(store.get("audit/key").error().code, Code::Bug);
    QCOMPARE(store.names().error().code, Code::Bug);
    QCOMPARE(store.available().error().code, Code::Bug);
}

int main(int argc, char **argv)
{
    const riskdesk::test::ChildParts parts{{"session", session}, {"reader", reader}, {"none", none}};
    if (const int code = riskdesk::test::childMain(argc, argv, parts); code >= 0)
        return code;
    QCoreApplication application(argc, argv);
    TestKeychainStore test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_keychain_store.moc"
