#include "app/keychain_store.h"

#include <QCoreApplication>
#include <QDir>
#include <QLockFile>
#include <QStandardPaths>
#include <QThread>
#include <qt6keychain/keychain.h>

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <utility>

namespace riskdesk {
namespace {

constexpr int lockPatience = 10'000; // ms; a lock is held for a few calls

QString service()
{
    return QStringLiteral("Riskdesk");
}

// Qt Keychain queues all calls of a process in one object, which belongs to the thread of the first of them.
// So there is one such thread, as long as the program runs.
class KeyringThread
{
public:
    static KeyringThread &instance()
    {
        static auto *one =
            new KeyringThread; // never ended: a keyring that does not answer would hold up exit
        return *one;
    }
    [[nodiscard]] QObject *place() { return m_place; }

private:
    KeyringThread()
    {
        m_thread->setObjectName(QStringLiteral("keyring"));
        m_place->moveToThread(m_thread);
        m_thread->start();
    }
    QThread *m_thread = new QThread;
    QObject *m_place = new QObject;
};

struct Answer
{
    QKeychain::Error error = QKeychain::OtherError;
    QString words;
    connect::Secret secret; // of a reading
};

Status statusOf(const Answer &answer)
{
    const auto words = answer.words.toStdString();
    switch (answer.error) {
    case QKeychain::NoError: return {};
    case QKeychain::AccessDeniedByUser:
    case QKeychain::AccessDenied:
    case QKeychain::CouldNotDeleteEntry:
        return fail(Code::NotAllowed, "keyring", "The keyring is locked. Unlock it and try again.");
    case QKeychain::EntryNotFound:
    case QKeychain::NoBackendAvailable:
    case QKeychain::NotImplemented:
    case QKeychain::OtherError: break;
    }
    // OtherError is also what a missing D-Bus and a service that does not start are called.
    return fail(Code::NotFound, "keyring", words.empty() ? "no keyring runs" : words);
}

using MakeJob = std::function<QKeychain::Job *()>;

// What the caller asks for goes to the keyring's thread and outlives the caller's patience.
Result<Answer> ask(const QString &entry, std::chrono::seconds patience, MakeJob makeJob)
{
    const auto *application = QCoreApplication::instance();
    if (application == nullptr || QThread::currentThread() == application->thread())
        return fail(Code::Bug, "keyring", "asked on the thread of the application");
    auto promise = std::make_shared<std::promise<Answer>>();
    auto answered = promise->get_future();
    QMetaObject::invokeMethod(
        KeyringThread::instance().place(),
        [promise = std::move(promise), makeJob = std::move(makeJob), entry] {
            auto *job = makeJob(); // deletes itself when it is finished
            job->setKey(entry);
            QObject::connect(job, &QKeychain::Job::finished, job, [promise](QKeychain::Job *done) {
                Answer answer{done->error(), done->errorString(), {}};
                if (const auto *reading = qobject_cast<QKeychain::ReadPasswordJob *>(done)) {
                    const auto bytes = reading->binaryData();
                    answer.secret = connect::Secret(
                        std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
                }
                promise->set_value(std::move(answer));
            });
            job->start();
        },
        Qt::QueuedConnection);
    if (answered.wait_for(patience) != std::future_status::ready)
        return fail(Code::Io, "keyring", "it did not answer in time");
    return answered.get();
}

// Nothing: no such entry.
Result<std::optional<connect::Secret>> readEntry(const QString &entry, std::chrono::seconds patience)
{
    auto answer = ask(entry, patience, [] { return new QKeychain::ReadPasswordJob(service()); });
    if (!answer)
        return tl::unexpected(answer.error());
    if (answer->error == QKeychain::EntryNotFound)
        return std::optional<connect::Secret>();
    if (auto ok = statusOf(*answer); !ok)
        return tl::unexpected(ok.error());
    return std::optional(std::move(answer->secret));
}

Status writeEntry(const QString &entry, const connect::Secret &secret, std::chrono::seconds patience)
{
    auto answer =
        ask(entry, patience, [kept = std::make_shared<connect::Secret>(secret.copy())]() -> QKeychain::Job * {
            auto *job = new QKeychain::WritePasswordJob(service());
            const auto text = kept->reveal();
            job->setBinaryData(QByteArray(text.data(), static_cast<qsizetype>(text.size())));
            return job;
        });
    return answer ? statusOf(*answer) : tl::unexpected(answer.error());
}

// Between reading the names and writing them.
class NamesLock
{
public:
    explicit NamesLock(const QString &directoryId)
        : m_file(QDir(QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation))
                     .filePath(QStringLiteral("riskdesk-keyring-%1.lock").arg(directoryId)))
    {}
    [[nodiscard]] Status take()
    {
        if (m_file.tryLock(lockPatience))
            return {};
        const auto name = m_file.fileName().toStdString();
        return m_file.error() == QLockFile::LockFailedError
                   ? fail(Code::StoreBusy, name, "another process stores a secret")
                   : fail(Code::Io, name, "the lock file cannot be made");
    }

private:
    QLockFile m_file;
};

} // namespace

KeychainStore::KeychainStore(QString directoryId, std::chrono::seconds patience)
    : m_directoryId(std::move(directoryId))
    , m_patience(patience)
{}

QString KeychainStore::entry(std::string_view name) const
{
    return m_directoryId + u'/' + QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

Status KeychainStore::available()
{
    const auto found = readEntry(entry({}), m_patience);
    return found ? Status() : tl::unexpected(found.error());
}

Result<std::optional<connect::Secret>> KeychainStore::get(std::string_view name)
{
    if (auto ok = connect::checkSecretName(name); !ok)
        return tl::unexpected(ok.error());
    return readEntry(entry(name), m_patience);
}

Status KeychainStore::set(std::string_view name, const connect::Secret &secret)
{
    if (auto ok = connect::checkSecret(name, secret); !ok)
        return ok;
    NamesLock lock(m_directoryId);
    if (auto ok = lock.take(); !ok)
        return ok;
    auto all = names();
    if (!all)
        return tl::unexpected(all.error());
    const auto at = std::ranges::lower_bound(*all, name);
    if (at == all->end() || *at != name) {
        all->insert(at, std::string(name));
        if (auto ok = writeNames(*all); !ok)
            return ok;
    }
    return writeEntry(entry(name), secret, m_patience);
}

Status KeychainStore::forget(std::string_view name)
{
    if (auto ok = connect::checkSecretName(name); !ok)
        return ok;
    NamesLock lock(m_directoryId);
    if (auto ok = lock.take(); !ok)
        return ok;
    const auto answer =
        ask(entry(name), m_patience, [] { return new QKeychain::DeletePasswordJob(service()); });
    if (!answer)
        return tl::unexpected(answer.error());
    if (answer->error != QKeychain::EntryNotFound)
        if (auto ok = statusOf(*answer); !ok)
            return ok;
    auto all = names();
    if (!all)
        return tl::unexpected(all.error());
    return std::erase(*all, name) > 0 ? writeNames(*all) : Status();
}

Result<std::vector<std::string>> KeychainStore::names()
{
    const auto found = readEntry(entry({}), m_patience);
    if (!found)
        return tl::unexpected(found.error());
    std::vector<std::string> all;
    std::string_view rest = *found ? (*found)->reveal() : std::string_view();
    while (!rest.empty()) {
        const auto end = std::min(rest.find('\n'), rest.size());
        if (end > 0)
            all.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return all;
}

Status KeychainStore::writeNames(const std::vector<std::string> &names)
{
    std::string text;
    for (const auto &name : names)
        text += name + '\n';
    if (text.empty())
        text = "\n"; // an entry without content is none to some keyrings
    return writeEntry(entry({}), connect::Secret(text), m_patience);
}

} // namespace riskdesk
