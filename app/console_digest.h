// ConsoleDigest: the weekly digest in the console: its sheet, and the page of each finished week in the folder that the
// directory names (digest.folder), looked for when a directory is opened and every hour. GUI thread; what is read and
// written is on a reader's thread.
#pragma once

#include "ui/pages/context.h"
#include "ui/pages/digest_sheet.h"

#include <QObject>
#include <QPointer>
#include <QTimer>

namespace riskdesk {

class ConsoleDigest : public QObject
{
    Q_OBJECT
public:
    ConsoleDigest(pages::Context &context, QWidget &window);
    void opened(); // another directory
    void show();
    void showZone(); // times are shown in another one

Q_SIGNALS:
    void listAsked(const QString &section, const QString &filter);
    void failed(const QString &sentence); // to write what is due; told once

private:
    void writeDue();

    pages::Context &m_context;
    QWidget &m_window;
    QPointer<pages::DigestSheet> m_sheet;
    QTimer m_hour;
    bool m_told = false;
    jobs::Ticket m_writing;
};

} // namespace riskdesk
