// $filter means what it says of the rows' JSON: for any filter over any rows, the rows that SQL finds (and,
// of sign-ins, the columns in memory) are those that a plain reading of their objects finds. And pages that
// follow each other give every row once, in order, while others arrive.
#include "core/base/text.h"
#include "core/query/filter/filter_sql.h"
#include "core/query/odata/odata_filter.h"
#include "core/query/odata/odata_query.h"
#include "core/query/page.h"
#include "core/query/read_session.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/query/spine.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/risky_users.h"
#include "core/query/tables/sign_ins.h"

#include "tests/support/effort.h"
#include "tests/support/small_sign_ins.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <rapidcheck.h>

#include <map>

using namespace riskdesk;
using namespace riskdesk::query;
using namespace riskdesk::test;

namespace {

enum class Kind : std::uint8_t { Text, Code, Word, Level, Truth, Time, Number, Address };

struct Told
{
    const char *path;
    Kind kind;
};

// What can be asked for.
const std::vector<Told> &properties(Report report)
{
    static const std::map<Report, std::vector<Told>> all = {{Report::RiskyUsers,
                                                             {{"id", Kind::Text},
                                                              {"isDeleted", Kind::Truth},
                                                              {"isProcessing", Kind::Truth},
                                                              {"riskLevel", Kind::Level},
                                                              {"riskState", Kind::Word},
                                                              {"riskDetail", Kind::Word},
                                                              {"riskLastUpdatedDateTime", Kind::Time},
                                                              {"userDisplayName", Kind::Text},
                                                              {"userPrincipalName", Kind::Text}}},
                                                            {Report::Detections,
                                                             {{"id", Kind::Text},
                                                              {"requestId", Kind::Text},
                                                              {"correlationId", Kind::Text},
                                                              {"riskEventType", Kind::Text},
                                                              {"riskType", Kind::Text},
                                                              {"riskState", Kind::Word},
                                                              {"riskLevel", Kind::Level},
                                                              {"riskDetail", Kind::Word},
                                                              {"source", Kind::Text},
                                                              {"detectionTimingType", Kind::Word},
                                                              {"activity", Kind::Word},
                                                              {"ipAddress", Kind::Address},
                                                              {"activityDateTime", Kind::Time},
                                                              {"detectedDateTime", Kind::Time},
                                                              {"lastUpdatedDateTime", Kind::Time},
                                                              {"userId", Kind::Text},
                                                              {"userDisplayName", Kind::Text},
                                                              {"userPrincipalName", Kind::Text},
                                                              {"location/city", Kind::Text},
                                                              {"location/countryOrRegion", Kind::Code}}},
                                                            {Report::SignIns,
                                                             {{"id", Kind::Text},
                                                              {"createdDateTime", Kind::Time},
                                                              {"userId", Kind::Text},
                                                              {"userDisplayName", Kind::Text},
                                                              {"userPrincipalName", Kind::Text},
                                                              {"appDisplayName", Kind::Text},
                                                              {"ipAddress", Kind::Address},
                                                              {"clientAppUsed", Kind::Text},
                                                              {"userAgent", Kind::Text},
                                                              {"correlationId", Kind::Text},
                                                              {"isInteractive", Kind::Truth},
                                                              {"autonomousSystemNumber", Kind::Number},
                                                              {"riskDetail", Kind::Word},
                                                              {"riskLevelAggregated", Kind::Level},
                                                              {"riskLevelDuringSignIn", Kind::Level},
                                                              {"riskState", Kind::Word},
                                                              {"resourceDisplayName", Kind::Text},
                                                              {"status/errorCode", Kind::Number},
                                                              {"deviceDetail/deviceId", Kind::Text},
                                                              {"deviceDetail/operatingSystem", Kind::Text},
                                                              {"deviceDetail/browser", Kind::Text},
                                                              {"location/city", Kind::Text},
                                                              {"location/countryOrRegion", Kind::Code}}}};
    return all.at(report);
}

QJsonValue at(const QJsonObject &row, const std::string &path)
{
    QJsonValue value = row;
    for (const auto &name : QString::fromStdString(path).split('/'))
        value = value.toObject().value(name);
    return value;
}

std::string folded(const QJsonValue &value)
{
    return foldForSearch(value.toString().toStdString());
}

// A condition as it was made, not as it was read.
struct Condition
{
    enum class Form : std::uint8_t { And, Or, Not, Compare, In, Function };
    Form form = Form::Compare;
    std::vector<Condition> parts;
    Told property{"", Kind::Text};
    std::string word; // eq, startswith
    // Null, or the literal as what it is.
    struct Literal
    {
        bool isNull = false, truth = false;
        std::string text;
        double number = 0;
        std::int64_t tenths = 0; // of a microsecond, since the epoch
    };
    std::vector<Literal> literals;
};

int levelOf(const std::string &word)
{
    static const std::map<std::string, int> levels = {{"none", 0}, {"low", 1}, {"medium", 2}, {"high", 3}};
    return levels.at(word);
}

template <typename T>
bool compared(const std::string &word, T left, T right)
{
    return word == "lt"   ? left < right
           : word == "le" ? left <= right
           : word == "gt" ? left > right
                          : left >= right;
}

bool isEqual(const Condition &c, const QJsonValue &value, const Condition::Literal &literal)
{
    const bool isText = c.property.kind == Kind::Text || c.property.kind == Kind::Code;
    // An empty text is none.
    const bool isNull = value.isNull() || value.isUndefined() || (isText && value.toString().isEmpty());
    const bool wantsNull = literal.isNull || (isText && literal.text.empty());
    if (isNull || wantsNull)
        return isNull && wantsNull;
    switch (c.property.kind) {
    case Kind::Text:
    case Kind::Code: return folded(value) == foldForSearch(literal.text);
    case Kind::Word:
    case Kind::Level:
    case Kind::Address: return value.toString().toStdString() == literal.text;
    case Kind::Truth: return value.toBool() == literal.truth;
    case Kind::Time: return Timestamp::fromIso(value.toString().toStdString())->us * 10 == literal.tenths;
    case Kind::Number: return value.toDouble() == literal.number;
    }
    return false;
}

bool holds(const Condition &c, const QJsonObject &row)
{
    const auto isTrue = [&row](const Condition &part) { return holds(part, row); };
    switch (c.form) {
    case Condition::Form::And: return std::all_of(c.parts.begin(), c.parts.end(), isTrue);
    case Condition::Form::Or: return std::any_of(c.parts.begin(), c.parts.end(), isTrue);
    case Condition::Form::Not: return !isTrue(c.parts[0]);
    default: break;
    }
    const auto value = at(row, c.property.path);
    if (c.form == Condition::Form::In)
        return std::any_of(c.literals.begin(), c.literals.end(),
                           [&](const auto &literal) { return isEqual(c, value, literal); });
    const auto &literal = c.literals[0];
    if (c.form == Condition::Form::Function) {
        const auto text = folded(value), part = foldForSearch(literal.text);
        if (value.isNull() || text.empty())
            return false;
        return c.word == "startswith" ? text.starts_with(part)
               : c.word == "endswith" ? text.ends_with(part)
                                      : text.find(part) != std::string::npos;
    }
    if (c.word == "eq" || c.word == "ne")
        return isEqual(c, value, literal) == (c.word == "eq");
    if (value.isNull() || literal.isNull)
        return false;
    if (c.property.kind == Kind::Level)
        return compared(c.word, levelOf(value.toString().toStdString()), levelOf(literal.text));
    if (c.property.kind == Kind::Number)
        return compared(c.word, value.toDouble(), literal.number);
    return compared(c.word, Timestamp::fromIso(value.toString().toStdString())->us * 10, literal.tenths);
}

std::string quoted(const std::string &text)
{
    return QString("'%1'").arg(QString::fromStdString(text).replace("'", "''")).toStdString();
}

std::string spelled(const Condition &c, const Condition::Literal &literal)
{
    if (literal.isNull)
        return "null";
    switch (c.property.kind) {
    case Kind::Truth: return literal.truth ? "true" : "false";
    case Kind::Number: return fmt::format("{}", literal.number);
    case Kind::Time: {
        // Two hours east of Greenwich.
        const auto us = literal.tenths / 10;
        const auto whole = Timestamp{us - us % 1'000'000 + std::int64_t{7200} * 1'000'000}.toIso();
        return fmt::format("{}.{:07}+02:00", whole.substr(0, 19), literal.tenths % 10'000'000);
    }
    default: return quoted(literal.text);
    }
}

std::string spelled(const Condition &c)
{
    std::string out;
    switch (c.form) {
    case Condition::Form::And:
    case Condition::Form::Or:
        for (const auto &part : c.parts)
            out += (out.empty()                      ? "("
                    : c.form == Condition::Form::And ? ") and ("
                                                     : ") or (") +
                   spelled(part);
        return out + ')';
    case Condition::Form::Not: return "not (" + spelled(c.parts[0]) + ')';
    case Condition::Form::Function:
        return fmt::format("{}({},{})", c.word, c.property.path, quoted(c.literals[0].text));
    case Condition::Form::Compare:
        return fmt::format("{} {} {}", c.property.path, c.word, spelled(c, c.literals[0]));
    case Condition::Form::In:
        for (const auto &literal : c.literals)
            out += (out.empty() ? "" : ",") + spelled(c, literal);
        return fmt::format("{} in ({})", c.property.path, out);
    }
    return out;
}

// Conditions whose values are those of the rows, or nearly.
class RandomCondition
{
public:
    RandomCondition(Report report, const std::vector<QJsonObject> &rows, unsigned seed)
        : m_report(report)
        , m_rows(rows)
        , m_random(seed)
    {}
    std::size_t below(std::size_t n) { return m_random() % n; }

