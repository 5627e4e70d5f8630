#include "ui/pages/device_code_page.h"

#include "ui/models/format.h"
#include "ui/pages/sheet_parts.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QLineEdit>
#include <QUrl>

#include <algorithm>

namespace riskdesk::pages {

using models::Tone;
using theme::ButtonKind;
using theme::Icon;
using theme::TextStyle;
using theme::Token;
using widgets::Label;
using widgets::Paragraph;

namespace {

constexpr int codePixels = 28;

} // namespace

DeviceCodePage::DeviceCodePage(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent)
{
    auto *whole = columnOf(this, 12);
    auto *card = new widgets::Card(theme, this);
    auto *column = inCard(card);
    whole->addWidget(card, 1);
    m_title = new Label(theme, TextStyle::PaneTitle, Token::Text, {}, card);
    column->addWidget(m_title);
    m_about = new Paragraph(theme, TextStyle::Body, Token::Text2,
                            tr("Open the address in a browser, here or on another device, and enter the code "
                               "there. This window goes on by itself once you have signed in."),
                            card);
    column->addWidget(m_about);
    column->addSpacing(8);
    m_parts = new QWidget(card);
    auto *parts = columnOf(m_parts);
    parts->addWidget(new Label(theme, TextStyle::Label, Token::Text2, tr("Address"), m_parts));
    auto *addressRow = line();
    m_address = widgets::linkButton({}, m_parts);
    m_address->setObjectName(QStringLiteral("deviceAddress"));
    m_address->setAutoDefault(false);
    connect(m_address, &QPushButton::clicked, this, &DeviceCodePage::openAddress);
    addressRow->addWidget(m_address);
    m_copyAddress = button(tr("Copy"), ButtonKind::Outlined, m_parts);
    m_copyAddress->setObjectName(QStringLiteral("copyDeviceAddress"));
    m_copyAddress->setAccessibleName(tr("Copy the address"));
    m_copyAddress->setIcon(theme.icon(Icon::Copy));
    connect(m_copyAddress, &QPushButton::clicked, this,
            [this] { copy(m_addressText, tr("The address is in the clipboard.")); });
    addressRow->addWidget(m_copyAddress);
    addressRow->addStretch();
    parts->addLayout(addressRow);
    parts->addSpacing(8);
    parts->addWidget(new Label(theme, TextStyle::Label, Token::Text2, tr("Code"), m_parts));
    auto *codeRow = line();
    m_code = new QLineEdit(m_parts);
    m_code->setObjectName(QStringLiteral("deviceCode"));
    m_code->setAccessibleName(tr("Code"));
    m_code->setReadOnly(true);
    m_code->setAlignment(Qt::AlignCenter);
    auto font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPixelSize(theme.scaled(codePixels));
    m_code->setFont(font);
    m_code->setFixedHeight(theme.scaled(codePixels + 24));
    codeRow->addWidget(m_code);
    m_copyCode = button(tr("Copy"), ButtonKind::Primary, m_parts);
    m_copyCode->setObjectName(QStringLiteral("copyDeviceCode"));
    m_copyCode->setAccessibleName(tr("Copy the code"));
    m_copyCode->setIcon(theme.icon(Icon::Copy, Token::OnAccent));
    connect(m_copyCode, &QPushButton::clicked, this,
            [this] { copy(m_code->text(), tr("The code is in the clipboard.")); });
    codeRow->addWidget(m_copyCode);
    codeRow->addStretch();
    parts->addLayout(codeRow);
    m_left = new Label(theme, TextStyle::Secondary, Token::Text2, {}, m_parts);
    m_left->setObjectName(QStringLiteral("deviceCodeLeft"));
    m_left->setTabular(true);
    parts->addWidget(m_left);
    column->addWidget(m_parts);
    column->addSpacing(8);
    m_said = new SaidLine(theme, card);
    m_said->findChild<Label *>()->setObjectName(QStringLiteral("signInSaid")); // the lists have one too
    column->addWidget(m_said);
    column->addStretch();
    auto *foot = line();
    foot->addStretch();
    m_cancel = button(tr("Cancel"), ButtonKind::Outlined, this);
    m_cancel->setObjectName(QStringLiteral("cancelSignIn"));
    connect(m_cancel, &QPushButton::clicked, this, &DeviceCodePage::cancelled);
    foot->addWidget(m_cancel);
    m_another = button(tr("New code"), ButtonKind::Primary, this);
    m_another->setObjectName(QStringLiteral("anotherCode"));
    connect(m_another, &QPushButton::clicked, this, &DeviceCodePage::anotherAsked);
    foot->addWidget(m_another);
    whole->addLayout(foot);
    setHasCode(false);
    m_another->hide();
}

void DeviceCodePage::begin(const QString &connection)
{
    forget();
    m_title->setText(tr("Sign in to \"%1\"").arg(models::shown(connection)));
    m_another->hide();
    note(Tone::Neutral, tr("A code is being asked for…"));
    m_cancel->setFocus(Qt::OtherFocusReason);
}

void DeviceCodePage::showCode(const QString &address, const QString &code)
{
    m_addressText = address;
    // An ampersand would underline the letter behind it.
    m_address->setText(models::shown(address).replace(QLatin1Char('&'), QLatin1String("&&")));
    m_address->setAccessibleName(tr("Open %1 in a browser").arg(models::shown(address)));
    m_code->setText(code);
    m_code->setFixedWidth(m_code->fontMetrics().horizontalAdvance(code) + 2 * m_code->height());
    setHasCode(true);
    wait();
    m_address->setFocus(Qt::OtherFocusReason);
}

void DeviceCodePage::wait()
{
    note(Tone::Neutral, tr("Waiting for you to sign in. The code is %1.").arg(models::shown(m_code->text())));
}

void DeviceCodePage::setLeft(Microseconds left)
{
    const auto seconds = std::max<std::int64_t>(0, left.count() / 1'000'000);
    m_left->setText(tr("The code is valid for another %1:%2.")
                        .arg(seconds / 60)
                        .arg(seconds % 60, 2, 10, QLatin1Char('0')));
}

void DeviceCodePage::note(Tone tone, const QString &sentence)
{
    m_said->tell(tone, sentence);
}

void DeviceCodePage::fail(const QString &sentence)
{
    setHasCode(false);
    m_another->show();
    m_another->setFocus(Qt::OtherFocusReason);
    note(Tone::Bad, sentence);
}

void DeviceCodePage::forget()
{
    m_addressText.clear();
    m_address->setText({});
    m_code->clear();
    m_left->setText({});
    setHasCode(false);
    note(Tone::Neutral, {});
}

void DeviceCodePage::setHasCode(bool has)
{
    m_parts->setVisible(has);
    m_about->setVisible(has);
}

void DeviceCodePage::openAddress()
{
    if (!QDesktopServices::openUrl(QUrl(m_addressText, QUrl::StrictMode)))
        note(Tone::Notice, tr("No browser could be opened here. Copy the address and open it elsewhere."));
}

void DeviceCodePage::copy(const QString &text, const QString &said)
{
    QGuiApplication::clipboard()->setText(text);
    note(Tone::Good, said);
}

} // namespace riskdesk::pages
