#include "ui/models/format.h"

#include "core/query/words/system_name.h"

#include <QCoreApplication>
#include <QLocale>
#include <QTextBoundaryFinder>
#include <QTimeZone>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>

namespace riskdesk::models {
namespace {

std::atomic<bool> utc = false;
const SystemClock systemClock;
std::atomic<const Clock *> clockInUse = &systemClock;

class Format
{
    Q_DECLARE_TR_FUNCTIONS(Format)
};

} // namespace

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

QString shown(std::string_view utf8, std::size_t most)
{
    return QString::fromStdString(shownText(utf8, most));
}

QString shown(const QString &foreign)
{
    return shown(foreign.toStdString());
}

QString plainTip(const QString &text)
{
    if (!text.contains(QLatin1Char('<')))
        return text;
    auto lines = text.toHtmlEscaped();
    lines.replace(QLatin1Char('\n'), QStringLiteral("<br>"));
    return QStringLiteral("<qt>%1</qt>").arg(lines);
}

void setUtc(bool on)
{
    utc = on;
}
bool isUtc()
{
    return utc;
}

void setClock(const Clock &clock)
{
    clockInUse = &clock;
}

QDateTime local(Timestamp t)
{
    const auto time = QDateTime::fromMSecsSinceEpoch(t.us / 1000, Qt::UTC);
    return utc ? time : time.toLocalTime();
}

QString isoTime(Timestamp t)
{
    const auto time = local(t);
    return time.toOffsetFromUtc(time.offsetFromUtc()).toString(Qt::ISODate);
}

QString zoneName()
{
    if (utc)
        return QStringLiteral("UTC");
    const auto now = local(clockInUse.load()->now());
    const int minutes = now.offsetFromUtc() / 60;
    const auto id = QString::fromUtf8(QTimeZone::systemTimeZoneId());
    const auto city = id.section(QLatin1Char('/'), -1).replace(QLatin1Char('_'), QLatin1Char(' '));
    const auto offset = QStringLiteral("UTC%1%2")
                            .arg(minutes < 0 ? QStringLiteral("-") : QStringLiteral("+"))
                            .arg(std::abs(minutes) / 60);
    return city.isEmpty() || city == QLatin1String("UTC")
               ? QStringLiteral("UTC")
               : QStringLiteral("%1 (%2%3)")
                     .arg(city, offset,
                          minutes % 60 != 0 ? QStringLiteral(":%1").arg(std::abs(minutes) % 60) : QString());
}

QString shortTime(Timestamp t, bool seconds)
{
    const auto time = local(t);
    const QLocale locale;
    if (time.date().year() != local(clockInUse.load()->now()).date().year())
        return locale.toString(time, QStringLiteral("d MMM yyyy"));
    return locale.toString(time,
                           seconds ? QStringLiteral("d MMM, HH:mm:ss") : QStringLiteral("d MMM, HH:mm"));
}

QString shortDate(Timestamp t)
{
    return QLocale().toString(local(t), QStringLiteral("d MMM yyyy"));
}

QString longTime(Timestamp t)
{
    const auto time = QDateTime::fromMSecsSinceEpoch(t.us / 1000, Qt::UTC);
    const QLocale locale;
    const auto form = QStringLiteral("d MMM yyyy, HH:mm:ss");
    const auto past = ago(t, clockInUse.load()->now());
    const auto here = time.toLocalTime();
    const auto universal = QStringLiteral("%1 UTC").arg(locale.toString(time, form));
    if (here.offsetFromUtc() == 0)
        return universal + u'\n' + past;
    return QStringLiteral("%1\n%2 %3\n%4")
        .arg(universal, locale.toString(here, form), here.timeZoneAbbreviation(), past);
}

QString count(qint64 n)
{
    return QLocale().toString(n);
}

QString initials(const QString &name)
{
    // The first letter or digit of a word with its marks; a letter may take two code units.
    const auto first = [](const QString &word) {
        QTextBoundaryFinder ends(QTextBoundaryFinder::Grapheme, word);
        for (qsizetype from = 0, to = ends.toNextBoundary(); to > from; from = to, to = ends.toNextBoundary())
            if (const auto one = word.mid(from, to - from); QChar::isLetterOrNumber(one.toUcs4().value(0)))
                return one.toUpper();
        return QString();
    };
    QStringList letters;
    for (const auto &word : name.split(QLatin1Char(' '), Qt::SkipEmptyParts))
        if (const auto letter = first(word); !letter.isEmpty())
            letters << letter;
    return letters.size() < 2 ? letters.value(0) : letters.first() + letters.last();
}

// The words stand here for the translator; the numbers come from core/domain/risk.h.
namespace {

// A word of a table of core (core/base/word_table.h), in the person's language. Those are literals.
QString word(std::string_view display, const char *comment = nullptr)
{
    return display.empty() ? QString() : QCoreApplication::translate("Risk", display.data(), comment);
}

} // namespace

QString levelName(RiskLevel level)
{
    return word(displayName(level));
}

QString stateName(RiskState state)
{
    return word(displayName(state));
}

QString detailName(RiskDetail detail)
{
    return detail == RiskDetail::None ? QStringLiteral("–") : word(displayName(detail));
}

QString typeName(DetectionType type)
{
    return word(info(type).displayName);
}

QString shortTypeName(DetectionType type)
{
    return word(info(type).shortName, "short, for a chip");
}

QString cannotSee(DetectionType type)
{
    return word(info(type).cannotSee);
}

QString ledgerName(LedgerKind kind)
{
    return word(displayName(kind));
}

QString systemName(const std::string &logged)
{
    return shown(query::systemName(logged));
}

QString distance(double km)
{
    return QCoreApplication::translate("Format", "%1 km").arg(QLocale().toString(km, 'f', 0));
}

QString speed(double kmh)
{
    return QCoreApplication::translate("Format", "%1 km/h").arg(QLocale().toString(kmh, 'f', 0));
}

QString duration(Microseconds span)
{
    const qint64 seconds = std::max<qint64>(span.count(), 0) / 1'000'000;
    const qint64 hours = seconds / 3600;
    const qint64 minutes = seconds / 60 % 60;
    if (seconds < 60)
        return QCoreApplication::translate("Format", "%1 s").arg(seconds);
    if (hours == 0)
        return QCoreApplication::translate("Format", "%1 min").arg(minutes);
    if (hours < 48)
        return minutes == 0 ? QCoreApplication::translate("Format", "%1 h").arg(hours)
                            : QCoreApplication::translate("Format", "%1 h %2 min").arg(hours).arg(minutes);
    return Format::tr("%Ln day(s)", nullptr, static_cast<int>(std::min<qint64>(hours / 24, 1'000'000)));
}

QString ago(Timestamp t, Timestamp now)
{
    if (t > now)
        return QCoreApplication::translate("Format", "in %1").arg(duration(t - now));
    return now - t < std::chrono::seconds(10)
               ? QCoreApplication::translate("Format", "just now")
               : QCoreApplication::translate("Format", "%1 ago").arg(duration(now - t));
}

bool isDoubtful(Timestamp t, Timestamp now)
{
    return t < Timestamp::fromCivil(2000, 1, 1) || t - now > std::chrono::hours(24);
}

} // namespace riskdesk::models
