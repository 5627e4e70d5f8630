// Small parts that everything else is made of: one-line labels in a step of the type scale, paragraphs,
// cards, buttons with an icon and an accessible name, and commands that can be refused with a reason while
// staying reachable by keyboard (a disabled QWidget cannot take focus, so its tool tip could never be read
// that way).
#pragma once

#include "ui/theme/style.h"
#include "ui/theme/theme.h"

#include <QFrame>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>

namespace riskdesk::widgets {

using theme::Theme;

// One line, elided; the whole text in the tool tip when it was cut.
class Label : public QWidget
{
    Q_OBJECT
public:
    Label(const Theme &theme, theme::TextStyle style, theme::Token token, const QString &text = {},
          QWidget *parent = nullptr);

    void setText(const QString &text);
    [[nodiscard]] QString text() const { return m_text; }
    void setToken(theme::Token token);
    void setStyle(theme::TextStyle style);
    void setAlignment(Qt::Alignment alignment);
    void setTabular(bool on) { m_tabular = on; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    const Theme &m_theme;
    theme::TextStyle m_style;
    theme::Token m_token;
    QString m_text;
    Qt::Alignment m_alignment = Qt::AlignLeft;
    bool m_tabular = false;
};

// Several lines, selectable, plain text only: what it shows may come from a log.
class Paragraph : public QLabel
{
    Q_OBJECT
public:
    Paragraph(const Theme &theme, theme::TextStyle style, theme::Token token, const QString &text = {},
              QWidget *parent = nullptr);
    void setToken(theme::Token token);

private:
    void refresh();
    const Theme &m_theme;
    theme::TextStyle m_style;
    theme::Token m_token;
};

// Surface with a hairline and round corners.
class Card : public QFrame
{
    Q_OBJECT
public:
    explicit Card(const Theme &theme, QWidget *parent = nullptr);

    // For a child that fills the card, such as a list: its corners are covered and the edge drawn over it.
    void coverCorners();

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    const Theme &m_theme;
    QWidget *m_cover = nullptr;
};

// Thin line between groups.
class Divider : public QWidget
{
    Q_OBJECT
public:
    Divider(const Theme &theme, Qt::Orientation orientation, QWidget *parent = nullptr);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
    Qt::Orientation m_orientation;
};

// Scrolls its content where that is too tall; then, and only then, it is a tab stop with a ring, so that what
// holds no control can be read to its end by keyboard.
class ScrollPane : public QScrollArea
{
    Q_OBJECT
public:
    ScrollPane(const Theme &theme, QWidget *content, QWidget *parent = nullptr);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    class Ring;
    void refresh();
    Ring *m_ring;
};

// Small mark of an icon at a fixed size.
class IconMark : public QWidget
{
    Q_OBJECT
public:
    IconMark(const Theme &theme, theme::Icon icon, theme::Token token, int size, bool filled = false,
             QWidget *parent = nullptr);
    void setLook(theme::Icon icon, theme::Token token, bool filled);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
    theme::Icon m_icon;
    theme::Token m_token;
    bool m_filled;
};

// A command: icon and word. refuse() makes it look and read as disabled and says why; it stays focusable, and
// pressing it announces the reason by refused() instead of clicked().
class CommandButton : public QPushButton
{
    Q_OBJECT
public:
    CommandButton(const Theme &theme, theme::Icon icon, const QString &text, theme::ButtonKind kind,
                  QWidget *parent = nullptr);

    // Empty reason: allowed.
    void refuse(const QString &reason);
    [[nodiscard]] QString reason() const { return m_reason; }
    [[nodiscard]] bool isAllowed() const { return m_reason.isEmpty(); }
    void setHint(const QString &hint); // tool tip while allowed
    // Icon only; the word becomes name and tool tip.
    void setCompact(bool compact);
    [[nodiscard]] bool isCompact() const { return m_compact; }
    [[nodiscard]] QString word() const { return m_word; }
    void setWord(const QString &word);
    [[nodiscard]] theme::Icon glyph() const { return m_glyph; }

Q_SIGNALS:
    void triggered();
    void refused(const QString &reason);

protected:
    void initStyleOption(QStyleOptionButton *option) const override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void refresh();
    const Theme &m_theme;
    theme::Icon m_glyph;
    QString m_word;
    QString m_reason;
    QString m_hint;
    bool m_compact = false;
};

// Icon only, flat, 28 px; the name is tool tip and accessible name.
[[nodiscard]] QPushButton *iconButton(const Theme &theme, theme::Icon icon, const QString &name,
                                      QWidget *parent = nullptr, theme::Token token = theme::Token::Text);
// Words in the accent, without a box.
[[nodiscard]] QPushButton *linkButton(const QString &text, QWidget *parent = nullptr);
// Says a message once to assistive technology; nothing while its source is not visible.
void announce(QWidget *source, const QString &message);
// Makes commands read as disabled; called by the constructor of CommandButton.
void installAccessibility();

} // namespace riskdesk::widgets
