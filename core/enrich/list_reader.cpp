#include "core/enrich/list_reader.h"

#include "core/base/limits.h"
#include "core/base/open_files.h"
#include "core/base/text.h"
#include "core/enrich/list_csv.h"
#include "core/enrich/list_indicators.h"
#include "core/enrich/list_text.h"
#include "core/enrich/place_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>

namespace riskdesk::enrich {
namespace {

constexpr const char *tooLarge = "a list of more than 256 MiB";

Result<std::string> load(const std::filesystem::path &file)
{
    if (auto ok = mayRead(file, "a list"); !ok)
        return tl::unexpected(ok.error());
    std::error_code problem;
    const auto status = std::filesystem::status(file, problem);
    if (status.type() == std::filesystem::file_type::not_found)
        return fail(Code::NotFound, file.string());
    if (problem)
        return fail(Code::Io, file.string(), problem.message());
    if (std::filesystem::is_directory(status))
        return fail(Code::Unrecognised, file.string(), "a folder; expected a list file");
    const auto size =
        std::filesystem::is_regular_file(status) ? std::filesystem::file_size(file, problem) : 0;
    if (problem)
        return fail(Code::Io, file.string(), problem.message());
    if (size > limits::listBytes)
        return fail(Code::TooLarge, file.string(), tooLarge);
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return fail(Code::Io, file.string(), "cannot be opened");
    std::string text;
    text.reserve(size);
    char block[1 << 16];
    while (in.read(block, sizeof block) || in.gcount() > 0) {
        text.append(block, static_cast<std::size_t>(in.gcount()));
        if (text.size() > limits::listBytes)
            return fail(Code::TooLarge, file.string(), tooLarge);
    }
    if (in.bad())
        return fail(Code::Io, file.string(), "cannot be read");
    return text;
}

// What a file is that cannot be a list of text lines.
std::string_view notText(std::string_view text)
{
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        return "UTF-16 text; save it as UTF-8";
    if (text.starts_with("\x1f\x8b") || text.starts_with("PK\x03\x04"))
        return "a compressed file; unpack it first";
    if (text.substr(0, 1 << 16).find('\0') != std::string_view::npos)
        return "a binary file; expected text";
    return {};
}

Timestamp modified(const std::filesystem::path &file)
{
    std::error_code problem;
    const auto time = std::filesystem::last_write_time(file, problem);
    if (problem)
        return {};
    const auto system = std::chrono::file_clock::to_sys(time);
    return {std::chrono::duration_cast<Microseconds>(system.time_since_epoch()).count()};
}

// Lines of text in one of three forms: plain, CSV with a header, or the ASN files' headerless CSV.
class LineReader
{
public:
    LineReader(ListKind kind, const ListDefaults &defaults, Collector &out)
        : m_kind(kind)
        , m_defaults(defaults)
        , m_out(out)
        , m_csv(kind, defaults)
    {}
    void read(std::string_view line, std::uint64_t number)
    {
        const auto text = trim(line);
        if (text.empty())
            return;
        if (text.size() > limits::listLineBytes)
            return m_out.refuse(number, reason::tooLong, "a line of more than 64 KiB", text);
        if (text.front() == '#' || text.front() == ';') {
            const auto comment = text.substr(std::min(text.find_first_not_of("#; \t"), text.size()));
            if (!m_started)
                m_header.read(comment);
            // Some feeds write their column names as the last comment.
            if (!m_started && m_kind != ListKind::Asn && m_csv.takeHeader(comment))
                m_isCsv = true;
            return;
        }
        if (m_kind == ListKind::Asn)
            return readSystemRange(text, number);
        if (!m_started) {
            m_started = true;
            if (m_csv.takeHeader(text)) {
                m_isCsv = true;
                return;
            }
            if (text.find(',') == std::string_view::npos)
                m_isCsv = false; // the comment only read like a header
            if (namesColumns(text))
                return;
        }
        if (m_isCsv)
            m_csv.readRow(text, number, m_out);
        else
            readPlain(text, number);
    }
    [[nodiscard]] const Header &header() const { return m_header; }

private:
    // "Start<tab>End<tab>Netmask": names above columns that are none of ours.
    static bool namesColumns(std::string_view line)
    {
        const auto cells = split(line, '\t');
        return cells.size() > 1 && std::ranges::none_of(cells, [](std::string_view cell) {
                   return cell.find_first_of("0123456789.:/") != std::string_view::npos;
               });
    }

