#include "ui/widgets/controls/search_box.h"

#include "ui/models/format.h"
#include "ui/widgets/controls/basics.h"

#include <QKeyEvent>
#include <QPainter>

namespace riskdesk::widgets {

using theme::Icon;
using theme::Token;

SearchBox::SearchBox(const theme::Theme &theme, const QString &hint, QWidget *parent)
    : QLineEdit(parent)
    , m_theme(theme)
    , m_clear(iconButton(theme, Icon::Close, tr("Clear search"), this, Token::Text2))
{
    setPlaceholderText(hint);
    setAccessibleName(hint);
    m_clear->setIconSize(QSize(12, 12));
    m_clear->setFixedSize(22, 22);
    m_clear->setFocusPolicy(Qt::NoFocus); // Esc does the same by keyboard
    m_clear->hide();
    setTextMargins(24, 0, 0, 0);
    setMaxLength(2000);
    connect(m_clear, &QPushButton::clicked, this, [this] {
        clear();
        Q_EMIT typed(QString());
        setFocus();
    });
    connect(this, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_clear->setVisible(!text.isEmpty());
        setTextMargins(24, 0, text.isEmpty() ? 0 : 22, 0);
    });
    connect(this, &QLineEdit::textEdited, this, &SearchBox::typed);
    connect(this, &QLineEdit::returnPressed, this, [this] { Q_EMIT committed(text()); });
}

void SearchBox::setProblem(const QString &problem)
{
    if (problem == m_problem)
        return;
    m_problem = problem;
    setToolTip(models::plainTip(problem));
    setAccessibleDescription(problem);
    update();
    Q_EMIT problemChanged(problem);
}

void SearchBox::paintEvent(QPaintEvent *event)
{
    QLineEdit::paintEvent(event);
    QPainter painter(this);
    const QRectF box(isRightToLeft() ? width() - 26 : 9, (height() - 17) / 2.0, 17, 17);
    if (m_problem.isEmpty()) {
        m_theme.paintIcon(painter, box, Icon::Search, hasFocus() ? Token::Text : Token::Text3);
        return;
    }
    m_theme.paintIcon(painter, box, Icon::ErrorMark, Token::HighText, true);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(m_theme.color(Token::HighText), hasFocus() ? 2 : 1));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
}

void SearchBox::resizeEvent(QResizeEvent *event)
{
    QLineEdit::resizeEvent(event);
    m_clear->move(isRightToLeft() ? 4 : width() - 26, (height() - 22) / 2);
}

void SearchBox::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape) {
        if (text().isEmpty()) {
            Q_EMIT escaped();
        } else {
            clear();
            Q_EMIT typed(QString());
        }
        return;
    }
    if (event->key() == Qt::Key_Down) {
        Q_EMIT leftDownwards();
        return;
    }
    QLineEdit::keyPressEvent(event);
}

} // namespace riskdesk::widgets
