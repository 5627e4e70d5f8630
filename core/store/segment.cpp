#include "core/store/segment.h"

#include "core/base/digest.h"
#include "core/domain/known.h"
#include "core/store/connection.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <numeric>
#include <optional>
#include <string>
#include <type_traits>

namespace riskdesk::store {
namespace {

constexpr std::uint8_t constant = 0, inBytes = 1, raw = 2, fromLeast = 3, fromBefore = 4, inTable = 5;
constexpr std::size_t headerBytes = 16;

struct Field
{
    Column column;
    std::size_t offset;
    std::uint8_t bytes;
    bool isSigned;
    bool (*has)(std::int64_t); // of an enumeration: whether it has that number
};
template <typename Member>
constexpr bool (*knownNumbers())(std::int64_t)
{
    if constexpr (std::is_enum_v<Member>)
        return &Known<Member>::has;
    else
        return nullptr;
}
#define RISKDESK_FIELD(column, member, isSigned)                                                             \
    Field                                                                                                    \
    {                                                                                                        \
        Column::column, offsetof(SignInRow, member), sizeof(SignInRow::member), isSigned,                    \
            knownNumbers<decltype(SignInRow::member)>()                                                      \
    }
constexpr std::array fields = {
    RISKDESK_FIELD(At, at, true),
    RISKDESK_FIELD(EventKey, eventKey, false),
    RISKDESK_FIELD(Correlation, correlation, false),
    RISKDESK_FIELD(Offset, offset, false),
    RISKDESK_FIELD(User, user, false),
    RISKDESK_FIELD(Ip, ip, false),
    RISKDESK_FIELD(UserAgent, userAgent, false),
    RISKDESK_FIELD(Browser, browser, false),
    RISKDESK_FIELD(OperatingSystem, operatingSystem, false),
    RISKDESK_FIELD(Device, device, false),
    RISKDESK_FIELD(ClientApp, clientApp, false),
    RISKDESK_FIELD(Application, application, false),
    RISKDESK_FIELD(Resource, resource, false),
    RISKDESK_FIELD(FailureReason, failureReason, false),
    RISKDESK_FIELD(EventIdText, eventIdText, false),
    RISKDESK_FIELD(Session, session, false),
    RISKDESK_FIELD(Place, place, false),
    RISKDESK_FIELD(Asn, asn, false),
    RISKDESK_FIELD(Source, source, false),
    RISKDESK_FIELD(AuthenticationMethod, authenticationMethod, false),
    RISKDESK_FIELD(ProviderRisk, providerRisk, false),
    RISKDESK_FIELD(Length, length, false),
    RISKDESK_FIELD(ErrorCode, errorCode, true),
    RISKDESK_FIELD(Outcome, outcome, false),
    RISKDESK_FIELD(Failure, failure, false),
    RISKDESK_FIELD(EventIdKind, eventIdKind, false),
    RISKDESK_FIELD(Mfa, mfa, false),
    RISKDESK_FIELD(Identity, identity, false),
    RISKDESK_FIELD(Interactive, interactive, false),
};
#undef RISKDESK_FIELD
static_assert(fields.size() == static_cast<std::size_t>(Column::Count));
static_assert(fields.size() < 64, "segment_column.id leaves 64 numbers per segment");

std::int64_t columnId(std::int64_t segment, Column column)
{
    return segment * 64 + static_cast<std::int64_t>(column);
}

// The value of a field of up to eight bytes, extended to 64 bits so that unsigned order and differences are
// right.
std::uint64_t valueAt(const Field &field, const char *element)
{
    std::uint64_t value = 0;
    std::memcpy(&value, element, std::min<std::size_t>(field.bytes, sizeof value));
    if (field.isSigned && field.bytes == 4)
        value = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(value)));
    return value;
}

