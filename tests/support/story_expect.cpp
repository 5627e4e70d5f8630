// What a story expects: questions to the directory file, and to `riskdeskctl explain`.
#include "core/domain/intelligence.h"
#include "core/domain/risk.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include "tests/support/story.h"

#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cmath>

namespace riskdesk::test {
namespace {

template <typename Enumeration>
QString textOf(Enumeration value)
{
    return QString::fromStdString(std::string(toText(value)));
}

// Evidence as it is stored and exported: facts by their names.
QHash<QString, QJsonValue> factsOf(const QJsonObject &evidence)
{
    QHash<QString, QJsonValue> facts;
    for (const auto item : evidence["facts"].toArray()) {
        const auto fact = item.toObject();
        for (const auto *kind : {"i", "d", "s", "t", "b"})
            if (fact.contains(QLatin1String(kind)))
                facts[fact["k"].toString()] = fact[QLatin1String(kind)];
    }
    return facts;
}
QHash<QString, QJsonValue> factsOf(std::string_view json)
{
    return factsOf(
        QJsonDocument::fromJson(QByteArray(json.data(), static_cast<qsizetype>(json.size()))).object());
}

// FACT < | > NUMBER, FACT is TEXT. `about` tells the values found.
bool holds(const QHash<QString, QJsonValue> &facts, const QString &fact, const QString &sign,
           const QString &value, QString &about)
{
    const auto found = facts.value(fact);
    const auto text = found.toVariant().toString();
    about += QString(" %1=%2").arg(fact, text);
    if (sign == "is")
        return text == value;
    const double number = found.toDouble(std::nan(""));
    return sign == ">" ? number > value.toDouble() : number < value.toDouble();
}

// The words `because FACT SIGN VALUE [and FACT SIGN VALUE]…` from `at` on; others are left alone.
bool allHold(const QHash<QString, QJsonValue> &facts, const QStringList &w, qsizetype at, QString &about)
{
    bool all = true;
    for (; at + 3 < w.size(); ++at)
        if (w[at] == "because" || w[at] == "and")
            all = holds(facts, w[at + 1], w[at + 2], w[at + 3], about) && all;
    return all;
}

QString optionOf(const QStringList &w, qsizetype at, const QString &name)
{
    for (; at + 1 < w.size() && w[at] != "because"; ++at)
        if (w[at] == name)
            return w[at + 1];
    return {};
}

} // namespace

QString Story::expect(const QStringList &w)
{
    const auto what = w.value(1);
    if (what == "explain")
        return expectExplain(w);
    if (what == "import")
        return m_said.contains(w.mid(2).join(' ').toUtf8()) ? QString()
                                                            : "it said " + QString::fromUtf8(m_said);
    auto db = store::openForReading(path().toStdString());
    if (!db)
        return QString::fromStdString(sentence(db.error()));
    if (what == "set-aside" || (what == "nothing" && w.value(2) == "set-aside"))
        return expectSetAside(*db, w, what == "nothing");
    if (what == "campaign")
        return expectCampaign(*db, w);
    if (what == "user")
        return expectUser(*db, w);
    if (what == "sign-in")
        return expectSignIn(*db, w);
    if (what == "detection" || what == "no")
        return expectDetection(*db, w, what == "no");
    if (w.value(2) == "detection")
        return expectCount(*db, w);
    return "unknown expectation " + what;
}

// expect set-aside KIND INDICATOR [released]     or     expect nothing set-aside
QString Story::expectSetAside(store::Connection &db, const QStringList &w, bool nothing)
{
    store::Statement rows(db, "SELECT kind, indicator, released_at IS NOT NULL FROM intel_set_aside");
    QStringList seen;
    while (rows.step())
        seen << textOf(rows.as<ListKind>(0)) + ' ' + QString::fromStdString(rows.string(1)) +
                    (rows.int64(2) != 0 ? " released" : "");
    if (!rows.ok())
        return QString::fromStdString(sentence(rows.error()));
    const bool same = nothing ? seen.isEmpty() : seen.contains(w.mid(2).join(' '));
    return same ? QString() : "set aside is " + (seen.isEmpty() ? "nothing" : seen.join(", "));
}

// expect detection TYPE USER [level L] [state S] [seen N] [because …]
// expect no detection [TYPE] USER
QString Story::expectDetection(store::Connection &db, const QStringList &w, bool none)
{
    const auto type = none ? (w.size() > 4 ? w[3] : QString()) : w.value(2);
    const auto user = none ? w.last() : w.value(3);
    store::Statement rows(db, "SELECT type_text, level, state, count, evidence FROM detection JOIN user ON "
                              "user.id = detection.user WHERE key = ?1");
    rows.bind(id(user).toStdString());
    QStringList seen;
    while (rows.step()) {
        const auto text = QString::fromStdString(rows.string(0));
        const auto level = textOf(rows.as<RiskLevel>(1));
        const auto state = textOf(rows.as<RiskState>(2));
        const auto count = QString::number(rows.int64(3));
        auto about = QString("%1 level %2 state %3 seen %4").arg(text, level, state, count);
        bool same = type.isEmpty() || text == type;
        if (!none) {
            const auto is = [&](const char *name, const QString &found) {
                const auto wanted = optionOf(w, 4, name);
                return wanted.isEmpty() || wanted == found;
            };
            same = same && is("level", level) && is("state", state) && is("seen", count);
            same = allHold(factsOf(rows.text(4)), w, 4, about) && same;
        }
        seen << about;
        if (same)
            return none ? "there is " + about : QString();
    }
    return none ? QString() : "there is " + (seen.isEmpty() ? "none" : seen.join(", "));
}

// expect NUMBER detection TYPE USER
QString Story::expectCount(store::Connection &db, const QStringList &w)
{
    store::Statement count(db, "SELECT count(*) FROM detection JOIN user ON user.id = detection.user WHERE "
                               "key = ?1 AND type_text = ?2");
    count.bind(id(w.value(4)).toStdString(), w.value(3).toStdString());
    count.step();
    return count.int64(0) == w[1].toInt() ? QString() : QString("there are %1").arg(count.int64(0));
}

// expect campaign NUMBER
// expect campaign because …
QString Story::expectCampaign(store::Connection &db, const QStringList &w)
{
    store::Statement rows(db, "SELECT evidence, attempts, failures, users, addresses, hits FROM campaign");
    int number = 0;
    QStringList seen;
    bool found = false;
    while (rows.step()) {
        ++number;
        auto facts = factsOf(rows.text(0));
        facts["hits"] = static_cast<qint64>(rows.int64(5));
        QString about;
        found = allHold(facts, w, 2, about) || found;
        seen << about.trimmed();
    }
    if (w.value(2) != "because")
        return number == w.value(2).toInt() ? QString() : QString("there are %1 campaigns").arg(number);
    return found ? QString() : "there is " + (seen.isEmpty() ? "none" : seen.join("; "));
}

// expect user USER STATE LEVEL [detail D]
QString Story::expectUser(store::Connection &db, const QStringList &w)
{
    store::Statement row(db, "SELECT state, level, detail FROM user_risk JOIN user ON user.id = "
                             "user_risk.user WHERE key = ?1");
    row.bind(id(w.value(2)).toStdString());
    QString state = "none", level = "none", detail = "none";
    if (row.step()) {
        state = textOf(row.as<RiskState>(0));
        level = textOf(row.as<RiskLevel>(1));
        detail = textOf(row.as<RiskDetail>(2));
    }
    const auto wanted = optionOf(w, 5, "detail");
    return w.value(3) == state && w.value(4) == level && (wanted.isEmpty() || wanted == detail)
               ? QString()
               : QString("the user is %1, %2, %3").arg(state, level, detail);
}

// expect sign-in USER STATE LEVEL: of the sign-in told last
QString Story::expectSignIn(store::Connection &db, const QStringList &w)
{
    store::Statement row(db, "SELECT state, level_aggregated FROM sign_in_risk WHERE request_id = ?1");
    row.bind(m_newest.value(w.value(2)).toStdString());
    QString state = "none", level = "none";
    if (row.step()) {
        state = textOf(row.as<RiskState>(0));
        level = textOf(row.as<RiskLevel>(1));
    }
    return w.value(3) == state && w.value(4) == level ? QString()
                                                      : QString("the sign-in is %1, %2").arg(state, level);
}

// expect explain TYPE USER REASON [because …]: of the sign-in told last
QString Story::expectExplain(const QStringList &w)
{
    const auto ran = ctl({"explain", m_newest.value(w.value(3)), "--format", "json"});
    if (!ran.error.isEmpty())
        return ran.error;
    for (const auto value : QJsonDocument::fromJson(ran.out).object()["detectors"].toArray()) {
        const auto one = value.toObject();
        if (one["riskEventType"].toString() != w.value(2))
            continue;
        auto about = one["reason"].toString() + QString(" %1 of %2 %3")
                                                    .arg(one["value"].toDouble())
                                                    .arg(one["limit"].toDouble())
                                                    .arg(one["unit"].toString());
        const bool same = one["reason"].toString() == w.value(4);
        return allHold(factsOf(one["evidence"].toObject()), w, 5, about) && same ? QString()
                                                                                 : "it says " + about;
    }
    return "no such detector";
}

} // namespace riskdesk::test
