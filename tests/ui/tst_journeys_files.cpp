// Choosing files, dropping them and losing them: the open directory keeps SQLite's locks through every
// dialog, is told from a log before it is opened, and a file that is replaced, cut or may not be written is
// said.
//
// With RISKDESK_SHOTS=FOLDER the dialogs and messages are kept as pictures.
#include "tests/support/file_locks.h"
#include "tests/ui/console_fixture.h"
#include "ui/widgets/controls/file_dialog.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/popover.h"
#include "ui/widgets/frame/top_bar.h"

#include <QComboBox>
#include <QDropEvent>
#include <QFileDialog>
#include <QFileSystemModel>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QTemporaryDir>
#include <QTimer>

#include <sys/inotify.h>
#include <unistd.h>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

constexpr int patience = 30000;

void keep(QWidget &what, const char *name)
{
    const auto folder = qEnvironmentVariable("RISKDESK_SHOTS");
    if (!folder.isEmpty())
        what.grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png"));
}

// Whether anybody opened one of the files while this was there, asked of the system.
class Openings
{
public:
    explicit Openings(const QStringList &files)
        : m_descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
    {
        for (const auto &file : files)
            ::inotify_add_watch(m_descriptor, QFile::encodeName(file).constData(), IN_OPEN);
    }
    ~Openings() { ::close(m_descriptor); }
    Openings(const Openings &) = delete;
    Openings &operator=(const Openings &) = delete;
    [[nodiscard]] bool any() const
    {
        char events[4096];
        return ::read(m_descriptor, events, sizeof events) > 0;
    }

private:
    int m_descriptor;
};

} // namespace

class FileJourneys : public QObject
{
    Q_OBJECT
    std::unique_ptr<Home> m_home;
    std::unique_ptr<theme::Theme> m_theme;
    std::unique_ptr<ConsoleFixture> m;
    QString m_file;