// The columns of a segment side by side, each as one run of elements: a row is two cache lines, and going
// through all rows once per column would fetch them thirty times.
class Columns
{
public:
    explicit Columns(std::span<const SignInRow> rows)
        : m_rows(rows.size())
        , m_data(sizeof(SignInRow) * rows.size())
    {
        constexpr std::size_t rowsAtOnce = 64; // stay in the first level cache
        for (std::size_t at = 0; at < rows.size(); at += rowsAtOnce) {
            const auto some = rows.subspan(at, std::min(rowsAtOnce, rows.size() - at));
            for (const auto &field : fields)
                gather(field, some, m_data.data() + field.offset * m_rows + at * field.bytes);
        }
    }
    [[nodiscard]] const char *of(const Field &field) const { return m_data.data() + field.offset * m_rows; }
    [[nodiscard]] std::size_t rows() const { return m_rows; }

private:
    template <std::size_t bytes>
    static void copy(std::size_t offset, std::span<const SignInRow> rows, char *to)
    {
        for (const SignInRow &row : rows) {
            std::memcpy(to, reinterpret_cast<const char *>(&row) + offset, bytes);
            to += bytes;
        }
    }
    static void gather(const Field &field, std::span<const SignInRow> rows, char *to)
    {
        switch (field.bytes) {
        case 1: return copy<1>(field.offset, rows, to);
        case 4: return copy<4>(field.offset, rows, to);
        case 8: return copy<8>(field.offset, rows, to);
        default: return copy<sizeof(EventKey)>(field.offset, rows, to);
        }
    }

    std::size_t m_rows;
    std::vector<char> m_data;
};
static_assert(std::all_of(fields.begin(), fields.end(), [](const Field &f) {
    return f.bytes == 1 || f.bytes == 4 || f.bytes == 8 || f.bytes == sizeof(EventKey);
}));

// A column of numbers is stored in one of three forms, whichever is the smallest: each number's distance from the
// least, its distance from the one before, or its place in a table of the numbers there are. Distances are counted in
// the greatest unit that divides all of them (logs tell whole seconds, rows are kept in microseconds), each in as many
// bits as the greatest needs.
struct Form
{
    std::uint8_t encoding = raw;
    unsigned width = 64; // bits
    std::size_t bytes = 0;
    std::uint64_t from = 0, unit = 1; // of the first two
    std::vector<std::uint64_t> table; // of the third
};
constexpr unsigned widest = 57; // a number begins inside a byte, and is read with one load of eight
constexpr std::size_t tailBytes = 7;
constexpr std::size_t mostInTable = 256;

std::size_t bitBytes(std::size_t rows, unsigned width)
{
    return (rows * width + 7) / 8 + tailBytes;
}

std::uint64_t zigzag(std::uint64_t difference)
{
    return difference << 1 ^ (difference >> 63 != 0 ? ~std::uint64_t{0} : 0);
}

// The values there are in a column, ascending, with the place of each; none when they are too many.
class ValueTable
{
public:
    explicit ValueTable(std::span<const std::uint64_t> values)
    {
        m_slots.fill(empty);
        for (const auto value : values)
            if (!add(value))
                return;
        auto sorted = m_values;
        std::sort(sorted.begin(), sorted.end());
        for (auto &slot : m_slots)
            if (slot != empty)
                slot = static_cast<std::uint16_t>(
                    std::lower_bound(sorted.begin(), sorted.end(), m_values[slot]) - sorted.begin());
        m_values = std::move(sorted);
    }
    [[nodiscard]] const std::vector<std::uint64_t> &values() const { return m_values; }
    [[nodiscard]] std::uint64_t place(std::uint64_t value) const
    {
        auto slot = slotOf(value);
        while (m_values[m_slots[slot]] != value)
            slot = (slot + 1) % m_slots.size();
        return m_slots[slot];
    }

private:
    static constexpr std::uint16_t empty = UINT16_MAX;
    [[nodiscard]] std::size_t slotOf(std::uint64_t value) const
    {
        return (value * 0x9E3779B97F4A7C15U) >> 54; // 1024 slots
    }
    bool add(std::uint64_t value)
    {
        auto slot = slotOf(value);
        for (; m_slots[slot] != empty; slot = (slot + 1) % m_slots.size())
            if (m_values[m_slots[slot]] == value)
                return true;
        if (m_values.size() == mostInTable) {
            m_values.clear();
            return false;
        }
        m_slots[slot] = static_cast<std::uint16_t>(m_values.size());
        m_values.push_back(value);
        return true;
    }

    std::array<std::uint16_t, 1024> m_slots;
    std::vector<std::uint64_t> m_values;
};

