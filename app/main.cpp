// riskdesk [--directory FILE] [LOG…]: the console.

#include "app/console.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QTranslator>

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("riskdesk"));
    QApplication::setApplicationDisplayName(QStringLiteral("Riskdesk"));
    QApplication::setApplicationVersion(QStringLiteral(RISKDESK_VERSION));
    QTranslator english; // plural forms: "1 user", "2 users"
    if (english.load(QStringLiteral(":/i18n/riskdesk_en.qm")))
        QApplication::installTranslator(&english);
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QApplication::translate("main", "Finds, explains and closes identity risk."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption directory(QStringLiteral("directory"),
                                       QApplication::translate("main", "The directory file to open."),
                                       QStringLiteral("file"));
    const QCommandLineOption look(QStringLiteral("theme"),
                                  QApplication::translate("main", "light, dark or system."),
                                  QStringLiteral("theme"));
    parser.addOption(directory);
    parser.addOption(look);
    parser.addPositionalArgument(QStringLiteral("log"),
                                 QApplication::translate("main", "Sign-in logs to import."),
                                 QStringLiteral("[log…]"));
    parser.process(application);

    riskdesk::theme::Theme theme;
    const auto wanted = parser.value(look);
    if (wanted == QLatin1String("dark"))
        theme.setMode(riskdesk::theme::Theme::Mode::Dark);
    else if (wanted == QLatin1String("light"))
        theme.setMode(riskdesk::theme::Theme::Mode::Light);
    theme.applyTo(application);
    const riskdesk::SystemClock clock;
    riskdesk::Console console(theme, clock);
    if (wanted.isEmpty())
        console.restoreTheme();
    console.window().show();
    console.start(parser.value(directory).toStdString(), parser.positionalArguments());
    return QApplication::exec();
}