    Condition tree(int depth)
    {
        Condition c;
        if (depth == 0 || below(3) == 0)
            return leaf();
        const auto form = below(5);
        c.form = form == 0 ? Condition::Form::Not : form < 3 ? Condition::Form::And : Condition::Form::Or;
        for (auto n = form == 0 ? 1 : 1 + below(3); n > 0; --n)
            c.parts.push_back(tree(depth - 1));
        return c;
    }

    Condition leaf()
    {
        const auto &all = properties(m_report);
        return about(all[below(all.size())]);
    }

    Condition about(const Told &property)
    {
        Condition c;
        c.property = property;
        m_path = property.path;
        const auto kind = c.property.kind;
        const bool isText = kind == Kind::Text || kind == Kind::Code || kind == Kind::Address;
        if (isText && below(2) == 0) {
            c.form = Condition::Form::Function;
            c.word = below(2) == 0                         ? "startswith"
                     : kind == Kind::Code || below(2) == 0 ? "endswith"
                                                           : "contains";
            c.literals = {part(value().toString().toStdString())};
            return c;
        }
        if (below(4) == 0) {
            c.form = Condition::Form::In;
            for (auto n = 1 + below(3); n > 0; --n)
                c.literals.push_back(literal(c));
            return c;
        }
        const bool orders = kind == Kind::Level || kind == Kind::Time || kind == Kind::Number;
        static const char *const words[] = {"eq", "ne", "lt", "le", "gt", "ge"};
        c.word = words[below(orders ? 6 : 2)];
        c.literals = {literal(c)};
        return c;
    }

private:
    QJsonValue value() { return at(m_rows[below(m_rows.size())], m_path); }