    // The network in the first of several columns that no header names, with what stands behind it left out:
    // a count ("192.0.2.1<tab>10"), a place ("192.0.2.0/24,BE,Gent"). Two addresses are the ends of a network
    // only where its length stands behind them ("192.0.2.0<tab>192.0.2.255<tab>24"); taken for hosts they
    // would say something else, so they are refused otherwise.
    static std::optional<std::string> firstColumn(std::string_view text)
    {
        const char parting = text.find(',') != std::string_view::npos ? ',' : '\t';
        const auto cells = split(text, parting);
        const auto blank = text.find(' ');
        if (cells.size() == 1)
            return std::string(blank != std::string_view::npos && toInteger(trim(text.substr(blank)))
                                   ? text.substr(0, blank)
                                   : text);
        const auto first = unquoted(cells[0]), second = unquoted(cells[1]);
        const auto end = IpAddress::parse(second);
        if (!end)
            return std::string(first);
        const auto length = cells.size() > 2 ? unquoted(cells[2]) : std::string_view();
        const auto network = std::string(first) + '/' + std::string(length);
        const auto whole = Cidr::parse(network);
        if (length.empty() || !whole || whole->first != IpAddress::parse(first) || whole->last != *end)
            return std::nullopt;
        return network;
    }
    static std::string_view unquoted(std::string_view cell)
    {
        cell = trim(cell);
        return cell.size() > 1 && cell.front() == '"' && cell.back() == '"' ? cell.substr(1, cell.size() - 2)
                                                                            : cell;
    }

    void readPlain(std::string_view line, std::uint64_t number)
    {
        const auto mark = line.find_first_of("#;");
        const auto comment =
            mark == std::string_view::npos ? std::string_view() : trim(line.substr(mark + 1));
        const auto column = firstColumn(trim(line.substr(0, mark)));
        if (!column)
            return m_out.refuse(number, reason::badNetwork,
                                "two addresses; a range is written a-b, and a network a/24", line);
        const std::string_view text = *column;
        ListEntry entry;
        entry.indicator = toUtf8(text);
        entry.kind = m_kind == ListKind::Anonymizer ? m_defaults.kind : NetworkClass::Unknown;
        entry.name = m_defaults.provider.empty() ? toUtf8(comment) : m_defaults.provider;
        if (m_defaults.from)
            entry.from = m_defaults.from->us;
        if (m_defaults.until)
            entry.until = m_defaults.until->us;
        if (const auto system = readSystem(text)) {
            entry.asn = *system;
            return m_out.add(std::move(entry));
        }
        Refusal refusal;
        const auto network = readNetwork(text, refusal);
        if (!network)
            return m_out.refuse(number, refusal.reason, std::move(refusal.detail), line);
        entry.first = network->first;
        entry.last = network->last;
        m_out.add(std::move(entry));
    }

    void readSystemRange(std::string_view line, std::uint64_t number)
    {
        const auto cells = splitCsv(line);
        if (!cells || cells->size() < 3)
            return m_out.refuse(number, reason::badColumns, "expected start,end,asn,organisation", line);
        const auto first = IpAddress::parse(trim((*cells)[0])), last = IpAddress::parse(trim((*cells)[1]));
        const auto system = readSystemNumber((*cells)[2]).value_or(0);
        if (!m_started && !first && system == 0) { // a header row after all
            m_started = true;
            return;
        }
        m_started = true;
        if (!first || !last || first->isV4() != last->isV4() || *last < *first)
            return m_out.refuse(number, reason::badNetwork,
                                "expected two addresses of one family, the lower one first", line);
        if (system == 0)
            return m_out.refuse(number, reason::badNetwork, "expected the number of an autonomous system",
                                line);
        ListEntry entry;
        entry.first = *first;
        entry.last = *last;
        entry.asn = system;
        entry.name = cells->size() > 3 ? toUtf8((*cells)[3]) : std::string();
        m_out.add(std::move(entry));
    }

