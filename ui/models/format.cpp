#include "ui/models/format.h"

#include <QCoreApplication>
#include <QLocale>
#include <QTimeZone>

#include <atomic>

namespace riskdesk::models {
namespace {
std::atomic<bool> utc = false;
}

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

void setUtc(bool on)
{
    utc = on;
}
bool isUtc()
{
    return utc;
}

QDateTime local(Timestamp t)
{
    const auto time = QDateTime::fromMSecsSinceEpoch(t.us / 1000, Qt::UTC);
    return utc ? time : time.toLocalTime();
}

QString zoneName()
{
    if (utc)
        return QStringLiteral("UTC");
    const auto now = QDateTime::currentDateTime();
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
    if (time.date().year() != QDate::currentDate().year())
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
    const auto days = time.daysTo(QDateTime::currentDateTimeUtc());
    const auto ago =
        days <= 0 ? QCoreApplication::translate("Format", "today")
                  : QCoreApplication::translate("Format", "%n day(s) ago", nullptr, static_cast<int>(days));
    return QStringLiteral("%1 UTC\n%2 %3\n%4")
        .arg(locale.toString(time, form), locale.toString(time.toLocalTime(), form),
             time.toLocalTime().timeZoneAbbreviation(), ago);
}

QString count(qint64 n)
{
    return QLocale().toString(n);
}

QString initials(const QString &name)
{
    QString letters;
    const auto words = name.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    if (!words.isEmpty())
        letters += words.first().at(0).toUpper();
    if (words.size() > 1)
        letters += words.last().at(0).toUpper();
    return letters;
}

// The words stand here for the translator; the numbers come from core/domain/risk.h.
QString levelName(RiskLevel level)
{
    switch (level) {
    case RiskLevel::None:
        return QCoreApplication::translate("Risk", "None");
    case RiskLevel::Low:
        return QCoreApplication::translate("Risk", "Low");
    case RiskLevel::Medium:
        return QCoreApplication::translate("Risk", "Medium");
    case RiskLevel::High:
        return QCoreApplication::translate("Risk", "High");
    }
    return {};
}

QString stateName(RiskState state)
{
    switch (state) {
    case RiskState::None:
        return QCoreApplication::translate("Risk", "None");
    case RiskState::ConfirmedSafe:
        return QCoreApplication::translate("Risk", "Confirmed safe");
    case RiskState::Remediated:
        return QCoreApplication::translate("Risk", "Remediated");
    case RiskState::Dismissed:
        return QCoreApplication::translate("Risk", "Dismissed");
    case RiskState::AtRisk:
        return QCoreApplication::translate("Risk", "At risk");
    case RiskState::ConfirmedCompromised:
        return QCoreApplication::translate("Risk", "Confirmed compromised");
    }
    return {};
}

QString detailName(RiskDetail detail)
{
    return detail == RiskDetail::None ? QStringLiteral("–") : text(displayName(detail));
}

QString typeName(DetectionType type)
{
    switch (type) {
    case DetectionType::UnlikelyTravel:
        return QCoreApplication::translate("Risk", "Atypical travel");
    case DetectionType::AnonymizedIPAddress:
        return QCoreApplication::translate("Risk", "Anonymous IP address");
    case DetectionType::MalwareInfectedIPAddress:
        return QCoreApplication::translate("Risk", "Malware linked IP address");
    case DetectionType::UnfamiliarFeatures:
        return QCoreApplication::translate("Risk", "Unfamiliar sign-in properties");
    case DetectionType::PasswordSpray:
        return QCoreApplication::translate("Risk", "Password spray");
    case DetectionType::InvestigationsThreatIntelligence:
        return QCoreApplication::translate("Risk", "Threat intelligence");
    case DetectionType::AdminConfirmedUserCompromised:
        return QCoreApplication::translate("Risk", "Admin confirmed user compromised");
    case DetectionType::Other:
        return QCoreApplication::translate("Risk", "Additional risk detected");
    }
    return {};
}

} // namespace riskdesk::models
