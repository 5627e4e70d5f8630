#include "ui/models/cells.h"

#include "core/query/filter/countries.h"
#include "core/query/filter/fields.h"

#include "ui/models/format.h"

namespace riskdesk::models {
namespace {

constexpr std::size_t longestName = 120; // of a person, in characters

} // namespace

void CellPage::add(QString id, std::vector<Cell> cells)
{
    m_ids.push_back(std::move(id));
    for (auto &cell : cells)
        m_cells.push_back(std::move(cell));
}

QString CellPage::id(int row) const
{
    return row >= 0 && row < size() ? m_ids[static_cast<std::size_t>(row)] : QString();
}

QVariant CellPage::data(int row, int column, int role) const
{
    if (row < 0 || row >= size() || column < 0 || column >= m_columns)
        return {};
    const auto &cell = m_cells[static_cast<std::size_t>(row * m_columns + column)];
    if (role == Qt::DisplayRole)
        return cell.display;
    for (const auto &[known, value] : cell.more)
        if (known == role)
            return role == Qt::ToolTipRole ? QVariant(plainTip(value.toString())) : value;
    if (role == Qt::AccessibleTextRole)
        return cell.display == dash() ? Words::tr("none") : cell.display;
    if (role == RawRole && cell.display != dash())
        return cell.display;
    return {};
}

Column columnOf(query::Report report, const char *name, int width, bool shown, CellKind kind,
                const char *filter)
{
    const auto *field = query::findColumn(report, name);
    Q_ASSERT_X(field != nullptr && field->title != nullptr, "columnOf", name);
    Column column;
    // A list sorts by a column's id; one that does not sort has none.
    const auto id = QString::fromLatin1(name);
    if (!field->sort.first.empty())
        column.id = id;
    column.title = Words::tr(field->title);
    column.tip = Words::tr(std::string(field->meaning).c_str());
    column.width = width;
    column.shown = shown;
    column.kind = kind;
    column.filterField = *filter != '\0'                              ? QString::fromLatin1(filter)
                         : column.id.isEmpty() && !field->sql.empty() ? id
                                                                      : QString();
    return column;
}

QString dash()
{
    return QStringLiteral("–");
}

Cell textCell(const QString &words)
{
    return Cell(words.isEmpty() ? dash() : words);
}

Cell textCell(std::string_view utf8)
{
    auto cell = textCell(shown(utf8));
    if (const auto raw = text(utf8); raw != cell.display && !raw.isEmpty())
        cell.with(RawRole, raw);
    return cell;
}

Cell numberCell(qint64 n)
{
    return Cell(count(n)).with(RawRole, n);
}

Cell timeCell(std::optional<Timestamp> t, bool seconds)
{
    if (!t)
        return Cell(dash());
    return Cell(shortTime(*t, seconds)).with(RawRole, text(t->toIso())).with(Qt::ToolTipRole, longTime(*t));
}

Cell levelCell(RiskLevel level)
{
    return Cell(levelName(level)).with(LevelRole, static_cast<int>(level)).with(RawRole, text(toText(level)));
}

Cell stateCell(RiskState state)
{
    const auto name = stateName(state);
    return Cell(state == RiskState::ConfirmedCompromised ? Words::tr("Compromised") : name)
        .with(StateRole, static_cast<int>(state))
        .with(RawRole, text(toText(state)))
        .with(Qt::ToolTipRole, name)
        .with(Qt::AccessibleTextRole, name);
}

QString placeText(const std::string &city, const std::string &state, const std::string &country)
{
    const auto *known = query::findCountry(country);
    QStringList parts{shown(city), shown(state), known != nullptr ? text(known->name) : shown(country)};
    parts.removeAll(QString());
    parts.removeDuplicates();
    return parts.join(QStringLiteral(", "));
}

Cell placeCell(const std::string &city, const std::string &country)
{
    const auto *known = query::findCountry(country);
    auto cell = textCell(!city.empty() ? shown(city) : known != nullptr ? text(known->name) : shown(country));
    cell.with(CountryRole, text(country)).with(RawRole, text(country));
    if (!city.empty() && !country.empty())
        cell.with(Qt::AccessibleTextRole,
                  Words::tr("%1, %2", "city, country").arg(shown(city), shown(country)));
    return cell;
}

Cell networkCell(std::uint32_t asn, const std::string &organisation)
{
    if (asn == 0)
        return textCell(shown(organisation));
    return Cell(QStringLiteral("AS%1 %2").arg(asn).arg(shown(organisation)).trimmed())
        .with(RawRole, static_cast<qint64>(asn));
}

Cell personCell(const std::string &name, const std::string &mail, bool blocked, bool showMail)
{
    const auto called = shown(name, longestName), address = shown(mail, longestName);
    auto spoken = showMail && !mail.empty() ? Words::tr("%1, %2", "name, mail").arg(called, address) : called;
    if (blocked)
        spoken = Words::tr("%1, sign-in blocked", "name").arg(spoken);
    auto cell = textCell(called);
    cell.with(SecondaryRole, showMail ? address : QString())
        .with(InitialsRole, initials(called))
        .with(BlockedRole, blocked)
        .with(RawRole, text(mail.empty() ? name : mail))
        .with(Qt::AccessibleTextRole, spoken);
    if (blocked)
        cell.with(Qt::ToolTipRole, Words::tr("Sign-in is blocked."));
    return cell;
}

Cell yesNoCell(bool yes)
{
    return Cell(yes ? Words::tr("Yes") : Words::tr("No"))
        .with(RawRole, yes ? QStringLiteral("true") : QStringLiteral("false"));
}

Cell resultCell(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Success:
        return Cell(Words::tr("Success"))
            .with(ToneRole, static_cast<int>(Tone::Good))
            .with(RawRole, QStringLiteral("success"));
    case Outcome::Failure:
        return Cell(Words::tr("Failure"))
            .with(ToneRole, static_cast<int>(Tone::Bad))
            .with(RawRole, QStringLiteral("failure"));
    case Outcome::Interrupted: break;
    }
    return Cell(Words::tr("Interrupted"))
        .with(ToneRole, static_cast<int>(Tone::Notice))
        .with(RawRole, QStringLiteral("interrupted"));
}

} // namespace riskdesk::models
