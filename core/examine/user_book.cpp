#include "core/examine/user_book.h"

#include "core/base/text.h"
#include "core/ledger/change_rows.h"
#include "core/store/connection.h"
#include "core/store/statement.h"

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

} // namespace

Result<UserBook> UserBook::load(store::Connection &connection)
{
    UserBook book;
    book.m_users.emplace_back();
    book.m_met.emplace_back();
    store::Statement users(
        connection, "SELECT id, key, provider_id, upn, display_name, mail, phone, identity, issuer, "
                    "account_enabled, is_deleted, created_at, password_changed_at FROM user ORDER BY id");
    const auto time = [&](int column) {
        return users.isNull(column) ? std::optional<Timestamp>() : std::optional(users.time(column));
    };
    while (users.step()) {
        const auto id = users.uint32(0);
        if (book.m_users.size() <= id) {
            book.m_users.resize(id + 1);
            book.m_met.resize(id + 1);
        }
        auto &entry = book.m_users[id];
        auto &account = entry.account;
        account.id = id;
        account.key = users.string(1);
        account.providerId = users.string(2);
        account.userPrincipalName = users.string(3);
        account.displayName = users.string(4);
        account.mail = users.string(5);
        account.phone = users.string(6);
        account.identity = users.as<Identity>(7);
        account.issuer = users.string(8);
        account.accountEnabled = users.int64(9) != 0;
        account.isDeleted = users.int64(10) != 0;
        account.createdAt = time(11);
        account.passwordChangedAt = time(12);
        book.m_met[id].identityKnown = account.identity != Identity::Unknown;
    }
    if (!users.ok())
        return tl::unexpected(users.error());
    store::Statement aliases(connection, "SELECT alias, user FROM user_alias");
    while (aliases.step()) {
        const auto alias = aliases.text(0);
        if (alias.starts_with("id:"))
            book.m_byId.assign(hashed(alias.substr(3)), aliases.uint32(1));
        else if (alias.starts_with("upn:"))
            book.m_byUpn.assign(hashed(alias.substr(4)), aliases.uint32(1));
    }
    if (!aliases.ok())
        return tl::unexpected(aliases.error());
    return book;
}

std::uint32_t UserBook::resolve(std::uint32_t user) const
{
    while (m_met[user].joined != 0)
        user = m_met[user].joined;
    return user;
}

