#include "core/connect/oauth/client_assertion.h"

#include "core/base/open_files.h"
#include "core/base/text.h"
#include "core/base/uuid.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sodium.h>

#include <fstream>
#include <iterator>
#include <memory>

namespace riskdesk::connect {
namespace {

template <auto free>
struct Freed
{
    template <class T>
    void operator()(T *t) const
    {
        free(t);
    }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

constexpr std::int64_t validFor = 600; // seconds
constexpr int fewestBits = 2048;
constexpr std::size_t largestFile = std::size_t{1} << 20;

std::string base64Url(std::string_view bytes)
{
    constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string out(sodium_base64_ENCODED_LEN(bytes.size(), variant), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char *>(bytes.data()),
                      bytes.size(), variant);
    out.pop_back(); // its zero
    return out;
}

// Without it the library would ask for the password on the terminal.
int noPassword(char *, int, int, void *)
{
    return 0;
}

Bio bioOf(const std::string &text)
{
    return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string signatureOf(EVP_PKEY *key, SigningAlgorithm algorithm, std::string_view text)
{
    const Digest digest(EVP_MD_CTX_new());
    EVP_PKEY_CTX *context = nullptr; // the digest's
    if (EVP_DigestSignInit(digest.get(), &context, EVP_sha256(), nullptr, key) != 1)
        return {};
    if (algorithm == SigningAlgorithm::Ps256 &&
        (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) != 1 ||
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) != 1))
        return {};
    const auto *bytes = reinterpret_cast<const unsigned char *>(text.data());
    std::size_t size = 0;
    if (EVP_DigestSign(digest.get(), nullptr, &size, bytes, text.size()) != 1)
        return {};
    std::string signature(size, '\0');
    if (EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char *>(signature.data()), &size, bytes,
                       text.size()) != 1)
        return {};
    signature.resize(size);
    return signature;
}

} // namespace

Result<Secret> clientAssertion(const std::string &file, SigningAlgorithm algorithm, std::string_view clientId,
                               std::string_view audience, Timestamp now)
{
    const auto malformed = [&](std::string_view why) {
        return fail(Code::Malformed, file, std::string(why));
    };
    if (auto ok = mayRead(file, "a certificate file"); !ok)
        return tl::unexpected(ok.error());
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return fail(Code::Io, file);
    std::string pem(largestFile, '\0');
    in.read(pem.data(), static_cast<std::streamsize>(pem.size()));
    pem.resize(static_cast<std::size_t>(in.gcount()));
    const Certificate certificate(PEM_read_bio_X509(bioOf(pem).get(), nullptr, noPassword, nullptr));
    const Key key(PEM_read_bio_PrivateKey(bioOf(pem).get(), nullptr, noPassword, nullptr));
    wipe(pem);
    if (!certificate)
        return malformed("it holds no certificate");
    if (!key)
        return malformed("it holds no private key that can be read without a password");
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key.get()) < fewestBits)
        return malformed("its key is no RSA key of at least 2048 bits");
    if (X509_check_private_key(certificate.get(), key.get()) != 1)
        return malformed("its key belongs to another certificate");
    unsigned char thumbprint[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (X509_digest(certificate.get(), EVP_sha256(), thumbprint, &size) != 1)
        return malformed("its certificate cannot be read");

    const auto seconds = now.us / 1'000'000;
    const auto header = fmt::format(R"({{"alg":"{}","typ":"JWT","x5t#S256":"{}"}})",
                                    algorithm == SigningAlgorithm::Ps256 ? "PS256" : "RS256",
                                    base64Url({reinterpret_cast<const char *>(thumbprint), size}));
    const auto claims = fmt::format(R"({{"aud":{},"iss":{},"sub":{},"jti":"{}","iat":{},"nbf":{},"exp":{}}})",
                                    jsonString(audience), jsonString(clientId), jsonString(clientId),
                                    makeUuid(), seconds, seconds, seconds + validFor);
    auto text = base64Url(header) + "." + base64Url(claims);
    const auto signature = signatureOf(key.get(), algorithm, text);
    if (signature.empty())
        return malformed("its key cannot sign");
    text += "." + base64Url(signature);
    return Secret::taking(std::move(text));
}

} // namespace riskdesk::connect
