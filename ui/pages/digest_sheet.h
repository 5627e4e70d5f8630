// DigestSheet: what came up, is open and was decided in a week, in a window of its own. Each number leads to the rows
// it counts; the page can be kept as HTML. Weeks begin on Monday at midnight of the zone that times are shown in.
// GUI thread.
#pragma once

#include "core/query/digest.h"

#include "ui/pages/context.h"

#include <QDate>
#include <QDialog>

class QPushButton;
class QTextBrowser;
class QUrl;

namespace riskdesk::widgets {
class Label;
}

namespace riskdesk::pages {

class DigestSheet : public QDialog
{
    Q_OBJECT
public:
    explicit DigestSheet(Context &context, QWidget *parent = nullptr);
    [[nodiscard]] bool isBusy() const { return m_ticket.waits(); }
    void showZone(); // times are shown in another one

Q_SIGNALS:
    void listAsked(const QString &section, const QString &filter);

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void step(int weeks);
    void ask();
    void fill(const query::Digest &digest);
    void follow(const QUrl &link);
    void save();
    [[nodiscard]] std::pair<Timestamp, Timestamp> stretch() const;

    Context &m_context;
    QDate m_monday, m_newest; // of the week shown, and of the one that runs
    query::Digest m_digest;
    widgets::Label *m_title, *m_said;
    QTextBrowser *m_page;
    QPushButton *m_older, *m_newer, *m_save;
    jobs::Ticket m_ticket, m_saving;
};

} // namespace riskdesk::pages
