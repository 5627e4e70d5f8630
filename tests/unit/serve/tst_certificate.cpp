// The server's own certificate: what is in it, when it is made anew, and that its key is nobody else's.
#include "core/serve/certificate.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <future>
#include <memory>
#include <set>

using namespace riskdesk;
using namespace riskdesk::serve;

namespace {

const Timestamp noon = Timestamp::fromCivil(2026, 3, 18, 12);
constexpr auto day = std::chrono::hours(24);

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate readCertificate(const std::filesystem::path &file)
{
    X509 *x = nullptr;
    if (auto *in = std::fopen(file.c_str(), "r"); in != nullptr) {
        x = PEM_read_X509(in, nullptr, nullptr, nullptr);
        std::fclose(in);
    }
    return {x, X509_free};
}

bool isPair(const CertificateFiles &files)
{
    const auto x = readCertificate(files.certificate);
    EVP_PKEY *key = nullptr;
    if (auto *in = std::fopen(files.key.c_str(), "r"); in != nullptr) {
        key = PEM_read_PrivateKey(in, nullptr, nullptr, nullptr);
        std::fclose(in);
    }
    const bool pair = x && key != nullptr && X509_check_private_key(x.get(), key) == 1;
    EVP_PKEY_free(key);
    return pair;
}

QByteArray contents(const std::filesystem::path &file)
{
    QFile in(QString::fromStdString(file.string()));
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}

Timestamp timeOf(const ASN1_TIME *time)
{
    std::tm parts{};
    ASN1_TIME_to_tm(time, &parts);
    return Timestamp::fromCivil(parts.tm_year + 1900, static_cast<unsigned>(parts.tm_mon + 1),
                                static_cast<unsigned>(parts.tm_mday), parts.tm_hour, parts.tm_min,
                                parts.tm_sec);
}

} // namespace

class TestCertificate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void isMadeAtFirstUse();
    void isForItsNames();
    void liesBesideTheDirectory_data();
    void liesBesideTheDirectory();
    void isKeptWhileItIsGood();
    void isMadeAnewWhen_data();
    void isMadeAnewWhen();
    void theKeyIsItsOwners();
    void leavesNothingElse();
    void twoAtOnceGetTheSame_data();
    void twoAtOnceGetTheSame();
    void processesAtOnceGetTheSame();
    void whatIsNoName_data();
    void whatIsNoName();
    void saysThatTheFolderIsNotThere();
    void saysThatTheFolderCannotBeWritten();
    void keepsThePairWhenItCannotBeWritten();
    void tellsTheFingerprint();
    void saysWhatHasNoFingerprint();

private:
    [[nodiscard]] std::filesystem::path file(const std::string &name = "shop.riskdesk") const
    {
        return std::filesystem::path(m_folder->path().toStdString()) / name;
    }
    std::unique_ptr<QTemporaryDir> m_folder;
    FixedClock m_clock{noon};
};

void TestCertificate::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_clock.set(noon);
}

void TestCertificate::isMadeAtFirstUse()
{
    const auto files = ownCertificate(file(), {}, m_clock);
    QVERIFY2(files.has_value(), files ? "" : sentence(files.error()).c_str());
    QVERIFY(isPair(*files));
    const auto x = readCertificate(files->certificate);
    QCOMPARE(X509_get_version(x.get()), 2L);
    QCOMPARE(timeOf(X509_get0_notBefore(x.get())).toIso(), noon.toIso());
    QCOMPARE(timeOf(X509_get0_notAfter(x.get())).toIso(), (noon + 397 * day).toIso());
    QCOMPARE(X509_get_signature_nid(x.get()), NID_ecdsa_with_SHA256);
    QCOMPARE(X509_check_ca(x.get()), 0);
    QCOMPARE(X509_get_extended_key_usage(x.get()), std::uint32_t{XKU_SSL_SERVER});
    QCOMPARE(X509_verify(x.get(), X509_get0_pubkey(x.get())), 1);
    char curve[32] = {};
    EVP_PKEY_get_group_name(X509_get0_pubkey(x.get()), curve, sizeof curve, nullptr);
    QCOMPARE(std::string(curve), std::string(SN_X9_62_prime256v1));

    // Nobody can guess a serial, and no two are alike.
    const auto other = readCertificate(ownCertificate(file("other.riskdesk"), {}, m_clock)->certificate);
    QVERIFY(ASN1_INTEGER_cmp(X509_get0_serialNumber(x.get()), X509_get0_serialNumber(other.get())) != 0);
    QCOMPARE(ASN1_STRING_length(X509_get0_serialNumber(x.get())), 20);
}

