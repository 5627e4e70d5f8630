// The sealed file as it lies on a disk: who opens it, what damage does, what a second process and a full disk
// do. The cost of a passphrase is the least there is, or each of thousands of files would take a second.
#include "core/connect/sealed_file.h"

#include "tests/support/child_process.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sodium.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

using namespace riskdesk;
using namespace riskdesk::connect;

namespace {

constexpr SealCost leastCost{1, 8192}; // libsodium's own minimum
constexpr std::string_view passphrase = "correct horse battery";
constexpr std::string_view plainSecret = "hunter2-hunter2-hunter2";
constexpr std::string_view plainName = "connector/3/clientSecret";
constexpr int writesEach = 12;

SealKey words(std::string_view text = passphrase)
{
    return {SealKey::Form::Passphrase, Secret(text)};
}

std::string read(const std::filesystem::path &file)
{
    QFile from(QString::fromStdString(file.string()));
    return from.open(QIODevice::ReadOnly) ? from.readAll().toStdString() : std::string();
}

void write(const std::filesystem::path &file, std::string_view bytes)
{
    QFile to(QString::fromStdString(file.string()));
    if (!to.open(QIODevice::WriteOnly | QIODevice::Truncate))
        qFatal("the test's own file cannot be written");
    to.write(bytes.data(), static_cast<qint64>(bytes.size()));
}

// With the digest that its bytes should have: as somebody damages it who knows how.
std::string withDigest(std::string bytes)
{
    bytes.resize(bytes.size() - 32);
    return bytes + sealDigestOf(bytes);
}

std::string got(SecretStore &&store, std::string_view name)
{
    auto found = store.get(name);
    return !found ? "error: " + sentence(found.error()) : !*found ? "none" : std::string((*found)->reveal());
}

std::string got(SecretStore &store, std::string_view name)
{
    return got(std::move(store), name);
}

mode_t modeOf(const std::filesystem::path &file)
{
    struct stat about
    {};
    return ::stat(file.c_str(), &about) == 0 ? about.st_mode & 07777U : 0;
}

// "--child write FILE WHO": one of two processes that store names of their own at the same time.
int writeAsChild(const std::vector<std::string> &arguments)
{
    auto file = SealedFile::open(arguments.at(0), words());
    if (!file)
        return 1;
    for (int i = 0; i < writesEach; ++i)
        if (!file->set(arguments.at(1) + "/" + std::to_string(i), Secret(arguments.at(1))))
            return 2;
    return 0;
}

class Umask
{
public:
    explicit Umask(mode_t mask)
        : m_before(::umask(mask))
    {}
    Umask(const Umask &) = delete;
    Umask &operator=(const Umask &) = delete;
    ~Umask() { ::umask(m_before); }

private:
    mode_t m_before;
};

// A disk on which no file grows beyond so many bytes.
class SmallDisk
{
public:
    explicit SmallDisk(rlim_t bytes)
    {
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        m_handler = std::signal(SIGXFSZ, SIG_IGN);
        const rlimit small{bytes, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    SmallDisk(const SmallDisk &) = delete;
    SmallDisk &operator=(const SmallDisk &) = delete;
    ~SmallDisk()
    {
        ::setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_handler);
    }

private:
    rlimit m_before{};
    void (*m_handler)(int) = nullptr;
};

} // namespace

class TestSealedFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void keepsWhatItWasGiven();
    void keepsBytesThatAreNoText();
    void liesBesideTheDirectory();
    void isNotThereUntilMade();
    void isNotMadeTwice();
    void knowsAWrongPassphrase();
    void asksForAPassphraseOfSomeLength();
    void takesNoOtherNamesAndSecrets();
    void findsEveryByteThatWasChanged();
    void findsEveryByteThatWasChangedWithItsDigest();
    void findsWhereItWasCut();
    void leavesANewerVersionAlone();
    void asksForNoMoreThanItMay();
    void showsNothingInTheFile();
    void tellsNothingInErrors();
    void isForItsOwnerAlone_data();
    void isForItsOwnerAlone();
    void losesNothingOfTwoProcesses();
    void seesWhatAnotherStored();
    void takesAnotherPassphrase();
    void opensWithAKeyFile();
    void refusesAKeyFile_data();
    void refusesAKeyFile();
    void doesNotReplaceAKeyFile();
    void keepsTheOldFileOnAFullDisk();
    void cleansUpAfterAProcessThatEnded();
    void followsALink();
    void isNoDirectoryFile();
    void holdsMany();

private:
    [[nodiscard]] std::filesystem::path path(const char *name = "shop.riskdesk.secrets") const
    {
        return m_folder->filePath(QString::fromLatin1(name)).toStdString();
    }
    [[nodiscard]] SealedFile made() const
    {
        auto file = SealedFile::make(path(), words(), leastCost);
        if (!file)
            qFatal("%s", sentence(file.error()).c_str());
        return std::move(*file);
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestSealedFile::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestSealedFile::cleanup()
{
    m_folder.reset();
}

void TestSealedFile::keepsWhatItWasGiven()
{
    {
        auto file = made();
        QVERIFY(file.names()->empty());
        QVERIFY(file.set(plainName, Secret(plainSecret)));
        QVERIFY(file.set("audit/key", Secret("first")));
        QVERIFY(file.set("audit/key", Secret("second")));
        QVERIFY(file.set("connector/4/password", Secret("gone")));
        QVERIFY(file.forget("connector/4/password"));
        QVERIFY(file.forget("connector/4/password"));
    }
    auto file = SealedFile::open(path(), words());
    QVERIFY(file);
    QCOMPARE(file->place(), std::string_view("sealed file"));
    QCOMPARE(got(*file, plainName), std::string(plainSecret));
    QCOMPARE(got(*file, "audit/key"), "second");
    QCOMPARE(got(*file, "connector/4/password"), "none");
    QCOMPARE(*file->names(), (std::vector<std::string>{"audit/key", std::string(plainName)}));
}

void TestSealedFile::keepsBytesThatAreNoText()
{
    auto file = made();
    std::string all(longestSecret, '\0');
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<char>(i & 0xFF);
    QVERIFY(file.set("audit/key", Secret(all)));
    // As long as the padding is, and a byte to either side of it.
    for (const std::size_t length : {479U, 480U, 495U, 496U, 497U, 512U}) {
        QVERIFY(file.set("x", Secret(std::string_view(all).substr(0, length))));
        QCOMPARE(got(file, "x"), all.substr(0, length));
    }
    QCOMPARE(got(file, "audit/key"), all);
}

void TestSealedFile::liesBesideTheDirectory()
{
    QCOMPARE(SealedFile::beside("data/shop.riskdesk"), std::filesystem::path("data/shop.riskdesk.secrets"));
}

void TestSealedFile::isNotThereUntilMade()
{
    const auto none = SealedFile::open(path(), words());
    QVERIFY(!none);
    QCOMPARE(none.error().code, Code::NotFound);
    auto file = made();
    QVERIFY(QFile::remove(QString::fromStdString(path().string())));
    QCOMPARE(file.get("audit/key").error().code, Code::Conflict);
    QCOMPARE(file.set("audit/key", Secret("k")).error().code, Code::Conflict);
    QVERIFY(!std::filesystem::exists(path()));
}

void TestSealedFile::isNotMadeTwice()
{
    QVERIFY(made().set("audit/key", Secret("k")));
    const auto before = read(path());
    const auto again = SealedFile::make(path(), words("another passphrase"), leastCost);
    QVERIFY(!again);
    QCOMPARE(again.error().code, Code::Conflict);
    QCOMPARE(read(path()), before);
}

void TestSealedFile::knowsAWrongPassphrase()
{
    QVERIFY(made().set("audit/key", Secret("k")));
    for (const std::string_view wrong : {"correct horse batterz", "correct horse", ""}) {
        const auto file = SealedFile::open(path(), words(wrong));
        QVERIFY(!file);
        QCOMPARE(file.error().code, Code::NotAllowed);
        QVERIFY(sentence(file.error()).find("passphrase") != std::string::npos);
    }
}

void TestSealedFile::asksForAPassphraseOfSomeLength()
{
    for (const std::size_t length : {0U, 7U, 1025U}) {
        const auto file = SealedFile::make(path(), words(std::string(length, 'x')), leastCost);
        QVERIFY(!file);
        QCOMPARE(file.error().code, Code::WrongUsage);
    }
    QCOMPARE(SealedFile::make(path(), words(), {0, 8192}).error().code, Code::WrongUsage);
    QVERIFY(!std::filesystem::exists(path()));
    QVERIFY(SealedFile::make(path(), words("12345678"), leastCost));
}

void TestSealedFile::takesNoOtherNamesAndSecrets()
{
    auto file = made();
    for (const auto &name : {std::string(), std::string("a b"), std::string("a\nb"), std::string("\xC3\xA4"),
                             std::string(longestSecretName + 1, 'x')}) {
        QCOMPARE(file.set(name, Secret("k")).error().code, Code::WrongUsage);
        QCOMPARE(file.get(name).error().code, Code::WrongUsage);
        QCOMPARE(file.forget(name).error().code, Code::WrongUsage);
    }
    QCOMPARE(file.set("a", Secret()).error().code, Code::WrongUsage);
    QCOMPARE(file.set("a", Secret(std::string(longestSecret + 1, 'x'))).error().code, Code::WrongUsage);
    QVERIFY(file.names()->empty());
    QVERIFY(file.set(std::string(longestSecretName, 'x'), Secret("k")));
}

void TestSealedFile::findsEveryByteThatWasChanged()
{
    auto file = made();
    QVERIFY(file.set(plainName, Secret(plainSecret)));
    const auto whole = read(path());
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
        write(path(), damaged);
        const auto opened = SealedFile::open(path(), words());
        QVERIFY2(!opened, std::to_string(at).c_str());
        QCOMPARE(opened.error().code, Code::Malformed);
        QCOMPARE(file.get(plainName).error().code, Code::Malformed);
    }
    QCOMPARE(file.set("audit/key", Secret("k")).error().code, Code::Malformed);
    write(path(), whole);
    QCOMPARE(got(file, plainName), std::string(plainSecret));
}

// Then it is the seal that finds it.
void TestSealedFile::findsEveryByteThatWasChangedWithItsDigest()
{
    QVERIFY(made().set(plainName, Secret(plainSecret)));
    const auto whole = read(path());
    QCOMPARE(withDigest(whole), whole);
    for (std::size_t at = 0; at + 32 < whole.size(); ++at) {
        // A cost that this test cannot afford is refused all the same: what it would take is told below.
        if (at >= 16 && at < 32)
            continue;
        auto damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
        write(path(), withDigest(damaged));
        const auto opened = SealedFile::open(path(), words());
        QVERIFY2(!opened, std::to_string(at).c_str());
        const auto code = opened.error().code;
        if (at >= 48 + 24 + 17) // the list: the key is known to be right by then
            QCOMPARE(code, Code::Malformed);
        else if (at >= 8 && at < 12)
            QVERIFY(code == Code::StoreTooNew || code == Code::Malformed);
        else
            QVERIFY2(code == Code::NotAllowed || code == Code::Malformed, std::to_string(at).c_str());
    }
    auto dearer = whole; // two passes in place of one: the key is another one
    dearer[16] = 2;
    write(path(), withDigest(dearer));
    QCOMPARE(SealedFile::open(path(), words()).error().code, Code::NotAllowed);
}

void TestSealedFile::findsWhereItWasCut()
{
    auto file = made();
    QVERIFY(file.set(plainName, Secret(plainSecret)));
    const auto whole = read(path());
    for (std::size_t length = 0; length < whole.size(); ++length) {
        write(path(), std::string_view(whole).substr(0, length));
        QCOMPARE(SealedFile::open(path(), words()).error().code, Code::Malformed);
        if (length < 32)
            continue;
        write(path(), withDigest(whole.substr(0, length)));
        QCOMPARE(SealedFile::open(path(), words()).error().code, Code::Malformed);
    }
    write(path(), whole + '\0');
    QCOMPARE(SealedFile::open(path(), words()).error().code, Code::Malformed);
    write(path(), std::string(longestSealed + 1, '\0').replace(0, 8, "RDsecret"));
    QCOMPARE(SealedFile::open(path(), words()).error().code, Code::Malformed);
}

void TestSealedFile::leavesANewerVersionAlone()
{
    auto file = made();
    // Of the layout nothing is known but its two ends.
    const auto newer = withDigest(std::string("RDsecret\2\0\0\0", 12) + "something" + std::string(32, ' '));
    write(path(), newer);
    QCOMPARE(SealedFile::open(path(), words()).error().code, Code::StoreTooNew);
    QCOMPARE(file.set("audit/key", Secret("k")).error().code, Code::StoreTooNew);
    QCOMPARE(file.rekey(words(), leastCost).error().code, Code::StoreTooNew);
    QCOMPARE(read(path()), newer);
}

void TestSealedFile::asksForNoMoreThanItMay()
{
    auto file = made();
    const auto whole = read(path());
    for (const std::size_t at : {18U, 23U, 29U, 31U}) { // passes and memory beyond all measure
        auto dear = whole;
        dear[at] = 0x7F;
        write(path(), withDigest(dear));
        QCOMPARE(SealedFile::open(path(), words()).error().code, Code::Malformed);
    }
}

void TestSealedFile::showsNothingInTheFile()
{
    auto file = made();
    QVERIFY(file.set(plainName, Secret(plainSecret)));
    const auto first = read(path());
    for (const auto &name : std::filesystem::directory_iterator(m_folder->path().toStdString())) {
        const auto bytes = read(name.path());
        for (const auto text : {plainSecret, plainName, passphrase})
            for (std::size_t at = 0; at + 6 <= text.size(); ++at)
                QVERIFY(bytes.find(text.substr(at, 6)) == std::string::npos);
    }
    // The same again looks like something else, and a longer secret need not be longer.
    QVERIFY(file.set(plainName, Secret(plainSecret)));
    QVERIFY(read(path()) != first);
    QVERIFY(file.set(plainName, Secret(std::string(100, 'x'))));
    QCOMPARE(read(path()).size(), first.size());
}

void TestSealedFile::tellsNothingInErrors()
{
    auto file = made();
    QVERIFY(file.set(plainName, Secret(plainSecret)));
    const auto whole = read(path());
    std::vector<Error> errors;
    errors.push_back(SealedFile::open(path(), words("hunter2-hunter2-hunter2")).error());
    errors.push_back(SealedFile::make(path(), words(plainSecret), leastCost).error());
    errors.push_back(SealedFile::make(path("other"), words("hunter2"), leastCost).error());
    errors.push_back(file.set("no name", Secret(plainSecret)).error());
    errors.push_back(file.rekey(words("hunter2"), leastCost).error());
    {
        const SmallDisk disk(100);
        errors.push_back(file.set("audit/key", Secret(plainSecret)).error());
    }
    write(path(), whole.substr(1));
    errors.push_back(file.get(plainName).error());
    errors.push_back(file.set(plainName, Secret(plainSecret)).error());
    for (const auto &error : errors)
        for (const auto text : {plainSecret.substr(0, 7), passphrase.substr(0, 7)})
            QVERIFY((error.subject + error.detail + sentence(error)).find(text) == std::string::npos);
}

void TestSealedFile::isForItsOwnerAlone_data()
{
    QTest::addColumn<unsigned>("mask");
    QTest::newRow("open") << 0000U;
    QTest::newRow("usual") << 0022U;
    QTest::newRow("closed") << 0777U;
}

void TestSealedFile::isForItsOwnerAlone()
{
    QFETCH(unsigned, mask);
    const Umask changed(mask);
    auto file = made();
    QCOMPARE(modeOf(path()), 0600U);
    QVERIFY(file.set("audit/key", Secret("k")));
    QCOMPARE(modeOf(path()), 0600U);
    QCOMPARE(modeOf(path("shop.riskdesk.secrets.lock")), 0600U);
    QVERIFY(makeKeyFile(path("key")));
    QCOMPARE(modeOf(path("key")), 0600U);
}

void TestSealedFile::losesNothingOfTwoProcesses()
{
    auto file = made();
    QProcess first, second;
    riskdesk::test::startChild(first, QStringLiteral("write"),
                               {QString::fromStdString(path().string()), QStringLiteral("a")});
    riskdesk::test::startChild(second, QStringLiteral("write"),
                               {QString::fromStdString(path().string()), QStringLiteral("b")});
    for (int i = 0; i < writesEach; ++i)
        QVERIFY(file.set("c/" + std::to_string(i), Secret("c")));
    for (auto *process : {&first, &second}) {
        QVERIFY(process->waitForFinished(60000));
        QCOMPARE(process->exitCode(), 0);
    }
    QCOMPARE(file.names()->size(), std::size_t{3 * writesEach});
    for (const char *who : {"a", "b", "c"})
        for (int i = 0; i < writesEach; ++i)
            QCOMPARE(got(file, who + ("/" + std::to_string(i))), who);
}

void TestSealedFile::seesWhatAnotherStored()
{
    auto one = made();
    auto other = SealedFile::open(path(), words());
    QVERIFY(other);
    QVERIFY(one.set("audit/key", Secret("k")));
    QCOMPARE(got(*other, "audit/key"), "k");
    QVERIFY(other->set("audit/other", Secret("l")));
    QVERIFY(one.forget("audit/key"));
    QCOMPARE(*other->names(), std::vector<std::string>{"audit/other"});
}

void TestSealedFile::takesAnotherPassphrase()
{
    auto file = made();
    QVERIFY(file.set("audit/key", Secret("k")));
    auto elsewhere = SealedFile::open(path(), words());
    QVERIFY(elsewhere);
    const auto before = read(path());
    QCOMPARE(file.rekey(words("short"), leastCost).error().code, Code::WrongUsage);
    QCOMPARE(read(path()), before);
    // The cost may rise with it.
    QVERIFY(file.rekey(words("another passphrase"), {2, 16384}));
    QVERIFY(read(path()).substr(16, 16) != before.substr(16, 16));
    QVERIFY(read(path()).substr(32, 16) != before.substr(32, 16)); // the salt is never used twice
    QCOMPARE(got(file, "audit/key"), "k");
    QVERIFY(file.set("audit/other", Secret("l")));
    QCOMPARE(SealedFile::open(path(), words()).error().code, Code::NotAllowed);
    auto again = SealedFile::open(path(), words("another passphrase"));
    QVERIFY(again);
    QCOMPARE(got(*again, "audit/key"), "k");
    QCOMPARE(got(*again, "audit/other"), "l");
    // Who had it open may not write with the old one.
    QCOMPARE(elsewhere->get("audit/key").error().code, Code::Conflict);
    QCOMPARE(elsewhere->set("audit/key", Secret("old")).error().code, Code::Conflict);
    QCOMPARE(elsewhere->rekey(words("a third passphrase"), leastCost).error().code, Code::Conflict);
    QCOMPARE(got(*again, "audit/key"), "k");
}

void TestSealedFile::opensWithAKeyFile()
{
    QVERIFY(makeKeyFile(path("key")));
    QVERIFY(makeKeyFile(path("other")));
    QCOMPARE(read(path("key")).size(), std::size_t{32});
    QVERIFY(read(path("key")) != read(path("other")));
    const auto key = readKeyFile(path("key"));
    QVERIFY(key);
    QVERIFY(SealedFile::make(path(), *key)->set("audit/key", Secret("k")));
    QCOMPARE(got(*SealedFile::open(path(), *readKeyFile(path("key"))), "audit/key"), "k");
    const auto other = SealedFile::open(path(), *readKeyFile(path("other")));
    QCOMPARE(other.error().code, Code::NotAllowed);
    QVERIFY(other.error().detail.find("another key file") != std::string::npos);
    // Its key does not hang on the cost in the header, which is sealed all the same.
    const auto whole = read(path());
    for (std::size_t at = 16; at < 32; ++at) {
        auto damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        write(path(), withDigest(damaged));
        QCOMPARE(SealedFile::open(path(), *key).error().code, Code::NotAllowed);
    }
    write(path(), whole);
    // A passphrase does not, and a key file does not open what has one.
    QCOMPARE(SealedFile::open(path(), words()).error().code, Code::NotAllowed);
    QCOMPARE(SealedFile::open(path(), {SealKey::Form::Passphrase, Secret(read(path("key")))}).error().code,
             Code::NotAllowed);
    auto file = SealedFile::open(path(), *key);
    QVERIFY(file->rekey(words(), leastCost));
    QCOMPARE(SealedFile::open(path(), *key).error().code, Code::NotAllowed);
    QCOMPARE(got(*SealedFile::open(path(), words()), "audit/key"), "k");
}

void TestSealedFile::refusesAKeyFile_data()
{
    QTest::addColumn<int>("size");
    QTest::addColumn<unsigned>("mode");
    QTest::addColumn<int>("code"); // 0: none
    QTest::newRow("own") << 32 << 0600U << 0;
    QTest::newRow("read only") << 32 << 0400U << 0;
    QTest::newRow("group reads") << 32 << 0640U << static_cast<int>(Code::NotAllowed);
    QTest::newRow("others read") << 32 << 0604U << static_cast<int>(Code::NotAllowed);
    QTest::newRow("others write") << 32 << 0602U << static_cast<int>(Code::NotAllowed);
    QTest::newRow("short") << 31 << 0600U << static_cast<int>(Code::Malformed);
    QTest::newRow("with a line end") << 33 << 0600U << static_cast<int>(Code::Malformed);
    QTest::newRow("empty") << 0 << 0600U << static_cast<int>(Code::Malformed);
    QTest::newRow("none") << -1 << 0600U << static_cast<int>(Code::NotFound);
}

void TestSealedFile::refusesAKeyFile()
{
    QFETCH(int, size);
    QFETCH(unsigned, mode);
    QFETCH(int, code);
    if (size >= 0) {
        write(path("key"), std::string(static_cast<std::size_t>(size), 'k'));
        QCOMPARE(::chmod(path("key").c_str(), mode), 0);
    }
    const auto key = readKeyFile(path("key"));
    QCOMPARE(key ? 0 : static_cast<int>(key.error().code), code);
    QCOMPARE(readKeyFile(m_folder->path().toStdString()).error().code, Code::WrongUsage);
    // Somebody else's, which only root can make here.
    if (size == 32 && ::geteuid() == 0) {
        QCOMPARE(::chown(path("key").c_str(), 65534, static_cast<gid_t>(-1)), 0);
        QCOMPARE(readKeyFile(path("key")).error().code, Code::NotAllowed);
    }
}

void TestSealedFile::doesNotReplaceAKeyFile()
{
    QVERIFY(makeKeyFile(path("key")));
    const auto before = read(path("key"));
    QCOMPARE(makeKeyFile(path("key")).error().code, Code::Conflict);
    QCOMPARE(read(path("key")), before);
    {
        const SmallDisk disk(10);
        QCOMPARE(makeKeyFile(path("other")).error().code, Code::DiskFull);
    }
    QVERIFY(!std::filesystem::exists(path("other")));
}

void TestSealedFile::keepsTheOldFileOnAFullDisk()
{
    auto file = made();
    QVERIFY(file.set("audit/key", Secret("k")));
    const auto before = read(path());
    for (const rlim_t room : {0UL, 1UL, 100UL, static_cast<unsigned long>(before.size() - 1)}) {
        const SmallDisk disk(room);
        QCOMPARE(file.set("audit/other", Secret("l")).error().code, Code::DiskFull);
        QCOMPARE(file.forget("audit/key").error().code, Code::DiskFull);
        QCOMPARE(file.rekey(words("another passphrase"), leastCost).error().code, Code::DiskFull);
        QCOMPARE(read(path()), before);
    }
    QVERIFY(!std::filesystem::exists(path("shop.riskdesk.secrets.new")));
    QVERIFY(file.set("audit/other", Secret("l"))); // there is room again, and the key is still the old one
    QCOMPARE(got(*SealedFile::open(path(), words()), "audit/key"), "k");
}

void TestSealedFile::cleansUpAfterAProcessThatEnded()
{
    auto file = made();
    write(path("shop.riskdesk.secrets.new"), "half of a file");
    QVERIFY(file.set("audit/key", Secret("k")));
    QVERIFY(!std::filesystem::exists(path("shop.riskdesk.secrets.new")));
    QCOMPARE(got(file, "audit/key"), "k");
}

void TestSealedFile::followsALink()
{
    QVERIFY(made().names());
    std::filesystem::create_symlink(path(), path("link"));
    auto linked = SealedFile::open(path("link"), words());
    QVERIFY(linked);
    QVERIFY(linked->set("audit/key", Secret("k")));
    QVERIFY(std::filesystem::is_symlink(path("link")));
    QCOMPARE(got(*SealedFile::open(path(), words()), "audit/key"), "k");
    // The lock does not: it could lead to a file that others have locks on.
    QVERIFY(QFile::remove(QString::fromStdString(path("shop.riskdesk.secrets.lock").string())));
    std::filesystem::create_symlink(path("elsewhere"), path("shop.riskdesk.secrets.lock"));
    QVERIFY(!linked->set("audit/key", Secret("l")));
    QVERIFY(!std::filesystem::exists(path("elsewhere")));
}

// Not even read: closing a database would drop SQLite's locks.
void TestSealedFile::isNoDirectoryFile()
{
    write(path("shop.riskdesk"), std::string("SQLite format 3\0", 16) + std::string(52, '\0') + "RDsk");
    QCOMPARE(SealedFile::open(path("shop.riskdesk"), words()).error().code, Code::WrongUsage);
    QCOMPARE(::chmod(path("shop.riskdesk").c_str(), 0600), 0);
    QCOMPARE(readKeyFile(path("shop.riskdesk")).error().code, Code::WrongUsage);
    auto file = made();
    QVERIFY(QFile::remove(QString::fromStdString(path("shop.riskdesk.secrets.lock").string())));
    std::filesystem::create_hard_link(path("shop.riskdesk"), path("shop.riskdesk.secrets.lock"));
    QCOMPARE(file.set("audit/key", Secret("k")).error().code, Code::WrongUsage);
}

void TestSealedFile::holdsMany()
{
    auto file = made();
    const auto header = read(path()).substr(0, 48);
    const auto key = deriveSealKey(path(), header, words());
    QVERIFY(key);
    SealedEntries entries;
    Result<std::string> sealed = std::string();
    std::string last;
    while (sealed && entries.size() < 200) {
        last = *sealed;
        entries.emplace(std::to_string(entries.size()), Secret(std::string(longestSecret, 'x')));
        sealed = sealEntries(path(), header, *key, entries);
    }
    QVERIFY(!sealed);
    QCOMPARE(sealed.error().code, Code::TooLarge);
    QVERIFY(entries.size() > 100);
    write(path(), last);
    QCOMPARE(file.names()->size(), entries.size() - 1);
    QCOMPARE(file.set("more", Secret(std::string(longestSecret, 'x'))).error().code, Code::TooLarge);
    QCOMPARE(read(path()), last);
}

int main(int argc, char **argv)
{
    if (const int code = riskdesk::test::childMain(argc, argv, {{"write", writeAsChild}}); code >= 0)
        return code;
    QCoreApplication application(argc, argv);
    TestSealedFile test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_sealed_file.moc"
