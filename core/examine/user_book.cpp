#include "core/examine/user_book.h"

#include "core/base/text.h"
#include "core/ledger/change_rows.h"
#include "core/ledger/risk_rows.h"
#include "core/store/connection.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <mutex>
#include <optional>

namespace riskdesk::run {
namespace {

std::string searchText(const Account &account)
{
    std::string text;
    for (const auto *part : {&account.displayName, &account.userPrincipalName, &account.mail, &account.key}) {
        text += foldForSearch(*part);
        text += '\x1f';
    }
    return text;
}

// What the records of a directory tell of accounts moves no risk, and stands in the ledger all the same.
class History
{
public:
    History(store::Connection &connection, Timestamp now)
        : m_connection(connection)
        , m_now(now)
    {}

    Status tell(std::uint32_t user, LedgerKind kind)
    {
        if (!m_rows)
            m_rows.emplace(m_connection);
        auto loaded = m_rows->load(user);
        if (!loaded)
            return tl::unexpected(loaded.error());
        LedgerEvent event;
        event.at = event.recordedAt = m_now;
        event.user = user;
        event.kind = kind;
        event.actor = directoryRecord;
        loaded->reducer.apply(event);
        return m_rows->append(event);
    }

private:
    store::Connection &m_connection;
    Timestamp m_now;
    std::optional<ledger::RiskRows> m_rows; // few imports need them
};

} // namespace

// A decision is about what could be seen of this very user.
constexpr std::string_view decidedSql =
    "SELECT 1 FROM ledger WHERE user = ?1 AND command <> 0 UNION ALL SELECT 1 FROM outbox WHERE user = ?1 "
    "LIMIT 1";

// What is asked on any thread.
struct UserBook::Stored
{
    explicit Stored(store::Connection &&opened)
        : connection(std::move(opened))
        , byAlias(connection, "SELECT user FROM user_alias WHERE alias = ?1")
        , byId(connection, "SELECT key, provider_id, upn, display_name, mail, phone, identity, issuer, "
                           "account_enabled, is_deleted, created_at, password_changed_at, max(named_at, "
                           "coalesce(last_sign_in, 0)) FROM user WHERE id = ?1")
        , ofDecided(connection, decidedSql)
    {}

    std::uint32_t find(const std::string &alias)
    {
        const std::lock_guard lock(mutex);
        const auto user = byAlias.bind(alias).step() ? byAlias.uint32(0) : 0;
        end(byAlias);
        return user;
    }

    Account account(std::uint32_t user)
    {
        const std::lock_guard lock(mutex);
        Account account;
        account.id = user;
        if (byId.bind(user).step()) {
            const auto time = [&](int column) {
                return byId.isNull(column) ? std::optional<Timestamp>() : std::optional(byId.time(column));
            };
            account.key = byId.string(0);
            account.providerId = byId.string(1);
            account.userPrincipalName = byId.string(2);
            account.displayName = byId.string(3);
            account.mail = byId.string(4);
            account.phone = byId.string(5);
            account.identity = byId.as<Identity>(6);
            account.issuer = byId.string(7);
            account.accountEnabled = byId.int64(8) != 0;
            account.isDeleted = byId.int64(9) != 0;
            account.createdAt = time(10);
            account.passwordChangedAt = time(11);
            account.namedAt = byId.time(12);
        }
        end(byId);
        return account;
    }

    bool isDecided(std::uint32_t user)
    {
        const std::lock_guard lock(mutex);
        const bool decided = ofDecided.bind(user).step();
        end(ofDecided);
        return decided;
    }

    void end(store::Statement &statement)
    {
        if (!statement.ok() && read)
            read = tl::unexpected(statement.error());
        statement.reset();
    }