void TestCertificate::isForItsNames()
{
    const auto files = ownCertificate(
        file(), {"risk.example", "192.0.2.7", "2001:db8::7", "risk.example", "localhost"}, m_clock);
    QVERIFY(files.has_value());
    const auto x = readCertificate(files->certificate);
    const auto has = [&](const char *name) { return X509_check_host(x.get(), name, 0, 0, nullptr) == 1; };
    const auto hasAddress = [&](const char *ip) { return X509_check_ip_asc(x.get(), ip, 0) == 1; };
    QVERIFY(has("localhost") && has("risk.example") && has("RISK.example"));
    QVERIFY(hasAddress("127.0.0.1") && hasAddress("::1") && hasAddress("192.0.2.7") &&
            hasAddress("2001:db8::7"));
    QVERIFY(!has("evil.example") && !has("a.risk.example") && !hasAddress("192.0.2.8"));
    auto *names =
        static_cast<GENERAL_NAMES *>(X509_get_ext_d2i(x.get(), NID_subject_alt_name, nullptr, nullptr));
    QCOMPARE(sk_GENERAL_NAME_num(names), 6);
    GENERAL_NAMES_free(names);
}

void TestCertificate::liesBesideTheDirectory_data()
{
    QTest::addColumn<QString>("directory");
    QTest::addColumn<QString>("certificate");
    QTest::newRow("as they are called") << "shop.riskdesk"
                                        << "shop.riskdesk.crt";
    QTest::newRow("called otherwise") << "shop.db"
                                      << "shop.db.riskdesk.crt";
    QTest::newRow("with dots") << "a.b.riskdesk"
                               << "a.b.riskdesk.crt";
}

void TestCertificate::liesBesideTheDirectory()
{
    QFETCH(QString, directory);
    QFETCH(QString, certificate);
    const auto files = ownCertificate(file(directory.toStdString()), {}, m_clock);
    QVERIFY(files.has_value());
    QCOMPARE(files->certificate.string(), file(certificate.toStdString()).string());
    QVERIFY(QFile::exists(m_folder->filePath(certificate)));
    QVERIFY(files->key.string().ends_with(".key"));
}

void TestCertificate::isKeptWhileItIsGood()
{
    const auto first = ownCertificate(file(), {"risk.example", "192.0.2.7"}, m_clock);
    QVERIFY(first.has_value());
    const auto certificate = contents(first->certificate), key = contents(first->key);
    m_clock.advance(366 * day);
    for (const auto &names :
         {std::vector<std::string>{"192.0.2.7", "RISK.example"}, std::vector<std::string>{}}) {
        const auto again = ownCertificate(file(), names, m_clock);
        QVERIFY(again.has_value());
        QCOMPARE(again->certificate, first->certificate);
        QCOMPARE(contents(again->certificate), certificate);
        QCOMPARE(contents(again->key), key);
    }
}

void TestCertificate::isMadeAnewWhen_data()
{
    QTest::addColumn<QString>("what");
    for (const char *what : {"it ends soon", "it is not valid yet", "a name is missing",
                             "an address is missing", "the key is missing", "the certificate is missing",
                             "the key is another's", "the certificate is damaged", "the key is damaged"})
        QTest::newRow(what) << what;
}

