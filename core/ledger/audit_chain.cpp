#include "core/ledger/audit_chain.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace riskdesk::ledger {
namespace {

void addNumber(std::string &bytes, std::int64_t number)
{
    for (int shift = 0; shift < 64; shift += 8)
        bytes += static_cast<char>(static_cast<std::uint64_t>(number) >> shift & 0xff);
}

std::optional<Digest256> digestOf(std::span<const std::uint8_t> blob)
{
    Digest256 digest;
    if (blob.size() != digest.size())
        return std::nullopt;
    std::ranges::copy(blob, digest.begin());
    return digest;
}

} // namespace

std::string toText(const AuditHead &head)
{
    return fmt::format("{} {}", head.id, toHex(head.chain));
}

std::optional<AuditHead> auditHeadFromText(std::string_view text)
{
    const auto blank = text.find(' ');
    const auto id = toInteger(text.substr(0, blank));
    const auto hex = blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
    AuditHead head;
    if (!id || *id <= 0 || hex.size() != 2 * head.chain.size())
        return std::nullopt;
    head.id = *id;
    const auto digit = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    };
    for (std::size_t i = 0; i < head.chain.size(); ++i) {
        const int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        head.chain[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return head;
}

ChainedRecord chainedRecord(const store::Statement &row)
{
    ChainedRecord record{row.int64(0), row.int64(1), row.int64(2), {}};
    int column = 3;
    for (auto &text : record.texts)
        text = row.text(column++);
    return record;
}

Digest256 chained(const Digest256 &before, const ChainedRecord &record)
{
    std::string bytes = "riskdesk audit 1";
    bytes.append(reinterpret_cast<const char *>(before.data()), before.size());
    for (const auto number : {record.id, record.at, record.undoOf})
        addNumber(bytes, number);
    for (const auto text : record.texts) { // each with its length, so that none can run into the next
        addNumber(bytes, static_cast<std::int64_t>(text.size()));
        bytes += text;
    }
    return blake2b256(bytes);
}

Result<AuditHead> auditHead(store::Connection &connection)
{
    store::Statement row(connection,
                         "SELECT id, chain FROM audit WHERE chain IS NOT NULL ORDER BY id DESC LIMIT 1");
    AuditHead head;
    if (!row.step())
        return row.ok() ? Result<AuditHead>(head) : tl::unexpected(row.error());
    const auto chain = digestOf(row.blob(1));
    if (!chain)
        return fail(Code::StoreCorrupt, connection.file().string(),
                    "a digest of the audit log has another length");
    head.id = row.int64(0);
    head.chain = *chain;
    return head;
}

namespace {

// `trusted`: the record to begin behind, whose digest is taken as it is; 0: from the beginning.
Result<std::vector<std::string>> checkFrom(store::Connection &connection, std::int64_t trusted,
                                           const std::optional<AuditHead> &anchor,
                                           const std::stop_token &stop)
{
    std::vector<std::string> wrong;
    store::Statement row(
        connection, fmt::format("SELECT {}, chain FROM audit WHERE id >= ?1 ORDER BY id", auditChainColumns));
    row.bind(trusted == 0 ? INT64_MIN : trusted);
    Digest256 before{};
    std::int64_t id = 0;
    bool anchored = !anchor || anchor->id == 0, broken = false, any = false;
    while (row.step()) {
        if (stop.stop_requested())
            return fail(Code::Cancelled, "audit");
        const auto last = id;
        id = row.int64(0);
        const auto stored = row.isNull(13) ? std::nullopt : digestOf(row.blob(13));
        if (trusted != 0 && id == trusted && stored) {
            before = *stored;
            any = true;
            continue;
        }
        const auto expected = chained(before, chainedRecord(row));
        if (row.isNull(13) && !any) { // written before there were digests, and nothing since
            before = expected;
            continue;
        }
        any = true;
        // Once is enough: from there on nothing can be told from what was there.
        if (!broken && stored != expected) {
            broken = true;
            wrong.push_back(fmt::format("The audit log was changed: record {} does not follow from {}.", id,
                                        last == 0 ? "its beginning" : fmt::format("record {}", last)));
        }
        before = stored.value_or(expected);
        if (anchor && id == anchor->id && stored) {
            anchored = true;
            if (*stored != anchor->chain)
                wrong.push_back(fmt::format(
                    "The audit log was written anew: record {} is not the one that was there.", id));
        }
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    if (!anchored)
        wrong.push_back(fmt::format("The audit log was cut off: it once had a record {}, and ends at {}.",
                                    anchor->id, id == 0 ? "nothing" : fmt::format("record {}", id)));
    return wrong;
}

} // namespace

Result<std::vector<std::string>> checkAudit(store::Connection &connection,
                                            const std::optional<AuditHead> &anchor, std::stop_token stop)
{
    return checkFrom(connection, 0, anchor, stop);
}

Result<std::vector<std::string>> checkAuditSince(store::Connection &connection, const AuditHead &anchor,
                                                 std::stop_token stop)
{
    store::Statement before(connection, "SELECT coalesce(max(id), 0) FROM audit WHERE id < ?1");
    if (!before.bind(anchor.id).step())
        return tl::unexpected(before.error());
    const auto trusted = before.int64(0);
    before.reset();
    return checkFrom(connection, trusted, anchor, stop);
}

} // namespace riskdesk::ledger
