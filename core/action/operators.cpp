#include "core/action/operators.h"

#include "core/base/digest.h"
#include "core/base/name_text.h"
#include "core/base/text.h"
#include "core/ledger/audit.h"
#include "core/store/statement.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace riskdesk::action {
namespace {

constexpr std::string_view operatorColumns = "id, name, role, account, added_at, added_by, passphrase";
constexpr std::size_t longestAccount = 320; // characters; an account of 64 and a host of 255

// A row with what only this source looks at.
struct OperatorRow
{
    NamedOperator named;
    std::string hash; // empty: bound to an account
    std::int64_t wrong = 0;
    std::optional<Timestamp> notBefore;
};

// Of the salted hash, and itself no secret.
std::uint64_t whichPassphrase(std::string_view hash)
{
    const auto digest = blake2b128(hash);
    std::uint64_t number = 0;
    std::memcpy(&number, digest.data(), sizeof number);
    return number;
}

Result<NamedOperator> operatorOf(const store::Statement &row)
{
    NamedOperator named;
    named.id = row.int64(0);
    named.name = row.string(1);
    // A role that is not ours may not be read as another one: it was written from outside.
    const auto role = roleFromText(row.text(2));
    if (!role)
        return fail(Code::StoreCorrupt, named.name, "the role of an operator: " + row.string(2));
    named.role = *role;
    if (!row.isNull(3))
        named.account = row.string(3);
    named.addedAt = row.time(4);
    named.addedBy = row.string(5);
    if (!row.isNull(6))
        named.passphrase = whichPassphrase(row.text(6));
    return named;
}

Result<std::optional<OperatorRow>> findBy(store::Connection &connection, std::string_view column,
                                          std::string_view value)
{
    store::Statement row(connection, fmt::format("SELECT {}, wrong, not_before FROM operator "
                                                 "WHERE {} = ?1",
                                                 operatorColumns, column));
    row.bind(value);
    if (!row.step())
        return row.ok() ? Result<std::optional<OperatorRow>>(std::nullopt) : tl::unexpected(row.error());
    auto named = operatorOf(row);
    if (!named)
        return tl::unexpected(named.error());
    OperatorRow found{std::move(*named), row.string(6), row.int64(7), {}};
    if (!row.isNull(8))
        found.notBefore = row.time(8);
    return std::optional(std::move(found));
}

Result<std::optional<OperatorRow>> findNamed(store::Connection &connection, std::string_view name)
{
    return findBy(connection, "name_folded", foldCase(trim(name)));
}

// One of them has to be there for a change.
Result<OperatorRow> needNamed(store::Connection &connection, std::string_view name)
{
    auto found = findNamed(connection, name);
    if (!found)
        return tl::unexpected(found.error());
    if (!*found)
        return fail(Code::NotFound, std::string(trim(name)),
                    "there is no operator of that name; \"operators list\" shows them");
    return std::move(**found);
}

Result<std::int64_t> countWhere(store::Connection &connection, std::string_view condition)
{
    store::Statement row(connection, fmt::format("SELECT COUNT(*) FROM operator WHERE {}", condition));
    if (!row.step())
        return tl::unexpected(row.error());
    return row.int64(0);
}

// Names of machines have no case.
std::string onThisHost(const Desk &desk)
{
    return desk.account + '@' + foldCase(desk.host);
}

std::string accountOf(std::string_view text)
{
    const auto at = text.rfind('@');
    return at == std::string_view::npos ? std::string(text)
                                        : std::string(text.substr(0, at)) + foldCase(text.substr(at));
}

bool isDesk(const Desk &desk, std::string_view account)
{
    return account == desk.account || account == onThisHost(desk);
}

// The one that names the machine goes before the one that holds on all of them.
Result<std::optional<OperatorRow>> findDesk(store::Connection &connection, const Desk &desk)
{
    auto here = findBy(connection, "account", onThisHost(desk));
    return !here || *here ? here : findBy(connection, "account", desk.account);
}

Status checkPassphrase(std::string_view passphrase)
{
    if (passphrase.size() < shortestPassphrase)
        return fail(Code::WrongUsage, "",
                    fmt::format("A passphrase has at least {} characters.", shortestPassphrase));
    if (passphrase.size() > longestPassphrase)
        return fail(Code::WrongUsage, "",
                    fmt::format("A passphrase has at most {} bytes.", longestPassphrase));
    return {};
}

void sodiumReady()
{
    [[maybe_unused]] static const int once = sodium_init();
}

Result<std::string> hashOf(std::string_view passphrase, PassphraseCost cost)
{
    if (auto ok = checkPassphrase(passphrase); !ok)
        return tl::unexpected(ok.error());
    sodiumReady();
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str(hash.data(), passphrase.data(), passphrase.size(), cost.passes, cost.memory) != 0)
        return fail(Code::Io, "passphrase",
                    fmt::format("{} MiB of memory are not free", cost.memory / 1048576));
    return std::string(hash.data());
}

