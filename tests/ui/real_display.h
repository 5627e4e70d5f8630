// RealDisplay: a screen of its own (Xvfb) with a window manager (openbox) for one test program, and a person
// at it: pointer and keys come through the X server (xdotool), and every press of a button or key is counted.
//
// Started before QApplication, which then shows real windows on it. The programs are Debian packages of the same
// names.
#pragma once

#include <QApplication>
#include <QDeadlineTimer>
#include <QFile>
#include <QProcess>
#include <QStandardPaths>
#include <QString>
#include <QStringList>
#include <QTest>
#include <QWidget>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace riskdesk::test {

class RealDisplay
{
public:
    RealDisplay()
    {
        int ends[2];
        if (::pipe(ends) != 0)
            stop("no pipe");
        const auto number = std::to_string(ends[1]);
        m_server = start({"Xvfb", "-displayfd", number.c_str(), "-screen", "0", "1600x1000x24", "-nolisten",
                          "tcp", "-noreset"},
                         ends[1]);
        ::close(ends[1]);
        std::string display;
        for (char c = 0; ::read(ends[0], &c, 1) == 1 && c != '\n';)
            display += c;
        ::close(ends[0]);
        if (display.empty())
            stop("Xvfb gave no display; is it installed?");
        ::setenv("DISPLAY", (":" + display).c_str(), 1);
        ::setenv("QT_QPA_PLATFORM", "xcb", 1);
        ::unsetenv("WAYLAND_DISPLAY");
        m_manager = start({"openbox", "--sm-disable"}, -1);
    }
    ~RealDisplay()
    {
        for (const auto process : {m_manager, m_server})
            if (process > 0) {
                ::kill(process, SIGTERM);
                ::waitpid(process, nullptr, 0);
            }
    }
    RealDisplay(const RealDisplay &) = delete;
    RealDisplay &operator=(const RealDisplay &) = delete;

private:
    template <std::size_t n>
    static pid_t start(const std::array<const char *, n> &words, int kept)
    {
        std::array<const char *, n + 1> arguments{};
        std::copy(words.begin(), words.end(), arguments.begin());
        const auto child = ::fork();
        if (child != 0)
            return child;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL); // with this program, however it ends
        const int nowhere = ::open("/dev/null", O_RDWR);
        for (const int stream : {0, 1, 2})
            ::dup2(nowhere, stream);
        if (kept >= 0)
            ::fcntl(kept, F_SETFD, 0);
        ::execvp(arguments[0], const_cast<char *const *>(arguments.data()));
        ::_exit(127);
    }
    template <std::size_t n>
    static pid_t start(const char *const (&words)[n], int kept)
    {
        std::array<const char *, n> all{};
        std::copy(std::begin(words), std::end(words), all.begin());
        return start(all, kept);
    }
    [[noreturn]] static void stop(const char *why)
    {
        std::fprintf(stderr, "%s\n", why);
        std::exit(1);
    }
    pid_t m_server = -1, m_manager = -1;
};

// At the real display: what a person does, and how much of it.
class Hands
{
public:
    int clicks = 0, keys = 0;

    void begin() { clicks = keys = 0; }
    void click(QWidget &widget, QPoint at = {-1, -1}, int button = 1)
    {
        clickAt(widget.mapToGlobal(at.x() < 0 ? widget.rect().center() : at), button);
    }
    void clickAt(const QPoint &global, int button = 1)
    {
        ++clicks;
        pointTo(global);
        run({QStringLiteral("click"), QString::number(button)});
    }
    // Counts as one click.
    void drag(const QPoint &from, const QPoint &to)
    {
        ++clicks;
        pointTo(from);
        run({QStringLiteral("mousedown"), QStringLiteral("1")});
        for (int step = 1; step <= 8; ++step)
            pointTo(from + (to - from) * step / 8);
        run({QStringLiteral("mouseup"), QStringLiteral("1")});
    }
    // "ctrl+shift+d": every key of a chord counts.
    void press(const QString &chord)
    {
        keys += static_cast<int>(chord.count(QLatin1Char('+'))) + 1;
        run({QStringLiteral("key"), QStringLiteral("--clearmodifiers"), chord});
    }
    void type(const QString &letters)
    {
        for (const QChar letter : letters) {
            ++keys;
            run({QStringLiteral("type"), QString(letter)});
        }
    }

private:
    static void pointTo(const QPoint &global)
    {
        run({QStringLiteral("mousemove"), QString::number(global.x()), QString::number(global.y())});
    }
    static void run(const QStringList &arguments)
    {
        QProcess hand;
        hand.start(QStringLiteral("xdotool"), arguments);
        if (!hand.waitForFinished(30000) || hand.exitCode() != 0)
            qFatal("xdotool %s: %s", qPrintable(arguments.join(QLatin1Char(' '))),
                   hand.readAllStandardError().constData());
        // What the server sends comes through the loop; a round trip later it is here.
        QCoreApplication::processEvents();
        QTest::qWait(0);
    }
};

} // namespace riskdesk::test
