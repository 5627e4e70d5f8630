#include "core/ingest/map_proposal.h"

#include "core/base/text.h"
#include "core/ingest/chunker.h"
#include "core/ingest/csv_record.h"
#include "core/ingest/field_census.h"
#include "core/ingest/field_rules.h"
#include "core/ingest/recognise.h"
#include "core/ingest/time_reader.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <map>

namespace riskdesk::ingest {
namespace {

constexpr std::size_t recordsLookedAt = 200;
constexpr std::size_t outcomesShown = 12; // of more different values none is an outcome

bool isTime(std::string_view text)
{
    const auto number = toDouble(text);
    if (number)
        return (*number >= 946'684'800 && *number < 1e10) || (*number >= 946'684'800e3 && *number < 1e13);
    return readTime(text, {0, DateOrder::DayFirst}).has_value() ||
           readTime(text, {0, DateOrder::MonthFirst}).has_value();
}
bool isAddress(std::string_view text)
{
    return text.find_first_of(".:") != std::string_view::npos && readAddress(text).has_value();
}
bool isMail(std::string_view text)
{
    const auto at = text.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find(' ') == std::string_view::npos;
}
bool isAgent(std::string_view text)
{
    return text.starts_with("Mozilla/") || (text.find('/') != std::string_view::npos && text.size() > 12);
}
bool isShort(std::string_view text)
{
    return text.size() <= 60 && !isTime(text) && !isAddress(text);
}
bool isAnything(std::string_view)
{
    return true;
}

// Names without case and signs. The better word stands first; a word with a star is found within a name too.
struct Clue
{
    MapPart part;
    bool (*fits)(std::string_view value);
    bool byShape; // what fits can be taken whatever it is called
    std::string_view words;
};
constexpr auto clueRows = std::to_array<Clue>({
    {MapPart::Time, isTime, true,
     "createddatetime eventtime eventdate timestamp logintime logindate datetime time date ts when at "
     "created "
     "timegenerated *time *date"},
    {MapPart::Ip, isAddress, true,
     "ipaddress clientip sourceip srcip remoteip remoteaddr ip client.ip address *ipaddr *ip *addr"},
    {MapPart::UserAgent, isAgent, false, "useragent httpuseragent agent *useragent browser"},
    {MapPart::User, isShort, false,
     "userprincipalname upn username login loginname email emailaddress mail user account accountname "
     "subject "
     "principal actor *username *email *login *user"},
    {MapPart::UserId, isShort, false, "userid uid accountid subjectid actorid principalid *userid"},
    {MapPart::Outcome, isShort, false,
     "outcome result status success succeeded loginstatus loginresult eventresult response ok passed allowed "
     "granted *outcome *result "
     "*success *status errorcode statuscode event eventtype eventname action *event *action"},
    {MapPart::Application, isShort, false,
     "application app appname applicationname clientname service servicename target clientid *application "
     "*app"},
    {MapPart::Id, isShort, false, "id eventid requestid uuid guid recordid logid transactionid"},
    {MapPart::Country, isCountryCode, false, "country countrycode countryorregion geocountry *country"},
    {MapPart::City, isShort, false, "city geocity *city"},
    {MapPart::DisplayName, isShort, false, "displayname userdisplayname fullname name *displayname"},
    {MapPart::Reason, isAnything, false,
     "failurereason reason why errormessage error errordescription message description *reason"},
});

std::string bare(std::string_view name)
{
    std::string out;
    for (const char c : name)
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            (static_cast<unsigned char>(c) & 0x80) != 0)
            out += c;
    return foldCase(out);
}

// 0: the name says nothing. "actor.email" is an "email", "user.name" also a "username".
int nameScore(std::string_view name, std::string_view words)
{
    const auto whole = bare(name);
    const auto steps = stepsOf(name);
    const auto last = bare(steps.back());
    const auto lastTwo = steps.size() > 1 ? bare(steps[steps.size() - 2]) + last : last;
    int score = 100;
    for (const auto word : split(words, ' ')) {
        const auto text = word.starts_with('*') ? word.substr(1) : word;
        if (word.starts_with('*') ? last.ends_with(text) : whole == text || lastTwo == text || last == text)
            return std::max(score - (whole == text || lastTwo == text ? 0 : 1), 20);
        score -= 3;
    }
    return 0;
}

double shareOf(const SeenField &field, bool (*fits)(std::string_view))
{
    if (field.values.empty())
        return 0;
    const auto count = std::ranges::count_if(field.values, [&](const auto &value) { return fits(value); });
    return static_cast<double>(count) / static_cast<double>(field.values.size());
}

std::map<std::string, std::size_t> differentValues(const SeenField &field)
{
    std::map<std::string, std::size_t> different;
    for (const auto &value : field.values)
        ++different[foldCase(value)];
    return different;
}

class Proposing
{
public:
    Proposing(const FieldCensus &census, std::string_view name)
        : m_census(census)
    {
        m_proposal.map.name = name;
        for (const auto &row : clueRows)
            choose(row);
        lookAtUsers();
        if (const auto *outcome = fieldOf(MapPart::Outcome))
            lookAtOutcomes(*outcome);
        for (const auto part : {MapPart::Time, MapPart::User, MapPart::Outcome})
            if (m_proposal.map[part].empty() &&
                (part != MapPart::User || m_proposal.map[MapPart::UserId].empty()))
                say(fmt::format("No field was found that holds the {}; put its name for FIELD. There are {}.",
                                infoOf(part).name, allNames()));
    }
    MapProposal done() { return std::move(m_proposal); }

private:
    void say(std::string sentence) { m_proposal.unsure.push_back(std::move(sentence)); }
    const SeenField *fieldOf(MapPart part) const
    {
        const auto &name = m_proposal.map[part];
        return name.empty() ? nullptr : m_census.find(name);
    }
    std::string allNames() const
    {
        std::vector<std::string> names;
        for (const auto &field : m_census.fields())
            names.push_back(field.name);
        return namesOf(names, 20);
    }
    bool taken(std::string_view name) const
    {
        return std::ranges::any_of(m_proposal.map.fields, [&](const auto &field) { return field == name; });
    }

