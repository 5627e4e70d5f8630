// FileDialog: the only way to ask for a file. It names files and never opens one.
//
// Qt's own dialog opens every file it lists to guess what kind it is, and closes it again. For a directory
// that is open that would be fatal: the system then takes all of SQLite's locks away
// (core/base/open_files.h). So this one has icons and kinds by folder and suffix only, uses no dialog of the
// desktop, which would do the same out of our sight, and lists no folder before its icons are in place.
//
// GUI thread; ask() returns when the person has answered.
#pragma once

#include <QAbstractFileIconProvider>
#include <QCoreApplication>
#include <QString>
#include <QStringList>

#include <functional>

class QDialog;
class QGridLayout;
class QWidget;

namespace riskdesk::widgets {

struct FileQuestion
{
    // Save asks before it names a file that is there, which will be replaced; Create does not, since whoever creates
    // refuses one.
    enum class Kind { OpenOne, OpenMany, Save, Create };
    Kind kind = Kind::OpenOne;
    QString title;
    QString folder;    // where it begins; empty: at home
    QString filter;    // "Logs (*.json *.csv);;All files (*)"
    QString suffix;    // of a name that was typed without one, when saving or creating: "riskdesk"
    QString name = {}; // that is suggested, when saving or creating
    // Makes what stands beneath the files, as a child of the dialog, which it is gone with.
    std::function<void(QDialog &dialog, QGridLayout &layout, int row)> beneath = {};
};

// Never looks into a file.
class SuffixIcons : public QAbstractFileIconProvider
{
public:
    [[nodiscard]] QIcon icon(IconType type) const override;
    [[nodiscard]] QIcon icon(const QFileInfo &file) const override;
    [[nodiscard]] QString type(const QFileInfo &file) const override;
};

class FileDialog
{
    Q_DECLARE_TR_FUNCTIONS(FileDialog)
public:
    // Empty when the person thought better of it.
    [[nodiscard]] static QStringList ask(QWidget *parent, const FileQuestion &question);

    // For tests: answers instead of a person; {} brings the dialog back.
    using Answer = std::function<QStringList(const FileQuestion &)>;
    static void setAnswer(Answer answer);
};

} // namespace riskdesk::widgets
