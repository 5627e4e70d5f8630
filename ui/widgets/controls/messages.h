// What stands in the layout when there is nothing to list or something to say: empty states with the ways out
// (picture 07), a message line above a list, and the first-run screen. Text pattern: what happened, why, what
// to do.
#pragma once

#include "ui/models/roles.h"
#include "ui/widgets/controls/basics.h"

#include <optional>

namespace riskdesk::widgets {

struct WayOut
{
    QString id;
    QString text;
    std::optional<theme::Icon> icon = {};
};

class EmptyState : public QWidget
{
    Q_OBJECT
public:
    explicit EmptyState(const Theme &theme, QWidget *parent = nullptr);
    // The first way out is the primary button.
    void set(theme::Icon icon, const QString &title, const QString &text, const QList<WayOut> &ways);

Q_SIGNALS:
    void chosen(const QString &id);

private:
    const Theme &m_theme;
    IconMark *m_mark;
    Label *m_title;
    Paragraph *m_text;
    QWidget *m_row;
};

class MessageBar : public QWidget
{
    Q_OBJECT
public:
    enum class Kind { Info, Warning, Error };
    explicit MessageBar(const Theme &theme, QWidget *parent = nullptr);
    // Shows itself and is announced once. Empty text hides it.
    void setMessage(Kind kind, const QString &text, const QString &action = {}, bool closable = true);
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void actionPressed();
    void closed();

protected:
    void paintEvent(QPaintEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    const Theme &m_theme;
    Kind m_kind = Kind::Info;
    IconMark *m_mark;
    Paragraph *m_text;
    QPushButton *m_action;
    QPushButton *m_close;
};

// Three ways to begin; the first is the default button.
class FirstRun : public QWidget
{
    Q_OBJECT
public:
    FirstRun(const Theme &theme, const QString &product, QWidget *parent = nullptr);

Q_SIGNALS:
    void sampleAsked();
    void importAsked();
    void openAsked();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
};

} // namespace riskdesk::widgets