    Condition::Literal part(const std::string &text)
    {
        const auto whole = QString::fromStdString(text);
        const auto from = below(2) == 0 ? 0 : below(static_cast<std::size_t>(whole.size()) + 1);
        auto out =
            whole.mid(static_cast<qsizetype>(from), below(3) == 0 ? -1 : static_cast<qsizetype>(below(5)));
        Condition::Literal literal;
        literal.text = (below(3) == 0 ? out.toUpper() : out).toStdString();
        return literal;
    }

    Condition::Literal literal(const Condition &c)
    {
        const auto found = value();
        Condition::Literal literal;
        literal.isNull = found.isNull() || below(12) == 0;
        literal.text = found.toString().toStdString();
        literal.truth = found.toBool();
        literal.number = found.toDouble() + static_cast<double>(below(3)) - 1;
        if (below(8) == 0)
            literal.number += 0.5;
        if (c.property.kind == Kind::Time && !literal.isNull) {
            static constexpr std::int64_t near[] = {0, 0, 1, -1, 10, -10, 5, 36'000'000'000};
            literal.tenths = Timestamp::fromIso(literal.text)->us * 10 + near[below(8)];
        }
        if ((c.property.kind == Kind::Text || c.property.kind == Kind::Code) && below(3) == 0)
            literal.text = QString::fromStdString(literal.text).toUpper().toStdString();
        return literal;
    }

    Report m_report;
    const std::vector<QJsonObject> &m_rows;
    std::mt19937 m_random;
    std::string m_path = "id";
};

QJsonObject object(const std::string &json)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
}

} // namespace

