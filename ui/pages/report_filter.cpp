// ReportPage: what is asked of the store. View, pills, search text and period become one question.
#include "core/domain/reject.h"
#include "core/query/counts.h"
#include "core/query/filter/countries.h"
#include "core/query/filter/fields.h"
#include "core/query/filter/filter_text.h"
#include "core/query/spine.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/models/periods.h"
#include "ui/models/why_text.h"
#include "ui/pages/report_page.h"
#include "ui/widgets/controls/filter_pill.h"
#include "ui/widgets/controls/filter_popover.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/search_box.h"
#include "ui/widgets/frame/page_header.h"
#include "ui/widgets/table/table_view.h"

#include <QMenu>
#include <QSet>

#include <algorithm>
#include <array>
#include <utility>

namespace riskdesk::pages {
namespace {

constexpr std::array periodDays = {1, 7, 30, 90, 0}; // of PageHeader's choices; 0: all
constexpr int longestMenuFilter = 200;

int periodIndex(int days)
{
    const auto found = std::find(periodDays.begin(), periodDays.end(), days);
    return found == periodDays.end() ? -1 : static_cast<int>(found - periodDays.begin());
}

// The word of an enumeration, the name of a country, or the text itself.
QString labelOf(const query::Field *field, const query::Value &value, const QString &text)
{
    if (field != nullptr && field->sql == "j.reason")
        if (const auto reason = rejectReason(text.toStdString()); !reason.displayName.empty())
            return models::text(reason.displayName);
    if (const auto *number = std::get_if<std::int64_t>(&value); number != nullptr && field != nullptr)
        for (const auto &word : field->words)
            if (word.value == *number)
                return models::text(word.display);
    if (field != nullptr && field->name == "providerRiskState")
        if (const auto state = riskStateFromText(text.toStdString()))
            return models::stateName(*state);
    if (field != nullptr && field->name == "providerRiskLevel")
        if (const auto level = riskLevelFromText(text.toStdString()))
            return models::levelName(*level);
    if (field != nullptr && field->sql.starts_with("a.") && !text.isEmpty())
        return models::auditWord(field->name, text.toStdString());
    if (field != nullptr && field->name == "countryOrRegion")
        if (const auto *country = query::findCountry(text.toStdString()))
            return models::text(country->name);
    return text.isEmpty() ? ReportPage::tr("none") : models::shown(text);
}

bool holds(const QList<query::Value> &values, const query::Value &value)
{
    return std::any_of(values.begin(), values.end(),
                       [&](const query::Value &one) { return query::equal(one, value); });
}

bool passes(query::Test test, std::int64_t word, std::int64_t than)
{
    switch (test) {
    case query::Test::Less: return word < than;
    case query::Test::LessOrEqual: return word <= than;
    case query::Test::Greater: return word > than;
    case query::Test::GreaterOrEqual: return word >= than;
    default: return word == than;
    }
}

// What a pill ticks for it; empty: no pill can say it.
QList<query::Value> valuesOfPill(const query::Field &field, const query::Filter &match)
{
    if (match.test == query::Test::Is)
        return {match.values.begin(), match.values.end()};
    QList<query::Value> values;
    for (const auto &word : field.words)
        for (const auto &value : match.values)
            if (const auto *than = std::get_if<std::int64_t>(&value);
                than != nullptr && passes(match.test, word.value, *than)) {
                values << word.value;
                break;
            }
    return values;
}

} // namespace

void ReportPage::enter(const QString &view)
{
    if (view.isEmpty() && std::exchange(m_entered, true))
        return; // back to the page as it was left
    m_entered = true;
    if (const auto wanted = view.isEmpty() ? openingView() : view; wanted != m_view) {
        beginAnew();
        setView(wanted);
    }
    m_conditions.clear();
    m_viewFilter = {};
    m_fixed.reset();
    m_pills->search()->clear(); // the counts of the views are without it
    for (const auto &built : query::builtInViews())
        if (built.report == m_report && models::text(built.id) == m_view) {
            m_days = built.days;
            if (const auto filter = query::parseFilter(m_report, built.filter))
                showFilter(*filter);
        }
    showConditions();
    applyFilterText(m_pills->search()->text());
}

// All of it is seen: in the pills, in further ones that stay as long as their condition does, and in the
// search box what no pill can say.
void ReportPage::showFilter(const query::Filter &filter)
{
    const auto parts =
        filter.kind == query::Filter::Kind::All ? filter.children : std::vector<query::Filter>{filter};
    for (const auto &part : parts) {
        const auto &match = part.kind == query::Filter::Kind::Not ? part.children.front() : part;
        const auto *known =
            match.kind == query::Filter::Kind::Match ? query::findField(m_report, match.field) : nullptr;
        if (known != nullptr &&
            (known->kind == query::FieldKind::Enum || known->kind == query::FieldKind::Text))
            if (const auto field = models::text(match.field); m_pills->pill(field) == nullptr)
                m_pills->addPill(field, nameOfField(field));
    }
    m_viewFilter = takeConditions(filter, m_conditions, m_viewFilter);
    if (const auto text = query::filterText(m_report, m_viewFilter)) {
        m_pills->search()->setText(models::text(*text));
        m_viewFilter = {};
    }
    showConditions();
}

void ReportPage::showConditions()
{
    for (const auto *pill : m_pills->pills())
        showCondition(pill->field());
}

QString ReportPage::nameOfField(const QString &field) const
{
    for (const auto &column : m_model->columns())
        if (column.id == field)
            return column.title;
    // Of those that no list shows.
    return field == QLatin1String("counted")     ? tr("Counted in risk")
           : field == QLatin1String("isDeleted") ? tr("Status")
                                                 : field;
}

query::Filter ReportPage::takeConditions(const query::Filter &filter, QHash<QString, Condition> &conditions,
                                         query::Filter &others) const
{
    const auto parts =
        filter.kind == query::Filter::Kind::All ? filter.children : std::vector<query::Filter>{filter};
    std::vector<query::Filter> rest;
    QSet<QString> told;
    for (const auto &part : parts) {
        const bool negated = part.kind == query::Filter::Kind::Not;
        const auto &match = negated ? part.children.front() : part;
        const auto field = models::text(match.field);
        const auto *known = query::findField(m_report, match.field);
        if (match.kind != query::Filter::Kind::Match || known == nullptr || m_pills->pill(field) == nullptr ||
            told.contains(field)) { // twice in one text is meant so: a user may have both detections
            rest.push_back(part);
            continue;
        }
        if (!negated) {
            told.insert(field);
            conditions.remove(field);
            others = query::without(others, match.field);
        }
        const auto values = valuesOfPill(*known, match);
        Condition condition = conditions.value(field);
        const bool several =
            known->storage == query::Storage::Words || known->storage == query::Storage::Bits;
        if (values.isEmpty() || (negated && several && !condition.values.isEmpty() && !condition.negated)) {
            rest.push_back(part);
            continue;
        }
        if (negated && !condition.negated) { // what is left of those that were asked for
            condition.values.removeIf([&](const query::Value &value) { return holds(values, value); });
            condition.negated = condition.values.isEmpty();
        }
        if (condition.negated == negated)
            for (const auto &value : values)
                if (!holds(condition.values, value))
                    condition.values << value;
        condition.labels.clear();
        for (const auto &value : condition.values)
            condition.labels << labelOf(known, value,
                                        models::text(query::valueText(m_report, match.field, value)));
        conditions.insert(field, condition);
    }
    return query::Filter::all(std::move(rest));
}

void ReportPage::setCondition(const QString &field, const QList<query::Value> &values)
{
    Condition condition;
    const auto *known = query::findField(m_report, field.toStdString());
    for (const auto &value : values) {
        condition.values << value;
        condition.labels << labelOf(known, value,
                                    models::text(query::valueText(m_report, field.toStdString(), value)));
    }
    m_conditions.insert(field, condition);
    showCondition(field);
    askAnother();
}

void ReportPage::clearFilters(bool everyPeriod)
{
    m_pills->search()->clear();
    m_pills->search()->setProblem({});
    m_conditions.clear();
    m_viewFilter = {};
    m_searchFilter = {};
    showConditions();
    if (everyPeriod)
        setPeriodDays(0);
    else
        askAnother();
}

void ReportPage::setPeriodDays(int days)
{
    m_days = days;
    m_fixed.reset();
    askAnother();
}

void ReportPage::choosePeriod(int index)
{
    setPeriodDays(periodDays.at(static_cast<std::size_t>(std::clamp(index, 0, 4))));
}

void ReportPage::stepPeriod(int step)
{
    const int index = m_fixed ? 0 : periodIndex(m_days) + step;
    if (index >= 0 && index < static_cast<int>(periodDays.size()))
        choosePeriod(index);
}

void ReportPage::setFixedPeriod(const query::Period &period)
{
    m_fixed = period;
    askAnother();
}

void ReportPage::searchFor(const QString &text)
{
    m_pills->search()->setText(text);
    applyFilterText(text, true);
}

void ReportPage::showFiltered(const QString &filter, const std::optional<query::Period> &period)
{
    m_entered = true;
    beginAnew();
    setView({});
    m_conditions.clear();
    m_viewFilter = {};
    m_fixed = period;
    m_days = period ? m_days : 0;
    m_pills->search()->clear();
    if (const auto parsed = query::parseFilter(m_report, filter.toStdString()))
        showFilter(*parsed);
    applyFilterText(m_pills->search()->text());
}

void ReportPage::applyFilterText(const QString &text, bool committed)
{
    auto parsed = query::parseFilter(m_report, text.toStdString());
    m_pills->search()->setProblem(parsed ? QString() : models::text(parsed.error().sentence()));
    if (!parsed)
        return; // the list stays as it was until the text can be understood
    m_searchFilter = std::move(*parsed);
    if (committed) {
        m_typing.stop();
        const auto rest = takeConditions(m_searchFilter, m_conditions, m_viewFilter);
        const auto words = query::filterText(m_report, rest);
        const auto parts =
            m_searchFilter.kind == query::Filter::Kind::All ? m_searchFilter.children.size() : 1;
        if (words && rest.children.size() < parts) {
            m_searchFilter = rest;
            m_pills->search()->setText(models::text(*words));
        }
        showConditions();
    }
    askAnother();
}

query::Filter ReportPage::wholeFilter(bool withSearch) const
{
    auto conditions = m_conditions;
    auto others = m_viewFilter;
    const auto search = withSearch ? takeConditions(m_searchFilter, conditions, others) : query::Filter{};
    std::vector<query::Filter> parts;
    for (auto it = conditions.constBegin(); it != conditions.constEnd(); ++it) {
        auto match = query::Filter::match(it.key().toStdString(), query::Test::Is,
                                          {it->values.begin(), it->values.end()});
        parts.push_back(it->negated ? query::Filter::negate(std::move(match)) : std::move(match));
    }
    auto filter = query::Filter::all(std::move(parts));
    for (const query::Filter *more : {static_cast<const query::Filter *>(&others), &search})
        if (!more->isEverything())
            filter = query::with(filter, *more);
    return filter;
}

void ReportPage::askAnother()
{
    m_lastRow = 0;
    ask();
}

void ReportPage::setView(const QString &view)
{
    if (std::exchange(m_view, view) != view)
        Q_EMIT viewChanged(view);
}

// What is ticked elsewhere would be out of sight here, and a command would still be about it.
void ReportPage::beginAnew()
{
    m_shown = 0;
    m_lastRow = 0;
    m_follows = false;
    m_model->selectNone(); // the command bar keeps what it says and its Undo
}

void ReportPage::ask()
{
    if (!m_context.readers) // the keys of the window hold before a directory is open
        return;
    query::Question question;
    question.report = m_report;
    question.filter = wholeFilter();
    if (!m_sortColumn.isEmpty())
        question.order.push_back({m_sortColumn.toStdString(), m_sortDescending});
    struct Known
    {
        query::ReferenceNow now;
        std::int64_t total = 0, older = 0;
    };
    m_asking = m_context.readers->ask(
        this, m_asking,
        [question, report = m_report, days = m_days, fixed = m_fixed,
         &clock = m_context.clock](store::Connection &db, std::stop_token stop) mutable -> Result<Known> {
            Known known;
            // What people do here goes on, however long ago the sign-ins ended.
            Result<query::ReferenceNow> now = query::ReferenceNow{clock.now(), false};
            if (report != query::Report::Audit)
                now = query::referenceNow(db, clock.now());
            if (!now)
                return tl::unexpected(now.error());
            known.now = *now;
            question.now = now->now;
            question.period = fixed ? *fixed : models::lastDays(now->now, days);
            query::Question everything;
            everything.report = report;
            everything.now = now->now;
            if (auto total = query::countRows(db, everything, stop))
                known.total = *total;
            if (report == query::Report::RiskyUsers && days != 0 && !fixed)
                if (auto older = query::olderOpenUsers(db, question, stop))
                    known.older = *older;
            return known;
        },
        [this, question](Result<Known> known) mutable {
            if (!known) {
                m_table->setBusy(m_model->isBusy());
                m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(known.error()));
                return;
            }
            question.now = known->now.now;
            question.period = m_fixed ? *m_fixed : models::lastDays(question.now, m_days);
            m_question = question;
            m_total = known->total;
            showPeriod(known->older, known->now.fromData);
            m_model->setQuestion(question);
            fillFigures(question);
        });
    m_table->setBusy(true); // until the rows are there: what is shown may be out of date already
}