// An Error only when it could not be looked at: that is no wrong passphrase.
Result<bool> isRight(const std::string &hash, std::string_view passphrase)
{
    if (passphrase.empty() || passphrase.size() > longestPassphrase)
        return false;
    sodiumReady();
    // libsodium reads the whole array.
    std::array<char, crypto_pwhash_STRBYTES> kept{};
    if (hash.size() >= kept.size())
        return fail(Code::StoreCorrupt, "passphrase", "the digest of a passphrase is too long");
    std::ranges::copy(hash, kept.begin());
    errno = 0;
    if (crypto_pwhash_str_verify(kept.data(), passphrase.data(), passphrase.size()) == 0)
        return true;
    if (errno != EINVAL)
        return fail(Code::Io, "passphrase",
                    "it could not be checked: too little memory, or a damaged digest");
    return false;
}

std::chrono::seconds waitAfter(std::int64_t wrong)
{
    auto wait = firstWait;
    for (; wrong > 1 && wait < longestWait; --wrong)
        wait *= 2;
    return std::min(wait, longestWait);
}

// How long no passphrase is looked at. More than the longest wait tells of a clock that was set back, which is
// believed.
Microseconds waitsStill(const OperatorRow &row, Timestamp now)
{
    if (!row.notBefore || now >= *row.notBefore)
        return Microseconds(0);
    const auto left = *row.notBefore - now;
    return left > longestWait ? Microseconds(0) : left;
}

tl::unexpected<Error> tooEarly(const OperatorRow &row, Microseconds left)
{
    return fail(Code::NotAllowed, row.named.name,
                fmt::format("The last passphrase of \"{}\" was wrong. Wait {} s, then try again.",
                            row.named.name, std::chrono::ceil<std::chrono::seconds>(left).count()));
}

ledger::AuditRecord recordBy(const Operator &who, std::string_view action, const NamedOperator &about)
{
    auto record = ledger::recordBy(who);
    record.action = action;
    record.target = about.name;
    return record;
}

// "operator, account ana"
std::string describeOperator(const NamedOperator &named)
{
    return std::string(toText(named.role)) + ", " +
           (named.account ? "account " + *named.account : "passphrase");
}

Status noteWrong(store::Connection &connection, const Clock &clock, const Asking &asking,
                 const OperatorRow &row, std::chrono::seconds wait)
{
    if (auto ok =
            store::Statement(connection, "UPDATE operator SET wrong = ?2, not_before = ?3 WHERE id = ?1")
                .bind(row.named.id, row.wrong + 1, clock.now() + wait)
                .run();
        !ok)
        return ok;
    // Nobody is known to act but the account; that it has a role was just not shown.
    auto record = recordBy({asking.desk.account, Role::Reader, asking.via, asking.desk.host},
                           "operatorWrongPassphrase", row.named);
    record.role.clear();
    record.after = fmt::format("{} in a row, {} s to wait", row.wrong + 1, wait.count());
    return ledger::appendAudit(connection, clock, record);
}