class ODataFilter : public QObject
{
    Q_OBJECT

    SmallDirectory m_directory;
    std::map<Report, std::vector<std::int64_t>> m_ids;
    std::map<Report, std::vector<QJsonObject>> m_rows; // in the order of the ids

    std::vector<std::int64_t> bySql(const Question &question)
    {
        if (question.report != Report::SignIns) {
            const auto ids = readSpine(m_directory.connection(), question);
            if (!ids)
                throw std::runtime_error(ids.error().subject + ": " + ids.error().detail);
            return *ids;
        }
        auto reading = Reading::begin(m_directory.connection());
        const auto sql = fromWhere(question);
        if (!reading || !sql)
            throw std::runtime_error("not asked");
        store::Statement rows(m_directory.connection(), "SELECT n.row " + sql->text + " ORDER BY n.row");
        sql->bindTo(rows);
        std::vector<std::int64_t> found;
        while (rows.step())
            found.push_back(rows.int64(0));
        if (!rows.ok())
            throw std::runtime_error(rows.error().detail);
        return found;
    }

    std::vector<std::int64_t> byColumns(const Question &question)
    {
        const auto spine =
            ReadSession::of(m_directory.connection())->signIns()->ask(m_directory.connection(), question);
        if (!spine)
            throw std::runtime_error(spine.error().subject + ": " + spine.error().detail);
        std::vector<std::int64_t> found(spine->rows.begin(), spine->rows.end());
        std::sort(found.begin(), found.end());
        return found;
    }

    // How many rows there are.
    std::size_t agree(Report report, const Condition &condition)
    {
        const auto text = spelled(condition);
        const auto filter = parseODataFilter(report, text);
        if (!filter)
            RC_FAIL(text + ": " + filter.error().message());
        std::vector<std::int64_t> expected;
        for (std::size_t i = 0; i < m_rows[report].size(); ++i)
            if (holds(condition, m_rows[report][i]))
                expected.push_back(m_ids[report][i]);
        std::sort(expected.begin(), expected.end());
        const Question question{report, *filter, {}, {}, smallNow};
        auto found = bySql(question);
        std::sort(found.begin(), found.end());
        if (found != expected)
            RC_FAIL(fmt::format("{}: {} rows by SQL, {} by reading", text, found.size(), expected.size()));
        if (report == Report::SignIns && byColumns(question) != expected)
            RC_FAIL(fmt::format("{}: columns do not find the {} rows", text, expected.size()));
        return expected.size();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_directory.populate(60);
        auto &db = m_directory.connection();
        for (const auto *sql :
             {"UPDATE user SET display_name = '' WHERE id % 7 = 0",
              "UPDATE user SET upn = '' WHERE id % 11 = 0",
              "UPDATE detection SET type = 15, type_text = 'leakedCredentials' WHERE rowid % 5 = 0",
              "UPDATE detection SET type = 15, type_text = '' WHERE rowid % 23 = 0",
              "UPDATE detection SET at = at + rowid % 3, detail = rowid % 4, correlation_id = 'c' || (rowid "
              "% 6)"
              " WHERE rowid % 2 = 0",
              "UPDATE user_risk SET updated_at = updated_at + user % 3, is_processing = user % 2, detail = "
              "user % 9"})
            SmallDirectory::need(db.execute(sql));
        SmallSignIns make(m_directory, 200, 11);
        const auto users = bySql({Report::RiskyUsers, {}, {}, {}, smallNow});
        const auto userRows = readRiskyUsers(db, users);
        const auto detections = bySql({Report::Detections, {}, {}, {}, smallNow});
        const auto detectionRows = readDetections(db, detections);
        const auto all = ReadSession::of(db)->signIns();
        const auto spine = all->ask(db, {Report::SignIns, {}, {}, {}, smallNow});
        QVERIFY(userRows && detectionRows && spine);
        const auto items = all->read(db, spine->generation, spine->rows);
        QVERIFY(items);
        m_ids = {{Report::RiskyUsers, users},
                 {Report::Detections, detections},
                 {Report::SignIns, {spine->rows.begin(), spine->rows.end()}}};
        for (const auto &row : *userRows)
            m_rows[Report::RiskyUsers].push_back(object(json(riskyUserColumns(), row)));
        for (const auto &row : *detectionRows)
            m_rows[Report::Detections].push_back(object(json(riskDetectionColumns(), row)));
        for (const auto &item : *items)
            m_rows[Report::SignIns].push_back(object(json(signInColumns(), item)));
    }