void ReportPage::showPeriod(std::int64_t older, bool backFromData)
{
    const auto until = models::shortDate(m_question.now);
    const auto since =
        models::shortDate(models::lastDays(m_question.now, m_days).from.value_or(m_question.now));
    if (!hasTime()) {
        m_message->hide();
        return;
    }
    m_header->setPeriod(m_fixed ? -1 : periodIndex(m_days));
    if (m_fixed && m_fixed->from && m_fixed->until) {
        const auto from = models::shortDate(*m_fixed->from);
        const auto to = models::shortDate(*m_fixed->until - Microseconds(1));
        m_header->setRange(from == to ? from : tr("%1 to %2").arg(from, to));
    } else {
        m_header->setRange(m_days == 0 ? tr("everything up to %1").arg(until)
                                       : tr("%1 to %2").arg(since, until));
    }
    if (older > 0)
        m_message->setMessage(widgets::MessageBar::Kind::Info,
                              tr("The risk of %Ln user(s) last changed before %1 and is still open.", nullptr,
                                 static_cast<int>(older))
                                  .arg(since),
                              tr("Show them"));
    else if (backFromData)
        m_message->setMessage(widgets::MessageBar::Kind::Info,
                              tr("The newest sign-in is of %1; periods count back from it.").arg(until));
    else
        m_message->hide();
}

