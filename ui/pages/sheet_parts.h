// What the sheets beside the console's window are laid out with. GUI thread.
#pragma once

#include "ui/models/roles.h"
#include "ui/theme/theme.h"
#include "ui/widgets/controls/badges.h"
#include "ui/widgets/controls/basics.h"

#include <QHBoxLayout>
#include <QKeyEvent>
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

// Escape goes back; Enter presses the button that has the focus, else does what the page is for. False: the key means
// nothing to the sheet.
template <typename Back, typename Submit>
bool takeKey(const QWidget &sheet, const QKeyEvent &event, Back back, Submit submit)
{
    if (event.key() == Qt::Key_Escape) {
        back();
        return true;
    }
    if (event.key() != Qt::Key_Return && event.key() != Qt::Key_Enter)
        return false;
    if (auto *pressed = qobject_cast<QPushButton *>(sheet.focusWidget()))
        pressed->click();
    else
        submit();
    return true;
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

// What came of something, with a mark, announced once.
class SaidLine final : public QWidget
{
public:
    SaidLine(const theme::Theme &theme, QWidget *parent)
        : QWidget(parent)
        , m_mark(new widgets::IconMark(theme, theme::Icon::Info, theme::Token::Text2, 16, true, this))
        , m_words(new widgets::Label(theme, theme::TextStyle::Body, theme::Token::Text, {}, this))
    {
        m_words->setObjectName(QStringLiteral("said"));
        m_mark->hide();
        auto *row = line();
        row->addWidget(m_mark);
        row->addWidget(m_words, 1);
        setLayout(row);
    }
    void tell(models::Tone tone, const QString &text)
    {
        const bool plain = tone == models::Tone::Neutral;
        const auto look = widgets::toneLook(tone);
        m_mark->setLook(plain ? theme::Icon::Info : look.icon, plain ? theme::Token::Text2 : look.token,
                        true);
        m_mark->setVisible(!text.isEmpty());
        m_words->setText(text);
        if (!text.isEmpty())
            widgets::announce(m_words, text);
    }

    void setWords(const QString &text) { m_words->setText(text); } // the same told further: not announced again

private:
    widgets::IconMark *m_mark;
    widgets::Label *m_words;
};

} // namespace riskdesk::pages