// Looked at without holding the lock for writing, since it takes most of a second. What others found meanwhile
// counts: of many guesses at the same time one is answered.
Status checkGiven(store::Connection &connection, const Clock &clock, const Asking &asking, OperatorRow row)
{
    if (const auto left = waitsStill(row, clock.now()); left > Microseconds(0))
        return tooEarly(row, left);
    const auto right = isRight(row.hash, *asking.passphrase);
    if (!right)
        return tl::unexpected(right.error());
    auto again = needNamed(connection, row.named.name);
    if (!again)
        return tl::unexpected(again.error());
    if (*right && again->hash == row.hash && again->wrong == 0)
        return {};
    auto transaction = store::Transaction::begin(connection);
    if (!transaction) {
        // Who may only read is not turned away for wrong ones of before.
        const bool reads = transaction.error().code == Code::ReadOnly;
        if (reads && *right && again->hash == row.hash && waitsStill(*again, clock.now()) == Microseconds(0))
            return {};
        return tl::unexpected(transaction.error());
    }
    again = needNamed(connection, row.named.name);
    if (!again)
        return tl::unexpected(again.error());
    if (again->hash != row.hash || again->named.id != row.named.id)
        return fail(Code::NotAllowed, row.named.name,
                    fmt::format("\"{}\" was changed meanwhile. Try again.", row.named.name));
    if (const auto left = waitsStill(*again, clock.now()); left > Microseconds(0))
        return tooEarly(*again, left);
    if (*right) {
        if (auto ok =
                store::Statement(connection, "UPDATE operator SET wrong = 0, not_before = NULL WHERE id = ?1")
                    .bind(row.named.id)
                    .run();
            !ok)
            return ok;
        return transaction->commit();
    }
    const auto wait = waitAfter(again->wrong + 1);
    if (auto ok = noteWrong(connection, clock, asking, *again, wait); !ok)
        return ok;
    if (auto ok = transaction->commit(); !ok)
        return ok;
    return fail(Code::NotAllowed, row.named.name,
                fmt::format("The passphrase of \"{}\" is wrong. The next one is looked at in {} s.",
                            row.named.name, wait.count()));
}

Result<NamedOperator> insertOperator(store::Connection &connection, const Clock &clock, const Operator &who,
                                     NamedOperator named, const std::optional<std::string> &hash)
{
    named.addedAt = clock.now();
    named.addedBy = who.name.empty() ? desktopAccount() : who.name;
    store::Statement insert(connection,
                            "INSERT INTO operator (name, name_folded, role, account, passphrase, added_at, "
                            "added_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id");
    insert.bind(named.name, foldCase(named.name), toText(named.role), named.account, hash, named.addedAt,
                named.addedBy);
    if (!insert.step())
        return tl::unexpected(insert.error());
    named.id = insert.int64(0);
    if (auto ok = insert.run(); !ok)
        return tl::unexpected(ok.error());
    auto record = recordBy(who, "operatorAdd", named);
    record.after = describeOperator(named);
    if (auto ok = ledger::appendAudit(connection, clock, record); !ok)
        return tl::unexpected(ok.error());
    return named;
}

// Nobody could name operators any more without one.
Status notTheLast(store::Connection &connection, const NamedOperator &leaving)
{
    if (leaving.role != Role::Administrator)
        return {};
    const auto others =
        countWhere(connection, fmt::format("role = 'administrator' AND id <> {}", leaving.id));
    if (!others)
        return tl::unexpected(others.error());
    if (*others == 0)
        return fail(Code::Conflict, leaving.name,
                    fmt::format("\"{}\" is the last administrator, and there has to be one. Name another "
                                "first.",
                                leaving.name));
    return {};
}

} // namespace

PassphraseCost PassphraseCost::standard()
{
    return {crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE};
}