    void open()
    {
        const auto copy = m_home->copy();
        m_file = QString::fromStdString(copy.string());
        m = std::make_unique<ConsoleFixture>(*m_theme, copy);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 5, patience);
        QTRY_VERIFY_WITH_TIMEOUT(!m->window.facts().progress().isVisible(), patience);
    }
    [[nodiscard]] QString message() const
    {
        return m->window.message().isVisible() ? m->window.message().text() : QString();
    }
    void drop(const QString &file) const
    {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(file)});
        QDragEnterEvent enters(QPoint(700, 400), Qt::CopyAction, &data, Qt::LeftButton, {});
        QApplication::sendEvent(&m->window, &enters);
        QDropEvent drops(QPointF(700, 400), Qt::CopyAction, &data, Qt::LeftButton, {});
        QApplication::sendEvent(&m->window, &drops);
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_home = std::make_unique<Home>();
        m_theme = std::make_unique<theme::Theme>();
        m_theme->setMode(theme::Theme::Mode::Light);
        m_theme->applyTo(*qApp);
    }
    void init() { m_home->clear(); }
    void cleanup()
    {
        m.reset();
        widgets::FileDialog::setAnswer({});
    }
    void cleanupTestCase()
    {
        m_theme.reset();
        QApplication::setStyle(s("fusion"));
    }

    // The real dialog, in the folder of the open directory, shown until it has listed it.
    void aDialogOpensNoFile_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("open one") << 0;
        QTest::newRow("open many") << 1;
        QTest::newRow("save") << 2;
    }
    void aDialogOpensNoFile()
    {
        QFETCH(int, kind);
        open();
        const DirectoryLocks before(m_file);
        QVERIFY2(before.areHeld(), qPrintable(before.words()));
        const auto folder = QFileInfo(m_file).absolutePath();
        const auto was = QDir::currentPath();
        QDir::setCurrent(folder); // where Qt's dialog would begin by itself
        for (const char *name : {"plain", "noise.bin"}) {
            QFile other(folder + '/' + s(name));
            QVERIFY(other.open(QIODevice::WriteOnly) && other.write("x") == 1);
        }
        // SQLite itself opens nothing anew meanwhile: the connections are there, and the watcher's too.
        const Openings openings({folder + s("/plain"), folder + s("/noise.bin")});
        int listed = 0;
        QTimer look;
        QElapsedTimer since;
        since.start();
        connect(&look, &QTimer::timeout, this, [&] {
            auto *dialog = qobject_cast<QFileDialog *>(QApplication::activeModalWidget());
            if (dialog == nullptr)
                return;
            auto *model = dialog->findChild<QFileSystemModel *>();
            const auto at = model->index(folder);
            listed = model->rowCount(at);
            // Icons and kinds are asked for what is shown.
            for (int row = 0; row < listed; ++row) {
                (void)model->index(row, 0, at).data(Qt::DecorationRole);
                (void)model->index(row, 2, at).data();
            }
            if (listed < 3 && since.elapsed() < patience)
                return;
            if (auto *view = dialog->findChild<QListView *>(s("listView")))
                view->repaint();
            keep(*dialog, kind == 2 ? "dialog_save" : "dialog_open");
            dialog->reject();
        });
        look.start(50);
        const auto answer =
            widgets::FileDialog::ask(&m->window, {static_cast<widgets::FileQuestion::Kind>(kind), s("Choose"),
                                                  folder, s("All files (*)"), s("riskdesk")});
        look.stop();
        QDir::setCurrent(was);
        QVERIFY(answer.isEmpty());
        QVERIFY2(listed >= 3, qPrintable(QString::number(listed)));
        const DirectoryLocks after(m_file);
        QVERIFY2(after.areHeld(), qPrintable(after.words()));
        QVERIFY2(!openings.any(), "the dialog looked into a file");
    }

    void aNameGetsTheSuffixOfTheKindThatWasChosen()
    {
        open();
        const QTemporaryDir folder;
        QTimer look;
        connect(&look, &QTimer::timeout, this, [&] {
            auto *dialog = qobject_cast<QFileDialog *>(QApplication::activeModalWidget());
            if (dialog == nullptr)
                return;
            look.stop();
            auto *kinds = dialog->findChild<QComboBox *>(s("fileTypeCombo"));
            QTest::keyClick(kinds, Qt::Key_Down);
            dialog->findChild<QLineEdit *>(s("fileNameEdit"))->setText(s("users"));
            QMetaObject::invokeMethod(dialog, "accept");
        });
        look.start(50);
        const auto answer = widgets::FileDialog::ask(
            &m->window, {widgets::FileQuestion::Kind::Save, s("Export"), folder.path(),
                         s("Comma-separated values (*.csv);;JSON (*.json)"), s("csv")});
        QCOMPARE(answer, QStringList{folder.filePath(s("users.json"))});
    }

    // What is there is replaced only by somebody who was asked.
    void aFileThatIsThereIsReplacedWhenSomebodySaysSo()
    {
        using Kind = widgets::FileQuestion::Kind;
        open();
        const QTemporaryDir folder;
        const auto there = folder.filePath(s("users.csv"));
        QFile file(there);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("before") > 0);
        file.close();
        int asked = 0;
        auto answer = s("Cancel");
        QTimer look;
        connect(&look, &QTimer::timeout, this, [&] {
            auto *top = QApplication::activeModalWidget();
            if (auto *box = qobject_cast<QMessageBox *>(top)) {
                ++asked;
                keep(*box, "dialog_replace");
                const auto buttons = box->buttons();
                (*std::find_if(buttons.begin(), buttons.end(), [&](const QAbstractButton *b) {
                    return b->text().remove(QLatin1Char('&')) == answer;
                }))->click();
            } else if (auto *dialog = qobject_cast<QFileDialog *>(top); dialog != nullptr && asked > 0) {
                dialog->reject();
            } else if (dialog != nullptr) {
                dialog->findChild<QLineEdit *>(s("fileNameEdit"))->setText(s("users.csv"));
                QTimer::singleShot(0, dialog, [dialog] { QMetaObject::invokeMethod(dialog, "accept"); });
            }
        });
        const auto ask = [&](Kind kind) {
            asked = 0;
            look.start(50);
            const auto files =
                widgets::FileDialog::ask(&m->window, {kind, s("Export"), folder.path(),
                                                      s("Comma-separated values (*.csv)"), s("csv")});
            look.stop();
            return files;
        };
        QCOMPARE(ask(Kind::Save), QStringList());
        QCOMPARE(asked, 1);
        answer = s("Replace");
        QCOMPARE(ask(Kind::Save), QStringList{there});
        QCOMPARE(asked, 1);
        QCOMPARE(ask(Kind::Create), QStringList{there});
        QCOMPARE(asked, 0);
    }

    void everyDialogOfTheConsoleGoesThroughIt()
    {
        open();
        QStringList titles;
        widgets::FileDialog::setAnswer([&](const widgets::FileQuestion &question) {
            titles << question.title;
            return QStringList();
        });
        ConsoleFixture::key(Qt::Key_I, Qt::ControlModifier);
        ConsoleFixture::key(Qt::Key_O, Qt::ControlModifier);
        QTRY_COMPARE(titles, QStringList({s("Import sign-in logs"), s("Open directory")}));
    }

    void theOpenDirectoryIsNoLog_data()
    {
        QTest::addColumn<bool>("dropped");
        QTest::addColumn<QString>("name");
        QTest::newRow("chosen, a hard link") << false << "link.json";
        QTest::newRow("dropped, a hard link") << true << "link.json";
        QTest::newRow("chosen, the log beside it") << false << "copy.riskdesk-wal";
        QTest::newRow("dropped, the index beside it") << true << "copy.riskdesk-shm";
    }
    void theOpenDirectoryIsNoLog()
    {
        QFETCH(bool, dropped);
        QFETCH(QString, name);
        open();
        std::filesystem::create_hard_link(m_file.toStdString(), m_home->path("link.json"));
        const auto file = QFileInfo(m_file).absolutePath() + '/' + name;
        const auto rows = m->model().rowCount();
        if (dropped) {
            drop(file);
        } else {
            widgets::FileDialog::setAnswer(
                [file](const widgets::FileQuestion &) { return QStringList{file}; });
            ConsoleFixture::key(Qt::Key_I, Qt::ControlModifier);
        }
        QTRY_VERIFY_WITH_TIMEOUT(!message().isEmpty(), patience);
        QVERIFY2(message().contains(s("is the open directory itself; choose a sign-in log.")),
                 qPrintable(message()));
        keep(m->window, "own_file");
        const DirectoryLocks after(m_file);
        QVERIFY2(after.areHeld(), qPrintable(after.words()));
        QCOMPARE(m->model().rowCount(), rows);
    }

    // From the menu, by the keyboard, and back to what was there.
    void theNewestImportIsUndone()
    {
        open();
        const auto users = m->text("SELECT count(*) FROM user WHERE sign_ins > 0"),
                   signIns = m->text("SELECT sum(rows) FROM segment");
        const auto detections = m->text("SELECT count(*) FROM detection");
        drop(m_home->log("wrong.ndjson", 20, 10));
        QTRY_VERIFY_WITH_TIMEOUT(message().startsWith(s("wrong.ndjson: ")), patience);
        QVERIFY(m->text("SELECT count(*) FROM user WHERE sign_ins > 0") != users);

        const auto ask = [&] {
            ConsoleFixture::click(*m->window.topBar().directoryButton());
            auto *menu = m->window.findChild<QMenu *>(s("directoryMenu"));
            QVERIFY(menu != nullptr);
            QTRY_VERIFY(menu->isVisible());
            keep(*menu, "undo_import_menu");
            ConsoleFixture::choose(*menu, ConsoleFixture::entry(*menu, s("Undo the newest import")));
            QTRY_VERIFY_WITH_TIMEOUT(
                m->window.findChild<widgets::ConfirmPopover *>(s("confirmPopover")) != nullptr, patience);
        };
        ask();
        auto *popover = m->window.findChild<widgets::ConfirmPopover *>(s("confirmPopover"));
        QVERIFY(QTest::qWaitForWindowActive(popover));
        keep(m->window, "undo_import_window");
        keep(*popover, "undo_import");
        const auto texts = popover->findChildren<QLabel *>();
        QVERIFY(std::any_of(texts.begin(), texts.end(),
                            [](const QLabel *text) { return text->text().contains(s("wrong.ndjson")); }));
        ConsoleFixture::key(Qt::Key_Escape);
        QTRY_VERIFY(m->window.findChild<widgets::ConfirmPopover *>(s("confirmPopover")) == nullptr);
        QVERIFY(m->text("SELECT count(*) FROM user WHERE sign_ins > 0") != users);

        ask();
        QVERIFY(QTest::qWaitForWindowActive(m->window.findChild<QWidget *>(s("confirmPopover"))));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY2_WITH_TIMEOUT(message().contains(s("taken out again.")), qPrintable(message()), patience);
        keep(m->window, "undo_import_done");
        QCOMPARE(m->text("SELECT sum(rows) FROM segment"), signIns);
        QCOMPARE(m->text("SELECT count(*) FROM detection"), detections);
        QCOMPARE(m->text("SELECT count(*) FROM user WHERE sign_ins > 0"), users);
        QCOMPARE(m->text("SELECT actor <> '' AND via = 'console' FROM audit WHERE action = 'undoImport'"),
                 s("1"));
    }

    void aReplacedFileIsSaidAndNothingDecided_data()
    {
        QTest::addColumn<bool>("cut");
        QTest::newRow("replaced") << false;
        QTest::newRow("cut") << true;
    }
    void aReplacedFileIsSaidAndNothingDecided()
    {
        QFETCH(bool, cut);
        open();
        {
            auto decided = store::openForWriting(m_file.toStdString());
            QVERIFY(decided && decided->execute("INSERT INTO setting (key, value) VALUES ('a', '1')"));
        }
        if (cut) {
            std::filesystem::resize_file(m_file.toStdString(), 20000);
        } else {
            store::DirectoryInfo info;
            info.name = "Another";
            QVERIFY(store::createDirectory(m_home->path("other.riskdesk"), info));
            std::filesystem::rename(m_home->path("other.riskdesk"), m_file.toStdString());
        }
        const auto words = cut ? s("was cut short while it was open.")
                               : s("was replaced by another file while it was open.");
        QTRY_VERIFY_WITH_TIMEOUT(message().contains(words), patience);
        keep(m->window, cut ? "cut" : "replaced");
        m->click(*m->commands().anchor(s("dismiss")));
        QTRY_VERIFY_WITH_TIMEOUT(m->feedback().contains(words), patience);
        QVERIFY(ConsoleFixture::popup<widgets::ConfirmPopover>() == nullptr);
        if (cut)
            return;
        // The log still holds what was decided in the file that is gone.
        const QFileInfo log(m_file + s("-wal"));
        QVERIFY(log.size() > 0);
        const auto again = [this] {
            auto *button = ConsoleFixture::withText<QPushButton>(m->window.message(), s("Open again"));
            QVERIFY(button != nullptr);
            m->click(*button);
        };
        again();
        QTRY_VERIFY_WITH_TIMEOUT(message().contains(s("belongs to the file that was there before")),
                                 patience);
        keep(m->window, "old_log");
        QVERIFY(QFile::remove(log.filePath()));
        QFile::remove(m_file + s("-shm"));
        again();
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), 0, patience);
        QTRY_VERIFY_WITH_TIMEOUT(message().isEmpty(), patience);
    }
};

int main(int argc, char **argv)
{
    const int child = riskdesk::test::childMain(argc, argv, {{"locks", riskdesk::test::probeLocks}});
    if (child >= 0)
        return child;
    QApplication application(argc, argv);
    FileJourneys test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_journeys_files.moc"