    std::mutex mutex; // of all, and of the entries once they are only read
    store::Connection connection;
    store::Statement byAlias, byId, ofDecided;
    Status read; // the first failure
};

UserBook::UserBook() = default;
UserBook::UserBook(UserBook &&) noexcept = default;
UserBook::~UserBook() = default;

Result<UserBook> UserBook::open(store::Connection &connection)
{
    store::Statement last(connection, "SELECT coalesce(max(id), 0) FROM user");
    if (!last.step())
        return tl::unexpected(last.error());
    const auto stored = last.uint32(0);
    UserBook book;
    book.m_entries.resize(stored + 1);
    book.m_met.resize(stored + 1);
    auto reader = store::Connection::open(connection.file(), store::Connection::Mode::Read);
    if (!reader)
        return tl::unexpected(reader.error());
    book.m_stored = std::make_unique<Stored>(std::move(*reader));
    book.m_anyStored = stored > 0;
    return book;
}

Status UserBook::loaded() const
{
    const std::lock_guard lock(m_stored->mutex);
    return m_stored->read;
}

UserBook::Entry &UserBook::meet(std::uint32_t user, Account &&account)
{
    auto &entry = m_users.emplace_back();
    entry.account = std::move(account);
    auto &met = m_met[user];
    met.identity = entry.account.identity;
    met.namedAt = entry.account.namedAt.us;
    met.isMet = true;
    m_entries[user] = &entry;
    return entry;
}

// As it stands in memory, else in the store: then the user is met with it.
std::uint32_t UserBook::find(NameIndex &index, HashedText name)
{
    if (const auto known = index.find(name); known != 0 || !m_anyStored)
        return known;
    const auto user = m_stored->find((&index == &m_byId ? "id:" : "upn:") + std::string(name.text));
    if (user == 0 || user >= m_entries.size())
        return 0;
    index.assign(name, user);
    if (!m_met[user].isMet) {
        const auto &known = meet(user, m_stored->account(user)).account;
        m_met[user].lastUpnHash = hashed(known.userPrincipalName).hash;
        m_met[user].lastNameHash = hashed(known.displayName).hash;
    }
    return user;
}

Account UserBook::account(std::uint32_t user) const
{
    user = resolve(user);
    {
        const std::lock_guard lock(m_stored->mutex);
        if (m_entries[user] != nullptr)
            return m_entries[user]->account;
    }
    return m_stored->account(user);
}

Identity UserBook::identity(std::uint32_t user) const
{
    user = resolve(user);
    return m_met[user].isMet ? m_met[user].identity : account(user).identity;
}

void UserBook::written()
{
    const std::lock_guard lock(m_stored->mutex);
    std::ranges::fill(m_entries, nullptr);
    m_users.clear();
    m_byId = m_byUpn = {};
}

std::uint32_t UserBook::resolve(std::uint32_t user) const
{
    while (m_met[user].joined != 0)
        user = m_met[user].joined;
    return user;
}

void UserBook::touch(std::uint32_t user)
{
    if (!m_entries[user]->touched) {
        m_entries[user]->touched = true;
        m_touched.push_back(user);
    }
}

void UserBook::addAlias(NameIndex &index, HashedText name, std::uint32_t user)
{
    index.assign(name, user);
    m_newAliases.emplace_back((&index == &m_byId ? "id:" : "upn:") + std::string(name.text), user);
}

std::uint32_t UserBook::make(std::string_view providerId, std::string_view foldedUpn)
{
    const auto id = static_cast<std::uint32_t>(m_entries.size());
    m_entries.emplace_back();
    m_met.emplace_back();
    Account account;
    account.id = id;
    account.key = providerId.empty() ? foldedUpn : providerId;
    account.providerId = providerId;
    meet(id, std::move(account)).isNew = true;
    touch(id);
    return id;
}

namespace {

// Whether a name takes the place of one that was told at another time. A directory's later record does.
bool isNewer(std::int64_t at, std::int64_t knownAt, std::string_view name, std::string_view known)
{
    return known.empty() || at > knownAt || at == endOfTime || (at == knownAt && name > known);
}

} // namespace

// Social sign-ins are judged otherwise, all of who is social.
void UserBook::identify(std::uint32_t user, Identity identity, std::string_view issuer)
{
    auto &entry = *m_entries[user];
    const bool wasSocial = entry.account.identity == Identity::Social;
    if (!entry.isNew && wasSocial != (identity == Identity::Social))
        m_reidentified.push_back(user);
    entry.account.identity = m_met[user].identity = identity;
    entry.account.issuer = issuer;
    touch(user);
}

// What only one of them tells stays told.
void UserBook::join(std::uint32_t user, std::uint32_t into)
{
    m_met[user].joined = into;
    if (!m_entries[user]->isNew)
        m_joined.push_back({user, into, held(user).key});
    const auto &from = held(user);
    auto &to = *m_entries[into];
    const auto take = [](auto &field, const auto &value, const auto &nothing) {
        if (field == nothing)
            field = value;
    };
    take(to.account.displayName, from.displayName, std::string());
    take(to.account.mail, from.mail, std::string());
    take(to.account.phone, from.phone, std::string());
    take(to.account.createdAt, from.createdAt, std::nullopt);
    take(to.account.passwordChangedAt, from.passwordChangedAt, std::nullopt);
    if (to.account.identity == Identity::Unknown && from.identity != Identity::Unknown)
        identify(into, from.identity, from.issuer);
    if (to.account.accountEnabled && !from.accountEnabled) {
        to.account.accountEnabled = false;
        to.enabledChanged = true;
    }
    touch(into);
}

UserBook::Resolved UserBook::resolve(HashedText providerId, HashedText upn, std::int64_t at)
{
    const bool hasId = !providerId.text.empty(), hasUpn = !upn.text.empty();
    if (!hasId && !hasUpn)
        return {};
    std::uint32_t user = 0;
    if (hasId) {
        if (const auto found = find(m_byId, providerId); found != 0) {
            user = resolve(found);
            auto &met = m_met[user];
            const auto before = met.namedAt;
            if (!hasUpn)
                return {user, before};
            if (met.lastUpnHash == upn.hash) {
                met.namedAt = std::max(before, at);
                return {user, before}; // by far the commonest way out
            }
        }
    }
    const auto foldedText = foldCase(upn.text);
    const auto folded = hashed(foldedText);
    const std::uint32_t byName = hasUpn ? resolve(find(m_byUpn, folded)) : 0;
    if (user == 0 && byName != 0 && (!hasId || held(byName).providerId.empty())) {
        user = byName;
        if (hasId) { // the name was met first, now its id is known too
            auto &entry = *m_entries[user];
            if (!entry.isNew && entry.formerKey.empty())
                entry.formerKey = entry.account.key;
            entry.account.key = entry.account.providerId = providerId.text;
            addAlias(m_byId, providerId, user);
            touch(user);
        }
    } else if (user == 0) {
        user = make(providerId.text, folded.text);
        if (hasId)
            addAlias(m_byId, providerId, user);
    }
    const auto namedBefore = m_met[user].namedAt;
    if (hasUpn) {
        if (byName != user) {
            // The one known by name alone is the same person.
            if (byName != 0 && held(byName).providerId.empty() &&
                (m_entries[byName]->isNew || !m_stored->isDecided(byName)))
                join(byName, user);
            // Of two who were called so, it is the one who was last.
            if (byName == 0 || resolve(byName) == user || m_met[byName].namedAt <= at ||
                foldCase(held(byName).userPrincipalName) != folded.text)
                addAlias(m_byUpn, folded, user);
        }
        auto &known = held(user).userPrincipalName;
        if (m_met[user].lastUpnHash != upn.hash && isNewer(at, namedBefore, upn.text, known)) {
            m_met[user].lastUpnHash = upn.hash;
            if (known != upn.text) {
                known = upn.text;
                touch(user);
            }
        }
        if (at > namedBefore) {
            m_met[user].namedAt = at;
            held(user).namedAt = {at};
        }
    }
    return {user, namedBefore};
}

std::uint32_t UserBook::resolve(const SignInNames &names)
{
    const auto [user, namedBefore] = resolve(names.userId, names.userPrincipalName, names.at.us);
    if (user == 0)
        return 0;
    auto &met = m_met[user];
    if (!names.displayName.text.empty() && met.lastNameHash != names.displayName.hash) {
        auto &known = held(user).displayName;
        if (isNewer(names.at.us, namedBefore, names.displayName.text, known)) {
            met.lastNameHash = names.displayName.hash;
            if (known != names.displayName.text) {
                known = names.displayName.text;
                touch(user);
            }
        }
    }
    // Who was social once is, unless the directory says otherwise.
    if (names.identity > met.identity && (met.identity == Identity::Unknown || met.namedAt != endOfTime))
        identify(user, names.identity, names.issuer);
    return user;
}

void UserBook::resolve(std::span<const SignInNames> names, std::span<std::uint32_t> users)
{
    constexpr std::size_t step = 4;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i + 2 * step < names.size())
            m_byId.expect(names[i + 2 * step].userId);
        if (i + step < names.size())
            __builtin_prefetch(&m_met[m_byId.expectSoon(names[i + step].userId)]);
        users[i] = resolve(names[i]);
    }
}

