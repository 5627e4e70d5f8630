// A real OpenLDAP server on loopback, with a folder, a configuration and certificates of its own, made on the spot
// (an authority, and a server's certificate for the years 2000 to 2100 unless said otherwise). Not there:
// missing() says what to install. Below it a small directory to begin with, and the connector and sessions to it.
#pragma once

#include "core/connect/kind.h"
#include "core/connect/ldap/session.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

namespace riskdesk::test {

class Slapd
{
public:
    struct Options
    {
        QByteArray entries;         // LDIF, below and with dc=shop,dc=example
        QByteArray access;          // lines of slapd.conf: who may do what
        bool passwordPolicy = true; // the overlay, with cn=default,ou=policies
        QByteArray schema;          // lines of slapd.conf: attributes and classes besides inetOrgPerson's
        bool tls = true;
        std::string name = "IP:127.0.0.1,DNS:localhost"; // the certificate's
        std::string until = "21000101000000Z";
    };
    static constexpr const char *suffix = "dc=shop,dc=example";

    // Empty when all is there.
    static QString missing()
    {
        for (const char *file :
             {"/usr/sbin/slapd", "/usr/lib/ldap/ppolicy.so", "/etc/ldap/schema/inetorgperson.schema"})
            if (!QFile::exists(file))
                return QString("%1 is not there; install slapd").arg(file);
        return {};
    }

    explicit Slapd(Options options)
        : m_options(std::move(options))
    {
        makeCertificates();
        QDir(m_folder.path()).mkdir("db");
        writeFile("slapd.conf", configuration());
        writeFile("entries.ldif", m_options.entries);
        QProcess add;
        add.start(program(), {"-T", "add", "-q", "-f", path("slapd.conf"), "-l", path("entries.ldif")});
        add.waitForFinished(60000);
        if (add.exitCode() != 0)
            m_said = add.readAllStandardError();
        // Another program may take a port between asking for a free one and listening there.
        for (int attempt = 0; attempt < 5 && add.exitCode() == 0 && !running(); ++attempt) {
            m_port = freePort();
            m_tlsPort = freePort();
            start();
        }
    }
    ~Slapd()
    {
        proceed();
        kill();
    }
    Slapd(const Slapd &) = delete;
    Slapd &operator=(const Slapd &) = delete;

    [[nodiscard]] bool running() const { return m_process.state() == QProcess::Running; }
    [[nodiscard]] QByteArray said() const { return m_said; } // why it does not run

    // At the same ports as before. Waits until it listens.
    void start()
    {
        auto listen = QString("ldap://127.0.0.1:%1/").arg(m_port);
        if (m_options.tls)
            listen += QString(" ldaps://127.0.0.1:%1/").arg(m_tlsPort);
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.start(program(), {"-d", "none", "-f", path("slapd.conf"), "-h", listen});
        QByteArray read;
        while (!read.contains("slapd starting") && m_process.waitForReadyRead(60000))
            read += m_process.readAll();
        if (!read.contains("slapd starting")) {
            kill();
            m_said = read;
        }
        // It says so before it listens.
        while (running() && !(accepts(m_port) && (!m_options.tls || accepts(m_tlsPort))))
            m_process.waitForFinished(5);
    }
    void kill()
    {
        m_process.kill();
        m_process.waitForFinished(60000);
    }
    // Holds it, as a server that hangs, and lets it go on.
    void hold()
    {
        signalIt(SIGSTOP);
        siginfo_t stopped{}; // until its last thread is
        if (running())
            waitid(P_PID, static_cast<id_t>(m_process.processId()), &stopped, WSTOPPED | WEXITED | WNOWAIT);
    }
    void proceed() { signalIt(SIGCONT); }