    void findsWhatItSays_data()
    {
        QTest::addColumn<int>("report");
        QTest::newRow("risky users") << static_cast<int>(Report::RiskyUsers);
        QTest::newRow("risk detections") << static_cast<int>(Report::Detections);
        QTest::newRow("sign-ins") << static_cast<int>(Report::SignIns);
    }
    void findsWhatItSays()
    {
        QFETCH(int, report);
        const auto of = static_cast<Report>(report);
        QVERIFY(rc::check("SQL finds what the objects say", [&] {
            RandomCondition random(of, m_rows[of], *rc::gen::arbitrary<unsigned>());
            agree(of, random.tree(3));
        }));
        // Each by itself, as a tree hides much; and else the values would not meet the rows and prove
        // nothing.
        std::map<std::string, std::pair<bool, bool>> met;
        QVERIFY(rc::check("for each property", [&] {
            RandomCondition random(of, m_rows[of], *rc::gen::arbitrary<unsigned>());
            for (const auto &property : properties(of)) {
                const auto count = agree(of, random.about(property));
                auto &[some, notAll] = met[property.path];
                some = some || count > 0;
                notAll = notAll || count < m_rows[of].size();
            }
        }));
        for (const auto &[path, both] : met)
            QVERIFY2(both.first && both.second, path.c_str());
    }

    void pagesGiveEachRowOnce_data() { findsWhatItSays_data(); }
    void pagesGiveEachRowOnce()
    {
        QFETCH(int, report);
        const auto of = static_cast<Report>(report);
        unsigned made = 0;
        QVERIFY(rc::check("pages while rows arrive", [&] {
            RandomCondition random(of, m_rows[of], *rc::gen::arbitrary<unsigned>());
            std::string order;
            for (auto n = random.below(4); n > 0; --n)
                order += (order.empty() ? "" : ",") + sortablePath(of, random.below(1000)) +
                         (random.below(2) == 0 ? " desc" : "");
            const auto filter = random.below(2) == 0 ? spelled(random.tree(1)) : std::string();
            const auto top = std::to_string(1 + random.below(of == Report::SignIns ? 60 : 30));
            const bool arriving = random.below(2) == 0;
            std::vector<ODataOption> options = {{"$top", top}};
            if (!order.empty())
                options.emplace_back("$orderby", order);
            if (!filter.empty())
                options.emplace_back("$filter", filter);

            auto asked = parseODataQuery(of, options, {10, 100, "secret"});
            if (!asked)
                RC_FAIL(asked.error().message());
            asked->question.now = smallNow;
            const auto before = ordered(asked->question);
            std::vector<std::int64_t> read;
            std::string token;
            for (;;) {
                auto now = options;
                if (!token.empty())
                    now.emplace_back("$skiptoken", token);
                const auto next = parseODataQuery(of, now, {10, 100, "secret"});
                if (!next)
                    RC_FAIL(next.error().message());
                const auto page = readPage(m_directory.connection(), next->question, next->after, next->top);
                if (!page)
                    RC_FAIL(page.error().subject + ": " + page.error().detail);
                RC_ASSERT(page->ids.size() <= next->top);
                // A page that is not the last is full, and the last is told to be.
                RC_ASSERT(!page->next || page->ids.size() == next->top);
                read.insert(read.end(), page->ids.begin(), page->ids.end());
                if (!page->next)
                    break;
                RC_ASSERT(!page->ids.empty());
                token = next->skipToken(*page->next, "secret");
                if (arriving && made < 150)
                    add(of, ++made);
            }
            RC_ASSERT(std::set<std::int64_t>(read.begin(), read.end()).size() == read.size());
            const std::set<std::int64_t> known(before.begin(), before.end());
            std::vector<std::int64_t> old;
            std::copy_if(read.begin(), read.end(), std::back_inserter(old),
                         [&](std::int64_t id) { return known.contains(id); });
            if (old != before)
                RC_FAIL(fmt::format("by '{}' of '{}': {} rows in pages, {} in all", order, filter, old.size(),
                                    before.size()));
            if (!arriving)
                RC_ASSERT(read == before);
        }));
    }