    ListKind m_kind;
    const ListDefaults &m_defaults;
    Collector &m_out;
    CsvList m_csv;
    Header m_header;
    bool m_started = false;
    bool m_isCsv = false;
};

std::string_view expected(ListKind kind)
{
    switch (kind) {
    case ListKind::Anonymizer:
        return "one network per line, or CSV network,kind,provider,first_seen,last_seen";
    case ListKind::Malware:
        return "one network per line, or CSV network,malware,confidence,first_seen,last_seen";
    case ListKind::Threat:
        return "one network per line, CSV type,value,confidence,valid_from,valid_until,label, a STIX 2.1 "
               "bundle or a MISP event";
    case ListKind::Trusted: return "CSV name,network,trusted, or one network per line";
    case ListKind::Asn: return "CSV start,end,asn,organisation without a header";
    case ListKind::Mobile:
        return "one network or autonomous system (AS64500) per line, or CSV with a column network or asn, "
               "and "
               "type or is_mobile where not all rows are mobile";
    case ListKind::Warning: return "one network per line, or a MISP warning list (JSON)";
    case ListKind::Places: return "a MaxMind-format file (.mmdb)";
    }
    return "";
}

Result<ReadList> readPlaces(const std::filesystem::path &file, ReadList out)
{
    const auto database = PlaceDatabase::open(file);
    if (!database)
        return tl::unexpected(database.error());
    out.list.date = database->built().us != 0 ? database->built() : modified(file);
    return out;
}

} // namespace

std::string unsupportedWords(const std::map<std::string, std::uint64_t> &kinds)
{
    std::vector<std::pair<std::string, std::uint64_t>> most(kinds.begin(), kinds.end());
    std::ranges::stable_sort(most, std::ranges::greater(), [](const auto &kind) { return kind.second; });
    std::string words;
    for (std::size_t i = 0; i < std::min<std::size_t>(most.size(), 6); ++i)
        words += (i > 0 ? ", " : "") + most[i].first + ' ' + std::to_string(most[i].second);
    return words + (most.size() > 6 ? ", …" : "");
}

Result<ReadList> readList(const std::filesystem::path &file, ListKind kind, const ListDefaults &defaults)
{
    ReadList out;
    out.list.kind = kind;
    out.list.path = file.string();
    out.list.name = file.stem().string();
    if (kind == ListKind::Places)
        return readPlaces(file, std::move(out));

    const auto loaded = load(file);
    if (!loaded)
        return tl::unexpected(loaded.error());
    std::string_view text = *loaded;
    if (const auto what = notText(text); !what.empty())
        return fail(Code::Unrecognised, file.string(), std::string(what));
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);

    Collector collector(out, file.string());
    Header header;
    if (const auto start = trim(text); start.starts_with('{') || start.starts_with('[')) {
        if (kind != ListKind::Threat && kind != ListKind::Warning)
            return fail(Code::Unrecognised, file.string(), "JSON; expected " + std::string(expected(kind)));
        auto read =
            kind == ListKind::Threat ? readIndicators(start, collector) : readWarningList(start, collector);
        if (!read) {
            read.error().subject = file.string();
            return tl::unexpected(read.error());
        }
    } else {
        LineReader reader(kind, defaults, collector);
        eachLine(text, [&](std::string_view line, std::uint64_t number) { reader.read(line, number); });
        header = reader.header();
    }
    if (collector.isTooMuch())
        return fail(Code::TooLarge, file.string(),
                    fmt::format("more than {} different entries", limits::listEntries));
    collector.finish();
    if (out.entries.empty()) {
        std::string detail = "no line could be read; expected " + std::string(expected(kind));
        if (!out.rejects.empty())
            detail +=
                "; line " + std::to_string(out.rejects.front().line) + ": " + out.rejects.front().detail;
        if (out.unsupported > 0)
            detail +=
                "; " + std::to_string(out.unsupported) +
                " indicators are of kinds that are not supported: " + unsupportedWords(out.unsupportedKinds);
        return fail(Code::Malformed, file.string(), std::move(detail));
    }
    if (out.list.licence.empty())
        out.list.licence = header.licence;
    if (out.list.source.empty())
        out.list.source = header.source.empty() ? file.filename().string() : header.source;
    if (out.list.date.us == 0)
        out.list.date = header.date.value_or(modified(file));
    out.list.entries = out.entries.size();
    return out;
}

} // namespace riskdesk::enrich
