// What a person asks for in the sheet of the operators: named, another role, another passphrase, removed.
#include "core/directory/directory.h"

#include "app/console_operator_words.h"
#include "app/console_operators.h"
#include "ui/models/error_text.h"
#include "ui/models/format.h"

#include <utility>

namespace riskdesk {

using action::Role;

QString roleWord(Role role)
{
    switch (role) {
    case Role::Reader: return ConsoleOperators::tr("Reader");
    case Role::Operator: return ConsoleOperators::tr("Operator");
    case Role::Administrator: break;
    }
    return ConsoleOperators::tr("Administrator");
}

std::shared_ptr<connect::Secret> secretOf(const QString &text)
{
    return std::make_shared<connect::Secret>(connect::Secret::taking(text.toStdString()));
}

std::string sentenceWith(const QString &sentence, const std::string &name)
{
    return sentence.arg(models::text(name)).toStdString();
}

void ConsoleOperators::makeSheet()
{
    if (m_sheet)
        return;
    m_sheet = new pages::OperatorsSheet(
        m_context.theme, m_context.directoryName, models::text(desktopAccount()),
        {{roleWord(Role::Reader), tr("Looks at everything, decides nothing.")},
         {roleWord(Role::Operator), tr("Dismisses and confirms risk too.")},
         {roleWord(Role::Administrator), tr("Does everything: blocks, imports, settings, operators.")}},
        &m_window);
    m_sheet->setAttribute(Qt::WA_DeleteOnClose);
    using Sheet = pages::OperatorsSheet;
    connect(
        m_sheet, &Sheet::addAsked, this,
        [this](const QString &name, int role, const QString &account, const QString &passphrase) {
            const auto desk = desktopAccount();
            if (m_acting.named.empty() && account.section(u'@', 0, 0) == models::text(desk) &&
                role != static_cast<int>(Role::Administrator)) {
                // Core refuses it too, in the words of the command line.
                m_sheet->refuse(Sheet::Field::Role,
                                tr("Your own account has to be administrator first, since nobody else is."));
                return;
            }
            change([name = name.toStdString(), role, account = account.toStdString(),
                    secret = secretOf(passphrase)](store::Connection &db, const Clock &clock,
                                                   const action::Operator &who) -> Result<Changed> {
                action::Binding binding;
                if (!account.empty())
                    binding.account = account;
                else
                    binding.passphrase = secret->reveal();
                const auto done = action::addOperator(db, clock, who, name, static_cast<Role>(role), binding);
                if (!done)
                    return tl::unexpected(done.error());
                auto said = tr("\"%1\" is named.").arg(models::text(done->added.name));
                if (done->withIt)
                    said += u' ' + tr("Your own account is the administrator \"%1\" with it.")
                                       .arg(models::text(done->withIt->name));
                return Changed{said.toStdString(), {}};
            });
        });
    connect(m_sheet, &Sheet::roleAsked, this, [this](const QString &name, int role) {
        change([name = name.toStdString(), role](store::Connection &db, const Clock &clock,
                                                 const action::Operator &who) -> Result<Changed> {
            const auto done = action::changeRole(db, clock, who, name, static_cast<Role>(role));
            if (!done)
                return tl::unexpected(done.error());
            return Changed{tr("\"%1\" is %2 from now on.")
                               .arg(models::text(done->name), roleWord(done->role))
                               .toStdString(),
                           {}};
        });
    });
    connect(m_sheet, &Sheet::passphraseAsked, this, [this](const QString &name, const QString &passphrase) {
        change([name = name.toStdString(),
                secret = secretOf(passphrase)](store::Connection &db, const Clock &clock,
                                               const action::Operator &who) -> Result<Changed> {
            const auto done = action::changePassphrase(db, clock, who, name, secret->reveal());
            if (!done)
                return tl::unexpected(done.error());
            return Changed{sentenceWith(tr("\"%1\" has a new passphrase; the one before opens nothing any "
                                           "more."),
                                        done->name),
                           *done};
        });
    });
    connect(m_sheet, &Sheet::removeAsked, this, [this](const QString &name) {
        change([name = name.toStdString()](store::Connection &db, const Clock &clock,
                                           const action::Operator &who) -> Result<Changed> {
            const auto done = action::removeOperator(db, clock, who, name);
            if (!done)
                return tl::unexpected(done.error());
            return Changed{sentenceWith(tr("\"%1\" may not act here any more."), done->name), {}};
        });
    });
    fillSheet();
}

void ConsoleOperators::show()
{
    if (!mayNot().isEmpty())
        return;
    makeSheet();
    m_sheet->show();
    m_sheet->raise();
    m_sheet->activateWindow();
    storeChanged();
}

void ConsoleOperators::ownPassphrase()
{
    if (!m_context.signedIn)
        return;
    delete m_sheet;
    makeSheet();
    m_sheet->askPassphraseOf(models::text(m_context.signedIn->name));
    m_sheet->show();
    m_sheet->activateWindow();
}

void ConsoleOperators::fillSheet()
{
    if (!m_sheet)
        return;
    QList<pages::ShownOperator> rows;
    for (const auto &one : m_acting.named)
        rows << pages::ShownOperator{models::text(one.name), static_cast<int>(one.role),
                                     models::text(one.account.value_or("")), one.addedAt,
                                     models::text(one.addedBy)};
    m_sheet->setOperators(rows);
    m_sheet->setRefusal(mayNot());
}

void ConsoleOperators::change(Change change)
{
    using Sheet = pages::OperatorsSheet;
    if (!m_unchangeable.isEmpty()) {
        m_sheet->refuse(Sheet::Field::All, m_unchangeable);
        return;
    }
    const bool started = m_worker.run(
        {}, this,
        [file = m_context.file, as = m_context.signedIn, change = std::move(change),
         &clock = m_context.clock](std::stop_token, const ProgressSink &) -> Result<Changed> {
            return pages::changeAs(file, clock, as, [&](store::Connection &db, const action::Operator &who) {
                return change(db, clock, who);
            });
        },
        [this, file = m_context.file](Result<Changed> done) {
            if (file != m_context.file)
                return;
            // Who gave themselves another passphrase here is still who they are.
            if (done && done->renewed && m_context.signedIn && m_context.signedIn->id == done->renewed->id)
                m_context.signedIn = done->renewed;
            if (done)
                Q_EMIT changed();
            if (!m_sheet)
                return;
            if (done)
                m_sheet->done(models::shown(done->said));
            else
                refused(done.error());
        });
    if (!started)
        m_sheet->refuse(Sheet::Field::All, tr("An answer is still being waited for. Try again."));
}

// Beside the field that core's sentence is about.
void ConsoleOperators::refused(const Error &error)
{
    using Field = pages::OperatorsSheet::Field;
    const auto about = [&](const char *begin) { return error.detail.starts_with(begin); };
    const auto field = about("A passphrase")                                        ? Field::Passphrase
                       : about("The account") || about("that account")              ? Field::Account
                       : about("The name") || about("there is an operator of that") ? Field::Name
                       : error.code == Code::Conflict                               ? Field::Role
                                                                                    : Field::All;
    m_sheet->refuse(field, models::errorText(error));
}

} // namespace riskdesk
