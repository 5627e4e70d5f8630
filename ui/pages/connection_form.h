// ConnectionForm: one connection, set up or changed: its kind, its name, a field for each setting of the kind, with
// what it means. Secrets are typed unseen and are never shown again; one that is left empty stays as it is. It knows
// no kinds but those it is given. GUI thread.
#pragma once

#include "ui/theme/theme.h"

#include <QList>
#include <QMap>
#include <QString>
#include <QWidget>

class QComboBox;
class QGridLayout;
class QLineEdit;

namespace riskdesk::widgets {
class Label;
class Paragraph;
} // namespace riskdesk::widgets

namespace riskdesk::pages {

struct ConnectionField
{
    QString key, title, meaning;
    bool needed = false, secret = false;
};

struct ConnectionKind
{
    QString key, name;   // "graph", "Microsoft Entra ID"
    QString does, proof; // sentences
    QList<ConnectionField> fields;
};

struct ConnectionSettings
{
    QString kind, name;
    QMap<QString, QString> settings, secrets; // by key
};

class ConnectionForm : public QWidget
{
    Q_OBJECT
public:
    ConnectionForm(const theme::Theme &theme, const QList<ConnectionKind> &kinds, QWidget *parent = nullptr);

    void begin();                                    // a new one
    void change(const ConnectionSettings &settings); // of one that is there: kind and name stay
    [[nodiscard]] ConnectionSettings content() const;
    // `key` names the field that is wrong, "name" the name; anything else is of the whole form.
    void refuse(const QString &key, const QString &sentence);
    void setBusy(bool busy);
    void forgetSecrets();

Q_SIGNALS:
    void submitted(); // Enter in a field

private:
    struct Field
    {
        ConnectionField of;
        QLineEdit *edit = nullptr;
        widgets::Label *problem = nullptr;
    };
    void showKind(const QString &key);
    void clearProblems();
    [[nodiscard]] const ConnectionKind *kind() const;

    const theme::Theme &m_theme;
    QList<ConnectionKind> m_kinds;
    bool m_isNew = true;
    QComboBox *m_kind;
    widgets::Paragraph *m_about;
    QLineEdit *m_name;
    widgets::Label *m_nameProblem, *m_problem;
    QWidget *m_fieldArea = nullptr;
    QWidget *m_fieldsHolder;
    QList<Field> m_fields;
};

} // namespace riskdesk::pages