Result<Added> addOperator(store::Connection &connection, const Clock &clock, const Operator &who,
                          std::string_view name, Role role, const Binding &binding, PassphraseCost cost,
                          const Desk &desk)
{
    if (auto ok = allowed(who.role, Permission::Operators); !ok)
        return tl::unexpected(ok.error());
    NamedOperator named;
    named.role = role;
    auto trimmed = nameText(name, "The name of the operator", longestOperatorName);
    if (!trimmed)
        return tl::unexpected(trimmed.error());
    named.name = std::move(*trimmed);
    if (binding.account.has_value() == binding.passphrase.has_value())
        return fail(Code::WrongUsage, named.name,
                    "An operator is known by an account or by a passphrase, by one of them.");
    std::optional<std::string> hash;
    if (binding.account) {
        auto account = nameText(*binding.account, "The account", longestAccount);
        if (!account)
            return tl::unexpected(account.error());
        named.account = accountOf(*account);
    } else {
        auto made = hashOf(*binding.passphrase, cost);
        if (!made)
            return tl::unexpected(made.error());
        hash = std::move(*made);
    }
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    const auto before = countWhere(connection, "TRUE");
    if (!before)
        return tl::unexpected(before.error());
    const auto sameName = findNamed(connection, named.name);
    if (!sameName)
        return tl::unexpected(sameName.error());
    if (*sameName)
        return fail(Code::Conflict, named.name, "there is an operator of that name; choose another one");
    if (named.account) {
        const auto sameAccount = findBy(connection, "account", *named.account);
        if (!sameAccount)
            return tl::unexpected(sameAccount.error());
        if (*sameAccount)
            return fail(
                Code::Conflict, *named.account,
                fmt::format("that account is the operator \"{}\" already", (*sameAccount)->named.name));
    }
    const bool isSelf = named.account && isDesk(desk, *named.account);
    if (*before == 0 && isSelf && role != Role::Administrator)
        return fail(Code::WrongUsage, named.name,
                    "The account you use has to be administrator first, since nobody else is. Add it with "
                    "--role administrator.");
    Added done;
    if (*before == 0 && !isSelf) {
        NamedOperator self;
        self.role = Role::Administrator;
        self.account = desk.account;
        // A name of the system may be longer than ours, or the one that was just asked for.
        const bool taken = foldCase(desk.account) == foldCase(named.name);
        self.name = taken ? onThisHost(desk) : desk.account;
        auto added = insertOperator(connection, clock, who, std::move(self), {});
        if (!added)
            return tl::unexpected(added.error());
        done.withIt = std::move(*added);
    }
    auto added = insertOperator(connection, clock, who, std::move(named), hash);
    if (!added)
        return tl::unexpected(added.error());
    done.added = std::move(*added);
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    return done;
}