void appendBits(std::string &blob, std::size_t rows, unsigned width, auto numberAt)
{
    const auto begin = blob.size();
    blob.resize(begin + bitBytes(rows, width));
    char *out = blob.data() + begin;
    std::uint64_t bits = 0;
    unsigned filled = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        bits |= numberAt(i) << filled;
        filled += width;
        for (; filled >= 8; filled -= 8, bits >>= 8)
            *out++ = static_cast<char>(bits);
    }
    if (filled > 0)
        *out = static_cast<char>(bits);
}

std::uint64_t bitsAt(const char *data, std::size_t i, unsigned width)
{
    const auto bit = i * width;
    std::uint64_t word;
    std::memcpy(&word, data + bit / 8, sizeof word);
    return word >> (bit % 8) & ((std::uint64_t{1} << width) - 1);
}

void putWord(std::string &blob, std::uint64_t word)
{
    blob.append(reinterpret_cast<const char *>(&word), sizeof word);
}

// Appends the numbers unless they take least room as they are, with `rawBytes` each; returns their form. Order and
// distances are those of signed numbers, modulo 2^64.
Form appendNumbers(std::span<const std::uint64_t> values, std::size_t rawBytes, std::string &blob)
{
    const auto rows = values.size();
    const auto [low, high] = std::minmax_element(values.begin(), values.end(), [](auto a, auto b) {
        return static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b);
    });
    const std::uint64_t least = *low, range = *high - least;
    std::uint64_t unit = 0, longest = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        if (unit != 1)
            unit = std::gcd(unit, values[i] - least);
        if (i > 0)
            longest = std::max(longest, zigzag(values[i] - values[i - 1]) >> 1);
    }
    Form best; // raw
    best.bytes = rows * rawBytes;
    const auto consider = [&best, rows](Form form) {
        if (form.width > widest)
            return;
        form.bytes = 16 + 8 * form.table.size() + bitBytes(rows, form.width);
        if (form.bytes < best.bytes)
            best = std::move(form);
    };
    consider({fromLeast, static_cast<unsigned>(std::bit_width(range / unit)), 0, least, unit, {}});
    consider({fromBefore, static_cast<unsigned>(std::bit_width(longest / unit)) + 1, 0, values[0], unit, {}});
    constexpr unsigned narrow = 4; // a table gains little
    std::optional<ValueTable> table;
    if (best.width > narrow) {
        table.emplace(values);
        if (!table->values().empty())
            consider({inTable, static_cast<unsigned>(std::bit_width(table->values().size() - 1)), 0, 0, 1,
                      table->values()});
    }
    if (best.encoding == inTable) {
        putWord(blob, best.table.size());
        for (const auto value : best.table)
            putWord(blob, value);
        appendBits(blob, rows, best.width, [&](std::size_t i) { return table->place(values[i]); });
    } else if (best.encoding != raw) {
        putWord(blob, best.from);
        putWord(blob, best.unit);
        if (best.encoding == fromLeast)
            appendBits(blob, rows, best.width,
                       [&](std::size_t i) { return (values[i] - least) / best.unit; });
        else
            appendBits(blob, rows, best.width, [&](std::size_t i) {
                const auto step = static_cast<std::int64_t>(values[i] - values[i == 0 ? 0 : i - 1]) /
                                  static_cast<std::int64_t>(best.unit);
                return zigzag(static_cast<std::uint64_t>(step));
            });
    }
    return best;
}

std::string encode(const Field &field, const Columns &columns)
{
    const char *column = columns.of(field);
    const auto rows = columns.rows();
    std::string blob(headerBytes, '\0');
    std::uint8_t encoding = raw, width = 0;
    // All elements are the same when each is what follows it.
    if (std::memcmp(column, column + field.bytes, (rows - 1) * field.bytes) == 0) {
        encoding = constant;
        blob.append(column, field.bytes);
    } else {
        if (field.bytes <= 8) {
            std::vector<std::uint64_t> values(rows);
            for (std::size_t i = 0; i < rows; ++i)
                values[i] = valueAt(field, column + i * field.bytes);
            const auto form = appendNumbers(values, field.bytes, blob);
            encoding = form.encoding;
            width = static_cast<std::uint8_t>(form.width);
        }
        if (encoding == raw)
            blob.append(column, rows * field.bytes);
    }
    blob[0] = static_cast<char>(segmentVersion);
    blob[1] = static_cast<char>(encoding);
    blob[2] = static_cast<char>(field.bytes);
    blob[3] = static_cast<char>(width);
    const auto count = static_cast<std::uint32_t>(rows);
    std::memcpy(blob.data() + 4, &count, sizeof count);
    const auto digest = blake2b128(std::string_view(blob).substr(headerBytes));
    std::memcpy(blob.data() + 8, digest.data(), 8);
    return blob;
}

