// Nothing that a log says can speak in our place: wherever its words stand (cells, sentences, tool tips, what
// a screen reader says), they neither reorder nor hide text, are no HTML and stay short of the screen.

#include "core/store/statement.h"

#include "tests/ui/journeys.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/popover.h"
#include "ui/widgets/table/table_view.h"

#include <QAbstractButton>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPlainTextEdit>
#include <QRegularExpression>

using namespace riskdesk;
using namespace riskdesk::test;

class HostileJourneys : public QObject, Journeys
{
    Q_OBJECT

    // A right-to-left override, a line end, a zero width blank, HTML and an escape.
    static QString bad(const QString &what)
    {
        return what + QStringLiteral(" <b>x</b>\u202Egnp.exe\u200B\n\u001B[31m");
    }
    static bool isHarmless(const QString &text)
    {
        static const QRegularExpression mischief(
            QStringLiteral("[\\x{00}-\\x{09}\\x{0B}-\\x{1F}\\x{7F}-\\x{9F}\\x{200B}\\x{202A}-\\x{202E}]"));
        return !mischief.match(text).hasMatch();
    }
    static bool isSafe(const QString &text)
    {
        // A whole 600 characters of somebody's name are nowhere but in the record itself.
        static const QRegularExpression endless(QStringLiteral("n{400}"));
        return isHarmless(text) && !endless.match(text).hasMatch();
    }
    // Everything that the window, and what lies above it, says or shows.
    QString firstUnsafe() const
    {
        for (auto *top : QApplication::topLevelWidgets()) {
            if (!top->isVisible())
                continue;
            auto all = top->findChildren<QWidget *>();
            all << top;
            for (auto *widget : std::as_const(all)) {
                QStringList said{widget->accessibleName(), widget->accessibleDescription(),
                                 widget->toolTip()};
                if (auto *button = qobject_cast<QAbstractButton *>(widget))
                    said << button->text();
                if (auto *record = qobject_cast<QPlainTextEdit *>(widget))
                    if (!isHarmless(record->toPlainText()))
                        return s("record: ") + record->toPlainText().left(200);
                for (const auto &text : said)
                    if (!isSafe(text))
                        return s("%1: %2").arg(s(widget->metaObject()->className()), text.left(200));
                if (Qt::mightBeRichText(widget->toolTip()) && widget->toolTip().contains(s("<b>")))
                    return s("HTML in the tool tip of %1").arg(s(widget->metaObject()->className()));
            }
            for (auto *view : top->findChildren<widgets::TableView *>())
                for (int row = 0; row < std::min(view->model()->rowCount(), 40); ++row)
                    for (int column = 0; column < view->model()->columnCount(); ++column)
                        for (const int role :
                             {int(Qt::DisplayRole), int(Qt::ToolTipRole), int(Qt::AccessibleTextRole),
                              int(models::SecondaryRole), int(models::InitialsRole)}) {
                            const auto text = view->model()->index(row, column).data(role).toString();
                            if (!isSafe(text) || (role != Qt::ToolTipRole && text.contains(QChar(u'\n'))))
                                return s("cell %1, %2, role %3: %4")
                                    .arg(row)
                                    .arg(column)
                                    .arg(role)
                                    .arg(text.left(200));
                            if (role == Qt::ToolTipRole && text.contains(s("<b>")))
                                return s("HTML in a tool tip: ") + text.left(200);
                        }
        }
        return {};
    }
    // Names and places of somebody at risk, and sign-ins of somebody else.
    std::int64_t poison()
    {
        auto db = store::openForWriting(m_home->path("copy.riskdesk"));
        if (!db)
            throw std::runtime_error("no directory");
        store::Statement who(*db, std::string("SELECT r.user ") + openUsers +
                                      " ORDER BY r.updated_at DESC LIMIT 1");
        if (!who.step())
            throw std::runtime_error("nobody");
        const auto user = who.int64(0);
        who.reset();
        const auto name = (bad(s("Anna")) + QString(600, QChar(u'n'))).toStdString();
        store::Statement rename(*db, "UPDATE user SET search = 'anna', display_name = ?2, mail = ?3, upn = "
                                     "?3, phone = ?3 WHERE id = ?1");
        rename.bind(user, name, bad(s("anna@shop.example.com.evil.example")).toStdString());
        store::Statement move(*db, "UPDATE detection SET city = ?2 WHERE user = ?1");
        move.bind(user, bad(s("Lisbon")).toStdString());
        store::Statement last(*db, "UPDATE user_risk SET last_city = ?2 WHERE user = ?1");
        last.bind(user, bad(s("Lisbon")).toStdString());
        store::Statement note(*db, "UPDATE ledger SET note = ?2, reason = ?2 WHERE user = ?1");
        note.bind(user, bad(s("a note")).toStdString());
        for (auto *statement : {&rename, &move, &last, &note})
            if (!statement->run())
                throw std::runtime_error("not poisoned");
        return user;
    }
    QString hostileLog() const
    {
        QByteArray log;
        for (int i = 0; i < 3; ++i) {
            QJsonObject record{
                {"id", s("00000000-0000-4000-8000-0000000000%1").arg(10 + i)},
                {"createdDateTime", s("2026-03-18T%1:00:00Z").arg(10 + i)},
                {"userPrincipalName", bad(s("eve@evil.example"))},
                {"userDisplayName",
                 QString::fromUcs4(U"\U0001F525\U0001F525 ") + bad(s("Eve")) + QString(600, QChar(u'n'))},
                {"appDisplayName", bad(s("Shop"))},
                {"clientAppUsed", bad(s("Browser"))},
                {"ipAddress", s("192.0.2.7")},
                {"userAgent", bad(s("Mozilla/5.0"))},
                {"location", QJsonObject{{"city", bad(s("Porto"))}, {"countryOrRegion", s("PT")}}},
                {"deviceDetail", QJsonObject{{"displayName", bad(s("Phone"))},
                                             {"deviceId", bad(s("d1"))},
                                             {"operatingSystem", bad(s("Ios 17"))},
                                             {"browser", bad(s("Chrome 129"))}}},
                {"status",
                 QJsonObject{{"errorCode", i == 2 ? 50126 : 0}, {"failureReason", bad(s("Wrong"))}}}};
            log += QJsonDocument(record).toJson(QJsonDocument::Compact) + '\n';
        }
        QFile file(QString::fromStdString(m_home->path("hostile.json").string()));
        if (!file.open(QIODevice::WriteOnly) || file.write(log) != log.size())
            qFatal("no log");
        return file.fileName();
    }

private Q_SLOTS:
    void initTestCase() { begin(); }
    void init() { m_home->clear(); }
    void cleanup()
    {
        if (auto *left = QApplication::activePopupWidget())
            left->close();
        m.reset();
    }
    void cleanupTestCase() { end(); }

