// The signature of Standard Webhooks, made by another library than the product's.
#pragma once

#include <QByteArray>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string>

namespace riskdesk::test {

[[nodiscard]] inline std::string webhookSignature(const std::string &key, const std::string &text)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char *>(text.data()), text.size(), mac, &size);
    return "v1," +
           QByteArray(reinterpret_cast<const char *>(mac), static_cast<int>(size)).toBase64().toStdString();
}

} // namespace riskdesk::test
