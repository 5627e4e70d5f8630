#include "ui/widgets/controls/file_dialog.h"

#include <QApplication>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QLocale>
#include <QMessageBox>
#include <QPushButton>
#include <QRegularExpression>
#include <QStyle>
#include <QTemporaryDir>

namespace riskdesk::widgets {
namespace {

FileDialog::Answer &answerOfTest()
{
    static FileDialog::Answer answer;
    return answer;
}

// Asks before it replaces a file, in our words.
class Dialog : public QFileDialog
{
public:
    using QFileDialog::QFileDialog;
    bool replaces = false;

    void accept() override
    {
        const auto files = selectedFiles();
        if (!replaces || files.size() != 1 || !QFileInfo(files.first()).isFile() || isAgreed(files.first()))
            QFileDialog::accept();
    }

private:
    bool isAgreed(const QString &file)
    {
        const QFileInfo info(file);
        QMessageBox question(
            QMessageBox::Warning, windowTitle(),
            FileDialog::tr("%1 is there already. What is in it now will be lost.").arg(info.fileName()),
            QMessageBox::Cancel, this);
        question.setObjectName(QStringLiteral("replaceQuestion"));
        question.setTextFormat(Qt::PlainText);
        const auto *replace = question.addButton(FileDialog::tr("Replace"), QMessageBox::DestructiveRole);
        question.setDefaultButton(QMessageBox::Cancel);
        question.exec();
        return question.clickedButton() == replace;
    }
};

} // namespace

QIcon SuffixIcons::icon(IconType type) const
{
    const auto *style = QApplication::style();
    switch (type) {
    case Computer: return style->standardIcon(QStyle::SP_ComputerIcon);
    case Desktop: return style->standardIcon(QStyle::SP_DesktopIcon);
    case Trashcan: return style->standardIcon(QStyle::SP_TrashIcon);
    case Network: return style->standardIcon(QStyle::SP_DriveNetIcon);
    case Drive: return style->standardIcon(QStyle::SP_DriveHDIcon);
    case Folder: return style->standardIcon(QStyle::SP_DirIcon);
    case File: break;
    }
    return style->standardIcon(QStyle::SP_FileIcon);
}

QIcon SuffixIcons::icon(const QFileInfo &file) const
{
    return icon(file.isRoot() ? Drive : file.isDir() ? Folder : File);
}

QString SuffixIcons::type(const QFileInfo &file) const
{
    if (file.isDir())
        return QFileDialog::tr("Folder");
    const auto suffix = file.suffix();
    return suffix.isEmpty() ? QFileDialog::tr("File") : QFileDialog::tr("%1 File").arg(suffix);
}

QStringList FileDialog::ask(QWidget *parent, const FileQuestion &question)
{
    if (answerOfTest())
        return answerOfTest()(question);
    SuffixIcons icons; // outlives the dialog, whose thread asks it
    const bool names =
        question.kind == FileQuestion::Kind::Save || question.kind == FileQuestion::Kind::Create;
    // A new dialog begins to list its folder at once, with Qt's icons; so it begins in an empty one.
    const QTemporaryDir empty;
    const auto folder = question.folder.isEmpty() ? QDir::homePath() : question.folder;
    Dialog dialog(parent, question.title, empty.isValid() ? empty.path() : QDir::rootPath());
    dialog.setObjectName(QStringLiteral("fileDialog"));
    dialog.setOptions(QFileDialog::DontUseNativeDialog | QFileDialog::DontUseCustomDirectoryIcons |
                      QFileDialog::DontConfirmOverwrite);
    dialog.replaces = question.kind == FileQuestion::Kind::Save;
    dialog.setIconProvider(&icons);
    dialog.setAcceptMode(names ? QFileDialog::AcceptSave : QFileDialog::AcceptOpen);
    dialog.setFileMode(names                                           ? QFileDialog::AnyFile
                       : question.kind == FileQuestion::Kind::OpenMany ? QFileDialog::ExistingFiles
                                                                       : QFileDialog::ExistingFile);
    dialog.setNameFilters(question.filter.split(QStringLiteral(";;")));
    dialog.setDefaultSuffix(question.suffix);
    // A name that is typed without one gets the suffix of the kind that was chosen.
    if (names)
        QObject::connect(&dialog, &QFileDialog::filterSelected, &dialog, [&dialog](const QString &filter) {
            static const QRegularExpression first(QStringLiteral("\\*\\.(\\w+)"));
            if (const auto match = first.match(filter); match.hasMatch())
                dialog.setDefaultSuffix(match.captured(1));
        });
    dialog.setDirectory(folder);
    dialog.setHistory({});
    if (!question.name.isEmpty())
        dialog.selectFile(question.name);
    if (auto *grid = qobject_cast<QGridLayout *>(dialog.layout()); grid != nullptr && question.beneath)
        question.beneath(dialog, *grid, grid->rowCount());
    return dialog.exec() == QDialog::Accepted ? dialog.selectedFiles() : QStringList();
}

void FileDialog::setAnswer(Answer answer)
{
    answerOfTest() = std::move(answer);
}

} // namespace riskdesk::widgets
