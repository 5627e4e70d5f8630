// Letters compared and searched, whatever their case and their accents.
#include "core/base/text.h"

#include <QTest>

using namespace riskdesk;

class TestText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void folding_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("folded"); // for comparing
        QTest::addColumn<QString>("searched");
        QTest::newRow("ASCII") << "Anna.O'Neil@SHOP.example"
                               << "anna.o'neil@shop.example"
                               << "anna.o'neil@shop.example";
        QTest::newRow("German") << "MÜLLER, Straße"
                                << "müller, straße"
                                << "muller, strasse";
        QTest::newRow("French") << "Œuvre ÉÈÊ ŸÇ"
                                << "œuvre éèê ÿç"
                                << "oeuvre eee yc";
        QTest::newRow("Portuguese") << "São"
                                    << "são"
                                    << "sao";
        QTest::newRow("Polish") << "ŁÓDŹ"
                                << "łódź"
                                << "lodz";
        QTest::newRow("Vietnamese") << "NGUYỄN"
                                    << "nguyễn"
                                    << "nguyen";
        QTest::newRow("Romanian") << "Ștefan"
                                  << "ștefan"
                                  << "stefan";
        QTest::newRow("Greek") << "ΑΘΉΝΑ"
                               << "αθήνα"
                               << "αθήνα";
        QTest::newRow("Cyrillic keeps its letters") << "НИКОЛАЙ Ё"
                                                    << "николай ё"
                                                    << "николай ё";
        QTest::newRow("Armenian") << "ԱՆՆԱ"
                                  << "աննա"
                                  << "աննա";
        QTest::newRow("Japanese") << "東京 ガ"
                                  << "東京 ガ"
                                  << "東京 ガ";
        QTest::newRow("an accent by itself") << "Zoe\u0308"
                                             << "zoe\u0308"
                                             << "zoe";
        QTest::newRow("signs stay") << "½ × 2² ª"
                                    << "½ × 2² ª"
                                    << "½ × 2² ª";
        QTest::newRow("beyond the first plane") << "😀 𐐀"
                                                << "😀 𐐨"
                                                << "😀 𐐨";
    }
    void folding()
    {
        QFETCH(QString, text);
        QFETCH(QString, folded);
        QFETCH(QString, searched);
        QCOMPARE(QString::fromStdString(foldCase(text.toStdString())), folded);
        QCOMPARE(QString::fromStdString(foldForSearch(text.toStdString())), searched);
        // Folding what is folded changes nothing.
        QCOMPARE(QString::fromStdString(foldForSearch(searched.toStdString())), searched);
    }
    void whatIsNotUtf8IsReadAsWindows1252()
    {
        QCOMPARE(toUtf8("S\xe3o \x80"), std::string("São €"));
        QCOMPARE(toUtf8("São"), std::string("São"));
        QCOMPARE(toUtf8("\xc3"), std::string("Ã"));
        QCOMPARE(toUtf8("\xed\xa0\x80 \xf4\x90\x80\x80"),
                 std::string("í\u00a0€ ô\ufffd€€")); // surrogate, too large
        QCOMPARE(jsonString("a\xff\"\n\x01"), std::string("\"a\ufffd\\\"\\n\\u0001\""));
    }
};

QTEST_GUILESS_MAIN(TestText)
#include "tst_text.moc"