    [[nodiscard]] int port() const { return m_port; }
    [[nodiscard]] int tlsPort() const { return m_tlsPort; }
    [[nodiscard]] std::string url() const { return "ldaps://127.0.0.1:" + std::to_string(m_tlsPort); }
    [[nodiscard]] std::string startTlsUrl() const { return "ldap://127.0.0.1:" + std::to_string(m_port); }
    [[nodiscard]] std::string authority() const { return path("ca.pem").toStdString(); }

private:
    static QString program() { return QStringLiteral("/usr/sbin/slapd"); }
    [[nodiscard]] QString path(const char *name) const { return m_folder.filePath(name); }
    static sockaddr_in loopback(int port)
    {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(static_cast<std::uint16_t>(port));
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return at;
    }
    static bool accepts(int port)
    {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto at = loopback(port);
        const bool accepted = ::connect(fd, reinterpret_cast<const sockaddr *>(&at), sizeof at) == 0;
        close(fd);
        return accepted;
    }
    static int freePort()
    {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto at = loopback(0);
        socklen_t size = sizeof at;
        bind(fd, reinterpret_cast<const sockaddr *>(&at), size);
        getsockname(fd, reinterpret_cast<sockaddr *>(&at), &size);
        close(fd);
        return ntohs(at.sin_port);
    }
    void signalIt(int number) const
    {
        if (m_process.processId() > 0)
            ::kill(static_cast<pid_t>(m_process.processId()), number);
    }
    void writeFile(const char *name, const QByteArray &content) const
    {
        QFile file(path(name));
        if (file.open(QIODevice::WriteOnly))
            file.write(content);
    }
    [[nodiscard]] QByteArray configuration() const
    {
        QByteArray text;
        const auto line = [&](const QString &words) { text += words.toUtf8() + '\n'; };
        for (const char *schema : {"core", "cosine", "inetorgperson"})
            line(QString("include /etc/ldap/schema/%1.schema").arg(schema));
        text += m_options.schema;
        line("modulepath /usr/lib/ldap");
        line("moduleload back_mdb.so");
        if (m_options.passwordPolicy)
            line("moduleload ppolicy.so");
        line("threads 2");
        line("pidfile " + path("slapd.pid"));
        if (m_options.tls) {
            line("TLSCACertificateFile " + path("ca.pem"));
            line("TLSCertificateFile " + path("server.pem"));
            line("TLSCertificateKeyFile " + path("server.key"));
        }
        line("database mdb");
        line(QString("suffix %1").arg(suffix));
        line(QString("rootdn cn=root,%1").arg(suffix));
        line("rootpw root");
        line("directory " + path("db"));
        line("maxsize 67108864");
        line("dbnosync");
        line("index objectClass,uid,mail eq");
        text += m_options.access;
        if (m_options.passwordPolicy) {
            line("overlay ppolicy");
            line(QString("ppolicy_default cn=default,ou=policies,%1").arg(suffix));
        }
        return text;
    }

    static EVP_PKEY *writeKey(const QString &file)
    {
        EVP_PKEY *key = EVP_EC_gen("P-256");
        if (auto *to = std::fopen(file.toLocal8Bit().constData(), "w"); to != nullptr) {
            PEM_write_PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr);
            std::fclose(to);
        }
        return key;
    }
    static X509 *certificate(const char *name, EVP_PKEY *key, const char *until, int extension,
                             const char *value, X509 *issuer, EVP_PKEY *by)
    {
        X509 *x = X509_new();
        X509_set_version(x, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(x), issuer == nullptr ? 1 : 2);
        ASN1_TIME_set_string_X509(X509_getm_notBefore(x), "20000101000000Z");
        ASN1_TIME_set_string_X509(X509_getm_notAfter(x), until);
        X509_set_pubkey(x, key);
        auto *subject = X509_get_subject_name(x);
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char *>(name),
                                   -1, -1, 0);
        X509_set_issuer_name(x, issuer == nullptr ? subject : X509_get_subject_name(issuer));
        auto *added = X509V3_EXT_conf_nid(nullptr, nullptr, extension, value);
        X509_add_ext(x, added, -1);
        X509_EXTENSION_free(added);
        X509_sign(x, by, EVP_sha256());
        return x;
    }
    static void writeCertificate(const QString &file, X509 *x)
    {
        if (auto *to = std::fopen(file.toLocal8Bit().constData(), "w"); to != nullptr) {
            PEM_write_X509(to, x);
            std::fclose(to);
        }
    }
    void makeCertificates() const
    {
        EVP_PKEY *authorityKey = writeKey(path("ca.key")), *key = writeKey(path("server.key"));
        X509 *authority = certificate("Riskdesk test authority", authorityKey, "21000101000000Z",
                                      NID_basic_constraints, "critical,CA:TRUE", nullptr, authorityKey);
        X509 *server = certificate("Riskdesk test server", key, m_options.until.c_str(), NID_subject_alt_name,
                                   m_options.name.c_str(), authority, authorityKey);
        writeCertificate(path("ca.pem"), authority);
        writeCertificate(path("server.pem"), server);
        X509_free(server);
        X509_free(authority);
        EVP_PKEY_free(key);
        EVP_PKEY_free(authorityKey);
    }

    Options m_options;
    QTemporaryDir m_folder;
    QProcess m_process;
    QByteArray m_said;
    int m_port = 0, m_tlsPort = 0;
};

inline const FixedClock noon(Timestamp::fromCivil(2026, 3, 18, 12));
inline const std::string people = "ou=people,dc=shop,dc=example";
inline const std::string tool = "cn=riskdesk,dc=shop,dc=example";
inline constexpr std::string_view oldPassword = "old-word-of-anna", newPassword = "Ancient-Harbour-42";