bool UserBook::apply(const UserRecord &record)
{
    const auto known = m_entries.size();
    const auto user = resolve(hashed(record.id), hashed(record.userPrincipalName), endOfTime).user;
    if (user == 0)
        return false;
    auto &entry = *m_entries[user];
    auto &account = entry.account;
    bool changed = m_entries.size() != known || entry.touched;
    const auto overwrite = [&](auto &field, const auto &value) {
        if (field != value) {
            field = value;
            changed = true;
        }
    };
    if (!record.displayName.empty())
        overwrite(account.displayName, record.displayName);
    if (!record.mail.empty())
        overwrite(account.mail, record.mail);
    if (!record.phone.empty())
        overwrite(account.phone, record.phone);
    if (record.identity != Identity::Unknown &&
        (account.identity != record.identity || account.issuer != record.issuer)) {
        identify(user, record.identity, record.issuer);
        changed = true;
    }
    if (record.accountEnabled && *record.accountEnabled != account.accountEnabled) {
        account.accountEnabled = *record.accountEnabled;
        entry.enabledChanged = changed = true;
    }
    if (record.isDeleted)
        overwrite(account.isDeleted, *record.isDeleted);
    if (record.createdAt)
        overwrite(account.createdAt, record.createdAt);
    if (record.passwordChangedAt)
        overwrite(account.passwordChangedAt, record.passwordChangedAt);
    if (changed)
        touch(user);
    return changed;
}

