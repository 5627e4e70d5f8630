#include "core/store/segment.h"

#include "core/base/digest.h"
#include "core/domain/known.h"
#include "core/store/connection.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <type_traits>

namespace riskdesk::store {
namespace {

constexpr std::uint8_t constant = 0, packed = 1, raw = 2;
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

template <typename Number>
Number elementAt(const char *column, std::size_t i)
{
    Number value;
    std::memcpy(&value, column + i * sizeof value, sizeof value);
    return value;
}

// The smallest width in bytes that holds every difference from the least value, and the least value itself,
// extended to 64 bits.
struct Packing
{
    std::uint64_t least = 0;
    std::uint8_t width = 1;
};

template <typename Number>
Packing appendPacked(const char *column, std::size_t rows, std::string &blob)
{
    Number least = elementAt<Number>(column, 0), greatest = least;
    for (std::size_t i = 1; i < rows; ++i) {
        const auto value = elementAt<Number>(column, i);
        least = std::min(least, value);
        greatest = std::max(greatest, value);
    }
    Packing packing;
    packing.least = static_cast<std::uint64_t>(least);
    const auto range = static_cast<std::uint64_t>(greatest) - packing.least;
    while (packing.width < 8 && range >> (8 * packing.width) != 0)
        ++packing.width;
    blob.append(reinterpret_cast<const char *>(&packing.least), sizeof packing.least);
    const auto begin = blob.size();
    blob.resize(begin + rows * packing.width +
                sizeof range); // whole words are written, over the next element
    char *out = blob.data() + begin;
    for (std::size_t i = 0; i < rows; ++i, out += packing.width) {
        const auto difference = static_cast<std::uint64_t>(elementAt<Number>(column, i)) - packing.least;
        std::memcpy(out, &difference, sizeof difference);
    }
    blob.resize(begin + rows * packing.width);
    return packing;
}

std::string encode(const Field &field, const Columns &columns)
{
    const char *column = columns.of(field);
    const auto rows = columns.rows();
    std::string blob;
    std::uint8_t encoding = raw, width = 0;
    // All elements are the same when each is what follows it.
    if (std::memcmp(column, column + field.bytes, (rows - 1) * field.bytes) == 0) {
        encoding = constant;
        blob.assign(headerBytes, '\0');
        blob.append(column, field.bytes);
    } else {
        blob.reserve(headerBytes + (rows + 2) * field.bytes + sizeof(std::uint64_t));
        blob.assign(headerBytes, '\0');
        encoding = packed;
        if (field.bytes == 1)
            width = appendPacked<std::uint8_t>(column, rows, blob).width;
        else if (field.bytes == 4)
            width = (field.isSigned ? appendPacked<std::int32_t>(column, rows, blob)
                                    : appendPacked<std::uint32_t>(column, rows, blob))
                        .width;
        else if (field.bytes == 8)
            width = (field.isSigned ? appendPacked<std::int64_t>(column, rows, blob)
                                    : appendPacked<std::uint64_t>(column, rows, blob))
                        .width;
        else {
            encoding = raw;
            blob.append(column, rows * field.bytes);
        }
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

// Calls `take(i, pointer to element bytes)`.
template <typename Take>
void decode(const Field &field, const Header &header, Take take)
{
    if (header.encoding == constant) {
        for (std::size_t i = 0; i < header.rows; ++i)
            take(i, header.body.data());
    } else if (header.encoding == raw) {
        for (std::size_t i = 0; i < header.rows; ++i)
            take(i, header.body.data() + i * field.bytes);
    } else {
        std::uint64_t least;
        std::memcpy(&least, header.body.data(), sizeof least);
        const char *in = header.body.data() + sizeof least;
        for (std::size_t i = 0; i < header.rows; ++i, in += header.width) {
            std::uint64_t value = 0;
            std::memcpy(&value, in, std::min<std::size_t>(header.width, sizeof value));
            const std::uint64_t element[2] = {value + least, 0}; // as long as the longest field
            take(i, reinterpret_cast<const char *>(element));
        }
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
    const auto needed = header.encoding == constant ? std::size_t{field.bytes}
                        : header.encoding == packed ? 8 + std::size_t{header.rows} * header.width
                                                    : std::size_t{header.rows} * field.bytes;
    if (header.encoding > raw || (header.encoding == packed && field.bytes > 8) ||
        blob[2] != static_cast<char>(field.bytes) || header.width > 8 || header.rows > rowsPerSegment ||
        header.body.size() != needed)
        return damaged("it does not have its own size");
    if (field.has != nullptr) {
        bool known = true;
        decode(field, header, [&](std::size_t, const char *element) {
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
    Statement insert(connection, "INSERT INTO segment (run, version, rows, t0, t1) VALUES (?1, ?2, ?3, "
                                 "?4, ?5) RETURNING id");
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
    values.resize(before + header->rows);
    decode(field, *header, [&](std::size_t i, const char *element) {
        values[before + i] = static_cast<std::int64_t>(valueAt(field, element));
    });
    return {};
}

} // namespace riskdesk::store
