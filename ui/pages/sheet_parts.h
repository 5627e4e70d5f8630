// What the sheets beside the console's window are laid out with. GUI thread.
#pragma once

#include "ui/theme/theme.h"
#include "ui/widgets/controls/basics.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace riskdesk::pages {

inline QHBoxLayout *line(int spacing = 8)
{
    auto *row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing);
    return row;
}

inline QVBoxLayout *columnOf(QWidget *widget, int spacing = 8)
{
    auto *column = new QVBoxLayout(widget);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(spacing);
    return column;
}

inline QVBoxLayout *inCard(widgets::Card *card, int spacing = 8)
{
    auto *column = new QVBoxLayout(card);
    column->setContentsMargins(15, 12, 15, 12);
    column->setSpacing(spacing);
    return column;
}

inline QPushButton *button(const QString &text, theme::ButtonKind kind, QWidget *parent)
{
    auto *made = new QPushButton(text, parent);
    made->setAutoDefault(false); // Enter is the sheet's
    setButtonKind(made, kind);
    return made;
}

// Beside a field, hidden until there is something to say.
inline widgets::Label *problemLine(const theme::Theme &theme, QWidget *parent)
{
    auto *label = new widgets::Label(theme, theme::TextStyle::Secondary, theme::Token::HighText, {}, parent);
    label->hide();
    return label;
}

inline void sayAt(widgets::Label *label, const QString &sentence)
{
    label->setText(sentence);
    label->setVisible(!sentence.isEmpty());
    if (!sentence.isEmpty())
        widgets::announce(label, sentence);
}

} // namespace riskdesk::pages