struct Header
{
    std::uint8_t encoding, width;
    std::uint32_t rows;
    std::string_view body;
};

std::uint64_t wordAt(std::string_view body, std::size_t word)
{
    std::uint64_t value;
    std::memcpy(&value, body.data() + 8 * word, sizeof value);
    return value;
}

// Calls `take(i, pointer to element bytes)`.
template <typename Take>
void decode(const Field &field, const Header &header, Take take)
{
    const char *body = header.body.data();
    const auto give = [&take](std::size_t i, std::uint64_t value) {
        const std::uint64_t element[2] = {value, 0}; // as long as the longest field
        take(i, reinterpret_cast<const char *>(element));
    };
    switch (header.encoding) {
    case constant:
        for (std::size_t i = 0; i < header.rows; ++i)
            take(i, body);
        break;
    case raw:
        for (std::size_t i = 0; i < header.rows; ++i)
            take(i, body + i * field.bytes);
        break;
    case inBytes: { // written by earlier versions: the distance from the least, in whole bytes
        const auto least = wordAt(header.body, 0);
        const char *in = body + 8;
        for (std::size_t i = 0; i < header.rows; ++i, in += header.width) {
            std::uint64_t value = 0;
            std::memcpy(&value, in, std::min<std::size_t>(header.width, sizeof value));
            give(i, value + least);
        }
        break;
    }
    case fromLeast: {
        const auto least = wordAt(header.body, 0), unit = wordAt(header.body, 1);
        for (std::size_t i = 0; i < header.rows; ++i)
            give(i, least + unit * bitsAt(body + 16, i, header.width));
        break;
    }
    case fromBefore: {
        auto value = wordAt(header.body, 0);
        const auto unit = wordAt(header.body, 1);
        for (std::size_t i = 0; i < header.rows; ++i) {
            const auto step = bitsAt(body + 16, i, header.width);
            value += unit * (step >> 1 ^ (~(step & 1) + 1));
            give(i, value);
        }
        break;
    }
    case inTable: {
        const auto count = wordAt(header.body, 0);
        for (std::size_t i = 0; i < header.rows; ++i) {
            const auto place = bitsAt(body + 8 + 8 * count, i, header.width);
            give(i, wordAt(header.body, 1 + std::min(place, count - 1)));
        }
        break;
    }
    default: break;
    }
}

// How long the body of a header has to be; nothing: it has no meaning.
std::optional<std::size_t> neededBytes(const Field &field, const Header &header)
{
    const std::size_t rows = header.rows;
    switch (header.encoding) {
    case constant: return field.bytes;
    case raw: return rows * field.bytes;
    case inBytes:
        if (field.bytes > 8 || header.width > 8)
            return std::nullopt;
        return 8 + rows * header.width;
    case fromLeast:
    case fromBefore:
        if (field.bytes > 8 || header.width > widest)
            return std::nullopt;
        return 16 + bitBytes(rows, header.width);
    case inTable: {
        if (field.bytes > 8 || header.width > widest || header.body.size() < 8)
            return std::nullopt;
        const auto count = wordAt(header.body, 0);
        if (count == 0 || count > mostInTable)
            return std::nullopt;
        return 8 + 8 * count + bitBytes(rows, header.width);
    }
    default: return std::nullopt;
    }
}

