// DeviceCodePage: the address and the code with which a person signs in elsewhere, how long the code holds, and what
// came of it. It shows the values it is given and asks nobody; it never sees a token. GUI thread.
#pragma once

#include "core/base/timestamp.h"

#include "ui/models/roles.h"
#include "ui/theme/theme.h"

#include <QString>
#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;

namespace riskdesk::widgets {
class Label;
class Paragraph;
} // namespace riskdesk::widgets

namespace riskdesk::pages {

class SaidLine;

class DeviceCodePage : public QWidget
{
    Q_OBJECT
public:
    explicit DeviceCodePage(const theme::Theme &theme, QWidget *parent = nullptr);

    void begin(const QString &connection);                      // a code is being asked for
    void showCode(const QString &address, const QString &code); // `address`: https
    void setLeft(Microseconds left);                       // that the code holds; counted down by the caller
    void wait();                                           // says that it is waited for the person
    void note(models::Tone tone, const QString &sentence); // while it is waited for
    void fail(const QString &sentence);                    // it is over, and another code can be had
    void forget();                                         // the code, when the page is left

Q_SIGNALS:
    void anotherAsked(); // a new code
    void cancelled();

private:
    void openAddress();
    void copy(const QString &text, const QString &said);
    void setHasCode(bool has);

    QString m_addressText;
    widgets::Label *m_title;
    widgets::Paragraph *m_about;
    QWidget *m_parts;
    QPushButton *m_address, *m_copyAddress, *m_copyCode, *m_another, *m_cancel;
    QLineEdit *m_code;
    widgets::Label *m_left;
    SaidLine *m_said;
};

} // namespace riskdesk::pages
