#include "core/connect/ldap/session.h"

#include "core/connect/ldap/certificate_fault.h"
#include "core/connect/ldap/libldap.h"
#include "core/connect/ldap/result_code.h"
#include "core/connect/ldap/tcp.h"

#include <fmt/format.h>
#include <ldap.h>
#include <openldap.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>

namespace riskdesk::connect {
bool AttributeNameLess::operator()(std::string_view a, std::string_view b) const
{
    const int order = strncasecmp(a.data(), b.data(), std::min(a.size(), b.size()));
    return order != 0 ? order < 0 : a.size() < b.size();
}

std::string LdapEntry::first(std::string_view attribute) const
{
    const auto at = attributes.find(attribute);
    return at == attributes.end() || at->second.empty() ? std::string() : at->second.front();
}

bool LdapEntry::holds(std::string_view attribute, std::string_view value) const
{
    const auto at = attributes.find(attribute);
    return at != attributes.end() && std::ranges::find(at->second, value) != at->second.end();
}

struct LdapSession::Own
{
    LdapServer server;
    LdapTimes times;
    LdapHandle handle;

    // What came of one request: libldap's words, and the message when there is one.
    struct Answer
    {
        enum class Kind { Came, NotSent, Broke, TimedOut, Stopped } kind = Kind::NotSent;
        int code = LDAP_SUCCESS;
        std::string diagnostic;
        LdapMessage message;
        std::vector<std::pair<std::string, std::string>> controls; // OID and value
    };