void TestCertificate::isMadeAnewWhen()
{
    QFETCH(QString, what);
    const auto first = ownCertificate(file(), {"risk.example"}, m_clock);
    QVERIFY(first.has_value());
    const auto before = contents(first->certificate);
    const auto damage = [](const std::filesystem::path &path) {
        QFile f(QString::fromStdString(path.string()));
        QVERIFY(f.open(QIODevice::WriteOnly));
        f.write("noise");
    };
    std::vector<std::string> names{"risk.example"};
    if (what == "it ends soon")
        m_clock.advance(367 * day);
    else if (what == "it is not valid yet")
        m_clock.advance(-day);
    else if (what == "a name is missing")
        names.emplace_back("new.example");
    else if (what == "an address is missing")
        names.emplace_back("192.0.2.7");
    else if (what == "the key is missing")
        std::filesystem::remove(first->key);
    else if (what == "the certificate is missing")
        std::filesystem::remove(first->certificate);
    else if (what == "the key is another's")
        std::filesystem::copy_file(ownCertificate(file("other.riskdesk"), {}, m_clock)->key, first->key,
                                   std::filesystem::copy_options::overwrite_existing);
    else
        damage(what == "the key is damaged" ? first->key : first->certificate);
    const auto second = ownCertificate(file(), names, m_clock);
    QVERIFY(second.has_value());
    QVERIFY(contents(second->certificate) != before);
    QVERIFY(isPair(*second));
    const auto x = readCertificate(second->certificate);
    QCOMPARE(timeOf(X509_get0_notAfter(x.get())).toIso(), (m_clock.now() + 397 * day).toIso());
}

void TestCertificate::theKeyIsItsOwners()
{
    const auto before = ::umask(0); // nothing helps us
    const auto files = ownCertificate(file(), {}, m_clock);
    ::umask(before);
    QVERIFY(files.has_value());
    struct stat about
    {};
    QCOMPARE(::stat(files->key.c_str(), &about), 0);
    QCOMPARE(about.st_mode & 0777, mode_t{0600});
    QCOMPARE(::stat(files->certificate.c_str(), &about), 0);
    QCOMPARE(about.st_mode & 0777, mode_t{0644});
    QVERIFY(contents(files->certificate).indexOf("PRIVATE") < 0);
}

void TestCertificate::leavesNothingElse()
{
    // Of a process that was killed half way: neither in the way nor left behind.
    QFile left(m_folder->filePath("shop.riskdesk.key.new"));
    QVERIFY(left.open(QIODevice::WriteOnly));
    left.close();
    QVERIFY(ownCertificate(file(), {}, m_clock).has_value());
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files, QDir::Name),
             (QStringList{"shop.riskdesk.crt", "shop.riskdesk.key"}));
}

void TestCertificate::twoAtOnceGetTheSame_data()
{
    QTest::addColumn<int>("round");
    for (int i = 0; i < 5; ++i)
        QTest::addRow("%d", i) << i;
}

void TestCertificate::twoAtOnceGetTheSame()
{
    std::vector<std::future<QByteArray>> all;
    for (int i = 0; i < 6; ++i)
        all.push_back(std::async(std::launch::async, [&] {
            const auto files = ownCertificate(file(), {}, m_clock);
            return files && isPair(*files) ? contents(files->certificate) + contents(files->key)
                                           : QByteArray();
        }));
    std::set<QByteArray> seen;
    for (auto &one : all)
        seen.insert(one.get());
    QCOMPARE(seen.size(), std::size_t{1});
    QVERIFY(!seen.begin()->isEmpty());
}

void TestCertificate::processesAtOnceGetTheSame()
{
    std::vector<pid_t> children;
    for (int i = 0; i < 6; ++i) {
        const auto child = ::fork();
        if (child == 0) {
            const auto files = ownCertificate(file(), {}, m_clock);
            const bool right = files && isPair(*files);
            QFile mine(m_folder->filePath("seen-" + QString::number(i)));
            const bool kept =
                right && mine.open(QIODevice::WriteOnly) && mine.write(contents(files->certificate)) > 0;
            mine.close();
            ::_exit(kept ? 0 : 1);
        }
        children.push_back(child);
    }
    for (const auto child : children) {
        int status = -1;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QCOMPARE(status, 0);
    }
    for (int i = 0; i < 6; ++i)
        QCOMPARE(contents(file("seen-" + std::to_string(i))), contents(file("shop.riskdesk.crt")));
}

