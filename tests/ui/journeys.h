// A theme, a home and an open console for one program of journeys: what stands around every one of them.
#pragma once

#include "tests/ui/console_fixture.h"
#include "ui/models/format.h"
#include "ui/widgets/controls/popover.h"

#include <QPainter>

#include <memory>

namespace riskdesk::test {

class Journeys
{
protected:
    static constexpr int patience = 30000;

    void begin(unsigned users = 400)
    {
        m_home = std::make_unique<Home>(users);
        m_theme = std::make_unique<theme::Theme>();
        m_theme->setMode(theme::Theme::Mode::Light);
        m_theme->applyTo(*qApp);
    }
    void end()
    {
        m.reset();
        m_theme.reset();
        QApplication::setStyle(s("fusion"));
    }
    // The sample, opened, with its list there.
    void open()
    {
        m.reset();
        m = std::make_unique<ConsoleFixture>(*m_theme, m_home->copy());
        const auto expected = m->number(std::string("SELECT count(*) ") + openUsers);
        QVERIFY(expected > 5);
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), static_cast<int>(expected), patience);
        settled();
    }
    // Nothing is asked and nothing written any more: what is stored is so before the window has heard of it.
    void settled()
    {
        QTRY_VERIFY_WITH_TIMEOUT(m->window.facts().progress().isHidden() && m->current().isFilled(),
                                 patience);
    }
    // With RISKDESK_SHOTS=FOLDER the window as it stands, with a sheet over it and its popup, light and dark, in both
    // sizes.
    void picture(const char *name, QWidget *over = nullptr)
    {
        const auto folder = qEnvironmentVariable("RISKDESK_SHOTS");
        if (folder.isEmpty())
            return;
        const auto size = m->window.size();
        for (const bool dark : {false, true})
            for (const QSize wanted : {QSize(1440, 900), QSize(1024, 700)}) {
                m_theme->setMode(dark ? theme::Theme::Mode::Dark : theme::Theme::Mode::Light);
                m_theme->applyTo(*qApp);
                m->window.resize(wanted);
                QCoreApplication::processEvents();
                QPixmap all = m->window.grab();
                QPainter painter(&all);
                QPoint origin = -m->window.pos(); // of the screen
                if (over != nullptr) {
                    const QRect box(
                        QPoint((wanted.width() - over->width()) / 2, (wanted.height() - over->height()) / 2),
                        over->size());
                    painter.drawPixmap(box.topLeft(), over->grab());
                    painter.setPen(m_theme->color(theme::Token::BorderStrong));
                    painter.drawRect(box.adjusted(-1, -1, 0, 0));
                    origin = box.topLeft() - over->pos();
                }
                if (auto *popup = QApplication::activePopupWidget(); popup != nullptr && popup != over)
                    painter.drawPixmap(popup->pos() + origin, popup->grab());
                painter.end();
                all.save(s("%1/%2-%3-%4.png")
                             .arg(folder, s(name), dark ? s("dark") : s("light"))
                             .arg(wanted.width()));
            }
        m_theme->setMode(theme::Theme::Mode::Light);
        m_theme->applyTo(*qApp);
        m->window.resize(size);
    }
    [[nodiscard]] static widgets::ConfirmPopover *sheet()
    {
        return ConsoleFixture::popup<widgets::ConfirmPopover>();
    }
    [[nodiscard]] QString nameOf(std::int64_t user) const
    {
        return m->text("SELECT display_name FROM user WHERE id = " + std::to_string(user));
    }

    std::unique_ptr<Home> m_home;
    std::unique_ptr<theme::Theme> m_theme;
    std::unique_ptr<ConsoleFixture> m;
};

} // namespace riskdesk::test
