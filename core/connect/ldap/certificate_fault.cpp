#include "core/connect/ldap/certificate_fault.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

namespace riskdesk::connect {
namespace {

bool isIpAddress(const std::string &host)
{
    in6_addr address{};
    return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
           inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool isReadable(const std::string &file)
{
    return access(file.c_str(), R_OK) == 0;
}

} // namespace

std::string machineAuthorities()
{
    if (const char *named = std::getenv(X509_get_default_cert_file_env()); named != nullptr && *named != 0)
        return named;
    // Debian keeps them as one file in the folder of the single ones, others where OpenSSL looks by itself.
    for (const auto &file :
         {std::string(X509_get_default_cert_file()),
          std::string(X509_get_default_cert_dir()) + "/ca-certificates.crt",
          std::string("/etc/ssl/certs/ca-certificates.crt"), std::string("/etc/pki/tls/certs/ca-bundle.crt"),
          std::string("/etc/ssl/cert.pem")})
        if (isReadable(file))
            return file;
    return {};
}

Response certificateFault(int fd, const std::string &host, const std::string &authorities)
{
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                    &SSL_CTX_free);
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(context ? SSL_new(context.get()) : nullptr,
                                                        &SSL_free);
    if (!tls)
        return Response::refusedAll("certificate",
                                    fmt::format("The certificate of {} is not trusted.", host));
    SSL_set_min_proto_version(tls.get(), TLS1_2_VERSION);
    if (!authorities.empty() && SSL_CTX_load_verify_file(context.get(), authorities.c_str()) != 1)
        return Response::refusedAll("certificate", "The certificate file cannot be read.");
    if (isIpAddress(host)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls.get()), host.c_str());
    } else {
        // SSL_set_tlsext_host_name(), whose cast our warnings refuse.
        SSL_ctrl(tls.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char *>(host.c_str()));
        SSL_set1_host(tls.get(), host.c_str());
    }
    // Judged, but not broken off: what is wrong is read afterwards.
    SSL_set_verify(tls.get(), SSL_VERIFY_NONE, nullptr);
    SSL_set_fd(tls.get(), fd);
    if (SSL_connect(tls.get()) != 1)
        return Response::later("notConnected", fmt::format("{} does not speak TLS 1.2 or later.", host));
    switch (const auto judged = SSL_get_verify_result(tls.get())) {
    case X509_V_OK:
        return Response::later("notConnected", fmt::format("{} broke off the beginning of TLS.", host));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return Response::refusedAll(
            "certificate", fmt::format("The certificate that {} shows was made for another name.", host));
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return Response::refusedAll("certificate", fmt::format("The certificate of {} has expired.", host));
    default:
        return Response::refusedAll("certificate", fmt::format("The certificate of {} is not trusted: {}.",
                                                               host, X509_verify_cert_error_string(judged)));
    }
}

} // namespace riskdesk::connect