    void nothingOfALogSpeaksInOurPlace()
    {
        (void)m_home->copy();
        const auto user = poison();
        m = std::make_unique<ConsoleFixture>(*m_theme, m_home->path("copy.riskdesk"));
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowOf(user) >= 0, patience);
        settled();
        m->clickRow(m->model().rowOf(user));
        QTRY_VERIFY(m->pane().isVisible());
        settled();
        QCOMPARE(firstUnsafe(), QString());
        picture("hostile-user");
        for (int tab = 0; tab < m->pane().tabCount(); ++tab) {
            m->pane().setCurrentTab(tab);
            QTest::qWait(0);
            QCOMPARE(firstUnsafe(), QString());
        }
        // The question before a decision names the user and stays on the screen.
        ConsoleFixture::key(Qt::Key_D, Qt::ControlModifier);
        QTRY_VERIFY(sheet() != nullptr);
        QTRY_VERIFY(sheet()->accessibleName().contains(s("Anna")));
        QCOMPARE(firstUnsafe(), QString());
        QVERIFY(m->window.geometry().contains(sheet()->geometry()));
        picture("hostile-question");
        ConsoleFixture::key(Qt::Key_Escape);
        m->window.setCurrent(s("detections"), s("last90Days"));
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0 && !m->current().isBusy(), patience);
        m->current().searchFor(s("anna"));
        QTRY_VERIFY_WITH_TIMEOUT(!m->current().isBusy(), patience);
        QVERIFY(m->model().rowCount() > 0);
        m->clickRow(0);
        settled();
        QTRY_VERIFY(m->pane().isVisible());
        for (int tab = 0; tab < m->pane().tabCount(); ++tab) {
            m->pane().setCurrentTab(tab);
            QTest::qWait(0);
            QCOMPARE(firstUnsafe(), QString());
        }
        picture("hostile-detection");
        m->window.setCurrent(s("overview"));
        QTest::qWait(0);
        QCOMPARE(firstUnsafe(), QString());
    }

    void norDoesASignIn()
    {
        open();
        m->console.take({hostileLog()});
        QTRY_VERIFY2_WITH_TIMEOUT(m->window.message().text().contains(s("3 new")),
                                  qPrintable(m->window.message().text()), patience);
        m->window.setCurrent(s("signIns"), s("lastSevenDays"));
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 3 && !m->current().isBusy(), patience);
        m->current().searchFor(s("eve@evil"));
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), 3, patience);
        settled();
        m->clickRow(0);
        QTRY_VERIFY(m->pane().isVisible());
        for (int tab = 0; tab < m->pane().tabCount(); ++tab) {
            m->pane().setCurrentTab(tab);
            QTest::qWait(0);
            QCOMPARE(firstUnsafe(), QString());
        }
        picture("hostile-sign-in");
        // What is copied is what was read.
        const auto name = m->model().index(0, m->column("user")).data(models::RawRole).toString();
        QVERIFY2(name.contains(QChar(0x202e)), qPrintable(name));
    }
};

QTEST_MAIN(HostileJourneys)
#include "tst_journeys_hostile.moc"
