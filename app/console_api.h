// ConsoleApi: the API that this console serves, and the sheet that shows it and the tokens of the directory.
//
// Whether it is served and where is remembered for each directory file; it is off until somebody switches it
// on, and starts by itself only where it was left on. Starting, stopping and every change of a token run one
// after the other on a thread of its own: a server may wait for answers under way, and an import for the other
// writer must not keep a token from being revoked. GUI thread.
#pragma once

#include "ui/jobs/writer.h"
#include "ui/pages/api_sheet.h"
#include "ui/pages/context.h"
#include "ui/window/main_window.h"

#include <QObject>
#include <QPointer>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace riskdesk {

class ConsoleApi : public QObject
{
    Q_OBJECT
public:
    ConsoleApi(pages::Context &context, window::MainWindow &window);
    ~ConsoleApi() override; // stops it, within `grace`

    // Another directory is open: the one before is served no more, this one if it was left so.
    void opened();
    // The directory is served no more, without anybody having switched it off. `then`: once its file is let go.
    void close(std::function<void()> then);
    void show();
    void storeChanged(); // the sheet follows

    static constexpr std::chrono::milliseconds grace{2'000}; // nobody waits longer for a window to close

Q_SIGNALS:
    // A start that nobody is watching failed: a sentence.
    void failed(const QString &sentence);

private:
    struct Held; // the worker's
    struct Facts;
    void queue(std::function<void()> job);
    void next();
    void start(const QString &listen, bool byItself);
    void stop(std::function<void()> then = {});
    void didNotStart(const QString &why, bool byItself);
    void remember(bool on, const QString &listen);
    [[nodiscard]] QString key(const char *name) const;
    void publish(const pages::ApiState &state);
    void noteAddress(const QString &listen);
    void readTokens();
    void createToken(const QString &name, const QStringList &scopes, std::optional<int> days);
    void revokeToken(const QString &name);

    pages::Context &m_context;
    window::MainWindow &m_window;
    QPointer<pages::ApiSheet> m_sheet;
    pages::ApiState m_state;
    QString m_listen;
    bool m_reachesOthers = false;
    unsigned m_wish = 0;     // counts what was wanted; an older answer is not shown
    bool m_changing = false; // a token
    jobs::Ticket m_reading;
    std::deque<std::function<void()>> m_queue;
    std::shared_ptr<Held> m_held;
    jobs::Writer m_worker; // goes first, and waits for what it does
};

} // namespace riskdesk
