// The image in which a sign-in is stored beside its finding: a layout for good, and nothing read that is
// none.
#include "core/domain/stored_sign_in.h"

#include <QTest>

#include <bit>
#include <cstring>

using namespace riskdesk;

namespace {

// Every byte of the image another one, as far as the enumerations allow.
SignInRow distinct()
{
    SignInRow row;
    std::uint8_t next = 1;
    visitSignIn(row, [&](std::string_view, auto &member) {
        using Member = std::remove_cvref_t<decltype(member)>;
        if constexpr (std::is_enum_v<Member>) {
            member = static_cast<Member>(1);
        } else {
            std::array<std::uint8_t, sizeof(Member)> bytes;
            for (auto &byte : bytes)
                byte = next++;
            std::memcpy(&member, bytes.data(), sizeof(Member));
        }
    });
    return row;
}

} // namespace

class TestStoredSignIn : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isReadAsItWasWritten()
    {
        const auto row = distinct();
        const auto image = encode(row);
        const auto back = decodeSignIn(image);
        QVERIFY(back.has_value());
        QVERIFY(std::memcmp(&row, &*back, sizeof row) == 0);
        QCOMPARE(encode(*back), image);
    }
    // Stores of every version hold this layout.
    void keepsItsLayout()
    {
        SignInRow row;
        row.at = 0x0102030405060708;
        row.eventKey[0] = 0xaa;
        row.user = 0x11121314;
        row.errorCode = -2;
        row.mfa = Mfa::Passed;
        const auto image = encode(row);
        QCOMPARE(QByteArray(reinterpret_cast<const char *>(image.data()), 9).toHex(), "0807060504030201aa");
        QCOMPARE(QByteArray(reinterpret_cast<const char *>(image.data() + 48), 4).toHex(), "14131211");
        QCOMPARE(QByteArray(reinterpret_cast<const char *>(image.data() + 120), 4).toHex(), "feffffff");
        QCOMPARE(image[127], std::uint8_t{3});
        if constexpr (std::endian::native == std::endian::little) {
            const auto all = distinct(); // as they were written before there was a codec
            QVERIFY(std::memcmp(&all, encode(all).data(), sizeof all) == 0);
        }
    }
    void nothingElseIsRead()
    {
        const auto image = encode(distinct());
        QVERIFY(!decodeSignIn({}).has_value());
        QVERIFY(!decodeSignIn(std::span(image).first(135)).has_value());
        for (std::size_t at = 124; at <= 128; ++at) { // outcome to identity
            auto wrong = image;
            wrong[at] = 200;
            QVERIFY2(!decodeSignIn(wrong).has_value(), QByteArray::number(static_cast<int>(at)));
        }
    }
};

QTEST_GUILESS_MAIN(TestStoredSignIn)
#include "tst_stored_sign_in.moc"
