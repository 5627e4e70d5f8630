// ReportPage: what is asked of the store. View, pills, search text and period become one question.
#include "core/query/counts.h"
#include "core/query/fields.h"
#include "core/query/filter_text.h"
#include "core/query/spine.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/pages/report_page.h"
#include "ui/widgets/filter_pill.h"
#include "ui/widgets/filter_popover.h"
#include "ui/widgets/messages.h"
#include "ui/widgets/page_header.h"
#include "ui/widgets/search_box.h"
#include "ui/widgets/table_view.h"

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

// The word of an enumeration, or the text itself.
QString labelOf(const query::Field *field, const query::Value &value, const QString &text)
{
    if (const auto *number = std::get_if<std::int64_t>(&value); number != nullptr && field != nullptr)
        for (const auto &word : field->words)
            if (word.value == *number)
                return models::text(word.display);
    return text.isEmpty() ? ReportPage::tr("none") : text;
}

} // namespace

void ReportPage::enter(const QString &view)
{
    if (view.isEmpty() && std::exchange(m_entered, true))
        return; // back to the page as it was left
    m_entered = true;
    m_lastRow = 0;
    m_view = view.isEmpty() ? openingView() : view;
    m_conditions.clear();
    m_viewFilter = {};
    m_fixed.reset();
    m_pills->search()->clear(); // the counts of the views are without it
    for (const auto &built : query::builtInViews())
        if (built.report == m_report && models::text(built.id) == m_view) {
            m_days = built.days;
            if (const auto filter = query::parseFilter(m_report, built.filter))
                takeViewFilter(*filter);
        }
    for (const auto &spec : m_pillSpecs)
        showCondition(spec.field);
    applyFilterText({});
}

// Conditions that a pill can hold become pills; the rest stays behind.
void ReportPage::takeViewFilter(const query::Filter &filter)
{
    const auto parts =
        filter.kind == query::Filter::Kind::All ? filter.children : std::vector<query::Filter>{filter};
    std::vector<query::Filter> rest;
    for (const auto &part : parts) {
        const bool negated = part.kind == query::Filter::Kind::Not;
        const auto &match = negated ? part.children.front() : part;
        const auto field = models::text(match.field);
        const bool hasPill = match.kind == query::Filter::Kind::Match && match.test == query::Test::Is &&
                             m_pills->pill(field) != nullptr;
        if (!hasPill) {
            rest.push_back(part);
            continue;
        }
        Condition condition;
        condition.negated = negated;
        const auto *known = query::findField(m_report, match.field);
        for (const auto &value : match.values) {
            condition.values << value;
            condition.labels << labelOf(known, value,
                                        models::text(query::valueText(m_report, match.field, value)));
        }
        m_conditions.insert(field, condition);
    }
    m_viewFilter = query::Filter::all(std::move(rest));
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
    ask();
}

void ReportPage::clearFilters(bool everyPeriod)
{
    m_pills->search()->clear();
    m_pills->search()->setProblem({});
    m_conditions.clear();
    m_viewFilter = {};
    m_searchFilter = {};
    for (const auto &spec : m_pillSpecs)
        showCondition(spec.field);
    if (everyPeriod)
        setPeriodDays(0);
    else
        ask();
}

void ReportPage::setPeriodDays(int days)
{
    m_days = days;
    m_fixed.reset();
    ask();
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
    ask();
}

void ReportPage::searchFor(const QString &text)
{
    m_pills->search()->setText(text);
    applyFilterText(text);
}

void ReportPage::showFiltered(const QString &filter, const std::optional<query::Period> &period)
{
    m_entered = true;
    m_lastRow = 0;
    m_view.clear();
    m_conditions.clear();
    m_viewFilter = {};
    m_fixed = period;
    m_days = period ? m_days : 0;
    m_pills->search()->clear();
    if (const auto parsed = query::parseFilter(m_report, filter.toStdString()))
        takeViewFilter(*parsed);
    for (const auto &spec : m_pillSpecs)
        showCondition(spec.field);
    applyFilterText({});
}

void ReportPage::applyFilterText(const QString &text)
{
    auto parsed = query::parseFilter(m_report, text.toStdString());
    m_pills->search()->setProblem(parsed ? QString() : models::text(parsed.error().sentence()));
    if (!parsed)
        return; // the list stays as it was until the text can be understood
    m_searchFilter = std::move(*parsed);
    ask();
}

