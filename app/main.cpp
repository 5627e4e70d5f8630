// riskdesk [--directory FILE] [LOG…]: the console.

#include "core/base/huge_pages.h"

#include "app/console.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QTranslator>

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace {

// What the command line may hold; of a translated program, so made once there is an application.
struct CommandLine
{
    QCommandLineOption directory{QStringLiteral("directory"),
                                 QApplication::translate("main", "The directory file to open."),
                                 QStringLiteral("file")};
    QCommandLineOption look{QStringLiteral("theme"),
                            QApplication::translate("main", "light, dark or system."),
                            QStringLiteral("theme")};
    QCommandLineParser parser;

    explicit CommandLine(const QCoreApplication &application)
    {
        parser.setApplicationDescription(
            QApplication::translate("main", "Finds, explains and closes identity risk."));
        parser.addHelpOption();
        parser.addVersionOption();
        parser.addOption(directory);
        parser.addOption(look);
        parser.addPositionalArgument(QStringLiteral("log"),
                                     QApplication::translate("main", "Sign-in logs to import."),
                                     QStringLiteral("[log…]"));
        parser.process(application); // ends the program after help, version, or a word it does not know
    }
};

// Help and version need no display.
bool asksForWords(int argc, char **argv)
{
    static constexpr std::string_view words[] = {"-h", "--help", "--help-all", "-v", "--version"};
    return std::any_of(argv + 1, argv + argc,
                       [](const char *given) { return std::ranges::find(words, given) != std::end(words); });
}

bool hasDisplay(int argc, char **argv)
{
    return qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY") ||
           qEnvironmentVariableIsSet("QT_QPA_PLATFORM") ||
           std::find(argv + 1, argv + argc, std::string_view("-platform")) != argv + argc;
}

} // namespace

int main(int argc, char **argv)
{
    riskdesk::useHugePages(argv);
    QCoreApplication::setApplicationName(QStringLiteral("riskdesk"));
    QCoreApplication::setApplicationVersion(QStringLiteral(RISKDESK_VERSION));
    if (argc > 1 && asksForWords(argc, argv)) {
        const QCoreApplication application(argc, argv);
        const CommandLine words(application);
        return 0;
    }
    if (!hasDisplay(argc, argv)) {
        std::fputs("riskdesk: there is no display here. riskdeskctl does the same from the command line.\n",
                   stderr);
        return 1;
    }
    QApplication application(argc, argv);
    QApplication::setApplicationDisplayName(QStringLiteral("Riskdesk"));
    QTranslator english; // plural forms: "1 user", "2 users"
    if (english.load(QStringLiteral(":/i18n/riskdesk_en.qm")))
        QApplication::installTranslator(&english);
    const CommandLine given(application);

    riskdesk::theme::Theme theme;
    const auto wanted = given.parser.value(given.look);
    if (wanted == QLatin1String("dark"))
        theme.setMode(riskdesk::theme::Theme::Mode::Dark);
    else if (wanted == QLatin1String("light"))
        theme.setMode(riskdesk::theme::Theme::Mode::Light);
    theme.applyTo(application);
    const riskdesk::SystemClock clock;
    riskdesk::Console console(theme, clock);
    if (wanted.isEmpty())
        console.restoreTheme();
    console.tellDesktop([] { return QDBusConnection::sessionBus(); });
    console.window().show();
    console.start(given.parser.value(given.directory).toStdString(), given.parser.positionalArguments());
    return QApplication::exec();
}
