#include "ui/pages/go_to.h"

#include "core/base/text.h"
#include "core/query/filter/fields.h"
#include "core/query/filter/filter_text.h"
#include "core/query/go_to.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/widgets/controls/go_to.h"

#include <algorithm>
#include <utility>

namespace riskdesk::pages {
namespace {

using widgets::GoToItem;

enum class Scope { Everything, Users, Addresses, Detections, Views, Commands };

constexpr std::size_t ofOneKind = 50, ofEachKind = 6;
constexpr qsizetype shortestId = 4; // fewer digits are in every id

struct Found
{
    std::vector<query::FoundUser> users;
    std::vector<std::string> addresses;
    std::vector<query::FoundDetection> detections;
};

std::pair<Scope, QString> scoped(const QString &text)
{
    static constexpr std::pair<const char *, Scope> prefixes[] = {{"u ", Scope::Users},
                                                                  {"ip ", Scope::Addresses},
                                                                  {"d ", Scope::Detections},
                                                                  {"v ", Scope::Views},
                                                                  {">", Scope::Commands}};
    for (const auto &[prefix, scope] : prefixes)
        if (text.startsWith(QLatin1String(prefix), Qt::CaseInsensitive))
            return {scope, text.mid(QLatin1String(prefix).size()).trimmed()};
    return {Scope::Everything, text.trimmed()};
}

bool isOf(const QString &words, const char *letters)
{
    return std::all_of(words.begin(), words.end(),
                       [&](QChar c) { return QLatin1String(letters).contains(c.toLower()); });
}

bool isCalled(const GoTo::Destination &known, const QString &words)
{
    const auto name = foldForSearch((known.title + u' ' + known.detail).toStdString());
    const auto folded = foldForSearch(words.toStdString());
    const auto parts = split(folded, ' ');
    return std::all_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

QList<GoToItem> knownItems(const QList<GoTo::Destination> &known, Scope scope, const QString &words)
{
    QList<GoToItem> items;
    for (const auto &one : known) {
        const bool wanted = scope == Scope::Everything
                                ? !one.isCommand || !words.isEmpty()
                                : scope == (one.isCommand ? Scope::Commands : Scope::Views);
        if (!wanted || !isCalled(one, words))
            continue;
        const auto kind = one.isCommand ? GoTo::tr("Command") : GoTo::tr("View");
        items << GoToItem{one.icon, one.title, one.detail, one.keys.isEmpty() ? kind : one.keys, one.open};
    }
    return items;
}

} // namespace

GoTo::GoTo(Context &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
{}

void GoTo::open(QWidget *opener, const QList<Destination> &known)
{
    if (!m_context.readers || opener->window()->findChild<widgets::GoToSheet *>() != nullptr)
        return;
    auto *sheet = new widgets::GoToSheet(m_context.theme, opener->window());
    const auto ask = [this, sheet, known](const QString &text) {
        m_ticket.cancel();
        const auto [scope, words] = scoped(text);
        const auto places = knownItems(known, scope, words);
        const bool asks = !words.isEmpty() && scope != Scope::Views && scope != Scope::Commands;
        if (!asks) {
            sheet->setItems(places, true);
            return;
        }
        const bool all = scope == Scope::Everything;
        const bool users = all || scope == Scope::Users;
        const bool addresses = scope == Scope::Addresses || (all && isOf(words, "0123456789abcdef.:"));
        const bool detections = scope == Scope::Detections ||
                                (all && words.size() >= shortestId && isOf(words, "0123456789abcdef-"));
        m_ticket = m_context.readers->ask(
            sheet, m_ticket,
            [users, addresses, detections, part = words.toStdString(), most = all ? ofEachKind : ofOneKind](
                store::Connection &db, std::stop_token stop) -> Result<Found> {
                Found found;
                const auto into = [](auto &there, auto answer) -> Status {
                    if (!answer)
                        return tl::unexpected(answer.error());
                    there = std::move(*answer);
                    return {};
                };
                Status ok;
                if (users)
                    ok = into(found.users, query::findUsers(db, part, most, stop));
                if (ok && addresses)
                    ok = into(found.addresses, query::findAddresses(db, part, most, stop));
                if (ok && detections)
                    ok = into(found.detections, query::findDetections(db, part, most, stop));
                if (!ok)
                    return tl::unexpected(ok.error());
                return found;
            },
            [this, sheet, places](Result<Found> found) {
                if (!found) {
                    sheet->setItems(places, true);
                    return;
                }
                QList<GoToItem> items;
                for (const auto &user : found->users) {
                    const auto risk =
                        user.state == RiskState::AtRisk || user.state == RiskState::ConfirmedCompromised
                            ? tr("%1 risk", "a level").arg(models::levelName(user.level))
                            : tr("not at risk");
                    items << GoToItem{
                        theme::Icon::Person, models::shown(user.name),
                        tr("%1, %2", "mail, risk").arg(models::shown(user.mail), risk), tr("User"),
                        [this, user] {
                            if (user.listed)
                                Q_EMIT userAsked(user.id);
                            else
                                Q_EMIT signInsAsked(models::text(*query::filterText(
                                    query::Report::SignIns,
                                    query::Filter::match("userId", query::Test::Is, {user.key}))));
                        }};
                }
                for (const auto &address : found->addresses)
                    items << GoToItem{theme::Icon::Network, models::shown(address), tr("sign-ins from there"),
                                      tr("IP address"), [this, address] {
                                          Q_EMIT signInsAsked(QStringLiteral("ip:") + models::text(address));
                                      }};
                for (const auto &detection : found->detections)
                    items << GoToItem{
                        theme::Icon::Detections, models::typeName(detection.type),
                        tr("%1, %2", "user, id")
                            .arg(models::shown(detection.userName), models::shown(detection.id)),
                        tr("Detection"), [this, rowid = detection.rowid] { Q_EMIT detectionAsked(rowid); }};
                sheet->setItems(items + places, true);
            });
    };
    connect(sheet, &widgets::GoToSheet::typed, this, ask);
    ask({});
    sheet->openAt(opener);
}

} // namespace riskdesk::pages