void TestCertificate::whatIsNoName_data()
{
    QTest::addColumn<QString>("name");
    for (const char *name :
         {"", "*.example", "a b", "a,DNS:evil.example", "https://a.example", "a:8443", "-a", ".a"})
        QTest::newRow(name) << name;
}

void TestCertificate::whatIsNoName()
{
    QFETCH(QString, name);
    const auto files = ownCertificate(file(), {name.toStdString()}, m_clock);
    QVERIFY(!files.has_value());
    QCOMPARE(files.error().code, Code::WrongUsage);
    QVERIFY(QDir(m_folder->path()).isEmpty());
}

void TestCertificate::saysThatTheFolderIsNotThere()
{
    const auto files = ownCertificate(file("none/shop.riskdesk"), {}, m_clock);
    QVERIFY(!files.has_value());
    QCOMPARE(files.error().code, Code::NotFound);
}

void TestCertificate::saysThatTheFolderCannotBeWritten()
{
    if (::geteuid() == 0)
        QSKIP("Root may write everywhere.");
    QVERIFY(::chmod(m_folder->path().toLocal8Bit().constData(), 0555) == 0);
    const auto files = ownCertificate(file(), {}, m_clock);
    ::chmod(m_folder->path().toLocal8Bit().constData(), 0755);
    QVERIFY(!files.has_value());
    QCOMPARE(files.error().code, Code::ReadOnly);
    QVERIFY(sentence(files.error()).find("shop.riskdesk.key\" cannot be written") != std::string::npos);
}

// A folder in the way of the certificate's file stops even root.
void TestCertificate::keepsThePairWhenItCannotBeWritten()
{
    const auto first = ownCertificate(file(), {}, m_clock);
    QVERIFY(first.has_value());
    const auto key = contents(first->key);
    std::filesystem::create_directories(file("shop.riskdesk.crt.new") / "in the way");
    QCOMPARE(ownCertificate(file(), {}, m_clock)->key, first->key); // nothing has to be written
    const auto second = ownCertificate(file(), {"new.example"}, m_clock);
    QVERIFY(!second.has_value());
    QCOMPARE(contents(first->key), key);
    QVERIFY(isPair(*first));
    QVERIFY(!std::filesystem::exists(file("shop.riskdesk.key.new")));
}

void TestCertificate::tellsTheFingerprint()
{
    const auto files = ownCertificate(file(), {}, m_clock);
    QVERIFY(files.has_value());
    const auto told = fingerprint(files->certificate);
    QVERIFY(told.has_value());
    // By another library: the digest of what stands between the lines of the PEM.
    auto text = contents(files->certificate);
    text.replace("-----BEGIN CERTIFICATE-----", "")
        .replace("-----END CERTIFICATE-----", "")
        .replace("\n", "");
    const auto expected = QCryptographicHash::hash(QByteArray::fromBase64(text), QCryptographicHash::Sha256)
                              .toHex(':')
                              .toUpper();
    QCOMPARE(QByteArray::fromStdString(*told), expected);
    QCOMPARE(told->size(), std::size_t{32 * 3 - 1});
}

void TestCertificate::saysWhatHasNoFingerprint()
{
    QCOMPARE(fingerprint(file("none.crt")).error().code, Code::NotFound);
    const auto files = ownCertificate(file(), {}, m_clock);
    const auto ofKey = fingerprint(files->key);
    QVERIFY(!ofKey.has_value());
    QCOMPARE(ofKey.error().code, Code::WrongUsage);
    QVERIFY(sentence(ofKey.error()).ends_with("is no certificate in PEM."));
}

QTEST_GUILESS_MAIN(TestCertificate)
#include "tst_certificate.moc"
