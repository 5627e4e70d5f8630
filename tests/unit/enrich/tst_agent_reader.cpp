// User agents become honest families with major versions; what the log itself names wins where it says more.
#include "core/enrich/agent_reader.h"

#include <QTest>

using riskdesk::enrich::Agent;
using riskdesk::enrich::readAgent;

namespace {
constexpr auto Desktop = Agent::Device::Desktop, Mobile = Agent::Device::Mobile,
               Tablet = Agent::Device::Tablet, Bot = Agent::Device::Bot, Other = Agent::Device::Other,
               Unknown = Agent::Device::Unknown;
}

class AgentReaderTest : public QObject
{
    Q_OBJECT
    static void row(const char *name, const char *agent, const char *browser, const char *system,
                    Agent::Device device, bool automated = false)
    {
        QTest::newRow(name) << QByteArray(agent) << QByteArray(browser) << QByteArray(system)
                            << static_cast<int>(device) << automated;
    }

private Q_SLOTS:
    void readsAgents_data()
    {
        QTest::addColumn<QByteArray>("agent");
        QTest::addColumn<QByteArray>("browser");
        QTest::addColumn<QByteArray>("system");
        QTest::addColumn<int>("device");
        QTest::addColumn<bool>("automated");
        row("Chrome on Windows",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/122.0.0.0 Safari/537.36",
            "Chrome 122", "Windows 10", Desktop);
        row("Edge on Windows is not Chrome",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91",
            "Edge 120", "Windows 10", Desktop);
        row("old Edge",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763",
            "Edge 18", "Windows 10", Desktop);
        row("Edge on Android",
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
            "Mobile Safari/537.36 EdgA/124.0.0.0",
            "Edge 124", "Android 10", Mobile);
        row("Edge on an iPhone",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/17.0 EdgiOS/122.0.2365.99 Mobile/15E148 Safari/605.1.15",
            "Edge 122", "iOS 17", Mobile);
        row("Firefox on Linux",
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:123.0) Gecko/20100101 Firefox/123.0", "Firefox 123",
            "Linux", Desktop);
        row("Firefox on an iPhone",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "FxiOS/121.0 Mobile/15E148 Safari/605.1.15",
            "Firefox 121", "iOS 16", Mobile);
        row("Firefox on Android", "Mozilla/5.0 (Android 14; Mobile; rv:122.0) Gecko/122.0 Firefox/122.0",
            "Firefox 122", "Android 14", Mobile);
        row("Safari on a Mac",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/17.2.1 Safari/605.1.15",
            "Safari 17", "macOS 10", Desktop);
        row("Chrome on a new Mac",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_1) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/119.0.0.0 Safari/537.36",
            "Chrome 119", "macOS 14", Desktop);
        row("Safari on an iPhone",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 15_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
            "Gecko) Version/15.4 Mobile/15E148 Safari/604.1",
            "Safari 15", "iOS 15", Mobile);
        row("Safari on an iPad",
            "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/12.1.2 Mobile/15E148 Safari/604.1",
            "Safari 12", "iOS 12", Tablet);
        row("Chrome on an iPhone",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "CriOS/121.0.6167.138 Mobile/15E148 Safari/604.1",
            "Chrome 121", "iOS 17", Mobile);
        row("Chrome on Android",
            "Mozilla/5.0 (Linux; Android 13; SM-S908B) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/112.0.0.0 Mobile Safari/537.36",
            "Chrome 112", "Android 13", Mobile);
        row("Chrome on an Android tablet",
            "Mozilla/5.0 (Linux; Android 12; SM-X906C) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/112.0.0.0 Safari/537.36",
            "Chrome 112", "Android 12", Tablet);
        row("Samsung Internet",
            "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) "
            "SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36",
            "Samsung Internet 23", "Android 13", Mobile);
        row("Opera",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/119.0.0.0 Safari/537.36 OPR/105.0.0.0",
            "Opera 105", "Windows 10", Desktop);
        row("old Opera", "Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18", "Opera 12",
            "Windows 7", Desktop);
        row("Chrome OS",
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/121.0.0.0 Safari/537.36",
            "Chrome 121", "ChromeOS", Desktop);
        row("Internet Explorer 11", "Mozilla/5.0 (Windows NT 6.3; Trident/7.0; rv:11.0) like Gecko", "IE 11",
            "Windows 8.1", Desktop);
        row("Internet Explorer 9", "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)", "IE 9",
            "Windows 7", Desktop);
        row("a page inside an Android app",
            "Mozilla/5.0 (Linux; Android 11; Pixel 4; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
            "Chrome/108.0.0.0 Mobile Safari/537.36",
            "Android WebView 108", "Android 11", Mobile);
        row("a page inside an iPhone app",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 16_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Mobile/15E148",
            "iOS WebView", "iOS 16", Mobile);
        row("a television",
            "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) Version/6.0 TV "
            "Safari/537.36",
            "Safari 6", "Linux", Other);
        row("a shop's own app", "Storefront/3.1 (Android 14; Pixel 8) okhttp/4.12.0", "Storefront 3",
            "Android 14", Mobile);
        row("the library of that app alone", "okhttp/4.12.0", "okhttp 4", "", Unknown, true);
        row("python", "python-requests/2.31.0", "python-requests 2", "", Unknown, true);
        row("curl", "curl/8.4.0", "curl 8", "", Unknown, true);
        row("Go", "Go-http-client/1.1", "Go-http-client 1", "", Unknown, true);
        row("PowerShell", "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.3803",
            "", "Windows 10", Desktop, true);
        row("headless Chrome",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "HeadlessChrome/119.0.6045.105 Safari/537.36",
            "Chrome 119", "Linux", Desktop, true);
        row("a search engine", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "",
            "", Bot, true);
        row("nothing", "", "", "", Unknown);
        row("a version that is no version", "Mozilla/5.0 (Windows NT 10.0) Chrome/99999999999999999999",
            "Chrome", "Windows 10", Desktop);
        row("bytes that are no text", "\xff\xfe\x80/9 (\xc3", "", "", Unknown);
    }
    void readsAgents()
    {
        QFETCH(QByteArray, agent);
        QFETCH(QByteArray, browser);
        QFETCH(QByteArray, system);
        QFETCH(int, device);
        QFETCH(bool, automated);
        const Agent got = readAgent(agent.toStdString(), {}, {});
        QCOMPARE(QByteArray::fromStdString(got.browser), browser);
        QCOMPARE(QByteArray::fromStdString(got.system), system);
        QCOMPARE(static_cast<int>(got.device), device);
        QCOMPARE(got.automated, automated);
    }
    void readsTheLogsOwnWords_data()
    {
        QTest::addColumn<QByteArray>("loggedBrowser");
        QTest::addColumn<QByteArray>("loggedSystem");
        QTest::addColumn<QByteArray>("browser");
        QTest::addColumn<QByteArray>("system");
        QTest::addColumn<int>("device");
        const auto words = [](const char *b, const char *s, const char *browser, const char *system,
                              Agent::Device device) {
            QTest::addRow("%s on %s", b, s) << QByteArray(b) << QByteArray(s) << QByteArray(browser)
                                            << QByteArray(system) << static_cast<int>(device);
        };
        words("Chrome 122.0.0", "Windows 10", "Chrome 122", "Windows 10", Desktop);
        words("Edge 18.17763", "Windows10", "Edge 18", "Windows 10", Desktop);
        words("Rich Client 4.40.0.0", "Windows 8.1", "Rich Client 4", "Windows 8.1", Desktop);
        words("Mobile Safari 15.4", "Ios 15.4", "Safari 15", "iOS 15", Mobile);
        words("IE 11.0", "Windows 7", "IE 11", "Windows 7", Desktop);
        words("Chrome Mobile 120.0.6099", "Android 12", "Chrome 120", "Android 12", Mobile);
        words("Safari 17.1", "MacOs", "Safari 17", "macOS", Desktop);
        words("Safari 17.1", "Mac OS X 10.15.7", "Safari 17", "macOS 10", Desktop);
        words("Firefox 99", "Ubuntu 22.04", "Firefox 99", "Linux", Desktop);
        words("Microsoft Office 16.0", "Windows NT 10.0", "Microsoft Office 16", "Windows 10", Desktop);
        words("Unknown", "Other", "", "", Unknown);
    }
    void readsTheLogsOwnWords()
    {
        QFETCH(QByteArray, loggedBrowser);
        QFETCH(QByteArray, loggedSystem);
        QFETCH(QByteArray, browser);
        QFETCH(QByteArray, system);
        QFETCH(int, device);
        const Agent got = readAgent({}, loggedBrowser.toStdString(), loggedSystem.toStdString());
        QCOMPARE(QByteArray::fromStdString(got.browser), browser);
        QCOMPARE(QByteArray::fromStdString(got.system), system);
        QCOMPARE(static_cast<int>(got.device), device);
    }
    void theMoreExactWordWins()
    {
        const char *agent =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/122.0.0.0 Safari/537.36";
        QCOMPARE(readAgent(agent, "Edge 121.0.1", "Windows 11").browser, std::string("Edge 121"));
        QCOMPARE(readAgent(agent, "Edge 121.0.1", "Windows 11").system, std::string("Windows 11"));
        QCOMPARE(readAgent(agent, "Chrome", "Windows").browser, std::string("Chrome 122"));
        QCOMPARE(readAgent(agent, "Chrome", "Windows").system, std::string("Windows 10"));
        QVERIFY(readAgent("", "Python Requests 2.28", "Other").automated);
    }
    void aVeryLongAgentIsCut()
    {
        const std::string agent(50'000'000, 'x');
        QVERIFY(readAgent(agent, agent, agent).browser.size() < 100);
    }
};

QTEST_APPLESS_MAIN(AgentReaderTest)
#include "tst_agent_reader.moc"