Result<Header> open(const Field &field, std::string_view blob, const std::string &subject,
                    std::int64_t segment)
{
    const auto name = fmt::format("segment {}, column {}", segment, static_cast<int>(field.column));
    const auto damaged = [&](std::string_view why) {
        return fail(Code::StoreCorrupt, subject, fmt::format("{}: {}", name, why));
    };
    if (blob.size() < headerBytes)
        return damaged("it ends early");
    if (blob[0] != static_cast<char>(segmentVersion))
        return fail(Code::Unsupported, subject,
                    fmt::format("{} has format {}", name, static_cast<int>(blob[0])));
    Header header{static_cast<std::uint8_t>(blob[1]), static_cast<std::uint8_t>(blob[3]), 0,
                  blob.substr(headerBytes)};
    std::memcpy(&header.rows, blob.data() + 4, sizeof header.rows);
    const auto digest = blake2b128(header.body);
    if (std::memcmp(digest.data(), blob.data() + 8, 8) != 0)
        return damaged("the checksum differs");
    if (blob[2] != static_cast<char>(field.bytes) || header.rows > rowsPerSegment ||
        neededBytes(field, header) != header.body.size())
        return damaged("it does not have its own size");
    if (field.has != nullptr) {
        bool known = true;
        auto looked = header;
        if (header.encoding == constant)
            looked.rows = std::min(header.rows, decltype(header.rows){1});
        decode(field, looked, [&](std::size_t, const char *element) {
            known = known && field.has(static_cast<std::uint8_t>(*element));
        });
        if (!known)
            return damaged("it holds a number that means nothing");
    }
    return header;
}

std::string_view view(std::span<const std::uint8_t> blob)
{
    return {reinterpret_cast<const char *>(blob.data()), blob.size()};
}

constexpr const char *selectColumn = "SELECT data FROM segment_column WHERE id = ?1";

Error missing(Connection &connection, std::int64_t segment, Column column)
{
    return {Code::StoreCorrupt, connection.file().string(),
            fmt::format("segment {}, column {} is missing", segment, static_cast<int>(column))};
}

} // namespace

EncodedSegment encodeSegment(std::span<const SignInRow> rows)
{
    EncodedSegment segment;
    segment.rows = rows.size();
    if (rows.empty() || rows.size() > rowsPerSegment)
        return segment;
    const auto [first, last] =
        std::minmax_element(rows.begin(), rows.end(), [](auto &a, auto &b) { return a.at < b.at; });
    segment.t0 = first->at;
    segment.t1 = last->at;
    const Columns columns(rows);
    segment.columns.reserve(fields.size());
    for (const auto &field : fields)
        segment.columns.push_back(encode(field, columns));
    return segment;
}

Result<std::int64_t> writeSegment(Connection &connection, std::int64_t run, const EncodedSegment &segment)
{
    if (segment.columns.size() != fields.size())
        return fail(Code::Bug, "segment", fmt::format("{} rows", segment.rows));
    Statement insert(
        connection, "INSERT INTO segment (id, run, version, rows, t0, t1) VALUES (1 + max(coalesce((SELECT "
                    "max(id) FROM segment), 0), coalesce((SELECT max(last_segment) FROM undone_import), 0)), "
                    "?1, ?2, ?3, ?4, ?5) RETURNING id");
    insert.bind(run, segmentVersion, segment.rows, segment.t0, segment.t1);
    if (!insert.step())
        return tl::unexpected(insert.error());
    const auto id = insert.int64(0);
    insert.reset();
    Statement write(connection, "INSERT INTO segment_column (id, data) VALUES (?1, ?2)");
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto &blob = segment.columns[i];
        if (auto ok = write
                          .bind(columnId(id, fields[i].column),
                                std::span(reinterpret_cast<const std::uint8_t *>(blob.data()), blob.size()))
                          .run();
            !ok)
            return tl::unexpected(ok.error());
    }
    return id;
}

Result<std::int64_t> writeSegment(Connection &connection, std::int64_t run, std::span<const SignInRow> rows)
{
    return writeSegment(connection, run, encodeSegment(rows));
}

Status rewriteSegment(Connection &connection, std::int64_t id, const EncodedSegment &segment)
{
    if (segment.columns.size() != fields.size())
        return fail(Code::Bug, "segment", fmt::format("{} rows", segment.rows));
    if (auto ok = Statement(connection,
                            "UPDATE segment SET version = ?2, rows = ?3, t0 = ?4, t1 = ?5 WHERE id = ?1")
                      .bind(id, segmentVersion, segment.rows, segment.t0, segment.t1)
                      .run();
        !ok)
        return ok;
    Statement write(connection, "UPDATE segment_column SET data = ?2 WHERE id = ?1");
    for (const auto &field : fields) {
        const auto &data = segment.columns[static_cast<std::size_t>(field.column)];
        write.bind(columnId(id, field.column),
                   std::span(reinterpret_cast<const std::uint8_t *>(data.data()), data.size()));
        if (auto ok = write.run(); !ok)
            return ok;
    }
    return {};
}

