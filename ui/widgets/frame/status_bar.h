// Facts at the foot of the window; each may be pressed and has a name. Running work shows its progress here.
#pragma once

#include "ui/models/roles.h"
#include "ui/widgets/controls/basics.h"

#include <QHash>

#include <optional>

class QHBoxLayout;
class QVBoxLayout;
class QProgressBar;

namespace riskdesk::widgets {

// Words, a bar and Cancel: "Dismissing 497 users [####--] 66 % Cancel".
class ProgressStrip : public QWidget
{
    Q_OBJECT
public:
    explicit ProgressStrip(const Theme &theme, QWidget *parent = nullptr);
    // share below 0: length unknown.
    void setProgress(const QString &text, double share, const QString &detail = {});
    void setCancellable(bool cancellable);

Q_SIGNALS:
    void cancelled();

private:
    Label *m_text;
    QProgressBar *m_bar;
    Label *m_detail;
    QPushButton *m_cancel;
};

class StatusBar : public QWidget
{
    Q_OBJECT
public:
    enum class Side { Leading, Trailing };
    explicit StatusBar(const Theme &theme, QWidget *parent = nullptr);

    // Makes or changes a fact; an empty text removes it. `explanation` becomes the tool tip.
    void setFact(const QString &id, Side side, const QString &text, const QString &explanation = {},
                 std::optional<models::Tone> tone = {});
    [[nodiscard]] QWidget *fact(const QString &id) const;
    [[nodiscard]] ProgressStrip &progress() const { return *m_progress; }
    void setProgressShown(bool shown);

Q_SIGNALS:
    void factPressed(const QString &id);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
    QHBoxLayout *m_leading;
    QHBoxLayout *m_trailing;
    ProgressStrip *m_progress;
    QHash<QString, class FactButton *> m_facts;
};

class FactButton : public QAbstractButton
{
    Q_OBJECT
public:
    FactButton(const Theme &theme, QWidget *parent);
    void set(const QString &text, const QString &explanation, std::optional<models::Tone> tone, bool strong);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
    std::optional<models::Tone> m_tone;
    bool m_strong = false;
};

} // namespace riskdesk::widgets
