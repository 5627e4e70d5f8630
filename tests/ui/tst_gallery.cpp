// Builds the widgets with believable values, checks that they paint and keep their measures, and writes
// pictures of them when RISKDESK_SHOTS names a folder.
#include "tests/ui/sample_rows.h"
#include "ui/theme/icon_engine.h"
#include "ui/widgets/table_view.h"

#include <QApplication>
#include <QDir>
#include <QPainter>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::widgets;

class GalleryTest : public QObject
{
    Q_OBJECT
    theme::Theme *m_theme = nullptr;

    static void keep(const QPixmap &picture, const QString &name)
    {
        const QString folder = qEnvironmentVariable("RISKDESK_SHOTS");
        if (!folder.isEmpty() && QDir().mkpath(folder))
            picture.save(folder + u'/' + name + QStringLiteral(".png"));
    }

private slots:
    void initTestCase()
    {
        m_theme = new theme::Theme(this);
        m_theme->applyTo(*qApp);
    }
    void cleanupTestCase() { QApplication::setStyle(QStringLiteral("fusion")); }

    void icons()
    {
        const int count = static_cast<int>(theme::Icon::Count);
        QPixmap sheet(16 * 80, (count / 8 + 1) * 80);
        sheet.fill(Qt::white);
        QPainter painter(&sheet);
        int at = 0;
        for (int i = 0; i < count; ++i)
            for (const bool filled : {false, true}) {
                if (filled && !theme::hasFilledForm(static_cast<theme::Icon>(i)))
                    continue;
                const QPointF corner(at % 16 * 80, at / 16 * 80);
                m_theme->paintIcon(painter, QRectF(corner + QPointF(6, 8), QSizeF(44, 44)),
                                   static_cast<theme::Icon>(i), Qt::black, filled);
                m_theme->paintIcon(painter, QRectF(corner + QPointF(54, 20), QSizeF(20, 20)),
                                   static_cast<theme::Icon>(i), Qt::black, filled);
                ++at;
            }
        painter.end();
        keep(sheet.copy(0, 0, 1280, (at / 16 + 1) * 80), QStringLiteral("icons"));
    }

    void lists()
    {
        for (const auto mode : {theme::Theme::Mode::Light, theme::Theme::Mode::Dark}) {
            m_theme->setMode(mode);
            for (const bool detections : {false, true}) {
                test::SampleRows rows(200, detections);
                rows.ticked = {0, 2};
                rows.loading = {7};
                TableView view(*m_theme);
                view.setModel(&rows);
                const int widths[] = {355, 98, 125, 112, 206, 170, 118};
                for (int i = 0; i < 7; ++i)
                    view.setColumnWidth(i, widths[i]);
                view.resize(1190, 480);
                view.setCurrentRow(0);
                view.setTickState(Qt::PartiallyChecked);
                view.setSortShown(6, Qt::DescendingOrder);
                view.show();
                const QPixmap picture = view.grab();
                QVERIFY(!picture.isNull());
                keep(picture, QStringLiteral("list-%1-%2")
                                  .arg(detections ? QStringLiteral("detections") : QStringLiteral("users"),
                                       m_theme->isDark() ? QStringLiteral("dark") : QStringLiteral("light")));
            }
        }
    }
};

QTEST_MAIN(GalleryTest)
#include "tst_gallery.moc"