    void anyTextIsReadOrRefused()
    {
        QVERIFY(rc::check("no text breaks the reader", [this] {
            static const std::vector<std::string> pieces = {"riskLevel",
                                                            "isDeleted",
                                                            "id",
                                                            "location/city",
                                                            "riskLastUpdatedDateTime",
                                                            "ipAddress",
                                                            "riskState",
                                                            " ",
                                                            " eq ",
                                                            " ne ",
                                                            " lt ",
                                                            " in ",
                                                            "(",
                                                            ")",
                                                            ",",
                                                            "'",
                                                            "''",
                                                            "'high'",
                                                            "high",
                                                            "null",
                                                            "true",
                                                            "not ",
                                                            " and ",
                                                            " or ",
                                                            "startswith(",
                                                            "contains(",
                                                            "2026-03-18",
                                                            "T14:26:00.1234567Z",
                                                            "-1",
                                                            "1e9",
                                                            "'192.0.2.7'",
                                                            "\"",
                                                            "$",
                                                            "\xff",
                                                            "\xc3\xa9",
                                                            "%",
                                                            std::string(1, '\0')};
            const auto report = static_cast<Report>(*rc::gen::inRange(0, 6));
            std::string text;
            for (const auto &piece :
                 *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces)))
                text += piece;
            const auto filter = parseODataFilter(report, text);
            if (filter && report != Report::SignIns && report != Report::Campaigns)
                RC_ASSERT(
                    readSpine(m_directory.connection(), {report, *filter, {}, {}, smallNow}).has_value());
            if (filter)
                return;
            const auto &error = filter.error();
            RC_ASSERT(error.position + error.length <= text.size());
            RC_ASSERT(!error.sentence.empty());
            RC_ASSERT(isValidUtf8(error.message()) || !isValidUtf8(text));
        }));
    }

    // SQLite takes no expression that is nested a thousand times, and a long chain is one.
    void theLargestFilterIsAnswered_data()
    {
        QTest::addColumn<QString>("each");
        QTest::addColumn<QString>("between");
        QTest::newRow("or") << QString("startswith(userPrincipalName,'a')") << QString(" or ");
        QTest::newRow("and not") << QString("not contains(ipAddress,'a')") << QString(" and ");
        QTest::newRow("nots of null") << QString("not (ipAddress ne null)") << QString(" or ");
    }
    void theLargestFilterIsAnswered()
    {
        QFETCH(QString, each);
        QFETCH(QString, between);
        const auto chain =
            QStringList(static_cast<qsizetype>(mostODataValues), each).join(between).toStdString();
        const auto deep = std::string(60, '(') + chain + std::string(60, ')');
        for (const auto report : {Report::Detections, Report::SignIns}) {
            const auto filter = parseODataFilter(report, deep);
            QVERIFY2(filter, filter ? "" : filter.error().message().c_str());
            const Question question{
                report, *filter, {}, {{"riskState", true}, {"ipAddress", false}}, smallNow};
            const auto page = readPage(m_directory.connection(), question, {}, 1);
            QVERIFY2(page, page ? "" : page.error().detail.c_str());
            if (page->next)
                QVERIFY(readPage(m_directory.connection(), question, page->next, 1));
        }
    }

    void aPageGoesOnBehindARowThatIsGone()
    {
        auto &db = m_directory.connection();
        const Question question{Report::Detections, {}, {}, {{"userDisplayName", true}}, smallNow};
        const auto all = ordered(question);
        const auto first = readPage(db, question, {}, 5);
        QVERIFY(first && first->next);
        store::Statement gone(db, "DELETE FROM detection WHERE rowid = ?1");
        gone.bind(first->ids.back());
        QVERIFY(gone.run());
        const auto second = readPage(db, question, first->next, 5);
        QVERIFY(second);
        QCOMPARE(second->ids, std::vector<std::int64_t>(all.begin() + 5, all.begin() + 10));
    }

    void aSignInThatIsGoneEndsThePages()
    {
        auto &db = m_directory.connection();
        const Question question{Report::SignIns, {}, {}, {}, smallNow};
        auto first = readPage(db, question, {}, 5);
        QVERIFY(first && first->next);
        first->next->values[1] = std::vector<std::uint8_t>(16, 7); // another key in its place
        const auto second = readPage(db, question, first->next, 5);
        QVERIFY(!second);
        QCOMPARE(second.error().code, Code::NotFound);
        const auto other =
            readPage(db, {Report::Detections, {}, {}, {{"id", false}}, smallNow}, query::Position{}, 5);
        QVERIFY(!other);
        QCOMPARE(other.error().code, Code::WrongUsage);
    }

