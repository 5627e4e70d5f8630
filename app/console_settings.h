// ConsoleSettings: the settings of the open directory, as the console shows and changes them. What another value would
// find, and making today's values hold for what is stored, are played on a thread of its own and can be stopped.
// GUI thread.
#pragma once

#include "ui/jobs/writer.h"
#include "ui/pages/context.h"
#include "ui/pages/settings_sheet.h"

#include <QObject>
#include <QPointer>

#include <functional>

namespace riskdesk {

class ConsoleSettings : public QObject
{
    Q_OBJECT
public:
    ConsoleSettings(pages::Context &context, QWidget &window);
    ~ConsoleSettings() override;
    void closed(); // no directory is open, or another one
    void show();
    void storeChanged();
    void actingChanged(); // somebody else acts, or may do other things

Q_SIGNALS:
    void changed(); // the store

private:
    void makeSheet();
    void read();
    void save(const QString &key, double value);
    void lookAt(const QString &key, double value);
    void lookAtPast();
    void applyToPast();
    // Runs it and shows that it runs; what is no answer of it is told. `writes`: it changes the store, and goes on where
    // the sheet is closed. `answered`: (const T &).
    template <typename Work, typename Answered>
    void play(const QString &what, bool writes, Work work, Answered answered);

    pages::Context &m_context;
    QWidget &m_window;
    QPointer<pages::SettingsSheet> m_sheet;
    jobs::Ticket m_reading;
    bool m_writes = false; // what runs
    jobs::Writer m_worker; // goes first, and waits for what it does
};

} // namespace riskdesk