Status deleteSegment(Connection &connection, std::int64_t segment)
{
    auto ok = Statement(connection, "DELETE FROM segment_column WHERE id BETWEEN ?1 AND ?2")
                  .bind(columnId(segment, Column{0}), segment * 64 + 63)
                  .run();
    return ok ? Statement(connection, "DELETE FROM segment WHERE id = ?1").bind(segment).run() : ok;
}

Result<std::vector<SegmentInfo>> segments(Connection &connection, std::int64_t afterId)
{
    std::vector<SegmentInfo> list;
    Statement row(connection, "SELECT id, rows, t0, t1 FROM segment WHERE id > ?1 ORDER BY id");
    row.bind(afterId);
    while (row.step())
        list.push_back({row.int64(0), row.uint32(1), row.int64(2), row.int64(3)});
    if (!row.ok())
        return tl::unexpected(row.error());
    return list;
}

Result<std::vector<SignInRow>> readSegment(Connection &connection, std::int64_t segment)
{
    std::vector<SignInRow> rows;
    Statement read(connection, selectColumn);
    for (const auto &field : fields) {
        read.bind(columnId(segment, field.column));
        if (!read.step())
            return tl::unexpected(read.ok() ? missing(connection, segment, field.column) : read.error());
        auto header = open(field, view(read.blob(0)), connection.file().string(), segment);
        if (!header)
            return tl::unexpected(header.error());
        if (field.column == Column::At)
            rows.resize(header->rows);
        if (header->rows != rows.size())
            return fail(Code::StoreCorrupt, connection.file().string(),
                        fmt::format("the columns of segment {} differ in length", segment));
        decode(field, *header, [&](std::size_t i, const char *element) {
            std::memcpy(reinterpret_cast<char *>(&rows[i]) + field.offset, element, field.bytes);
        });
    }
    return rows;
}

Result<std::vector<EventKey>> readEventKeys(Connection &connection, std::int64_t segment)
{
    return readKeys(connection, segment, Column::EventKey);
}

Result<std::vector<EventKey>> readKeys(Connection &connection, std::int64_t segment, Column column)
{
    const auto &field = fields[static_cast<std::size_t>(column)];
    if (field.bytes != sizeof(EventKey))
        return fail(Code::Bug, "column", "it is not a key");
    Statement read(connection, selectColumn);
    read.bind(columnId(segment, field.column));
    if (!read.step())
        return tl::unexpected(read.ok() ? missing(connection, segment, field.column) : read.error());
    auto header = open(field, view(read.blob(0)), connection.file().string(), segment);
    if (!header)
        return tl::unexpected(header.error());
    std::vector<EventKey> keys(header->rows);
    decode(field, *header, [&](std::size_t i, const char *element) {
        std::memcpy(keys[i].data(), element, sizeof(EventKey));
    });
    return keys;
}

Status readColumn(Connection &connection, std::int64_t segment, Column column,
                  std::vector<std::int64_t> &values)
{
    const auto &field = fields[static_cast<std::size_t>(column)];
    if (field.bytes > 8)
        return fail(Code::Bug, "column", "it is not a number");
    Statement read(connection, selectColumn);
    read.bind(columnId(segment, column));
    if (!read.step())
        return tl::unexpected(read.ok() ? missing(connection, segment, column) : read.error());
    auto header = open(field, view(read.blob(0)), connection.file().string(), segment);
    if (!header)
        return tl::unexpected(header.error());
    const auto before = values.size();
    if (header->encoding == constant) {
        values.resize(before + header->rows, static_cast<std::int64_t>(valueAt(field, header->body.data())));
        return {};
    }
    values.resize(before + header->rows);
    decode(field, *header, [&](std::size_t i, const char *element) {
        values[before + i] = static_cast<std::int64_t>(valueAt(field, element));
    });
    return {};
}

} // namespace riskdesk::store
