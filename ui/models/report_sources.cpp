#include "ui/models/report_sources.h"

#include "core/query/detections.h"
#include "core/query/risky_users.h"

#include "ui/models/format.h"

#include <QCoreApplication>

namespace riskdesk::models {
namespace {

QString tr(const char *words)
{
    return QCoreApplication::translate("Reports", words);
}

// A cell with everything it may be asked for.
struct Cell
{
    QString display;
    QHash<int, QVariant> more;

    Cell(QString words = {})
        : display(std::move(words))
    {}
    Cell &with(int role, const QVariant &value)
    {
        more.insert(role, value);
        return *this;
    }
};

class CellPage final : public RowPage
{
public:
    explicit CellPage(int columns)
        : m_columns(columns)
    {}
    void add(QString id, std::vector<Cell> cells)
    {
        m_ids.push_back(std::move(id));
        for (auto &cell : cells)
            m_cells.push_back(std::move(cell));
    }
    [[nodiscard]] int size() const override { return static_cast<int>(m_ids.size()); }
    [[nodiscard]] QString id(int row) const override
    {
        return row < size() ? m_ids[static_cast<std::size_t>(row)] : QString();
    }
    [[nodiscard]] QVariant data(int row, int column, int role) const override
    {
        const auto &cell = m_cells[static_cast<std::size_t>(row * m_columns + column)];
        if (role == Qt::DisplayRole)
            return cell.display;
        const auto found = cell.more.constFind(role);
        if (found != cell.more.constEnd())
            return *found;
        if (role == Qt::AccessibleTextRole)
            return cell.display.isEmpty() || cell.display == QStringLiteral("–") ? tr("none") : cell.display;
        return {};
    }

private:
    int m_columns;
    std::vector<QString> m_ids;
    std::vector<Cell> m_cells;
};

QString dash(const QString &words)
{
    return words.isEmpty() ? QStringLiteral("–") : words;
}

Cell timeCell(std::optional<Timestamp> t, bool seconds = false)
{
    if (!t)
        return Cell(QStringLiteral("–"));
    return Cell(shortTime(*t, seconds))
        .with(RawRole, static_cast<qint64>(t->us))
        .with(Qt::ToolTipRole, longTime(*t));
}

Cell levelCell(RiskLevel level)
{
    return Cell(levelName(level)).with(LevelRole, static_cast<int>(level)).with(RawRole, text(toText(level)));
}

Cell stateCell(RiskState state)
{
    const auto name = stateName(state);
    return Cell(state == RiskState::ConfirmedCompromised ? tr("Compromised") : name)
        .with(StateRole, static_cast<int>(state))
        .with(RawRole, text(toText(state)))
        .with(Qt::ToolTipRole, name)
        .with(Qt::AccessibleTextRole, name);
}

Cell placeCell(const std::string &city, const std::string &country)
{
    const auto where = city.empty() ? text(country) : text(city);
    return Cell(dash(where)).with(CountryRole, text(country)).with(RawRole, text(country));
}

Cell personCell(const std::string &name, const std::string &mail, bool blocked)
{
    const auto shown = text(name);
    return Cell(shown)
        .with(SecondaryRole, text(mail))
        .with(InitialsRole, initials(shown))
        .with(BlockedRole, blocked)
        .with(RawRole, text(mail))
        .with(Qt::ToolTipRole, blocked ? tr("Sign-in is blocked") : QString())
        .with(Qt::AccessibleTextRole,
              QStringLiteral("%1, %2%3")
                  .arg(shown, text(mail), blocked ? QStringLiteral(", ") + tr("blocked") : QString()));
}

QString providerName(const query::RiskyUserRow &u)
{
    return u.identity == Identity::Social  ? text(u.issuer)
           : u.identity == Identity::Local ? tr("Local")
                                           : QStringLiteral("–");
}

} // namespace

QList<Column> RiskyUsersSource::columns() const
{
    const auto column = [](const char *id, const QString &title, int width, bool shown, CellKind kind,
                           const QString &tip) {
        return Column{QString::fromLatin1(id), title, tip, width, shown, kind};
    };
    using K = CellKind;
    return {
        column("user", tr("User"), 318, true, K::Person, tr("Who it is: name and mail address")),
        column("riskLevel", tr("Risk level"), 98, true, K::Level,
               tr("How sure it is that the account is in other hands")),
        column("riskState", tr("Risk state"), 128, true, K::State, tr("What has become of the risk")),
        column("riskTrend", tr("Risk, 30 days"), 112, true, K::Spark,
               tr("The risk score over the 30 days before the last change")),
        column("topDetection", tr("Top detection"), 206, true, K::TextChip,
               tr("The weightiest open detection and how many more there are")),
        column("lastLocation", tr("Last location"), 162, true, K::Place,
               tr("Where the newest detection came from")),
        column("riskLastUpdatedDateTime", tr("Risk updated"), 118, true, K::Time,
               tr("When the risk of this user last changed")),
        column("riskScore", tr("Score"), 70, false, K::Number,
               tr("0 to 100; high begins at 75, medium at 47")),
        column("riskDetail", tr("Risk detail"), 220, false, K::Text, tr("What changed the state")),
        column("openDetections", tr("Open"), 70, false, K::Number, tr("Detections that are open")),
        column("totalDetections", tr("Detections"), 90, false, K::Number, tr("All detections of this user")),
        column("riskySignIns", tr("Risky sign-ins"), 100, false, K::Number, tr("Sign-ins with a detection")),
        column("countryOrRegion", tr("Countries"), 110, false, K::Text,
               tr("Countries of this user's detections")),
        column("identityProvider", tr("Identity provider"), 120, false, K::Text,
               tr("Who keeps the password")),
        column("accountEnabled", tr("Account status"), 120, false, K::Text,
               tr("Whether the account may sign in")),
        column("userPrincipalName", tr("Sign-in name"), 220, false, K::Text, tr("The name used to sign in")),
        column("id", tr("User ID"), 260, false, K::Text, tr("The provider's id")),
        column("createdDateTime", tr("Created"), 118, false, K::Time, tr("When the account was made")),
        column("lastSignInDateTime", tr("Last sign-in"), 118, false, K::Time,
               tr("The newest sign-in, successful or not")),
        column("learningStatus", tr("Learning"), 100, false, K::Text,
               tr("How far the detectors have got to know this user")),
        column("lastAction", tr("Last action"), 180, false, K::Text, tr("What an operator did last")),
        column("lastActionBy", tr("Last action by"), 120, false, K::Text, tr("Who did it")),
    };
}

Result<std::shared_ptr<const RowPage>> RiskyUsersSource::readPage(store::Connection &connection,
                                                                  std::span<const std::int64_t> ids,
                                                                  std::stop_token stop) const
{
    auto rows = query::readRiskyUsers(connection, ids, std::move(stop));
    if (!rows)
        return tl::unexpected(rows.error());
    auto page = std::make_shared<CellPage>(static_cast<int>(columns().size()));
    for (const auto &u : *rows) {
        const auto top = u.totalDetections > 0 ? typeName(u.topType) : QString();
        QByteArray trend(reinterpret_cast<const char *>(u.trend.data()),
                         static_cast<qsizetype>(u.trend.size()));
        std::vector<Cell> cells;
        cells.push_back(
            personCell(u.name(), u.mail.empty() ? u.userPrincipalName : u.mail, !u.accountEnabled));
        cells.push_back(levelCell(u.standing.level));
        cells.push_back(stateCell(u.standing.state));
        cells.push_back(Cell(QString::number(u.standing.score))
                            .with(SparkRole, trend)
                            .with(LevelRole, static_cast<int>(u.standing.level))
                            .with(Qt::AccessibleTextRole, tr("risk score %1 now, %2 thirty days before")
                                                              .arg(u.standing.score)
                                                              .arg(u.trend.front())));
        cells.push_back(Cell(dash(top))
                            .with(ChipRole, static_cast<int>(u.otherTypes))
                            .with(TypeRole, static_cast<int>(u.topType))
                            .with(RawRole, text(toText(u.topType))));
        cells.push_back(placeCell(u.lastCity, u.lastCountry));
        cells.push_back(timeCell(u.updatedAt));
        cells.push_back(Cell(QString::number(u.standing.score)));
        cells.push_back(Cell(detailName(u.standing.detail)));
        cells.push_back(Cell(count(u.openDetections)));
        cells.push_back(Cell(count(u.totalDetections)));
        cells.push_back(Cell(count(u.riskySignIns)));
        cells.push_back(Cell(dash(text(u.countries))));
        cells.push_back(Cell(providerName(u)));
        cells.push_back(Cell(u.isDeleted        ? tr("Deleted")
                             : u.accountEnabled ? tr("Sign-in allowed")
                                                : tr("Sign-in blocked")));
        cells.push_back(Cell(dash(text(u.userPrincipalName))));
        cells.push_back(Cell(text(u.key)));
        cells.push_back(timeCell(u.createdAt));
        cells.push_back(timeCell(u.lastSignIn));
        cells.push_back(Cell(
            u.learningNeeded == 0 ? tr("Done") : tr("%1 of %2").arg(u.learningDone).arg(u.learningNeeded)));
        cells.push_back(Cell(u.lastAction ? text(displayName(*u.lastAction)) : QStringLiteral("–")));
        cells.push_back(Cell(dash(text(u.lastActionBy))));
        page->add(text(u.key), std::move(cells));
    }
    return std::shared_ptr<const RowPage>(std::move(page));
}

QList<Column> DetectionsSource::columns() const
{
    const auto column = [](const char *id, const QString &title, int width, bool shown, CellKind kind,
                           const QString &tip) {
        return Column{QString::fromLatin1(id), title, tip, width, shown, kind};
    };
    using K = CellKind;
    return {
        column("riskEventType", tr("Detection"), 224, true, K::Detection, tr("What was found")),
        column("riskLevel", tr("Risk level"), 98, true, K::Level, tr("How sure it is")),
        column("riskState", tr("Risk state"), 124, true, K::State, tr("What has become of it")),
        column("user", tr("User"), 190, true, K::Person, tr("Whose sign-in it was")),
        column("alsoTriggered", tr("Also triggered"), 220, true, K::Chips,
               tr("What else was found on the same sign-in")),
        column("location", tr("Sign-in location"), 160, true, K::Place, tr("Where the sign-in came from")),
        column("activityDateTime", tr("Time"), 134, true, K::Time, tr("The moment of the sign-in")),
        column("detectedDateTime", tr("Detected"), 134, false, K::Time, tr("When it was found")),
        column("lastUpdatedDateTime", tr("Last updated"), 134, false, K::Time, tr("When it last changed")),
        column("detectionTimingType", tr("Timing"), 90, false, K::Text, tr("Found at sign-in, or later")),
        column("riskDetail", tr("Risk detail"), 220, false, K::Text, tr("What changed the state")),
        column("ipAddress", tr("IP address"), 130, false, K::Text, tr("The address of the sign-in")),
        column("asn", tr("Network"), 160, false, K::Text, tr("The network the address belongs to")),
        column("mitreTechnique", tr("MITRE technique"), 110, false, K::Text,
               tr("The technique of the ATT&CK catalogue")),
        column("source", tr("Source"), 110, false, K::Text, tr("Who found it")),
        column("requestId", tr("Request ID"), 260, false, K::Text, tr("The id of the sign-in")),
        column("", tr("Why"), 360, false, K::Text, tr("The finding in one line")),
    };
}

Result<std::shared_ptr<const RowPage>> DetectionsSource::readPage(store::Connection &connection,
                                                                  std::span<const std::int64_t> ids,
                                                                  std::stop_token stop) const
{
    auto rows = query::readDetections(connection, ids, std::move(stop));
    if (!rows)
        return tl::unexpected(rows.error());
    auto page = std::make_shared<CellPage>(static_cast<int>(columns().size()));
    for (const auto &r : *rows) {
        const auto &d = r.detection;
        QStringList also;
        for (const auto type : r.alsoTriggered)
            also << text(info(type).shortName);
        std::vector<Cell> cells;
        cells.push_back(Cell(d.type == DetectionType::Other ? text(d.typeText) : typeName(d.type))
                            .with(TypeRole, static_cast<int>(d.type))
                            .with(RawRole, text(d.typeText))
                            .with(Qt::ToolTipRole, text(r.reason)));
        cells.push_back(levelCell(d.level));
        cells.push_back(stateCell(d.state));
        cells.push_back(
            personCell(r.name(), r.userPrincipalName, !r.accountEnabled).with(SecondaryRole, QString()));
        cells.push_back(
            Cell(also.isEmpty() ? tr("Nothing else") : also.join(QStringLiteral(", "))).with(ChipRole, also));
        cells.push_back(placeCell(r.place.city, r.place.country));
        cells.push_back(timeCell(d.at, true));
        cells.push_back(timeCell(d.detectedAt, true));
        cells.push_back(timeCell(d.lastUpdated, true));
        cells.push_back(Cell(d.timing == DetectionTiming::Realtime  ? tr("At sign-in")
                             : d.timing == DetectionTiming::Offline ? tr("Later")
                                                                    : QStringLiteral("–")));
        cells.push_back(Cell(detailName(d.detail)));
        cells.push_back(Cell(dash(text(d.ip.toString()))));
        cells.push_back(Cell(d.asn == 0
                                 ? QStringLiteral("–")
                                 : QStringLiteral("AS%1 %2").arg(d.asn).arg(text(r.organisation)).trimmed()));
        cells.push_back(Cell(text(info(d.type).mitre)));
        cells.push_back(Cell(text(d.source)));
        cells.push_back(Cell(dash(text(d.requestId))));
        cells.push_back(Cell(text(r.reason)));
        page->add(text(d.id), std::move(cells));
    }
    return std::shared_ptr<const RowPage>(std::move(page));
}

} // namespace riskdesk::models
