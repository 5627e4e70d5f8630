// A console whose directory is connected: its sheet, and the provider on loopback (tests/support/graph_server.h). No
// keyring runs, so the secrets lie in a sealed file.
#pragma once

#include "core/action/action_service.h"
#include "core/connect/sealed_file.h"
#include "core/connections/connections.h"
#include "core/directory/directory.h"

#include "tests/support/ctl.h"
#include "tests/support/graph_server.h"
#include "tests/ui/journeys.h"
#include "ui/pages/connections_sheet.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/segmented.h"
#include "ui/widgets/frame/top_bar.h"

#include <QComboBox>
#include <QLineEdit>
#include <QTest>

#include <atomic>

namespace riskdesk::test {

// Moved by the test while the thread reads it.
class MovedClock final : public Clock
{
public:
    [[nodiscard]] Timestamp now() const override { return {m_now.load()}; }
    void advance(int seconds) { m_now += std::int64_t{seconds} * 1'000'000; }

private:
    std::atomic<std::int64_t> m_now = Timestamp::fromCivil(2026, 3, 18, 14, 26).us;
};

class ConnectedJourneys : protected Journeys
{
protected:
    std::unique_ptr<GraphServer> m_server;
    pages::ConnectionsSheet *m_sheet = nullptr;
    std::int64_t m_anna = 0; // whom the server knows
    MovedClock m_clock;

    template <typename T>
    [[nodiscard]] T &in(const char *name) const
    {
        return ConsoleFixture::part<T>(*m_sheet, name);
    }
    [[nodiscard]] QPushButton &button(const char *name) const { return in<QPushButton>(name); }
    [[nodiscard]] QString said() const { return in<widgets::Label>("said").text(); }
    [[nodiscard]] QString cell(const char *table, int row, int column) const
    {
        return in<widgets::TableView>(table).model()->index(row, column).data().toString();
    }
    [[nodiscard]] int rows(const char *table) const
    {
        return in<widgets::TableView>(table).model()->rowCount();
    }
    [[nodiscard]] QWidget *mark() const { return m->window.facts().fact(s("connections")); }
    void put(const char *field, const QString &text)
    {
        auto &edit = in<QLineEdit>(field);
        edit.setFocus();
        edit.selectAll();
        edit.insert(text);
        QCOMPARE(edit.text(), text);
    }

    void openWithServer()
    {
        m_server = std::make_unique<GraphServer>();
        open();
        m_anna = m->model().idAt(0);
        const auto of = [&](const char *column) {
            return m
                ->text("SELECT " + std::string(column) + " FROM user WHERE id = " + std::to_string(m_anna))
                .toStdString();
        };
        m_server->with([&](auto &state) {
            state.users.resize(1);
            state.users[0].id = of("provider_id");
            state.users[0].userPrincipalName = of("upn");
        });
        auto directory = run::Directory::open(m_home->path("copy.riskdesk"));
        QVERIFY(directory && run::setSetting(directory->connection(), {}, "outbox.holdSeconds", 0));
    }
    void openSheet()
    {
        ConsoleFixture::click(*m->window.topBar().directoryButton());
        auto *menu = m->window.findChild<QMenu *>(s("directoryMenu"));
        QVERIFY(menu != nullptr);
        QTRY_VERIFY(menu->isVisible());
        ConsoleFixture::choose(*menu, ConsoleFixture::entry(*menu, s("Connections")));
        QTRY_VERIFY(m->window.findChild<pages::ConnectionsSheet *>() != nullptr);
        m_sheet = m->window.findChild<pages::ConnectionsSheet *>();
        QVERIFY(QTest::qWaitForWindowActive(m_sheet));
    }
    void fillForm(const char *secret)
    {
        ConsoleFixture::click(button("newConnection"));
        auto &kind = in<QComboBox>("connectionKind");
        kind.setCurrentIndex(kind.findData(s("graph")));
        put("connectionName", s("Shop"));
        put("setting.tenant", s("shop.example"));
        put("setting.clientId", s("app-1"));
        put("setting.clientSecret", s(secret));
        const auto origin = QString::fromStdString(m_server->origin());
        put("setting.loginUrl", origin);
        put("setting.graphUrl", origin);
        put("setting.caFile", QString::fromStdString(m_server->certificate()));
    }
    void givePassphrase(const char *text)
    {
        QTRY_VERIFY_WITH_TIMEOUT(in<QLineEdit>("passphrase").isVisible(), patience);
        put("passphrase", s(text));
        if (in<QLineEdit>("passphraseAgain").isVisible())
            put("passphraseAgain", s(text));
        ConsoleFixture::click(button("givePassphrase"));
    }
    // Set up, with a new passphrase, and switched on.
    void connectDirectory()
    {
        openWithServer();
        openSheet();
        fillForm("app secret/+&");
        ConsoleFixture::click(button("saveConnection"));
        givePassphrase("a long passphrase");
        QTRY_VERIFY_WITH_TIMEOUT(said().startsWith(s("\"Shop\" is set up.")), patience);
        QTRY_COMPARE_WITH_TIMEOUT(rows("connectionTable"), 1, patience);
        ConsoleFixture::click(button("switchConnection"));
        QTRY_COMPARE_WITH_TIMEOUT(cell("connectionTable", 0, 2), s("On"), patience);
        QTRY_VERIFY_WITH_TIMEOUT(mark() != nullptr, patience);
    }
    // As another program would.
    void decide(action::Action what)
    {
        auto directory = run::Directory::open(m_home->path("copy.riskdesk"));
        QVERIFY(directory);
        action::Request request;
        request.action = what;
        request.users = {static_cast<std::uint32_t>(m_anna)};
        const auto outcome =
            action::ActionService(directory->connection(), fixtureClock, {}).carryOut(request);
        QVERIFY(outcome && outcome->waits);
    }
    // Whatever a person or a screen reader could read anywhere in the window.
    [[nodiscard]] QString everyText() const
    {
        QString all;
        for (const auto *widget : m_sheet->findChildren<QWidget *>())
            for (const char *of : {"text", "accessibleName", "accessibleDescription", "toolTip"})
                all += widget->property(of).toString() + QLatin1Char('\n');
        for (const auto *label : m_sheet->findChildren<widgets::Label *>())
            all += label->text() + QLatin1Char('\n');
        return all;
    }
};

} // namespace riskdesk::test
