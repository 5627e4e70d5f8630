#include "app/console_settings.h"

#include "core/detect/tuning.h"
#include "core/directory/directory.h"
#include "core/replay/settle.h"
#include "core/replay/whatif_run.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/pages/acting.h"
#include "ui/pages/decisions.h"

#include <utility>

namespace riskdesk {
namespace {

using models::Tone;

QString detections(std::uint64_t n)
{
    return ConsoleSettings::tr("%Ln detection(s)", nullptr, static_cast<int>(n));
}

QString differenceOf(const run::WhatIfReport &report)
{
    if (report.appear + report.disappear + report.rise + report.fall == 0)
        return ConsoleSettings::tr("By the %Ln stored sign-in(s), nothing would be found otherwise.", nullptr,
                                   static_cast<int>(report.signIns));
    return ConsoleSettings::tr(
               "By the %Ln stored sign-in(s), %1 would appear and %2 go; %3 would rise and %4 "
               "fall in level.",
               nullptr, static_cast<int>(report.signIns))
               .arg(detections(report.appear), models::count(static_cast<qint64>(report.disappear)),
                    models::count(static_cast<qint64>(report.rise)),
                    models::count(static_cast<qint64>(report.fall))) +
           u' ' +
           ConsoleSettings::tr("%Ln user(s) would have another level.", nullptr,
                               static_cast<int>(report.usersChanged));
}

QString pastOf(const run::SettleSummary &summary)
{
    auto words =
        ConsoleSettings::tr("By today's settings, %1 would appear and %2 that are stored would go.")
            .arg(detections(summary.detections), models::count(static_cast<qint64>(summary.withdrawn)));
    if (summary.kept > 0)
        words += u' ' + ConsoleSettings::tr("%Ln that somebody decided on would stay.", nullptr,
                                            static_cast<int>(summary.kept));
    return words;
}

} // namespace

ConsoleSettings::ConsoleSettings(pages::Context &context, QWidget &window)
    : m_context(context)
    , m_window(window)
{
    connect(&m_worker, &jobs::Writer::progressed, this, [this](const QString &, double share) {
        if (m_sheet)
            m_sheet->setProgress(share);
    });
}

ConsoleSettings::~ConsoleSettings()
{
    delete m_sheet;
}

void ConsoleSettings::closed()
{
    m_worker.cancel();
    m_reading.cancel();
    delete m_sheet;
}

void ConsoleSettings::show()
{
    if (!m_context.readers)
        return;
    makeSheet();
    m_sheet->show();
    m_sheet->raise();
    m_sheet->activateWindow();
    read();
}

void ConsoleSettings::storeChanged()
{
    if (m_sheet)
        read();
}

void ConsoleSettings::actingChanged()
{
    if (m_sheet)
        m_sheet->setRefusal(pages::permissionRefusal(m_context, action::Permission::Settings));
}

void ConsoleSettings::makeSheet()
{
    if (m_sheet)
        return;
    using Sheet = pages::SettingsSheet;
    m_sheet = new Sheet(m_context.theme, m_context.directoryName, &m_window);
    m_sheet->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_sheet, &Sheet::saveAsked, this, &ConsoleSettings::save);
    connect(m_sheet, &Sheet::differenceAsked, this, &ConsoleSettings::lookAt);
    connect(m_sheet, &Sheet::pastAsked, this, &ConsoleSettings::lookAtPast);
    connect(m_sheet, &Sheet::pastConfirmed, this, &ConsoleSettings::applyToPast);
    connect(m_sheet, &Sheet::stopAsked, this, [this] { m_worker.cancel(); });
    // Whoever closes it waits for no answer any more; what they asked to be done is done.
    connect(m_sheet, &QObject::destroyed, this, [this] {
        if (!m_writes)
            m_worker.cancel();
    });
}

void ConsoleSettings::read()
{
    actingChanged();
    m_reading = m_context.readers->ask(
        this, m_reading, [](store::Connection &db, std::stop_token) { return run::settings(db); },
        [this](Result<std::vector<run::SettingValue>> all) {
            if (!m_sheet)
                return;
            if (!all) {
                m_sheet->tell(Tone::Bad, models::errorText(all.error()));
                return;
            }
            QList<pages::ShownSetting> shown;
            for (const auto &one : *all)
                shown << pages::ShownSetting{models::text(one.key),
                                             models::text(one.unit),
                                             models::shown(one.meaning),
                                             one.value,
                                             one.standard,
                                             one.least,
                                             one.greatest,
                                             detect::findTuning(one.key) != nullptr};
            m_sheet->setSettings(shown);
        });
}

