// SettingsSheet: the settings of the directory, thresholds of the detectors among them, in a window of its own beside the
// console's. It shows the values it is given and says what a person asks for; it knows no directory. GUI thread.
//
// A list to search, and below it the setting of the moment: what it means, its bounds, a field. What another value would
// change can be looked at before it is saved. A saved threshold holds for what is examined from then on; making it hold
// for what is stored is a step of its own, which tells first what would appear and go.
#pragma once

#include "ui/models/roles.h"
#include "ui/theme/theme.h"

#include <QDialog>
#include <QList>
#include <QString>

#include <optional>

class QLineEdit;
class QPushButton;

namespace riskdesk::models {
class CellModel;
}

namespace riskdesk::widgets {
class CommandButton;
class Label;
class Paragraph;
class SearchBox;
class SegmentedControl;
class TableView;
} // namespace riskdesk::widgets

namespace riskdesk::pages {

class SaidLine;

struct ShownSetting
{
    QString key, unit, meaning; // unlikelyTravel.speedLimitKmh, km/h, a sentence
    double value = 0, standard = 0, least = 0, greatest = 0;
    bool detector = false; // it changes what is found
    // On or off.
    [[nodiscard]] bool isSwitch() const
    {
        return unit.isEmpty() && least == 0 && greatest == 1 && (standard == 0 || standard == 1);
    }
};

class SettingsSheet : public QDialog
{
    Q_OBJECT
public:
    SettingsSheet(const theme::Theme &theme, const QString &directory, QWidget *parent = nullptr);

    // The row of the moment stays, and so does what is typed for it.
    void setSettings(const QList<ShownSetting> &settings);
    // Why nothing may be changed here; empty: it may.
    void setRefusal(const QString &reason);
    // What was asked for takes a while and can be stopped; empty: nothing is waited for any more.
    void setBusy(const QString &what);
    void setProgress(double share); // of it; below 0: nobody knows
    // The answers: what is wrong with the value, what came of the step, and what it would change.
    void refuse(const QString &sentence);
    void tell(models::Tone tone, const QString &sentence);
    void showDifference(const QString &sentences);
    // The first step of applying: what would appear and go; the second is asked for with it.
    void askPast(const QString &sentences);

Q_SIGNALS:
    void saveAsked(const QString &key, double value);
    void differenceAsked(const QString &key, double value);
    void pastAsked();     // what would appear and go
    void pastConfirmed(); // do it
    void stopAsked();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    [[nodiscard]] QWidget *makeList();
    [[nodiscard]] QWidget *makeForm();
    void fill();
    void showCurrent();
    void showAllowed();
    [[nodiscard]] const ShownSetting *current() const;
    [[nodiscard]] std::optional<double> typed(); // says beside the field what is wrong
    void save();

    const theme::Theme &m_theme;
    QList<ShownSetting> m_settings;
    QList<qsizetype> m_rows; // those that the list shows
    QString m_key;           // of the moment
    QString m_refusal, m_busy;
    widgets::SearchBox *m_search;
    widgets::SegmentedControl *m_which, *m_onOff;
    models::CellModel *m_model;
    widgets::TableView *m_table;
    widgets::Label *m_name, *m_bounds, *m_problem, *m_unit;
    widgets::Paragraph *m_meaning, *m_difference;
    QLineEdit *m_value;
    widgets::CommandButton *m_save, *m_standard, *m_look, *m_past;
    QPushButton *m_stop;
    SaidLine *m_said;
};

} // namespace riskdesk::pages
