// Why something was raised: one row per signal with what is usual, what this sign-in had, and the result as
// icon and word (picture 10). ReasonList: detections as short entries, strongest first. Text comes from logs;
// it is shown as plain text only.
#pragma once

#include "ui/widgets/controls/badges.h"
#include "ui/widgets/controls/basics.h"

class QGridLayout;
class QVBoxLayout;

namespace riskdesk::widgets {

struct WhyRow
{
    theme::Icon icon = theme::Icon::Info;
    QString signal;
    QString usual;
    QString now;
    models::Tone tone = models::Tone::Neutral;
    QString result; // "As usual", "New", "Rare (3 %)", "Not plausible", "On list"
    QString usualTip = {}, nowTip = {}; // what the log holds, where it is told in other words
};

class WhyTable : public QWidget
{
    Q_OBJECT
public:
    explicit WhyTable(const Theme &theme, QWidget *parent = nullptr);
    // "Usual, last 30 days (41 sign-ins)"
    void setRows(const QString &usualTitle, const QList<WhyRow> &rows);
    [[nodiscard]] int rows() const { return m_count; }

private:
    const Theme &m_theme;
    QGridLayout *m_grid;
    QList<QWidget *> m_parts;
    int m_count = 0;
};

struct Reason
{
    QString id;
    theme::Icon icon = theme::Icon::Detections;
    QString title;
    RiskLevel level = RiskLevel::None;
    QString time;
    QString sentence; // 62 letters or fewer
};

class ReasonEntry : public QAbstractButton
{
    Q_OBJECT
public:
    ReasonEntry(const Theme &theme, QWidget *parent);
    void set(const Reason &reason);
    [[nodiscard]] const Reason &reason() const { return m_reason; }
    [[nodiscard]] QSize sizeHint() const override { return {300, m_theme.scaled(41)}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
    Reason m_reason;
};

class ReasonList : public QWidget
{
    Q_OBJECT
public:
    explicit ReasonList(const Theme &theme, QWidget *parent = nullptr);
    // `more`: words of the link below, "Show all 4 detections"; empty for none. Entries are used again: a
    // list read anew takes neither the focus nor a click that has begun.
    void setReasons(const QList<Reason> &reasons, const QString &more);

Q_SIGNALS:
    void pressed(const QString &id);
    void morePressed();

private:
    const Theme &m_theme;
    QVBoxLayout *m_column;
    QList<ReasonEntry *> m_entries;
    QPushButton *m_more;
};

// Names and values in two columns: "From  Lisbon, PT, 12:34". A double click copies a value.
class FactTable : public QWidget
{
    Q_OBJECT
public:
    explicit FactTable(const Theme &theme, QWidget *parent = nullptr);
    void setFacts(const QList<std::pair<QString, QString>> &facts);

private:
    const Theme &m_theme;
    QGridLayout *m_grid;
    QList<QWidget *> m_parts;
};

} // namespace riskdesk::widgets
