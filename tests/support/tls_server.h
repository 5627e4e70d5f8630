// A server over real TLS on loopback, with a certificate of its own that is made on the spot, for 127.0.0.1
// and localhost and the years 2000 to 2100. What it answers is the test's; what it was asked is kept.
#pragma once

#include <QTemporaryDir>

#include <httplib.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace riskdesk::test {

class TlsServer
{
public:
    using Handler = std::function<void(const httplib::Request &, httplib::Response &)>;

    // `name`: what the certificate is made for besides the loopback address; empty: for "elsewhere.example"
    // only.
    explicit TlsServer(Handler handler, const std::string &name = "IP:127.0.0.1,DNS:localhost")
        : m_made(makeCertificate(name))
        , m_server(certificate().c_str(), keyFile().c_str())
    {
        const auto answer = [this, handler](const httplib::Request &request, httplib::Response &response) {
            {
                const std::lock_guard lock(m_mutex);
                m_requests.push_back(request);
            }
            handler(request, response);
        };
        m_server.Get(".*", answer)
            .Post(".*", answer)
            .Put(".*", answer)
            .Patch(".*", answer)
            .Delete(".*", answer);
        m_server.set_tcp_nodelay(true);
        m_server.set_keep_alive_timeout(1);         // seconds; nobody waits long for an idle client
        m_server.set_keep_alive_max_count(1 << 20); // the client decides
        m_port = m_server.bind_to_any_port("127.0.0.1");
        m_thread = std::thread([this] { m_server.listen_after_bind(); });
        while (!m_server.is_running())
            std::this_thread::yield();
    }
    ~TlsServer()
    {
        m_server.stop();
        m_thread.join();
    }
    TlsServer(const TlsServer &) = delete;
    TlsServer &operator=(const TlsServer &) = delete;

    [[nodiscard]] std::string url(const std::string &path = "/hook") const
    {
        return "https://127.0.0.1:" + std::to_string(m_port) + path;
    }
    [[nodiscard]] std::string keyFile() const { return m_folder.filePath("server.key").toStdString(); }
    [[nodiscard]] std::string certificate() const { return m_folder.filePath("server.pem").toStdString(); }
    [[nodiscard]] std::vector<httplib::Request> requests() const
    {
        const std::lock_guard lock(m_mutex);
        return m_requests;
    }

private:
    bool makeCertificate(const std::string &name) const
    {
        EVP_PKEY *key = EVP_EC_gen("P-256");
        X509 *x = X509_new();
        X509_set_version(x, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
        ASN1_TIME_set_string_X509(X509_getm_notBefore(x), "20000101000000Z");
        ASN1_TIME_set_string_X509(X509_getm_notAfter(x), "21000101000000Z");
        X509_set_pubkey(x, key);
        auto *subject = X509_get_subject_name(x);
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char *>("Riskdesk test"), -1, -1, 0);
        X509_set_issuer_name(x, subject);
        auto *names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str());
        X509_add_ext(x, names, -1);
        X509_EXTENSION_free(names);
        X509_sign(x, key, EVP_sha256());
        const auto write = [](const std::string &path, auto &&put) {
            if (auto *file = std::fopen(path.c_str(), "w"); file != nullptr) {
                put(file);
                std::fclose(file);
            }
        };
        write(certificate(), [&](std::FILE *file) { PEM_write_X509(file, x); });
        write(keyFile(), [&](std::FILE *file) {
            PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
        });
        X509_free(x);
        EVP_PKEY_free(key);
        return true;
    }

    QTemporaryDir m_folder;
    bool m_made;
    httplib::SSLServer m_server;
    int m_port = 0;
    mutable std::mutex m_mutex;
    std::vector<httplib::Request> m_requests;
    std::thread m_thread;
};

} // namespace riskdesk::test