UserChanges UserBook::takeChanges()
{
    UserChanges changes;
    for (const auto user : m_touched) {
        auto &entry = *m_entries[user];
        entry.touched = false;
        if (m_met[user].joined != 0)
            continue;
        changes.users.push_back(
            {&entry.account, entry.isNew, entry.enabledChanged, std::exchange(entry.formerKey, {})});
        entry.isNew = entry.enabledChanged = false;
    }
    m_touched.clear();
    changes.aliases = std::exchange(m_newAliases, {});
    for (auto &[name, user] : changes.aliases)
        user = resolve(user);
    changes.joined = std::exchange(m_joined, {});
    for (auto &one : changes.joined)
        one.into = resolve(one.into);
    changes.reidentified = std::exchange(m_reidentified, {});
    return changes;
}

Status leaveUntold(store::Connection &connection, std::span<const std::uint32_t> users, Untold why)
{
    store::Statement leave(
        connection, "INSERT OR REPLACE INTO untold_user (user, joined) SELECT id, ?2 FROM user WHERE id = ?1 "
                    "AND sign_ins = 0");
    for (const auto user : users)
        if (auto ok = leave.bind(user, why == Untold::Joined).run(); !ok)
            return ok;
    return {};
}

Result<std::uint64_t> removeUntoldUsers(store::Connection &connection)
{
    {
        store::Statement any(connection, "SELECT 1 FROM untold_user LIMIT 1");
        if (!any.step())
            return any.ok() ? Result<std::uint64_t>(0) : tl::unexpected(any.error());
    }
    // By sets: few of the tables have an index by user, and there may be very many of them.
    const auto references = store::referencesTo(connection, "user");
    if (!references)
        return tl::unexpected(references.error());
    // Somebody else has what was found of who was joined.
    constexpr std::string_view retold =
        "(SELECT user FROM untold_user WHERE joined = 1 EXCEPT SELECT user FROM detection)";
    std::string others;
    std::vector<std::string> statements;
    for (const auto &[table, column] : *references)
        if (table != "user_alias" && table != "untold_user") {
            others += fmt::format(" EXCEPT SELECT {} FROM {}", column, table);
            statements.push_back(fmt::format("DELETE FROM {} WHERE {} IN {}", table, column, retold));
        }
    for (auto &&statement :
         {fmt::format("DELETE FROM untold_user WHERE user NOT IN (SELECT id FROM user WHERE sign_ins = 0 AND "
                      "mail = '' "
                      "AND phone = '' AND account_enabled = 1 AND is_deleted = 0 AND created_at IS NULL AND "
                      "password_changed_at IS NULL AND id IN (SELECT user FROM untold_user{}))",
                      others),
          std::string("DELETE FROM user_alias WHERE user IN (SELECT user FROM untold_user)"),
          std::string("DELETE FROM user WHERE id IN (SELECT user FROM untold_user)"),
          std::string("DELETE FROM untold_user")})
        statements.push_back(statement);
    const auto remove = [&]() -> Result<std::uint64_t> {
        auto transaction = store::Transaction::begin(connection);
        if (!transaction)
            return tl::unexpected(transaction.error());
        for (const auto &sql : statements)
            if (auto ok = connection.execute(sql); !ok)
                return tl::unexpected(ok.error());
        const auto removed = static_cast<std::uint64_t>(sqlite3_changes(connection.handle()));
        if (auto ok = transaction->commit(); !ok)
            return tl::unexpected(ok.error());
        return removed;
    };
    // SQLite would look through every table for each of them, and nobody refers to who goes.
    if (auto ok = connection.execute("PRAGMA foreign_keys = OFF"); !ok)
        return tl::unexpected(ok.error());
    auto removed = remove();
    if (auto ok = connection.execute("PRAGMA foreign_keys = ON"); !ok)
        return tl::unexpected(ok.error());
    return removed;
}

