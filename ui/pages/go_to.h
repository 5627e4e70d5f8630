// GoTo: what Ctrl+K leads to. It opens the sheet, asks the store off the GUI thread at every key, and says
// where to go; the newest question counts. "u ", "ip ", "d ", "v " and ">" before the words narrow it to
// users, addresses, detections, views, commands. GUI thread.
#pragma once

#include "ui/pages/context.h"

#include <QList>
#include <QObject>

#include <functional>

class QWidget;

namespace riskdesk::pages {

class GoTo : public QObject
{
    Q_OBJECT
public:
    // A page, a saved view or a command: what the console knows without asking.
    struct Destination
    {
        theme::Icon icon;
        QString title;
        QString detail;
        QString keys; // "Ctrl+I"
        bool isCommand = false;
        std::function<void()> open;
    };
    GoTo(Context &context, QObject *parent);

    void open(QWidget *opener, const QList<Destination> &known);

Q_SIGNALS:
    void userAsked(std::int64_t user);
    // An account that no list of risk holds: its sign-ins are its story.
    void signInsAsked(const QString &filter); // core/query/filter/filter_text.h
    void detectionAsked(std::int64_t rowid);

private:
    Context &m_context;
    jobs::Ticket m_ticket;
};

} // namespace riskdesk::pages