void ReportPage::showCondition(const QString &field)
{
    auto *pill = m_pills->pill(field);
    if (pill == nullptr)
        return;
    const auto condition = m_conditions.value(field);
    pill->setValues(condition.labels, condition.negated);
    const bool own = std::any_of(m_pillSpecs.begin(), m_pillSpecs.end(),
                                 [&field](const PillSpec &spec) { return spec.field == field; });
    if (!own && !m_conditions.contains(field)) // came with a view
        m_pills->removePill(field);
}

void ReportPage::askFilter(QWidget *opener)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("addFilterMenu"));
    QList<std::pair<QString, QString>> offered; // name, field
    for (const auto &field : query::fields(m_report)) {
        const auto id = models::text(field.name);
        // What people read a name of; a text that is searched in has no list of values.
        const bool listed = field.kind == query::FieldKind::Enum ||
                            (field.kind == query::FieldKind::Text && field.storage == query::Storage::Plain);
        if (const auto name = nameOfField(id); listed && name != id && m_pills->pill(id) == nullptr)
            offered << std::pair(name, id);
    }
    std::sort(offered.begin(), offered.end(),
              [](const auto &a, const auto &b) { return QString::localeAwareCompare(a.first, b.first) < 0; });
    for (const auto &[name, field] : offered)
        connect(menu->addAction(name), &QAction::triggered, this,
                [this, name = name, field = field] { openPill(m_pills->addPill(field, name)); });
    menu->popup(opener->mapToGlobal(QPoint(0, opener->height())));
}