Status writeUsers(store::Connection &connection, const Clock &clock, const UserChanges &changes)
{
    store::Statement insert(connection, "INSERT INTO user (id, key, account_enabled) VALUES (?1, ?2, ?3)");
    store::Statement update(
        connection,
        "UPDATE user SET provider_id=?2, upn=?3, display_name=?4, search=?5, mail=?6, phone=?7, identity=?8, "
        "issuer=?9, is_deleted=?10, created_at=?11, password_changed_at=?12, named_at=?13 WHERE id=?1");
    store::Statement enable(connection, "UPDATE user SET account_enabled=?2 WHERE id=?1");
    store::Statement differs(connection,
                             "SELECT account_enabled <> ?5, is_deleted < ?4 FROM user WHERE id=?1 AND "
                             "(upn <> ?2 OR display_name <> ?3 OR is_deleted <> ?4 OR "
                             "account_enabled <> ?5)");
    History history(connection, clock.now());
    ledger::ChangeRows marks(connection);
    store::Statement rename(connection, "UPDATE user SET key=?2 WHERE id=?1");
    std::optional<ledger::RiskRows> risk;
    for (const auto &[changed, isNew, enabledChanged, formerKey] : changes.users) {
        const auto &account = *changed;
        Status ok;
        // What is told of a risky user.
        differs.bind(account.id, account.userPrincipalName, account.displayName, account.isDeleted,
                     isNew || !enabledChanged ? std::nullopt : std::optional(account.accountEnabled));
        const bool renamed = !isNew && differs.step();
        const bool blockedOrNot = renamed && differs.int64(0) != 0,
                   deleted = renamed && differs.int64(1) != 0;
        if (!differs.ok())
            return tl::unexpected(differs.error());
        differs.reset();
        if (isNew)
            ok = insert.bind(account.id, account.key, account.accountEnabled).run();
        else if (!formerKey.empty()) {
            ok = rename.bind(account.id, account.key).run();
            if (!risk)
                risk.emplace(connection);
            if (ok)
                ok = risk->renameDetections(account.id, formerKey, account.key);
        }
        if (ok && !isNew && enabledChanged)
            ok = enable.bind(account.id, account.accountEnabled).run();
        if (ok)
            ok = update
                     .bind(account.id, account.providerId, account.userPrincipalName, account.displayName,
                           searchText(account), account.mail, account.phone, account.identity, account.issuer,
                           account.isDeleted, account.createdAt, account.passwordChangedAt, account.namedAt)
                     .run();
        if (ok && renamed)
            ok = marks.user(account.id);
        if (ok && blockedOrNot)
            ok = history.tell(account.id,
                              account.accountEnabled ? LedgerKind::Unblocked : LedgerKind::Blocked);
        if (ok && deleted)
            ok = history.tell(account.id, LedgerKind::UserDeleted);
        if (!ok)
            return ok;
    }
    // They are the other's now.
    store::Statement bare(connection,
                          "UPDATE user SET mail='', phone='', created_at=NULL, "
                          "password_changed_at=NULL, account_enabled=1, is_deleted=0 WHERE id=?1");
    store::Statement decided(connection, decidedSql);
    for (const auto &one : changes.joined) {
        if (decided.bind(one.user).step())
            return fail(Code::Conflict, one.former,
                        "somebody decided on this user while the log was read; import it again");
        if (!decided.ok())
            return tl::unexpected(decided.error());
        decided.reset();
        if (auto ok = bare.bind(one.user).run(); !ok)
            return ok;
    }
    store::Statement alias(connection, "INSERT OR REPLACE INTO user_alias (alias, user) VALUES (?1, ?2)");
    for (const auto &[name, user] : changes.aliases)
        if (auto ok = alias.bind(name, user).run(); !ok)
            return ok;
    return {};
}

} // namespace riskdesk::run