template <typename Work, typename Answered>
void ConsoleSettings::play(const QString &what, bool writes, Work work, Answered answered)
{
    m_sheet->setBusy(what);
    const bool started =
        m_worker.run(what, this, std::move(work),
                     [this, writes, file = m_context.file, answered = std::move(answered)](auto answer) {
                         if (answer && writes && file == m_context.file)
                             Q_EMIT changed();
                         if (!m_sheet || file != m_context.file)
                             return;
                         m_sheet->setBusy({});
                         if (answer)
                             answered(*answer);
                         else if (answer.error().code == Code::Cancelled)
                             m_sheet->tell(Tone::Neutral, tr("Stopped; nothing was changed."));
                         else if (answer.error().code == Code::WrongUsage)
                             m_sheet->refuse(models::errorText(answer.error()));
                         else
                             m_sheet->tell(Tone::Bad, models::errorText(answer.error()));
                     });
    if (started) {
        m_writes = writes;
    } else {
        m_sheet->setBusy({});
        m_sheet->tell(Tone::Notice, tr("An answer is still being waited for. Try again."));
    }
}

void ConsoleSettings::save(const QString &key, double value)
{
    play(
        tr("Saving…"), true,
        [file = m_context.file, as = m_context.signedIn, key = key.toStdString(), value,
         &clock = m_context.clock](std::stop_token, const ProgressSink &) {
            return pages::changeAs(file, clock, as,
                                   [&](store::Connection &db, const action::Operator &who) -> Result<bool> {
                                       if (auto ok = run::changeSetting(db, clock, who, key, value); !ok)
                                           return tl::unexpected(ok.error());
                                       return detect::findTuning(key) != nullptr;
                                   });
        },
        [this, key](bool ofDetector) {
            m_sheet->tell(Tone::Good,
                          ofDetector ? tr("%1 is saved. It holds for what is examined from now on.").arg(key)
                                     : tr("%1 is saved.").arg(key));
        });
}

void ConsoleSettings::lookAt(const QString &key, double value)
{
    play(
        tr("Playing the stored sign-ins with it…"), false,
        [file = m_context.file, key = key.toStdString(), value, &clock = m_context.clock](
            std::stop_token stop, const ProgressSink &progress) -> Result<run::WhatIfReport> {
            auto db = store::openForReading(file);
            if (!db)
                return tl::unexpected(db.error());
            run::WhatIfRequest request;
            request.set.emplace_back(key, value);
            request.now = clock.now();
            return run::whatIf(*db, request, std::move(stop), progress);
        },
        [this](const run::WhatIfReport &report) {
            m_sheet->tell(Tone::Neutral, {});
            m_sheet->showDifference(differenceOf(report));
        });
}

void ConsoleSettings::lookAtPast()
{
    play(
        tr("Looking at what is stored by today's settings…"), false,
        [file = m_context.file, &clock = m_context.clock](
            std::stop_token stop, const ProgressSink &progress) -> Result<run::SettleSummary> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            return run::compareFindings(*directory, clock, run::Settings::OfToday, std::move(stop), progress);
        },
        [this](const run::SettleSummary &summary) {
            if (summary.detections + summary.withdrawn == 0) {
                m_sheet->tell(Tone::Good, tr("What is stored is what today's settings find."));
                return;
            }
            m_sheet->tell(Tone::Neutral, {});
            m_sheet->askPast(pastOf(summary));
        });
}

void ConsoleSettings::applyToPast()
{
    play(
        tr("Judging what is stored by today's settings…"), true,
        [file = m_context.file, as = m_context.signedIn, &clock = m_context.clock](
            std::stop_token stop, const ProgressSink &progress) -> Result<run::SettleSummary> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            const auto who = pages::whoActs(directory->connection(), clock, as);
            if (!who)
                return tl::unexpected(who.error());
            return run::settleByToday(*directory, *who, clock, std::move(stop), progress);
        },
        [this](const run::SettleSummary &summary) {
            m_sheet->tell(Tone::Good, tr("%1 appeared and %2 went.")
                                          .arg(detections(summary.detections),
                                               models::count(static_cast<qint64>(summary.withdrawn))));
        });
}

} // namespace riskdesk