void UserBook::touch(std::uint32_t user)
{
    if (!m_users[user].touched) {
        m_users[user].touched = true;
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
    const auto id = static_cast<std::uint32_t>(m_users.size());
    auto &entry = m_users.emplace_back();
    m_met.emplace_back();
    entry.account.id = id;
    entry.account.key = providerId.empty() ? foldedUpn : providerId;
    entry.account.providerId = providerId;
    entry.isNew = true;
    touch(id);
    return id;
}

std::uint32_t UserBook::resolve(HashedText providerId, HashedText upn)
{
    const bool hasId = !providerId.text.empty(), hasUpn = !upn.text.empty();
    if (!hasId && !hasUpn)
        return 0;
    std::uint32_t user = 0;
    if (hasId) {
        if (const auto found = m_byId.find(providerId); found != 0) {
            user = resolve(found);
            if (!hasUpn || m_met[user].lastUpnHash == upn.hash)
                return user; // by far the commonest way out
        }
    }
    const auto foldedText = foldCase(upn.text);
    const auto folded = hashed(foldedText);
    const std::uint32_t byName = hasUpn ? resolve(m_byUpn.find(folded)) : 0;
    if (user == 0 && byName != 0 && (!hasId || m_users[byName].account.providerId.empty())) {
        user = byName;
        if (hasId) { // the name was met first, now its id is known too
            m_users[user].account.providerId = providerId.text;
            addAlias(m_byId, providerId, user);
            touch(user);
        }
    } else if (user == 0) {
        user = make(providerId.text, folded.text);
        if (hasId)
            addAlias(m_byId, providerId, user);
    }
    if (hasUpn) {
        if (byName != user) {
            // Met apart in this run: the one known by name alone is the same person.
            if (byName != 0 && m_users[byName].isNew && m_users[byName].account.providerId.empty())
                m_met[byName].joined = user;
            addAlias(m_byUpn, folded, user);
        }
        if (m_met[user].lastUpnHash != upn.hash) {
            m_met[user].lastUpnHash = upn.hash;
            if (auto &known = m_users[user].account.userPrincipalName; known != upn.text) {
                known = upn.text;
                touch(user);
            }
        }
    }
    return user;
}

std::uint32_t UserBook::resolve(const SignInNames &names)
{
    const auto user = resolve(names.userId, names.userPrincipalName);
    if (user == 0)
        return 0;
    auto &met = m_met[user];
    if (!names.displayName.text.empty() && met.lastNameHash != names.displayName.hash) {
        met.lastNameHash = names.displayName.hash;
        if (auto &known = m_users[user].account.displayName; known != names.displayName.text) {
            known = names.displayName.text;
            touch(user);
        }
    }
    if (names.identity != Identity::Unknown && !met.identityKnown) {
        met.identityKnown = true;
        m_users[user].account.identity = names.identity;
        m_users[user].account.issuer = names.issuer;
        touch(user);
    }
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
    const auto known = m_users.size();
    const auto user = resolve(record.id, record.userPrincipalName);
    if (user == 0)
        return false;
    auto &entry = m_users[user];
    auto &account = entry.account;
    bool changed = m_users.size() != known || entry.touched;
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
    if (record.identity != Identity::Unknown) {
        overwrite(account.identity, record.identity);
        overwrite(account.issuer, record.issuer);
        m_met[user].identityKnown = true;
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
        auto &entry = m_users[user];
        entry.touched = false;
        if (m_met[user].joined != 0)
            continue;
        changes.users.push_back({entry.account, entry.isNew, entry.enabledChanged});
        entry.isNew = entry.enabledChanged = false;
    }
    m_touched.clear();
    changes.aliases = std::exchange(m_newAliases, {});
    for (auto &[name, user] : changes.aliases)
        user = resolve(user);
    return changes;
}

Status writeUsers(store::Connection &connection, const UserChanges &changes)
{
    store::Statement insert(connection, "INSERT INTO user (id, key, account_enabled) VALUES (?1, ?2, ?3)");
    store::Statement update(
        connection,
        "UPDATE user SET provider_id=?2, upn=?3, display_name=?4, search=?5, mail=?6, phone=?7, identity=?8, "
        "issuer=?9, is_deleted=?10, created_at=?11, password_changed_at=?12 WHERE id=?1");
    store::Statement enable(connection, "UPDATE user SET account_enabled=?2 WHERE id=?1");
    store::Statement differs(
        connection,
        "SELECT 1 FROM user WHERE id=?1 AND (upn <> ?2 OR display_name <> ?3 OR is_deleted <> ?4)");
    ledger::ChangeRows marks(connection);
    for (const auto &[account, isNew, enabledChanged] : changes.users) {
        Status ok;
        // What is told of a risky user.
        const bool renamed =
            !isNew &&
            differs.bind(account.id, account.userPrincipalName, account.displayName, account.isDeleted)
                .step();
        if (!differs.ok())
            return tl::unexpected(differs.error());
        differs.reset();
        if (isNew)
            ok = insert.bind(account.id, account.key, account.accountEnabled).run();
        else if (enabledChanged)
            ok = enable.bind(account.id, account.accountEnabled).run();
        if (ok)
            ok = update
                     .bind(account.id, account.providerId, account.userPrincipalName, account.displayName,
                           searchText(account), account.mail, account.phone, account.identity, account.issuer,
                           account.isDeleted, account.createdAt, account.passwordChangedAt)
                     .run();
        if (ok && renamed)
            ok = marks.user(account.id);
        if (!ok)
            return ok;
    }
    store::Statement alias(connection, "INSERT OR REPLACE INTO user_alias (alias, user) VALUES (?1, ?2)");
    for (const auto &[name, user] : changes.aliases)
        if (auto ok = alias.bind(name, user).run(); !ok)
            return ok;
    return {};
}

} // namespace riskdesk::run
