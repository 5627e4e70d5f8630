#include "ui/models/error_text.h"

#include "ui/models/format.h"

#include <QCoreApplication>
#include <QStringList>

namespace riskdesk::models {
namespace {

struct Errors
{
    Q_DECLARE_TR_FUNCTIONS(Errors)
};

} // namespace

QString errorText(const Error &error)
{
    const auto about = shown(error.subject);
    const auto detail = shown(error.detail);
    switch (error.code) {
    case Code::Cancelled: return Errors::tr("Stopped. What was done before stays.");
    case Code::WrongUsage: // the detail is our own sentence
        return detail.isEmpty() ? Errors::tr("\"%1\" cannot be understood.").arg(about) : detail;
    case Code::NotFound:
        return Errors::tr("\"%1\" was not found. It may have been moved or deleted.").arg(about);
    case Code::NotAllowed:
        return detail.isEmpty() ? Errors::tr("Your role does not allow this. Ask an administrator.") : detail;
    case Code::Malformed:
        if (!detail.isEmpty())
            return Errors::tr("\"%1\" cannot be read: %2.").arg(about, detail);
        return Errors::tr("\"%1\" is damaged or in another format. Check the file where it came from.")
            .arg(about);
    case Code::Unrecognised:
        if (!detail.isEmpty())
            return Errors::tr("\"%1\" was not imported: %2.").arg(about, detail);
        return Errors::tr("\"%1\" is in no format that is known here.").arg(about);
    case Code::TooLarge: return Errors::tr("\"%1\" is too large. Divide it and try again.").arg(about);
    case Code::Unsupported: return Errors::tr("\"%1\" is not supported: %2.").arg(about, detail);
    case Code::Conflict:
        if (!detail.isEmpty()) // what stands in the way
            return error.detail.ends_with('.')
                       ? detail
                       : Errors::tr("\"%1\": %2. Nothing was done.").arg(about, detail);
        return Errors::tr("Somebody changed this meanwhile. Refresh, look again and decide anew.");
    case Code::StoreBusy:
        return Errors::tr(
            "Another window holds the directory. Reading works, changes wait; try again in a moment.");
    case Code::StoreCorrupt:
        if (error.detail.ends_with('.')) // our own sentence: what became of the open file
            return Errors::tr("%1 Nothing more is written to it. Open it again.").arg(detail);
        return Errors::tr("The directory file \"%1\" is damaged. Check the file, or open the last backup.")
            .arg(about);
    case Code::StoreTooNew:
        return Errors::tr("\"%1\" was written by a newer version. Update the program to open it.").arg(about);
    case Code::NotAStore:
        if (!about.endsWith(QLatin1String(".riskdesk"), Qt::CaseInsensitive))
            return Errors::tr("\"%1\" is not a directory file. Choose a file that ends in .riskdesk.")
                .arg(about);
        if (!detail.isEmpty())
            return Errors::tr("\"%1\" is not a directory file of this program: %2.").arg(about, detail);
        return Errors::tr("\"%1\" is not a directory file of this program.").arg(about);
    case Code::ReadOnly:
        if (!detail.isEmpty())
            return Errors::tr("\"%1\" can be read but not changed: %2.").arg(about, detail);
        return Errors::tr("\"%1\" can be read but not changed. Check who owns the file.").arg(about);
    case Code::DiskFull:
        return Errors::tr(
                   "There is no space left for \"%1\". Nothing was half done; make room and try again.")
            .arg(about);
    case Code::Io:
        return Errors::tr("\"%1\" cannot be read or written. Check the disk and the rights to the file.")
            .arg(about);
    case Code::Provider: return detail; // in the words of whoever was asked
    case Code::Bug: break;
    }
    return Errors::tr(
               "Something went wrong in the program itself. Nothing was half done; please report this (%1).")
        .arg(detail.isEmpty() ? about : detail);
}

QString errorDetails(const Error &error)
{
    QStringList lines{text(toText(error.code))};
    for (const auto &part : {error.subject, error.detail})
        if (!part.empty())
            lines << shown(part, 0);
    return lines.join(QLatin1Char('\n'));
}

} // namespace riskdesk::models
