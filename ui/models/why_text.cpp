#include "ui/models/why_text.h"

#include "core/enrich/agent_reader.h"
#include "core/query/words/audit_words.h"
#include "core/query/words/why.h"

#include "ui/models/format.h"

#include <QCoreApplication>
#include <QLocale>
#include <QRegularExpression>

#include <algorithm>
#include <limits>
#include <tuple>
#include <vector>

namespace riskdesk::models {
namespace {

// Of the history's lines; the sentences of findings are in the context Why.
struct History
{
    Q_DECLARE_TR_FUNCTIONS(History)
};

class TranslatedWords final : public query::Words
{
public:
    std::string fact(std::string_view foreign) const override { return shownText(foreign); }
    std::string number(double value, int decimals) const override
    {
        return QLocale().toString(value, 'f', decimals).toStdString();
    }
    std::string distance(double km) const override { return models::distance(km).toStdString(); }
    std::string speed(double kmh) const override { return models::speed(kmh).toStdString(); }
    std::string duration(Microseconds span) const override { return models::duration(span).toStdString(); }
    std::string date(Timestamp t) const override { return shortDate(t).toStdString(); }
    std::string time(Timestamp t) const override { return shortTime(t).toStdString(); }
    std::string name(DetectionType type) const override { return typeName(type).toStdString(); }
    std::string name(RiskLevel level) const override { return levelName(level).toStdString(); }
    std::string name(RiskState state) const override { return stateName(state).toStdString(); }
    // Languages differ in this; in a language that capitalises nouns it would be wrong.
    std::string within(std::string name) const override { return name; }

private:
    std::string translated(const query::Phrase &phrase) const override
    {
        constexpr std::int64_t most = std::numeric_limits<int>::max();
        return QCoreApplication::translate("Why", phrase.source, phrase.comment,
                                           static_cast<int>(std::min(phrase.n, most)))
            .toStdString();
    }
};

const TranslatedWords words;

// "Mozilla/5.0 (Windows NT 10.0; …) … Firefox/154.0 (14), …" to "Firefox 154, Windows 10 (14); …". A user agent
// holds commas itself, so counts end an item; what is none stays as it is, and equal ones are counted together.
std::string agentNames(const std::string &stored)
{
    static const QRegularExpression counted(QStringLiteral(" \\((\\d+)\\)(?:, |$)"));
    const auto all = text(stored);
    std::vector<std::pair<QString, qint64>> items; // 0: without a count
    const auto add = [&items](const QString &agent, qint64 times) {
        if (agent.isEmpty())
            return;
        const auto read = enrich::readAgent(agent.toStdString(), "", "");
        const auto parts = QStringList{text(read.browser), systemName(read.system)};
        auto name = parts.filter(QRegularExpression(QStringLiteral("."))).join(QStringLiteral(", "));
        if (name.isEmpty() || !agent.contains(u'/'))
            name = agent;
        const auto known =
            std::find_if(items.begin(), items.end(), [&](const auto &item) { return item.first == name; });
        if (known == items.end())
            items.emplace_back(name, times);
        else
            known->second += times;
    };
    qsizetype from = 0;
    for (auto it = counted.globalMatch(all); it.hasNext();) {
        const auto match = it.next();
        add(all.mid(from, match.capturedStart() - from), match.captured(1).toLongLong());
        from = match.capturedEnd();
    }
    add(all.mid(from), 0);
    QStringList out;
    for (const auto &[name, times] : items)
        out << (times == 0 ? name : QStringLiteral("%1 (%2)").arg(name, count(times)));
    return out.join(QStringLiteral("; ")).toStdString();
}

} // namespace

QString reasonLine(const Detection &detection, std::string_view organisation)
{
    return text(query::reasonLine(detection, words, organisation));
}

QString wholeReason(const Detection &detection, std::string_view organisation)
{
    constexpr std::size_t longest = 1000;
    return text(query::reasonLine(detection, words, organisation, longest));
}

QString reasonName(std::string_view reason)
{
    return text(query::reasonName(reason, words));
}

QString doubt(const CrowdedAddress &crowd)
{
    return text(query::doubt(crowd, words));
}

QString explanation(const Detection &detection)
{
    return text(query::explanation(detection, words));
}

QString whatHappened(const query::HistoryRow &row)
{
    const auto what = ledgerName(row.event.kind);
    if (const auto &back = row.takenBack) {
        const auto who = back->actor.empty() ? QStringLiteral("Riskdesk") : shown(back->actor);
        return (back->again ? History::tr("Done again: %1 by %2 on %3", "action, who, when")
                            : History::tr("Taken back: %1 by %2 on %3", "action, who, when"))
            .arg(ledgerName(back->kind), who, shortTime(back->at));
    }
    if (row.detectionType.empty())
        return what;
    const auto type = detectionTypeFromText(row.detectionType);
    const auto named = History::tr("%1: %2", "what happened, detection")
                           .arg(what, type ? typeName(*type) : shown(query::wordsOf(row.detectionType)));
    return row.times <= 1 ? named
                          : History::tr("%1, seen %Ln times, last %2", nullptr, static_cast<int>(row.times))
                                .arg(named, shortTime(row.lastAt));
}

AuditSaid auditSaid(const query::AuditRow &record)
{
    const auto said = query::auditSaid(record, words);
    return {text(said.action), text(said.target), text(said.before),
            text(said.after),  text(said.change), text(said.reason)};
}

QString auditWord(std::string_view column, std::string_view stored)
{
    return text(column == "action"   ? query::auditAction(stored, words)
                : column == "role"   ? query::auditRole(stored, words)
                : column == "via"    ? query::auditVia(stored, words)
                : column == "reason" ? query::auditReason(stored, words)
                                     : words.fact(stored));
}

QString takenBack(const query::AuditRow &record)
{
    if (record.undone.empty())
        return History::tr("Decision %1", "by its number").arg(record.undoOf);
    if (record.action == "redo") // the time is that of the undo, which it takes back
        return text(query::auditAction(record.undone, words));
    return History::tr("%1, %2", "what was decided, when")
        .arg(text(query::auditAction(record.undone, words)), shortTime(record.undoneAt));
}

SignalWords signalWords(const Evidence &evidence, const Signal &signal)
{
    const auto said = query::signalWords(evidence, signal, words);
    const auto orDash = [](const std::string &cell) {
        return cell.empty() ? QStringLiteral("–") : text(cell);
    };
    SignalWords out{text(said.name), orDash(said.usual), orDash(said.seen), text(said.result), {}, {}};
    if (signal.key == "device" || signal.key == "userAgent")
        for (const auto &[cell, tip, stored] :
             {std::tie(out.usual, out.usualTip, signal.usual), std::tie(out.seen, out.seenTip, signal.seen)})
            if (const auto named = agentNames(stored); named != stored) {
                cell = shown(named);
                tip = shown(stored);
            }
    return out;
}

QString whyNot(DetectionType type, const Verdict &verdict)
{
    return text(query::whyNot(type, verdict, words));
}

} // namespace riskdesk::models