    void choose(const Clue &row)
    {
        constexpr double mostly = 0.5; // a log that needs a map may well be a poor one
        const SeenField *best = nullptr, *second = nullptr;
        double bestScore = 0, secondScore = 0;
        for (const auto &field : m_census.fields()) {
            if (field.lists > 0 || taken(field.name) || stepsOf(field.name).size() > FieldMap::mostSteps)
                continue;
            const double share = shareOf(field, row.fits);
            const int named = nameScore(field.name, row.words);
            // Users are told by names and by addresses of mail; an outcome has few values.
            const double mail = row.part == MapPart::User ? 40 * shareOf(field, isMail) : 0;
            if (row.part == MapPart::Outcome && differentValues(field).size() > outcomesShown)
                continue;
            if (share < mostly || (named == 0 && mail < 30 && !row.byShape))
                continue;
            const double score = named + mail + 10 * share;
            if (score > bestScore) {
                second = std::exchange(best, &field);
                secondScore = std::exchange(bestScore, score);
            } else if (score > secondScore) {
                second = &field;
                secondScore = score;
            }
        }
        if (best == nullptr)
            return;
        m_proposal.map[row.part] = best->name;
        if (second != nullptr && bestScore - secondScore < 10 && mustBeRight(row.part))
            say(fmt::format("The {} could also be \"{}\".", infoOf(row.part).name, second->name));
        else if (nameScore(best->name, row.words) == 0)
            say(fmt::format("\"{}\" was taken for the {} by what stands in it, not by its name.", best->name,
                            infoOf(row.part).name));
    }
    static bool mustBeRight(MapPart part)
    {
        return part == MapPart::Time || part == MapPart::User || part == MapPart::Outcome ||
               part == MapPart::Ip;
    }

    void lookAtUsers()
    {
        if (const auto *user = fieldOf(MapPart::User); user != nullptr && shareOf(*user, isMail) < 0.5)
            say(fmt::format("The values of \"{}\" are no addresses of mail; if they are ids, say --user-id.",
                            user->name));
        if (const auto *time = fieldOf(MapPart::Time);
            time != nullptr && std::ranges::any_of(time->values, [](const auto &value) {
                return !toDouble(value) && !Timestamp::fromIso(value);
            }))
            say(fmt::format("\"{}\" holds dates such as \"{}\"; --dates says which way round they are, "
                            "--time-zone where their clock stood.",
                            time->name, time->values.front()));
    }

