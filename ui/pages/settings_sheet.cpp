#include "ui/pages/settings_sheet.h"

#include "ui/models/cell_model.h"
#include "ui/models/format.h"
#include "ui/pages/sheet_parts.h"
#include "ui/widgets/controls/popover.h"
#include "ui/widgets/controls/search_box.h"
#include "ui/widgets/controls/segmented.h"
#include "ui/widgets/table/table_view.h"

#include <QLineEdit>
#include <QLocale>
#include <QSignalBlocker>

#include <cmath>
#include <memory>

namespace riskdesk::pages {

using models::CellKind;
using models::Tone;
using theme::ButtonKind;
using theme::Icon;
using theme::TextStyle;
using theme::Token;
using widgets::CommandButton;
using widgets::Label;
using widgets::Paragraph;

namespace {

// As it is typed on the command line and into the field.
QString plain(double value)
{
    return QLocale::c().toString(value, 'g', 10).remove(QLatin1Char(','));
}

QString words(const ShownSetting &setting, double value)
{
    if (setting.isSwitch())
        return value != 0 ? SettingsSheet::tr("On") : SettingsSheet::tr("Off");
    return setting.unit.isEmpty() ? plain(value) : plain(value) + u' ' + setting.unit;
}

} // namespace

SettingsSheet::SettingsSheet(const theme::Theme &theme, const QString &directory, QWidget *parent)
    : QDialog(parent)
    , m_theme(theme)
{
    setObjectName(QStringLiteral("settingsSheet"));
    setWindowTitle(tr("Settings of %1").arg(directory));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(12);
    column->addWidget(makeList(), 1);
    column->addWidget(makeForm());
    auto *foot = line();
    m_said = new SaidLine(theme, this);
    foot->addWidget(m_said, 1);
    m_stop = button(tr("Stop"), ButtonKind::Outlined, this);
    m_stop->setObjectName(QStringLiteral("stopSettings"));
    connect(m_stop, &QPushButton::clicked, this, &SettingsSheet::stopAsked);
    m_stop->hide();
    foot->addWidget(m_stop);
    m_past =
        new CommandButton(theme, Icon::Clock, tr("Apply to what is stored…"), ButtonKind::Outlined, this);
    m_past->setObjectName(QStringLiteral("applySettings"));
    m_past->setHint(
        tr("A changed threshold holds for what is examined from now on. This tells first what would "
           "appear and go."));
    connect(m_past, &CommandButton::triggered, this, &SettingsSheet::pastAsked);
    foot->addWidget(m_past);
    auto *close = button(tr("Close"), ButtonKind::Outlined, this);
    connect(close, &QPushButton::clicked, this, &QWidget::close);
    foot->addWidget(close);
    column->addLayout(foot);
    for (auto *one : {m_save, m_standard, m_look, m_past})
        connect(one, &CommandButton::refused, this,
                [this](const QString &reason) { tell(Tone::Notice, reason); });
    setMinimumSize(theme.scaled(760), theme.scaled(560));
    resize(theme.scaled(980), theme.scaled(680));
    showCurrent();
    m_search->setFocus();
}

QWidget *SettingsSheet::makeList()
{
    auto *card = new widgets::Card(m_theme, this);
    auto *inside = inCard(card);
    auto *head = line();
    m_search = new widgets::SearchBox(m_theme, tr("Find a setting"), card);
    m_search->setObjectName(QStringLiteral("findSetting"));
    head->addWidget(m_search, 1);
    m_which = new widgets::SegmentedControl(m_theme, tr("Which settings"), {tr("All"), tr("Changed")}, card);
    m_which->setObjectName(QStringLiteral("whichSettings"));
    head->addWidget(m_which);
    inside->addLayout(head);
    m_model = new models::CellModel({models::shortColumn(tr("Setting"), 320, CellKind::Text),
                                     models::shortColumn(tr("Value"), 120, CellKind::Text),
                                     models::shortColumn(tr("Default"), 120, CellKind::Text),
                                     models::shortColumn(tr("Meaning"), 340, CellKind::Text)},
                                    this);
    m_table = widgets::shortList(m_theme, m_model, tr("Settings"));
    m_table->setObjectName(QStringLiteral("settingTable"));
    inside->addWidget(m_table, 1);
    connect(m_search, &widgets::SearchBox::typed, this, &SettingsSheet::fill);
    connect(m_search, &widgets::SearchBox::leftDownwards, this,
            [this] { m_table->setFocus(Qt::OtherFocusReason); });
    connect(m_search, &widgets::SearchBox::escaped, this, &QWidget::close);
    connect(m_which, &widgets::SegmentedControl::chosen, this, &SettingsSheet::fill);
    connect(m_table, &widgets::TableView::currentRowChanged, this, &SettingsSheet::showCurrent);
    connect(m_table, &widgets::TableView::escaped, this, &QWidget::close);
    return card;
}

QWidget *SettingsSheet::makeForm()
{
    auto *card = new widgets::Card(m_theme, this);
    auto *inside = inCard(card);
    m_name = new Label(m_theme, TextStyle::CardTitle, Token::Text, {}, card);
    m_name->setObjectName(QStringLiteral("settingName"));
    inside->addWidget(m_name);
    m_meaning = new Paragraph(m_theme, TextStyle::Body, Token::Text2, {}, card);
    inside->addWidget(m_meaning);
    auto *row = line();
    m_value = new QLineEdit(card);
    m_value->setObjectName(QStringLiteral("settingValue"));
    m_value->setFixedWidth(m_theme.scaled(130));
    row->addWidget(m_value);
    m_onOff = new widgets::SegmentedControl(m_theme, tr("Value"), {tr("Off"), tr("On")}, card);
    m_onOff->setObjectName(QStringLiteral("settingOnOff"));
    row->addWidget(m_onOff);
    m_unit = new Label(m_theme, TextStyle::Body, Token::Text, {}, card);
    row->addWidget(m_unit);
    m_bounds = new Label(m_theme, TextStyle::Secondary, Token::Text2, {}, card);
    m_bounds->setObjectName(QStringLiteral("settingBounds"));
    row->addWidget(m_bounds, 1);
    const auto command = [&](Icon icon, const QString &text, ButtonKind kind, const char *id) {
        auto *made = new CommandButton(m_theme, icon, text, kind, card);
        made->setObjectName(QLatin1String(id));
        row->addWidget(made);
        return made;
    };
    m_standard = command(Icon::Undo, tr("Default"), ButtonKind::Outlined, "defaultSetting");
    m_look = command(Icon::Search, tr("Show the difference"), ButtonKind::Outlined, "settingDifference");
    m_save = command(Icon::Check, tr("Save"), ButtonKind::Primary, "saveSetting");
    inside->addLayout(row);
    m_problem = problemLine(m_theme, card);
    m_problem->setObjectName(QStringLiteral("settingProblem"));
    inside->addWidget(m_problem);
    m_difference = new Paragraph(m_theme, TextStyle::Body, Token::Text, {}, card);
    m_difference->setObjectName(QStringLiteral("settingDifferenceText"));
    m_difference->hide();
    inside->addWidget(m_difference);
    const auto edited = [this] {
        sayAt(m_problem, {});
        showDifference({}); // it was of another value
        showAllowed();
    };
    connect(m_value, &QLineEdit::textEdited, this, edited);
    connect(m_onOff, &widgets::SegmentedControl::chosen, this, edited);
    connect(m_save, &CommandButton::triggered, this, &SettingsSheet::save);
    connect(m_standard, &CommandButton::triggered, this, [this] {
        if (const auto *one = current())
            Q_EMIT saveAsked(one->key, one->standard);
    });
    connect(m_look, &CommandButton::triggered, this, [this] {
        const auto *one = current();
        if (const auto value = typed(); one != nullptr && value)
            Q_EMIT differenceAsked(one->key, *value);
    });
    return card;
}

void SettingsSheet::setSettings(const QList<ShownSetting> &settings)
{
    const auto *before = current();
    const std::optional<double> value = before != nullptr ? std::optional(before->value) : std::nullopt;
    m_settings = settings;
    fill();
    // Another one's change takes nothing away that was typed.
    if (const auto *now = current(); now != nullptr && value && now->value != *value) {
        m_key.clear(); // shown anew
        showCurrent();
    }
}

void SettingsSheet::fill()
{
    const auto wanted = m_search->text().trimmed();
    m_rows.clear();
    auto page = std::make_shared<models::CellPage>(m_model->columnCount());
    for (qsizetype i = 0; i < m_settings.size(); ++i) {
        const auto &one = m_settings[i];
        if (m_which->current() == 1 && one.value == one.standard)
            continue;
        if (!one.key.contains(wanted, Qt::CaseInsensitive) &&
            !one.meaning.contains(wanted, Qt::CaseInsensitive))
            continue;
        m_rows << i;
        page->add(one.key, {models::textCell(one.key), models::textCell(words(one, one.value)),
                            models::textCell(words(one, one.standard)), models::textCell(one.meaning)});
    }
    m_search->setProblem(m_rows.isEmpty() && !m_settings.isEmpty()
                             ? (m_which->current() == 1 ? tr("No changed setting is like that")
                                                        : tr("No setting is like that"))
                             : QString());
    const auto key = m_key;
    {
        const QSignalBlocker quiet(m_table);
        m_model->setPage(std::move(page));
        for (qsizetype row = 0; row < m_rows.size(); ++row)
            if (m_settings[m_rows[row]].key == key)
                m_table->setCurrentRow(static_cast<int>(row));
    }
    if (m_table->currentRow() < 0 && !m_rows.isEmpty()) {
        const QSignalBlocker quiet(m_table);
        m_table->setCurrentRow(0);
    }
    showCurrent();
}

const ShownSetting *SettingsSheet::current() const
{
    const int row = m_table->currentRow();
    return row >= 0 && row < m_rows.size() ? &m_settings[m_rows[row]] : nullptr;
}

void SettingsSheet::showCurrent()
{
    const auto *one = current();
    const auto key = one != nullptr ? one->key : QString();
    if (!m_key.isEmpty() && key == m_key)
        return showAllowed();
    m_key = key;
    sayAt(m_problem, {});
    showDifference({});
    const bool isSwitch = one != nullptr && one->isSwitch();
    m_name->setText(one != nullptr ? one->key : tr("Choose a setting"));
    m_meaning->setText(one != nullptr ? one->meaning : QString());
    m_value->setVisible(one != nullptr && !isSwitch);
    m_onOff->setVisible(isSwitch);
    m_unit->setVisible(one != nullptr && !one->unit.isEmpty());
    m_look->setVisible(one != nullptr && one->detector);
    m_bounds->setText({});
    if (one != nullptr) {
        m_value->setText(plain(one->value));
        m_value->setAccessibleName(one->key);
        m_onOff->setCurrent(one->value != 0 ? 1 : 0);
        m_unit->setText(one->unit);
        m_bounds->setText(isSwitch ? tr("Default: %1").arg(words(*one, one->standard))
                                   : tr("%1 to %2, default %3")
                                         .arg(plain(one->least), plain(one->greatest), plain(one->standard)));
    }
    showAllowed();
}

void SettingsSheet::setRefusal(const QString &reason)
{
    m_refusal = reason;
    showAllowed();
}

void SettingsSheet::setBusy(const QString &what)
{
    m_busy = what;
    m_stop->setVisible(!what.isEmpty());
    if (!what.isEmpty())
        tell(Tone::Neutral, what);
    showAllowed();
}

void SettingsSheet::setProgress(double share)
{
    if (!m_busy.isEmpty() && share >= 0)
        m_said->setWords(tr("%1 %2 %").arg(m_busy).arg(static_cast<int>(std::lround(share * 100))));
}

void SettingsSheet::showAllowed()
{
    const auto *one = current();
    const auto waits = m_busy.isEmpty() ? QString() : tr("Wait until that is done, or stop it.");
    const auto no = [&](const QString &otherwise) {
        return !m_refusal.isEmpty() ? m_refusal : !waits.isEmpty() ? waits : otherwise;
    };
    const auto choose = one == nullptr ? tr("Choose a setting first.") : QString();
    m_save->refuse(no(choose));
    m_standard->refuse(no(!choose.isEmpty()             ? choose
                          : one->value == one->standard ? tr("It has its default value.")
                                                        : QString()));
    m_look->refuse(!waits.isEmpty() ? waits : choose); // looking is everybody's
    m_past->refuse(no({}));
}

std::optional<double> SettingsSheet::typed()
{
    const auto *one = current();
    if (one == nullptr)
        return {};
    if (one->isSwitch())
        return m_onOff->current();
    bool ok = false;
    const auto value = QLocale::c().toDouble(m_value->text().trimmed(), &ok);
    if (!ok || !std::isfinite(value))
        refuse(tr("Type a number, with a point before its decimals."));
    else if (value < one->least || value > one->greatest)
        refuse(tr("It lies between %1 and %2.").arg(words(*one, one->least), words(*one, one->greatest)));
    else
        return value;
    return {};
}

void SettingsSheet::save()
{
    const auto *one = current();
    const auto value = typed();
    if (one == nullptr || !value)
        return;
    if (*value == one->value)
        tell(Tone::Neutral, tr("It is %1 already.").arg(words(*one, *value)));
    else
        Q_EMIT saveAsked(one->key, *value);
}

void SettingsSheet::refuse(const QString &sentence)
{
    sayAt(m_problem, sentence);
    m_value->setFocus(Qt::OtherFocusReason);
    m_value->selectAll();
}

void SettingsSheet::tell(Tone tone, const QString &sentence)
{
    m_said->tell(tone, sentence);
}

void SettingsSheet::showDifference(const QString &sentences)
{
    m_difference->setText(sentences);
    m_difference->setVisible(!sentences.isEmpty());
    if (!sentences.isEmpty())
        widgets::announce(m_difference, sentences);
}

void SettingsSheet::askPast(const QString &sentences)
{
    widgets::confirmDanger(m_theme, this, m_past, tr("Apply today's settings to what is stored"), sentences,
                           tr("Apply"), [this] { Q_EMIT pastConfirmed(); });
}

void SettingsSheet::keyPressEvent(QKeyEvent *event)
{
    const bool taken = takeKey(
        *this, *event, [this] { close(); },
        [this] {
            if (focusWidget() == m_value)
                m_save->click();
            else if (focusWidget() == m_table)
                (m_value->isVisible() ? static_cast<QWidget *>(m_value) : m_onOff)
                    ->setFocus(Qt::OtherFocusReason);
        });
    if (!taken)
        QDialog::keyPressEvent(event);
}

} // namespace riskdesk::pages