void ReportPage::ask()
{
    if (!m_context.readers) // the keys of the window hold before a directory is open
        return;
    std::vector<query::Filter> parts;
    for (auto it = m_conditions.constBegin(); it != m_conditions.constEnd(); ++it) {
        auto match = query::Filter::match(it.key().toStdString(), query::Test::Is,
                                          {it->values.begin(), it->values.end()});
        parts.push_back(it->negated ? query::Filter::negate(std::move(match)) : std::move(match));
    }
    query::Filter filter = query::Filter::all(std::move(parts));
    for (const auto *more : {&m_viewFilter, &m_searchFilter})
        if (!more->isEverything())
            filter = query::with(filter, *more);
    query::Question question;
    question.report = m_report;
    question.filter = std::move(filter);
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
            auto now = query::referenceNow(db, clock.now());
            if (!now)
                return tl::unexpected(now.error());
            known.now = *now;
            question.now = now->now;
            question.period = fixed ? *fixed : query::lastDays(now->now, days);
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
            question.period = m_fixed ? *m_fixed : query::lastDays(question.now, m_days);
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
    const auto since = models::shortDate(m_question.now - std::chrono::hours(24 * m_days));
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
                              tr("%n more user(s) are still at risk but last changed before %1.", nullptr,
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
    if (auto *pill = m_pills->pill(field)) {
        const auto condition = m_conditions.value(field);
        pill->setValues(condition.labels, condition.negated);
    }
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
    auto question = m_question;
    question.filter = query::without(question.filter, field.toStdString());
    m_facetTicket = m_context.readers->ask(
        popover, m_facetTicket,
        [question, name = field.toStdString()](store::Connection &db, std::stop_token stop) {
            return query::facet(db, question, name, longestMenuFilter, std::move(stop));
        },
        [this, popover, pill, field](Result<std::vector<query::FacetValue>> values) {
            if (!values) {
                popover->setSummary(models::errorText(values.error()));
                return;
            }
            const auto *known = query::findField(m_report, field.toStdString());
            QList<widgets::FilterOption> options;
            auto byKey = std::make_shared<QHash<QString, query::Value>>();
            const auto ticked = m_conditions.value(field).values;
            for (const auto &value : *values) {
                widgets::FilterOption option;
                option.key = models::text(value.text);
                option.label = labelOf(known, value.value, option.key);
                if (field == QLatin1String("countryOrRegion"))
                    option.box = option.key;
                option.count = value.count;
                for (const auto &t : ticked)
                    option.ticked = option.ticked || query::equal(t, value.value);
                byKey->insert(option.key, value.value);
                options << option;
            }
            popover->setOptions(options);
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
                        ask();
                    });
            popover->openAt(pill);
        });
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

void ReportPage::showEmpty()
{
    const bool filtered =
        !m_conditions.isEmpty() || !m_searchFilter.isEverything() || !m_viewFilter.isEverything();
    QList<widgets::WayOut> ways;
    if (filtered && m_total > 0)
        ways << widgets::WayOut{QStringLiteral("clear"), tr("Clear all filters")};
    if (m_total == 0)
        ways << widgets::WayOut{QStringLiteral("import"), tr("Import a sign-in log"), theme::Icon::Import};
    else if (m_days != 0 || m_fixed)
        ways << widgets::WayOut{QStringLiteral("all"), tr("Show every period")};
    const bool notJudged =
        m_total == 0 && m_report != query::Report::SignIns && !m_context.notJudged.isEmpty();
    m_empty->set(
        theme::Icon::Search,
        notJudged                 ? tr("Not judged")
        : filtered && m_total > 0 ? tr("No match")
                                  : tr("Nothing here"),
        notJudged ? m_context.notJudged
        : m_total == 0 && m_report == query::Report::SignIns
            ? tr("No sign-ins are stored yet. Import a log, or look at the sample directory.")
        : m_total == 0
            ? tr("No risk was found yet. Import a sign-in log, or look at the sample directory.")
            : tr("%1 exist outside this filter and period.").arg(countWords(static_cast<int>(m_total))),
        ways);
}

} // namespace riskdesk::pages