void ReportPage::openPill(widgets::FilterPill *pill)
{
    const auto field = pill->field();
    auto *popover = new widgets::FilterPopover(m_context.theme, pill->name(), tr("Find"), window());
    popover->setAttribute(Qt::WA_DeleteOnClose);
    popover->setObjectName(QStringLiteral("filterPopover"));
    popover->setNegated(m_conditions.value(field).negated);
    pill->setOpen(true);
    connect(popover, &widgets::Popover::closed, pill, [pill] { pill->setOpen(false); });
    connect(popover, &widgets::Popover::closed, this, [this, field] { showCondition(field); });
    auto question = m_question;
    question.filter = query::without(question.filter, field.toStdString());
    m_facetTicket = m_context.readers->ask(
        popover, m_facetTicket,
        [question, name = field.toStdString()](store::Connection &db, std::stop_token stop) {
            return query::facet(db, question, name, longestMenuFilter, std::move(stop));
        },
        [this, popover, pill, field](Result<std::vector<query::FacetValue>> values) {
            if (!values) {
                popover->setProblem(models::errorText(values.error()));
                return;
            }
            const auto *known = query::findField(m_report, field.toStdString());
            QList<widgets::FilterOption> options;
            auto byKey = std::make_shared<QHash<QString, query::Value>>();
            const auto ticked = m_conditions.value(field).values;
            // What is ticked is seen, also where it finds nothing or is far down the list.
            for (const auto &value : ticked)
                if (std::none_of(values->begin(), values->end(), [&value](const query::FacetValue &one) {
                        return query::equal(one.value, value);
                    }))
                    values->push_back({value, query::valueText(m_report, field.toStdString(), value), 0});
            for (const auto &value : *values) {
                widgets::FilterOption option;
                option.key = models::text(value.text);
                option.label = labelOf(known, value.value, option.key);
                if (field == QLatin1String("countryOrRegion")) {
                    option.box = option.key;
                    if (const auto *country = query::findCountry(value.text))
                        option.also = models::text(country->otherNames).split(u'|', Qt::SkipEmptyParts);
                }
                option.count = value.count;
                option.ticked = holds(ticked, value.value);
                byKey->insert(option.key, value.value);
                options << option;
            }
            connect(popover, &widgets::FilterPopover::changed, this,
                    [this, popover, field, byKey](const QStringList &keys, bool negated) {
                        Condition condition;
                        for (const auto &key : keys)
                            condition.values << byKey->value(key);
                        condition.labels = popover->tickedLabels();
                        condition.negated = negated;
                        if (keys.isEmpty())
                            m_conditions.remove(field);
                        else
                            m_conditions.insert(field, condition);
                        showCondition(field);
                        askAnother();
                    });
            popover->setOptions(options);
            if (m_model->isBusy())
                return; // said when the list is there
            popover->setSummary(countWords(m_model->rowCount()));
        });
    connect(m_model, &models::ListModel::loaded, popover,
            [this, popover](int rows) { popover->setSummary(countWords(rows)); });
    popover->openAt(pill);
}