private:
    std::vector<std::int64_t> ordered(const Question &question)
    {
        if (question.report != Report::SignIns)
            return bySql(question);
        const auto spine =
            ReadSession::of(m_directory.connection())->signIns()->ask(m_directory.connection(), question);
        if (!spine)
            throw std::runtime_error(spine.error().detail);
        return {spine->rows.begin(), spine->rows.end()};
    }

    static std::string sortablePath(Report report, std::size_t any)
    {
        std::vector<std::string> paths;
        for (const auto &[path, kind] : properties(report))
            if (parseOrderBy(report, path))
                paths.emplace_back(path);
        return paths[any % paths.size()];
    }

    void add(Report report, unsigned n)
    {
        auto &db = m_directory.connection();
        if (report == Report::RiskyUsers) {
            SmallUser user;
            user.key = fmt::format("new{}", n * 7919 % 1000);
            user.name = n % 3 == 0 ? "" : fmt::format("{} New", static_cast<char>('A' + n % 26));
            user.upn = user.key + "-" + std::to_string(n);
            user.key += "-" + std::to_string(n);
            user.level = static_cast<RiskLevel>(n % 4);
            user.state = RiskState::AtRisk;
            user.updated = {smallNow.us - static_cast<std::int64_t>(n % 120) * dayUs};
            m_directory.addUser(user);
        } else if (report == Report::Detections) {
            SmallDetection d;
            d.user = 1 + n % 60;
            d.level = static_cast<RiskLevel>(1 + n % 3);
            d.type = static_cast<DetectionType>(1 + n % 7);
            d.at = {smallNow.us - static_cast<std::int64_t>(n % 120) * dayUs};
            d.city = n % 4 == 0 ? "" : "Porto";
            d.ip = n % 5 == 0 ? "" : fmt::format("198.51.{}.{}", n % 4, n % 20);
            m_directory.addDetection(d);
        } else {
            SignInRow row;
            row.at = smallNow.us - static_cast<std::int64_t>(n % 40) * dayUs / 4;
            row.user = 1 + n % 20;
            row.eventKey = blake2b128(fmt::format("arrived {}", n));
            row.errorCode = static_cast<std::int32_t>(n % 3);
            const std::vector<SignInRow> rows{row};
            SmallDirectory::need(db.execute("BEGIN"));
            if (!store::writeSegment(db, 1, rows))
                throw std::runtime_error("no segment");
            SmallDirectory::need(db.execute("COMMIT"));
        }
    }
};

int main(int argc, char **argv)
{
    qputenv("RC_PARAMS", "seed=20260318 max_success=" + QByteArray::number(test::effort(120)));
    ODataFilter test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_odata_filter.moc"
