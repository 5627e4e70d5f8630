// A small table of invented people for the tests of widgets: every kind of cell, and odd values on request.
#pragma once

#include "core/domain/risk.h"

#include "ui/models/roles.h"

#include <QAbstractTableModel>
#include <QSet>

namespace riskdesk::test {

class SampleRows : public QAbstractTableModel
{
public:
    explicit SampleRows(int rows, bool detections = false, QObject *parent = nullptr)
        : QAbstractTableModel(parent)
        , m_rows(rows)
        , m_detections(detections)
    {}
    QSet<int> ticked;
    QSet<int> loading;

    int rowCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : m_rows; }
    int columnCount(const QModelIndex &parent = {}) const override { return parent.isValid() ? 0 : 7; }
    void toggle(int row)
    {
        if (!ticked.remove(row))
            ticked.insert(row);
        Q_EMIT dataChanged(index(row, 0), index(row, columnCount() - 1));
    }
    QVariant headerData(int section, Qt::Orientation, int role) const override
    {
        using K = models::CellKind;
        static const char *const users[] = {"User",          "Risk level",    "Risk state",  "Risk, 30 days",
                                            "Top detection", "Last location", "Risk updated"};
        static const char *const found[] = {"Detection",      "Risk level",       "Risk state", "User",
                                            "Also triggered", "Sign-in location", "Time"};
        static const K userKinds[] = {K::Person,   K::Level, K::State, K::Spark,
                                      K::TextChip, K::Place, K::Time};
        static const K foundKinds[] = {K::Detection, K::Level, K::State, K::Person,
                                       K::Chips,     K::Place, K::Time};
        if (section < 0 || section >= 7)
            return {};
        if (role == Qt::DisplayRole)
            return QString::fromLatin1(m_detections ? found[section] : users[section]);
        if (role == models::KindRole)
            return static_cast<int>(m_detections ? foundKinds[section] : userKinds[section]);
        return {};
    }
    QVariant data(const QModelIndex &index, int role) const override
    {
        static const char *const names[] = {"Mariana Duarte", "Thabo Castro",          "Mei Almeida",
                                            "Omar Okafor",    "Omar Larsen",           "Daniel Castro",
                                            "Ivan Costa",     "Mariana Petrov",        "Freya Tanaka",
                                            "Aisha Weber",    "Jo\xC3\xA3o Lindqvist", "Ngozi Haddad"};
        static const char *const types[] = {"Atypical travel",
                                            "Unfamiliar sign-in properties",
                                            "Threat intelligence",
                                            "Unfamiliar sign-in properties",
                                            "Malware linked IP address",
                                            "Password spray",
                                            "Password spray",
                                            "Atypical travel",
                                            "Anonymous IP address"};
        static const DetectionType kinds[] = {DetectionType::UnlikelyTravel,
                                              DetectionType::UnfamiliarFeatures,
                                              DetectionType::InvestigationsThreatIntelligence,
                                              DetectionType::UnfamiliarFeatures,
                                              DetectionType::MalwareInfectedIPAddress,
                                              DetectionType::PasswordSpray,
                                              DetectionType::PasswordSpray,
                                              DetectionType::UnlikelyTravel,
                                              DetectionType::AnonymizedIPAddress};
        static const char *const places[][2] = {
            {"VN", "Ho Chi Minh City"}, {"BR", "S\xC3\xA3o Paulo"}, {"ID", "Jakarta"},
            {"ZA", "Cape Town"},        {"DE", "Berlin"},           {"BR", "S\xC3\xA3o Paulo"},
            {"ID", "Jakarta"},          {"ID", "Jakarta"},          {"TR", "Istanbul"}};
        const int row = index.row();
        const int level = row == 0 ? 3 : row == 1 || row == 3 ? 1 : row % 9 == 8 ? 0 : 2;
        const QString name = QString::fromUtf8(names[row % 12]);
        const bool person = index.column() == (m_detections ? 3 : 0);
        switch (role) {
        case models::TickRole: return ticked.contains(row);
        case models::LoadingRole: return loading.contains(row);
        case models::LevelRole: return level;
        case models::StateRole: return row < 8 ? 4 : row % 6;
        case models::TypeRole: return static_cast<int>(kinds[row % 9]);
        case models::CountryRole: return QString::fromLatin1(places[row % 9][0]);
        case models::InitialsRole: return QString(name[0]) + name[name.indexOf(u' ') + 1];
        case models::BlockedRole: return row % 12 == 4;
        case models::SecondaryRole:
            return person && !m_detections
                       ? name.toLower().replace(u' ', u'.') + QStringLiteral("@mailbox.example")
                       : QString();
        case models::ChipRole:
            if (m_detections)
                return row % 5 == 4
                           ? QStringList()
                           : QStringList{QStringLiteral("Unfamiliar sign-in"), QStringLiteral("Anonymous IP"),
                                         QStringLiteral("Password spray")}
                                 .mid(row % 3, row % 2 + 1);
            return row == 3 ? 0 : row % 4 + 1;
        case models::SparkRole: {
            QByteArray curve;
            int value = 12;
            for (int i = 0; i < 30; ++i) {
                value += (i * 7 + row * 13) % 5 - 2 + (i > 18 ? (level * 2) : 0);
                curve.append(static_cast<char>(qBound(4, value, 60 + level * 12)));
            }
            return curve;
        }
        case Qt::DisplayRole: break;
        default: return {};
        }
        switch (index.column()) {
        case 0: return m_detections ? QString::fromLatin1(types[row % 9]) : name;
        case 1:
            return QStringList{QStringLiteral("None"), QStringLiteral("Low"), QStringLiteral("Medium"),
                               QStringLiteral("High")}[level];
        case 2: return QStringLiteral("At risk");
        case 3: return m_detections ? name : QString();
        case 4:
            return m_detections ? (row % 5 == 4 ? QStringLiteral("Nothing else") : QString())
                                : QString::fromLatin1(types[row % 9]);
        case 5: return QString::fromUtf8(places[row % 9][1]);
        default:
            return QStringLiteral("18 Mar, %1:%2")
                       .arg(14 - row % 12, 2, 10, QLatin1Char('0'))
                       .arg((row * 17 + 26) % 60, 2, 10, QLatin1Char('0')) +
                   (m_detections ? QStringLiteral(":00") : QString());
        }
    }

private:
    int m_rows;
    bool m_detections;
};

} // namespace riskdesk::test