    void lookAtOutcomes(const SeenField &field)
    {
        static constexpr auto good = std::to_array<std::string_view>(
            {"successful", "successfully", "allow", "allowed", "granted", "accepted", "passed", "pass", "yes",
             "login", "logged in", "authenticated", "login_success", "loginsuccess"});
        static constexpr auto bad = std::to_array<std::string_view>(
            {"failure", "failed", "fail", "false", "denied", "deny", "rejected", "error", "invalid", "no",
             "blocked", "login_failed", "login_failure", "loginfailed", "unsuccessful"});
        const auto isIn = [](const auto &words, std::string_view value) {
            return std::ranges::find(words, value) != std::ranges::end(words);
        };
        std::vector<std::string> others, unusual;
        bool anySuccess = false;
        for (const auto &[value, count] : differentValues(field)) {
            if (isIn(good, value))
                unusual.push_back(value);
            const bool success = isIn(good, value) || isIn(usualSuccess(), value);
            anySuccess = anySuccess || success;
            if (!success && !isIn(bad, value))
                others.push_back('"' + value + '"');
        }
        // Who names words of their own loses the usual ones, so that those which are there are named with them.
        if (!unusual.empty())
            for (const auto &[value, count] : differentValues(field))
                if (isIn(good, value) || isIn(usualSuccess(), value))
                    m_proposal.map.success.push_back(value);
        if (!others.empty())
            say(fmt::format("In \"{}\" {} would count as failed; --success names what is none.", field.name,
                            namesOf(others, outcomesShown)));
        if (!anySuccess && others.empty())
            say(fmt::format("Nobody gets in in the first records, so what \"{}\" says then is a guess.",
                            field.name));
    }

    const FieldCensus &m_census;
    MapProposal m_proposal;
};

// The elements of one row of a table.
std::vector<std::string> cellsOf(std::string_view row)
{
    std::vector<std::string> cells;
    simdjson::dom::parser parser;
    simdjson::dom::array array;
    const simdjson::padded_string padded(toUtf8(row));
    if (parser.parse(padded).get_array().get(array) != simdjson::SUCCESS)
        return cells;
    for (const auto element : array) {
        std::string_view text;
        cells.emplace_back(element.get_string().get(text) == simdjson::SUCCESS ? std::string(text)
                           : element.is_null()                                 ? std::string()
                                                                               : simdjson::minify(element));
    }
    return cells;
}

Result<FieldCensus> censusOf(const Head &head)
{
    // A map that asks for nothing fits every log; what is wanted is only how it is laid out.
    auto shape = examine(head.text, head.whole, formatOf(FieldMap()));
    if (!shape)
        return tl::unexpected(shape.error());
    Chunker chunker(std::make_unique<TextSource>(head.text),
                    {.layout = shape->layout == Layout::Lines ? Layout::Values : shape->layout,
                     .delimiter = shape->delimiter,
                     .headers = shape->headers,
                     .chunkBytes = head.text.size() + 1,
                     .maxRecordBytes = head.text.size() + 1});
    FieldCensus census;
    for (auto chunk = chunker.next(); chunk && *chunk; chunk = chunker.next())
        for (const auto &span : (*chunk)->spans) {
            if (span.kind != Span::Kind::Record || census.records() == recordsLookedAt)
                continue;
            const auto text = (*chunk)->text(span);
            if (shape->layout == Layout::Csv)
                census.addCells(shape->columns.names, headerCells(toUtf8(text), shape->delimiter));
            else if (shape->layout == Layout::Rows)
                census.addCells(shape->columns.names, cellsOf(text));
            else
                census.addJson(text);
        }
    if (census.records() == 0)
        return fail(Code::Unrecognised, {}, "there is no record in its first 64 KiB");
    return census;
}

} // namespace

Result<MapProposal> proposeMap(const std::filesystem::path &file, std::string_view name)
{
    const auto head = headOf(file);
    if (!head)
        return tl::unexpected(head.error());
    auto census = censusOf(*head);
    if (!census) {
        auto error = census.error();
        error.subject = file.string();
        return tl::unexpected(std::move(error));
    }
    return Proposing(*census, name).done();
}

} // namespace riskdesk::ingest
