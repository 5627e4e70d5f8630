// Colours keep their contrast, every icon is drawn, and the fast text path paints what QPainter::drawText
// paints.
#include "ui/theme/icon_engine.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QImage>
#include <QPainter>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace riskdesk::theme;

namespace {

int inked(const QImage &image)
{
    int count = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            count += qAlpha(image.pixel(x, y)) > 40 ? 1 : 0;
    return count;
}

} // namespace

class ThemeTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void contrastHolds_data()
    {
        QTest::addColumn<Token>("ink");
        QTest::addColumn<Token>("ground");
        QTest::addColumn<double>("least");
        const std::tuple<const char *, Token, Token, double> pairs[] = {
            {"text on cards", Token::Text, Token::Surface, 4.5},
            {"secondary text on cards", Token::Text2, Token::Surface, 4.5},
            {"secondary text on the bars", Token::Text2, Token::NavBg, 4.5},
            {"hints on cards", Token::Text3, Token::Surface, 4.5},
            {"hints on the page", Token::Text3, Token::Window, 4.5},
            {"hints on the selected row", Token::Text3, Token::AccentTint, 4.5},
            {"links on cards", Token::AccentText, Token::Surface, 4.5},
            {"links on a set pill", Token::AccentText, Token::AccentTint, 4.5},
            {"primary button", Token::OnAccent, Token::AccentFill, 4.5},
            {"high pill", Token::OnHigh, Token::HighFill, 4.5},
            {"medium pill", Token::OnMed, Token::MedFill, 4.5},
            {"low pill", Token::OnLow, Token::LowFill, 4.5},
            {"none pill", Token::OnNone, Token::NoneFill, 4.5},
            {"at risk", Token::StAtRisk, Token::Surface, 4.5},
            {"compromised", Token::StCompromised, Token::Surface, 4.5},
            {"remediated", Token::StRemediated, Token::Surface, 4.5},
            {"dismissed", Token::StDismissed, Token::Surface, 4.5},
            {"safe", Token::StSafe, Token::Surface, 4.5},
            {"warning bar", Token::WarnText, Token::WarnBg, 4.5},
            {"error bar", Token::ErrText, Token::ErrBg, 4.5},
            {"information bar", Token::InfoText, Token::InfoBg, 4.5},
            {"tool tip", Token::TooltipText, Token::TooltipBg, 4.5},
            {"box on cards", Token::BorderStrong, Token::Surface, 3},
            {"box on the page", Token::BorderStrong, Token::Window, 3},
            {"ring on cards", Token::Focus, Token::Surface, 3},
            {"ring on the selected row", Token::Focus, Token::AccentTint, 3},
            {"chart high", Token::ChHigh, Token::Surface, 3},
            {"chart medium", Token::ChMed, Token::Surface, 3},
            {"chart low", Token::ChLow, Token::Surface, 3},
        };
        for (const auto &[name, ink, ground, least] : pairs)
            QTest::newRow(name) << ink << ground << least;
        for (int i = 0; i < 6; ++i)
            QTest::addRow("avatar %d", i + 1)
                << static_cast<Token>(static_cast<int>(Token::OnAvatar1) + i)
                << static_cast<Token>(static_cast<int>(Token::Avatar1) + i) << 4.5;
    }
    void contrastHolds()
    {
        QFETCH(Token, ink);
        QFETCH(Token, ground);
        QFETCH(double, least);
        for (const Scheme scheme : {Scheme::Light, Scheme::Dark})
            QVERIFY2(contrastRatio(tokenColor(ink, scheme), tokenColor(ground, scheme)) >= least,
                     scheme == Scheme::Light ? "light" : "dark");
    }

    void contrastOfBlackOnWhiteIs21() { QCOMPARE(contrastRatio(Qt::black, Qt::white), 21.0); }

    void everyIconIsDrawn()
    {
        IconCache cache;
        QSet<QByteArray> seen;
        for (int i = 0; i < static_cast<int>(Icon::Count); ++i) {
            const Icon icon = static_cast<Icon>(i);
            for (const bool filled : {false, true}) {
                if (filled && !hasFilledForm(icon))
                    continue;
                const QImage image = cache.pixmap(icon, filled, Qt::red, 40).toImage();
                QVERIFY2(inked(image) > 25, qPrintable(iconPath(icon, filled)));
                QVERIFY2(inked(image) < 1300, qPrintable(iconPath(icon, filled)));
            }
        }
    }

    void iconsTakeTheColourOfTheMoment()
    {
        Theme theme;
        theme.setMode(Theme::Mode::Light);
        const QIcon icon = theme.icon(Icon::ShieldAlert, Token::Text, true);
        const auto middle = [&] { return icon.pixmap(QSize(20, 20), 1.0).toImage().pixelColor(5, 8); };
        QCOMPARE(middle(), tokenColor(Token::Text, Scheme::Light));
        theme.setMode(Theme::Mode::Dark);
        QCOMPARE(middle(), tokenColor(Token::Text, Scheme::Dark));
    }

    void filledSignsAreCutOut()
    {
        IconCache cache;
        const QImage image = cache.pixmap(Icon::ErrorMark, true, Qt::black, 80).toImage();
        QCOMPARE(qAlpha(image.pixel(40, 32)), 0);
        QVERIFY(qAlpha(image.pixel(20, 40)) == 255);
    }

    void fastTextPaintsWhatDrawTextPaints_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text : {"Mariana Duarte", "mariana.duarte@mailbox.example", "AVATAR To WAVE",
                                 "Ho Chi Minh City", "fluffy office affix", "18 Mar, 14:26", "203.0.113.7",
                                 "a -> b (X) 3x4", "São Paulo", "\xE6\x9D\xB1\xE4\xBA\xAC", "don't A-B c@D"})
            QTest::newRow(text) << QString::fromUtf8(text);
    }
    void fastTextPaintsWhatDrawTextPaints()
    {
        QFETCH(QString, text);
        Theme theme;
        for (const TextStyle style : {TextStyle::Body, TextStyle::Name, TextStyle::Secondary}) {
            QImage fast(320, 34, QImage::Format_RGB32);
            fast.fill(Qt::white);
            QImage slow = fast;
            {
                QPainter painter(&fast);
                theme.text(style).draw(painter, QRectF(8, 0, 300, 34), text);
                QPainter other(&slow);
                other.setFont(theme.font(style));
                other.drawText(QRect(8, 0, 300, 34), Qt::AlignVCenter | Qt::TextSingleLine, text);
            }
            int strong = 0; // pixels that differ visibly; half a device pixel of baseline rounding does not
            for (int y = 0; y < 34; ++y)
                for (int x = 0; x < 320; ++x)
                    strong += std::abs(qGray(fast.pixel(x, y)) - qGray(slow.pixel(x, y))) > 24 ? 1 : 0;
            QVERIFY2(strong == 0, qPrintable(QString::number(strong)));
        }
    }

    void longTextIsCutWithinItsRoom()
    {
        Theme theme;
        QImage image(120, 30, QImage::Format_RGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        for (const QString &text : {QStringLiteral("unfamiliar sign-in properties everywhere"),
                                    QStringLiteral("São Paulo e Belo Horizonte e Rio")}) {
            const qreal used = theme.text(TextStyle::Body).draw(painter, QRectF(0, 0, 100, 30), text);
            QVERIFY(used <= 100);
            QVERIFY(used > 80);
        }
        QCOMPARE(theme.text(TextStyle::Body).draw(painter, QRectF(0, 0, 0, 30), u"x"), 0.0);
    }

    void digitsShareOneCell()
    {
        Theme theme;
        auto &text = theme.text(TextStyle::Body);
        QCOMPARE(text.tabularWidth(u"11:11"), text.tabularWidth(u"00:48"));
        QCOMPARE(text.tabularWidth(u"1,111"), text.tabularWidth(u"8,048"));
    }

    void switchingRepaintsAndTells()
    {
        Theme theme;
        theme.setMode(Theme::Mode::Light);
        theme.applyTo(*qApp);
        QSignalSpy spy(&theme, &Theme::changed);
        theme.setMode(Theme::Mode::Dark);
        QCOMPARE(spy.size(), 1);
        QCOMPARE(QApplication::palette().color(QPalette::Window), tokenColor(Token::Window, Scheme::Dark));
        theme.setMode(Theme::Mode::Dark);
        QCOMPARE(spy.size(), 1);
        theme.setMode(Theme::Mode::FollowSystem); // offscreen's own palette is light
        QCOMPARE(theme.scheme(), Scheme::Light);
        QApplication::setStyle(QStringLiteral("fusion")); // the style must not outlive its theme
    }

    void largerTextMakesTallerButtons()
    {
        Theme theme;
        theme.setMode(Theme::Mode::Light);
        theme.applyTo(*qApp);
        QPushButton button(QStringLiteral("Reset password"));
        const QSize before = button.sizeHint();
        theme.setTextScale(150);
        QPushButton larger(QStringLiteral("Reset password"));
        QVERIFY(larger.sizeHint().width() > before.width() * 13 / 10);
        QVERIFY(larger.sizeHint().height() > before.height());
        QApplication::setStyle(QStringLiteral("fusion"));
    }
};

QTEST_MAIN(ThemeTest)
#include "tst_theme.moc"