    Response begin(const std::stop_token &stop, LdapHandle &made) const;
    Response beginTls(const std::stop_token &stop, LDAP *made) const;
    Response bind(const std::stop_token &stop, LDAP *made) const;
    Answer ask(LDAP *made, const std::stop_token &stop, const std::function<int(int &id)> &send) const;
    Response readFailure(const Answer &answer) const;
    Response change(const std::stop_token &stop, std::string_view right,
                    const std::function<int(int &)> &send);
    Response searchOnce(const LdapSearch &what, std::vector<LdapEntry> &entries, const std::stop_token &stop,
                        LdapPage *page, bool &broke);
    [[nodiscard]] std::string authorities() const
    {
        return server.caFile.empty() ? machineAuthorities() : server.caFile;
    }
};

// Sends one request and waits for all of its answer. Asked to stop, it breaks the connection, which ends the wait.
LdapSession::Own::Answer LdapSession::Own::ask(LDAP *made, const std::stop_token &stop,
                                               const std::function<int(int &)> &send) const
{
    Answer answer;
    const NoBrokenPipe guard;
    if (stop.stop_requested()) {
        answer.code = LDAP_USER_CANCELLED;
        return answer;
    }
    const TcpDeadline deadline(descriptorOf(made), times.answer, stop);
    int id = -1;
    if (answer.code = send(id); answer.code != LDAP_SUCCESS) {
        if (answer.code == LDAP_SERVER_DOWN && stop.stop_requested())
            answer.code = LDAP_USER_CANCELLED;
        else if (answer.code == LDAP_SERVER_DOWN && deadline.passed())
            answer.code = LDAP_TIMEOUT;
        return answer;
    }
    auto wait = timevalOf(times.answer);
    LDAPMessage *read = nullptr;
    const int type = ldap_result(made, id, LDAP_MSG_ALL, &wait, &read);
    answer.message.reset(read);
    LDAPControl **controls = nullptr;
    char *diagnostic = nullptr;
    if (type <= 0 || ldap_parse_result(made, read, &answer.code, nullptr, &diagnostic, nullptr, &controls,
                                       0) != LDAP_SUCCESS) {
        answer.kind = stop.stop_requested()            ? Answer::Kind::Stopped
                      : type == 0 || deadline.passed() ? Answer::Kind::TimedOut
                                                       : Answer::Kind::Broke;
        answer.code = LDAP_SERVER_DOWN;
    } else {
        answer.kind = Answer::Kind::Came;
        answer.diagnostic = diagnostic == nullptr ? "" : diagnostic;
        for (auto **control = controls; control != nullptr && *control != nullptr; ++control)
            answer.controls.emplace_back((*control)->ldctl_oid, textOf((*control)->ldctl_value));
    }
    ldap_memfree(diagnostic);
    ldap_controls_free(controls);
    return answer;
}

// Of a request that changes nothing: it may be asked again.
Response LdapSession::Own::readFailure(const Answer &answer) const
{
    const auto &host = server.address.host;
    switch (answer.kind) {
    case Answer::Kind::Stopped: return Response::later("cancelled", "It was stopped while it was asked.");
    case Answer::Kind::TimedOut: return Response::later("noReply", fmt::format("{} does not answer.", host));
    case Answer::Kind::NotSent:
        if (answer.code == LDAP_USER_CANCELLED)
            return Response::later("cancelled", "It was stopped before it was sent.");
        if (answer.code == LDAP_TIMEOUT)
            return Response::later("noReply", fmt::format("{} does not answer.", host));
        if (answer.code != LDAP_SERVER_DOWN)
            return ldapResponse(answer.code, LdapStep::Read, {});
        [[fallthrough]];
    case Answer::Kind::Broke:
    case Answer::Kind::Came: break;
    }
    return Response::later("notConnected", fmt::format("{} closed the connection.", host));
}

// Up to where TLS may begin.
Response LdapSession::Own::begin(const std::stop_token &stop, LdapHandle &made) const
{
    Response failure;
    const auto &address = server.address;
    const int fd = openTcp(address.host, address.port, times.connect, stop, failure);
    if (fd < 0)
        return failure;
    LDAP *raw = nullptr;
    if (const int code = ldap_init_fd(fd, LDAP_PROTO_TCP, address.uri().c_str(), &raw);
        code != LDAP_SUCCESS) {
        ::close(fd);
        return ldapResponse(code, LdapStep::Read, {});
    }
    made.reset(raw);
    const int version = LDAP_VERSION3;
    ldap_set_option(raw, LDAP_OPT_PROTOCOL_VERSION, &version);
    ldap_set_option(raw, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
    ldap_set_option(raw, LDAP_OPT_RESTART, LDAP_OPT_ON);
    const int none = 0, never = LDAP_DEREF_NEVER;
    ldap_set_option(raw, LDAP_OPT_SIZELIMIT, &none);
    ldap_set_option(raw, LDAP_OPT_TIMELIMIT, &none);
    ldap_set_option(raw, LDAP_OPT_DEREF, &never);
    // With a time of its own, libldap would not wait while TLS begins but ask again and again. TcpDeadline minds it.
    ldap_set_option(raw, LDAP_OPT_NETWORK_TIMEOUT, nullptr);
    if (!address.startTls)
        return Response::ok();
    const auto answer = ask(raw, stop, [raw](int &id) { return ldap_start_tls(raw, nullptr, nullptr, &id); });
    return answer.kind != Answer::Kind::Came
               ? readFailure(answer)
               : ldapResponse(answer.code, LdapStep::StartTls, answer.diagnostic);
}

Response LdapSession::Own::beginTls(const std::stop_token &stop, LDAP *made) const
{
    const NoBrokenPipe guard;
    const auto trusted = authorities();
    // All of them, so that neither ldap.conf nor LDAPTLS_… has a say.
    const int demand = LDAP_OPT_X_TLS_DEMAND, oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2, client = 0;
    const int noLists = LDAP_OPT_X_TLS_CRL_NONE;
    bool set = ldap_set_option(made, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) == LDAP_OPT_SUCCESS;
    set = ldap_set_option(made, LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest) == LDAP_OPT_SUCCESS && set;
    set = ldap_set_option(made, LDAP_OPT_X_TLS_CACERTFILE, trusted.c_str()) == LDAP_OPT_SUCCESS && set;
    for (const int option : {LDAP_OPT_X_TLS_CACERTDIR, LDAP_OPT_X_TLS_CERTFILE, LDAP_OPT_X_TLS_KEYFILE})
        set = ldap_set_option(made, option, "") == LDAP_OPT_SUCCESS && set;
    ldap_set_option(made, LDAP_OPT_X_TLS_CRLCHECK, &noLists);
    ldap_set_option(made, LDAP_OPT_X_TLS_CIPHER_SUITE, "");
    if (!set || ldap_set_option(made, LDAP_OPT_X_TLS_NEWCTX, &client) != LDAP_OPT_SUCCESS)
        return Response::refusedAll("certificate", "The certificate file cannot be read.");
    const auto &host = server.address.host;
    const auto failure = [&](const TcpDeadline &deadline) -> std::optional<Response> {
        if (stop.stop_requested())
            return Response::later("cancelled", "It was stopped before it was sent.");
        if (deadline.passed())
            return Response::later("notConnected", fmt::format("{} does not answer.", host));
        return std::nullopt;
    };
    {
        const TcpDeadline deadline(descriptorOf(made), times.connect, stop);
        const int code = ldap_install_tls(made);
        if (const auto known = failure(deadline))
            return *known;
        if (code == LDAP_SUCCESS && ldap_tls_inplace(made) == 1)
            return Response::ok();
    }
    LdapHandle second;
    if (const auto response = begin(stop, second); !response.done())
        return response;
    const TcpDeadline deadline(descriptorOf(second.get()), times.connect, stop);
    const auto judged = certificateFault(descriptorOf(second.get()), host, trusted);
    return failure(deadline).value_or(judged);
}

Response LdapSession::Own::bind(const std::stop_token &stop, LDAP *made) const
{
    auto password = borrowed(server.password.reveal());
    const auto answer = ask(made, stop, [&](int &id) {
        return ldap_sasl_bind(made, server.bindDn.c_str(), LDAP_SASL_SIMPLE, &password, nullptr, nullptr,
                              &id);
    });
    return answer.kind != Answer::Kind::Came ? readFailure(answer)
                                             : ldapResponse(answer.code, LdapStep::Bind, answer.diagnostic);
}

LdapSession::LdapSession(LdapServer &&server, LdapTimes times)
    : m(std::make_unique<Own>(Own{std::move(server), times, nullptr}))
{}
LdapSession::~LdapSession()
{
    if (m)
        close();
}
LdapSession::LdapSession(LdapSession &&) noexcept = default;

void LdapSession::close()
{
    const NoBrokenPipe guard; // it says goodbye
    m->handle.reset();
}

void LdapSession::setTimes(LdapTimes times)
{
    m->times = times;
}

Response LdapSession::open(const std::stop_token &stop)
{
    if (stop.stop_requested())
        return Response::later("cancelled", "It was stopped before it was sent.");
    // A handle whose connection is gone would open another one, without TLS.
    if (m->handle && ldap_tls_inplace(m->handle.get()) == 1)
        return Response::ok();
    close();
    if (m->server.password.empty())
        return Response::refused("ldap49", "There is no password to bind with.");
    const NoBrokenPipe guard;
    LdapHandle made;
    auto response = m->begin(stop, made);
    if (response.done())
        response = m->beginTls(stop, made.get());
    if (response.done())
        response = m->bind(stop, made.get());
    if (response.done())
        m->handle = std::move(made);
    return response;
}

Response LdapSession::Own::searchOnce(const LdapSearch &what, std::vector<LdapEntry> &entries,
                                      const std::stop_token &stop, LdapPage *page, bool &broke)
{
    auto *made = handle.get();
    std::vector<char *> names;
    for (const auto &name : what.attributes)
        names.push_back(const_cast<char *>(name.c_str()));
    names.push_back(nullptr);
    berval value{};
    LDAPControl paging{const_cast<char *>(LDAP_CONTROL_PAGEDRESULTS), {}, 1};
    LDAPControl *controls[] = {page != nullptr ? &paging : nullptr, nullptr};
    if (page != nullptr) {
        auto cookie = borrowed(page->cookie);
        if (ldap_create_page_control_value(made, page->size, &cookie, &value) != LDAP_SUCCESS)
            return Response::refused("ldap-3", "The list cannot be asked for in pages.");
        paging.ldctl_value = value;
    }
    const int scope = what.scope == LdapSearch::Scope::Base ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE;
    const auto answer = ask(made, stop, [&](int &id) {
        return ldap_search_ext(made, what.base.c_str(), scope, what.filter.c_str(),
                               what.attributes.empty() ? nullptr : names.data(), 0, controls, nullptr,
                               nullptr, what.most == 0 ? LDAP_NO_LIMIT : what.most, &id);
    });
    ber_memfree(value.bv_val);
    if (answer.kind != Answer::Kind::Came) {
        broke = answer.kind == Answer::Kind::Broke ||
                (answer.kind == Answer::Kind::NotSent && answer.code == LDAP_SERVER_DOWN);
        handle.reset();
        return readFailure(answer);
    }
    for (auto *entry = ldap_first_entry(made, answer.message.get()); entry != nullptr;
         entry = ldap_next_entry(made, entry))
        entries.push_back(entryOf(made, entry));
    if (page != nullptr) {
        page->cookie.clear();
        for (const auto &[oid, content] : answer.controls) {
            LDAPControl control{const_cast<char *>(oid.c_str()), borrowed(content), 0};
            ber_int_t estimate = 0;
            berval cookie{};
            if (oid == LDAP_CONTROL_PAGEDRESULTS &&
                ldap_parse_pageresponse_control(made, &control, &estimate, &cookie) == LDAP_SUCCESS) {
                page->cookie = textOf(cookie);
                ber_memfree(cookie.bv_val);
            }
        }
    }
    return ldapResponse(answer.code, LdapStep::Read, answer.diagnostic);
}

Response LdapSession::search(const LdapSearch &what, std::vector<LdapEntry> &entries,
                             const std::stop_token &stop, LdapPage *page)
{
    const NoBrokenPipe guard;
    bool reused = m->handle != nullptr;
    for (;;) {
        entries.clear();
        if (auto response = open(stop); !response.done())
            return response;
        bool broke = false;
        auto response = m->searchOnce(what, entries, stop, page, broke);
        // It was closed since the last call: by a server that restarted, or for having been idle.
        if (!broke || !reused)
            return response;
        reused = false;
    }
}

Response LdapSession::Own::change(const std::stop_token &stop, std::string_view right,
                                  const std::function<int(int &)> &send)
{
    const auto answer = ask(handle.get(), stop, send);
    if (answer.kind == Answer::Kind::Came)
        return ldapResponse(answer.code, LdapStep::Write, answer.diagnostic, right);
    handle.reset();
    const auto &host = server.address.host;
    switch (answer.kind) {
    case Answer::Kind::Broke:
        return Response::unknown("noReply",
                                 fmt::format("The connection to {} broke before it answered.", host));
    case Answer::Kind::TimedOut:
        return Response::unknown("noReply", fmt::format("{} did not answer in time.", host));
    case Answer::Kind::Stopped: return Response::unknown("cancelled", "It was stopped while on its way.");
    default: return readFailure(answer);
    }
}

Response LdapSession::modify(const std::string &dn, const std::vector<LdapChange> &changes,
                             std::string_view right, const std::stop_token &stop)
{
    const NoBrokenPipe guard;
    if (auto response = open(stop); !response.done())
        return response;
    std::vector<LDAPMod> mods(changes.size());
    std::vector<berval> values(changes.size());
    std::vector<std::array<berval *, 2>> lists(changes.size());
    std::vector<LDAPMod *> all;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto &change = changes[i];
        mods[i].mod_op = LDAP_MOD_BVALUES | (change.kind == LdapChange::Kind::Add      ? LDAP_MOD_ADD
                                             : change.kind == LdapChange::Kind::Delete ? LDAP_MOD_DELETE
                                                                                       : LDAP_MOD_REPLACE);
        mods[i].mod_type = const_cast<char *>(change.attribute.c_str());
        if (change.value) {
            values[i] = borrowed(*change.value);
            lists[i] = {&values[i], nullptr};
            mods[i].mod_bvalues = lists[i].data();
        }
        all.push_back(&mods[i]);
    }
    all.push_back(nullptr);
    return m->change(stop, right, [&](int &id) {
        return ldap_modify_ext(m->handle.get(), dn.c_str(), all.data(), nullptr, nullptr, &id);
    });
}

Response LdapSession::setPassword(const std::string &dn, const Secret &password, std::string_view right,
                                  const std::stop_token &stop)
{
    const NoBrokenPipe guard;
    if (auto response = open(stop); !response.done())
        return response;
    auto user = borrowed(dn);
    auto wanted = borrowed(password.reveal());
    return m->change(stop, right, [&](int &id) {
        return ldap_passwd(m->handle.get(), &user, nullptr, &wanted, nullptr, nullptr, &id);
    });
}

} // namespace riskdesk::connect
