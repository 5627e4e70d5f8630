// PasswordsSheet: temporary passwords that the provider has taken, to be handed on. They are in this window until it
// is closed and nowhere else. GUI thread.
#pragma once

#include "ui/theme/theme.h"

#include <QDialog>
#include <QList>
#include <QString>

namespace riskdesk::models {
class CellModel;
}

namespace riskdesk::widgets {
class Label;
class TableView;
} // namespace riskdesk::widgets

namespace riskdesk::pages {

class PasswordsSheet : public QDialog
{
    Q_OBJECT
public:
    explicit PasswordsSheet(const theme::Theme &theme, QWidget *parent = nullptr);
    void add(const QString &user, const QString &password);

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    struct Row
    {
        QString user, password;
    };
    void copy(bool all);

    const theme::Theme &m_theme;
    QList<Row> m_rows;
    models::CellModel *m_model;
    widgets::TableView *m_table;
    widgets::Label *m_said;
};

} // namespace riskdesk::pages
