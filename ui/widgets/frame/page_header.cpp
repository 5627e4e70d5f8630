#include "ui/widgets/frame/page_header.h"

#include "ui/widgets/controls/segmented.h"

#include <QHBoxLayout>

namespace riskdesk::widgets {

using theme::ButtonKind;
using theme::Icon;
using theme::TextStyle;
using theme::Token;

PageHeader::PageHeader(const Theme &theme, const QString &title, const QStringList &periods, QWidget *parent)
    : QWidget(parent)
    , m_back(new QPushButton(this))
    , m_title(new Label(theme, TextStyle::PageTitle, Token::Text, title, this))
    , m_count(new Label(theme, TextStyle::Body, Token::Text2, {}, this))
    , m_range(new Label(theme, TextStyle::Body, Token::Text2, {}, this))
    , m_periods(new SegmentedControl(theme, tr("Period"), periods, this))
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    setButtonKind(m_back, ButtonKind::Flat);
    m_back->setIcon(theme.icon(Icon::ArrowLeft));
    m_back->setAccessibleName(tr("Back"));
    m_back->hide();
    m_title->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    m_count->setTabular(true);
    m_range->setTabular(true);
    m_periods->setVisible(!periods.isEmpty());
    row->addWidget(m_back);
    row->addWidget(m_title);
    row->addWidget(m_count, 0, Qt::AlignVCenter);
    m_count->setContentsMargins(0, 3, 0, 0);
    row->addStretch(1);
    row->addWidget(m_range);
    row->addWidget(m_periods);
    setFixedHeight(theme.scaled(36));
    connect(&theme, &Theme::changed, this, [this, &theme] { setFixedHeight(theme.scaled(36)); });
    connect(m_back, &QPushButton::clicked, this, &PageHeader::backPressed);
    connect(m_periods, &SegmentedControl::chosen, this, &PageHeader::periodChosen);
}

void PageHeader::setTitle(const QString &title)
{
    m_title->setText(title);
}

void PageHeader::setCount(const QString &text)
{
    m_count->setText(text);
}

QString PageHeader::count() const
{
    return m_count->text();
}

void PageHeader::setRange(const QString &text)
{
    m_range->setText(text);
}

void PageHeader::setPeriod(int index)
{
    m_periods->setCurrent(index);
}

void PageHeader::setBack(const QString &text)
{
    m_back->setText(text);
    m_back->setVisible(!text.isEmpty());
    m_title->setVisible(text.isEmpty());
    m_count->setVisible(text.isEmpty());
}

} // namespace riskdesk::widgets