bool ReportPage::hasTime() const
{
    return !query::source(m_report).time.empty();
}

bool ReportPage::isField(const QString &field) const
{
    return query::findField(m_report, field.toStdString()) != nullptr;
}

void ReportPage::filterBy(const QString &field, const QString &value, bool exclude)
{
    if (value.isEmpty() || !isField(field))
        return;
    auto quoted = value;
    quoted.replace(QLatin1Char('"'), QStringLiteral("\"\""));
    auto text = m_pills->search()->text().trimmed();
    text += QStringLiteral("%1%2%3:\"%4\"")
                .arg(text.isEmpty() ? QString() : QStringLiteral(" "),
                     exclude ? QStringLiteral("-") : QString(), field, quoted);
    searchFor(text);
}

bool ReportPage::isNotJudged() const
{
    return m_total == 0 && m_report != query::Report::SignIns && m_report != query::Report::Rejects &&
           m_report != query::Report::Audit && !m_context.notJudged.isEmpty();
}

void ReportPage::showEmpty()
{
    if (m_total == 0) {
        m_waysTicket.cancel();
        QList<widgets::WayOut> ways;
        if (isNotJudged()) // another log would not be judged either
            ways << widgets::WayOut{QStringLiteral("new"), tr("New directory"), theme::Icon::Plus};
        else if (m_report != query::Report::Rejects && m_report != query::Report::Audit)
            ways << widgets::WayOut{QStringLiteral("import"), tr("Import a sign-in log"),
                                    theme::Icon::Import};
        showWaysOut(ways);
        return;
    }
    struct Way
    {
        widgets::WayOut way;
        query::Question question;
        QString name; // of what is removed
    };
    struct Good
    {
        QList<widgets::WayOut> ways;
        QString note;
    };
    std::vector<Way> ways;
    const auto offer = [&](const QString &id, const QString &words, const query::Filter &filter,
                           const query::Period &period, const QString &name = {}) {
        ways.push_back({{id, words, {}}, m_question, name});
        if (!name.isEmpty())
            ways.back().way.icon = theme::Icon::Close;
        ways.back().question.filter = filter;
        ways.back().question.period = period;
    };
    const auto &period = m_question.period;
    const bool bounded = hasTime() && (m_days != 0 || m_fixed);
    if (!m_question.filter.isEverything())
        offer(QStringLiteral("clear"), tr("Clear all filters"), {}, period);
    for (const auto &spec : m_pillSpecs)
        if (const auto less = query::without(m_question.filter, spec.field.toStdString());
            !(less == m_question.filter))
            offer(QStringLiteral("remove ") + spec.field, tr("Remove %1").arg(spec.name), less, period,
                  spec.name);
    if (!m_searchFilter.isEverything())
        offer(QStringLiteral("search"), tr("Remove the search"), wholeFilter(false), period,
              tr("the search"));
    if (bounded)
        offer(QStringLiteral("all"), tr("Show every period"), m_question.filter, {});
    // The keyboard stands on a way out from the first moment.
    showWaysOut(ways.empty() ? QList<widgets::WayOut>{} : QList<widgets::WayOut>{ways.front().way});
    // Only what finds something is a way out.
    m_waysTicket = m_context.readers->ask(
        this, m_waysTicket,
        [ways](store::Connection &db, std::stop_token stop) -> Result<Good> {
            Good good;
            for (const auto &way : ways) {
                const auto rows = query::countRows(db, way.question, stop);
                if (!rows)
                    return tl::unexpected(rows.error());
                if (*rows == 0)
                    continue;
                good.ways << way.way;
                if (!way.name.isEmpty())
                    good.note +=
                        u' ' + tr("Without %1: %2.", "a filter, a count").arg(way.name, models::count(*rows));
            }
            return good;
        },
        [this](Result<Good> good) {
            if (m_model->rowCount() > 0)
                return;
            if (!good || good->ways.isEmpty())
                good = Good{{{QStringLiteral("everything"), tr("Clear all filters, show every period"), {}}},
                            {}};
            const bool held = m_empty->isAncestorOf(window()->focusWidget());
            showWaysOut(good->ways, good->note);
            if (held)
                focusContent();
        });
}

