// What comes from outside can neither reorder, hide, steer nor flood what stands around it.
#include "core/base/shown_text.h"
#include "core/base/text.h"

#include <QTest>

#include <random>

using namespace riskdesk;

class ShownTextTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void eachKindOfMischief_data()
    {
        QTest::addColumn<QByteArray>("read");
        QTest::addColumn<QByteArray>("shown");
        const auto row = [](const char *name, const QByteArray &read, const QByteArray &shown) {
            QTest::newRow(name) << read << shown;
        };
        row("plain", "Anna Silva", "Anna Silva");
        row("accents and other scripts", "São Tomé, 東京, Афины", "São Tomé, 東京, Афины");
        row("a family of emoji", "\xf0\x9f\x91\xa9\u200d\xf0\x9f\x91\xa7",
            "\xf0\x9f\x91\xa9\u200d\xf0\x9f\x91\xa7");
        row("right to left override", "Lis\u202enob", "Lis[U+202E]nob");
        row("isolate left open", "a\u2067b", "a[U+2067]b");
        row("zero width", "ad\u200bmin\ufeff", "ad[U+200B]min[U+FEFF]");
        row("tags", "a\xf3\xa0\x81\x81", "a[U+E0041]");
        row("line ends", "first\r\nsecond\u2028third\tfourth ", "first second third fourth");
        row("blank outside", "  a  b  ", "a b");
        row("a terminal's escape", "\x1b[31mred\x7f", "␛[31mred␡");
        row("C1", "a\u009bb", "a[U+009B]b");
        row("no UTF-8", "a\xff\xc3", "a\xef\xbf\xbd\xef\xbf\xbd");
        row("half a surrogate", "a\xed\xa0\xbd", "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
        row("an overlong slash", "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");
        row("a pile of marks", "e\u0301\u0301\u0301\u0301\u0301\u0301x", "e\u0301\u0301\u0301\u0301x");
        row("Arabic", "القاهرة", "\u2068القاهرة\u2069");
        row("nothing", "", "");
        row("only blanks", " \n ", "");
    }
    void eachKindOfMischief()
    {
        QFETCH(QByteArray, read);
        QFETCH(QByteArray, shown);
        QCOMPARE(QByteArray::fromStdString(shownText(read.toStdString())), shown);
    }

    void aLongTextIsCutBetweenCharacters()
    {
        QCOMPARE(shownText("abcdef", 6), std::string("abcdef"));
        QCOMPARE(shownText("abcdefg", 6), std::string("abcde…"));
        QCOMPARE(shownText("abcd efg", 6), std::string("abcd…"));
        QCOMPARE(shownText("éééé", 3), std::string("éé…"));
        QCOMPARE(shownText("ae\u0301bc", 3), std::string("ae\u0301…"));
        QCOMPARE(shownText("ab ", 2), std::string("ab"));
        QCOMPARE(shownText(std::string(10'000, 'x'), 0).size(), std::size_t{10'000});
        QCOMPARE(shownText(std::string(10'000, 'x')).size(),
                 shownCharacters - 1 + std::string_view("…").size());
    }

    void jsonStaysTheSameJson()
    {
        QCOMPARE(shownJson("{\"a\":\"exe.\u202Egnp\u00AD\"}"),
                 std::string("{\"a\":\"exe.\\u202egnp\\u00ad\"}"));
        QCOMPARE(shownJson("\"\U000E0041\""), std::string("\"\\udb40\\udc41\"")); // a tag: a surrogate pair
        QCOMPARE(shownJson("{\n  \"Zoë 東京\": 1\n}"), std::string("{\n  \"Zoë 東京\": 1\n}"));
    }

    // Whatever bytes: valid UTF-8, nothing left that steers, and what was made safe stays as it is.
    void anyBytesBecomeSafe()
    {
        std::mt19937 random(17);
        for (int round = 0; round < 20'000; ++round) {
            std::string bytes;
            for (auto n = random() % 24; n > 0; --n)
                bytes += static_cast<char>(random() % 3 == 0 ? 0xE2 + random() % 2 : 0x80 + random() % 0x40);
            const auto shown = shownText(bytes, 40);
            QVERIFY2(isValidUtf8(shown), QByteArray::fromStdString(bytes).toHex());
            const auto text = QString::fromStdString(shown);
            for (const QChar c : text)
                QVERIFY2(c.category() != QChar::Other_Control && (c < QChar(0x202a) || c > QChar(0x202e)),
                         QByteArray::fromStdString(bytes).toHex());
        }
    }
};

QTEST_APPLESS_MAIN(ShownTextTest)
#include "tst_shown_text.moc"