Result<NamedOperator> removeOperator(store::Connection &connection, const Clock &clock, const Operator &who,
                                     std::string_view name)
{
    if (auto ok = allowed(who.role, Permission::Operators); !ok)
        return tl::unexpected(ok.error());
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    auto found = needNamed(connection, name);
    if (!found)
        return tl::unexpected(found.error());
    auto &named = found->named;
    if (auto ok = notTheLast(connection, named); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = store::Statement(connection, "DELETE FROM operator WHERE id = ?1").bind(named.id).run();
        !ok)
        return tl::unexpected(ok.error());
    auto record = recordBy(who, "operatorRemove", named);
    record.before = describeOperator(named);
    if (auto ok = ledger::appendAudit(connection, clock, record); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    return std::move(named);
}

Result<NamedOperator> changeRole(store::Connection &connection, const Clock &clock, const Operator &who,
                                 std::string_view name, Role role)
{
    if (auto ok = allowed(who.role, Permission::Operators); !ok)
        return tl::unexpected(ok.error());
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    auto found = needNamed(connection, name);
    if (!found)
        return tl::unexpected(found.error());
    auto &named = found->named;
    if (named.role == role)
        return std::move(named);
    if (auto ok = notTheLast(connection, named); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = store::Statement(connection, "UPDATE operator SET role = ?2 WHERE id = ?1")
                      .bind(named.id, toText(role))
                      .run();
        !ok)
        return tl::unexpected(ok.error());
    auto record = recordBy(who, "operatorRole", named);
    record.before = toText(named.role);
    record.after = toText(role);
    if (auto ok = ledger::appendAudit(connection, clock, record); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    named.role = role;
    return std::move(named);
}

Result<NamedOperator> changePassphrase(store::Connection &connection, const Clock &clock, const Operator &who,
                                       std::string_view name, std::string_view passphrase,
                                       PassphraseCost cost)
{
    const bool own = foldCase(who.name) == foldCase(trim(name));
    if (auto ok = own ? Status() : allowed(who.role, Permission::Operators); !ok)
        return tl::unexpected(ok.error());
    const auto hash = hashOf(passphrase, cost);
    if (!hash)
        return tl::unexpected(hash.error());
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    auto found = needNamed(connection, name);
    if (!found)
        return tl::unexpected(found.error());
    auto &named = found->named;
    if (named.account)
        return fail(Code::WrongUsage, named.name,
                    fmt::format("\"{}\" has no passphrase: it is known by the account {}.", named.name,
                                *named.account));
    if (auto ok = store::Statement(connection, "UPDATE operator SET passphrase = ?2, wrong = 0, "
                                               "not_before = NULL WHERE id = ?1")
                      .bind(named.id, *hash)
                      .run();
        !ok)
        return tl::unexpected(ok.error());
    if (auto ok = ledger::appendAudit(connection, clock, recordBy(who, "operatorPassphrase", named)); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    named.passphrase = whichPassphrase(*hash);
    return std::move(named);
}

Status allowedNow(store::Connection &connection, const Operator &who, Permission permission)
{
    if (auto ok = allowed(who.role, permission); !ok)
        return ok;
    const auto named = operators(connection);
    if (!named)
        return tl::unexpected(named.error());
    if (named->empty()) // until somebody is named, whoever opens the directory may
        return {};
    const auto found = std::ranges::find(*named, who.name, &NamedOperator::name);
    return allowed(found == named->end() ? Role::Reader : found->role, permission);
}

Result<std::vector<NamedOperator>> operators(store::Connection &connection)
{
    std::vector<NamedOperator> all;
    store::Statement row(connection,
                         fmt::format("SELECT {} FROM operator ORDER BY name_folded", operatorColumns));
    while (row.step()) {
        auto named = operatorOf(row);
        if (!named)
            return tl::unexpected(named.error());
        all.push_back(std::move(*named));
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return all;
}

Result<bool> needsPassphrase(store::Connection &connection, std::string_view name)
{
    const auto found = findNamed(connection, name);
    if (!found)
        return tl::unexpected(found.error());
    return *found && !(*found)->named.account;
}

Result<Operator> whoIsIt(store::Connection &connection, const Clock &clock, const Asking &asking)
{
    const auto &desk = asking.desk;
    const auto acting = [&](const NamedOperator &named) {
        return Operator{named.name, named.role, asking.via, desk.host};
    };
    const auto named = countWhere(connection, "TRUE");
    if (!named)
        return tl::unexpected(named.error());
    if (*named == 0)
        return Operator{asking.name.value_or(desk.account), Role::Administrator, asking.via, desk.host};
    if (!asking.name) {
        const auto found = findDesk(connection, desk);
        if (!found)
            return tl::unexpected(found.error());
        if (!*found)
            return fail(Code::NotAllowed, desk.account,
                        fmt::format("The account \"{}\" is no operator of this directory. Say who you are "
                                    "with --as NAME, or have an administrator add the account with "
                                    "\"operators add\".",
                                    desk.account));
        return acting((*found)->named);
    }
    const auto found = findNamed(connection, *asking.name);
    if (!found)
        return tl::unexpected(found.error());
    if (!*found)
        return fail(Code::NotAllowed, *asking.name,
                    fmt::format("There is no operator \"{}\" in this directory. An administrator names one "
                                "with \"operators add\".",
                                trim(*asking.name)));
    const auto &row = **found;
    if (row.named.account) {
        if (!isDesk(desk, *row.named.account))
            return fail(Code::NotAllowed, row.named.name,
                        fmt::format("\"{}\" is known by the account {}, and you use {}. Work from that "
                                    "account, or act as somebody with a passphrase.",
                                    row.named.name, *row.named.account, onThisHost(desk)));
        return acting(row.named);
    }
    if (!asking.passphrase)
        return fail(Code::NotAllowed, row.named.name,
                    fmt::format("\"{}\" needs a passphrase. Type it on a terminal, or give "
                                "--passphrase-file FILE.",
                                row.named.name));
    if (auto ok = checkGiven(connection, clock, asking, row); !ok)
        return tl::unexpected(ok.error());
    return acting(row.named);
}

} // namespace riskdesk::action