void ReportPage::showWaysOut(const QList<widgets::WayOut> &ways, const QString &note)
{
    const bool filtered = !m_question.filter.isEverything();
    const bool notJudged = isNotJudged();
    m_empty->set(
        theme::Icon::Search,
        notJudged                 ? tr("Not judged")
        : filtered && m_total > 0 ? tr("No match")
                                  : tr("Nothing here"),
        notJudged ? m_context.notJudged
        : m_total == 0 && m_report == query::Report::Rejects
            ? tr("Every record of the imported files could be read.")
        : m_total == 0 && m_report == query::Report::Audit ? tr("Nothing was decided or imported here yet.")
        : m_total == 0 && m_report == query::Report::SignIns
            ? tr("No sign-ins are stored yet. Import a log, or look at the sample directory.")
        : m_total == 0
            ? tr("No risk was found yet. Import a sign-in log, or look at the sample directory.")
            : tr("%1 exist outside this filter and period.").arg(countWords(static_cast<int>(m_total))) +
                  note,
        ways);
}

void ReportPage::takeWayOut(const QString &way)
{
    static const auto remove = QStringLiteral("remove ");
    if (way == QLatin1String("import")) {
        Q_EMIT importAsked();
    } else if (way == QLatin1String("new")) {
        Q_EMIT directoryAsked();
    } else if (way == QLatin1String("all")) {
        setPeriodDays(0);
    } else if (way == QLatin1String("search")) {
        searchFor({});
    } else if (way.startsWith(remove)) {
        const auto field = way.mid(remove.size());
        m_conditions.remove(field);
        m_viewFilter = query::without(m_viewFilter, field.toStdString());
        m_searchFilter = query::without(m_searchFilter, field.toStdString());
        m_pills->search()->setText(models::text(query::filterText(m_report, m_searchFilter).value_or("")));
        showCondition(field);
        askAnother();
    } else {
        clearFilters(way == QLatin1String("everything"));
    }
}

} // namespace riskdesk::pages