inline QByteArray person(const QByteArray &uid, const QByteArray &more = {})
{
    return "\ndn: cn=" + uid + ",ou=people,dc=shop,dc=example\nobjectClass: inetOrgPerson\ncn: " + uid +
           "\nsn: " + uid + "\nuid: " + uid + "\n" + more;
}

inline QByteArray anna()
{
    return person("anna", "mail: anna@shop.example\ndisplayName: Anna A\nuserPassword: old-word-of-anna\n");
}

// What is there besides people, with the account that the connector binds with.
inline QByteArray directory(const QByteArray &entries, bool policy = true, const QByteArray &lockout = "TRUE")
{
    QByteArray all = "dn: dc=shop,dc=example\nobjectClass: domain\ndc: shop\n"
                     "\ndn: ou=people,dc=shop,dc=example\nobjectClass: organizationalUnit\nou: people\n"
                     "\ndn: cn=riskdesk,dc=shop,dc=example\nobjectClass: organizationalRole\n"
                     "objectClass: simpleSecurityObject\ncn: riskdesk\nuserPassword: word of the tool\n";
    if (policy)
        all +=
            "\ndn: ou=policies,dc=shop,dc=example\nobjectClass: organizationalUnit\nou: policies\n"
            "\ndn: cn=default,ou=policies,dc=shop,dc=example\nobjectClass: device\nobjectClass: pwdPolicy\n"
            "cn: default\npwdAttribute: userPassword\npwdMinLength: 12\npwdCheckQuality: "
            "2\npwdLockoutDuration: 60\n"
            "pwdLockout: " +
            lockout + "\n";
    return all + entries;
}

inline const QByteArray mayWrite =
    "access to attrs=userPassword by dn.exact=\"cn=riskdesk,dc=shop,dc=example\" write "
    "by anonymous auth by * none\n"
    "access to * by dn.exact=\"cn=riskdesk,dc=shop,dc=example\" write by users read\n"
    "limits dn.exact=\"cn=riskdesk,dc=shop,dc=example\" size=unlimited\n";
inline const QByteArray mayRead =
    "access to attrs=userPassword by anonymous auth by * none\naccess to * by users read\n";

inline Slapd::Options shop(const QByteArray &entries = anna())
{
    Slapd::Options options;
    options.entries = directory(entries);
    options.access = mayWrite;
    return options;
}

inline std::unique_ptr<connect::Connector> opened(connect::Settings settings,
                                                  std::string_view password = "word of the tool",
                                                  std::string_view kind = "ldap")
{
    settings.try_emplace("baseDn", people);
    settings.try_emplace("bindDn", tool);
    connect::SetUp setUp{std::move(settings), {}, noon};
    setUp.secrets.emplace("password", connect::Secret(password));
    auto made = connect::open(*connect::findKind(kind), std::move(setUp));
    return made ? std::move(*made) : nullptr;
}

inline std::unique_ptr<connect::Connector> connectorTo(const Slapd &server, std::string_view kind = "ldap")
{
    return opened({{"url", server.url()}, {"caFile", server.authority()}}, "word of the tool", kind);
}

inline connect::LdapSession sessionOf(const Slapd &server, const std::string &dn, std::string_view password,
                                      connect::LdapTimes times = {}, int port = 0)
{
    return connect::LdapSession({{"127.0.0.1", port != 0 ? port : server.tlsPort(), false},
                                 server.authority(),
                                 dn,
                                 connect::Secret(password)},
                                times);
}

inline connect::LdapSession asRoot(const Slapd &server)
{
    return sessionOf(server, "cn=root,dc=shop,dc=example", "root");
}

inline connect::Response signIn(const Slapd &server, std::string_view password,
                                const std::string &dn = "cn=anna," + people)
{
    return sessionOf(server, dn, password).open({});
}

inline connect::LdapEntry entryAt(const Slapd &server, const std::string &dn,
                                  const std::vector<std::string> &attributes)
{
    std::vector<connect::LdapEntry> entries;
    const auto response = asRoot(server).search(
        {dn, connect::LdapSearch::Scope::Base, "(objectClass=*)", attributes, 0}, entries, {});
    return response.done() && !entries.empty() ? entries.front() : connect::LdapEntry();
}

inline connect::Request requestFor(ProviderOperation operation, const std::string &name,
                                   const connect::Secret *password = nullptr)
{
    connect::Request request;
    request.operation = operation;
    request.key = "5c6e2c1e-0000-4000-8000-000000000001";
    request.userPrincipalName = name;
    request.password = password;
    return request;
}

inline const char *said(const connect::Response &response)
{
    return response.sentence.c_str();
}

inline bool says(const connect::Response &response, std::string_view words)
{
    return response.sentence.find(words) != std::string::npos;
}

} // namespace riskdesk::test

#define RUNNING(server) QVERIFY2((server).running(), (server).said().constData())
