// Pages put together from widgets with invented values, for pictures and for the walk over accessible names.
#pragma once

#include "tests/ui/sample_rows.h"
#include "ui/widgets/charts/chart.h"
#include "ui/widgets/charts/day_bars.h"
#include "ui/widgets/charts/kpi_strip.h"
#include "ui/widgets/charts/world_map.h"
#include "ui/widgets/controls/command_bar.h"
#include "ui/widgets/controls/filter_pill.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/pill_bar.h"
#include "ui/widgets/controls/segmented.h"
#include "ui/widgets/frame/details_pane.h"
#include "ui/widgets/frame/page_header.h"
#include "ui/widgets/table/table_view.h"
#include "ui/widgets/table/why_table.h"
#include "ui/window/main_window.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QSplitter>
#include <QVBoxLayout>

namespace riskdesk::test {

using theme::Icon;
using theme::TextStyle;
using theme::Token;
using namespace widgets;

inline QString s(const char *text)
{
    return QString::fromUtf8(text);
}

inline Command command(const char *id, Icon icon, const char *text, const char *keys = "")
{
    Command c;
    c.id = s(id);
    c.icon = icon;
    c.text = s(text);
    c.shortcut = s(keys);
    return c;
}

inline QList<DayBar> days(int count, int scale)
{
    QList<DayBar> bars;
    for (int i = 0; i < count; ++i) {
        const int peak = i == count - 8 ? 3 : i == count - 9 ? 2 : 1;
        bars.append({i == count - 1 ? s("Today")
                     : i < 12       ? QStringLiteral("%1 Feb").arg(17 + i)
                                    : QStringLiteral("%1 Mar").arg(i - 11),
                     (2 + i * 5 % 4) * scale * peak / 4, (4 + i * 7 % 5) * scale * peak / 4,
                     (3 + i * 3 % 5) * scale * peak / 4});
    }
    return bars;
}

// A card with a title line: "Detections per day  Is it getting worse?".
inline QVBoxLayout *titled(const theme::Theme &theme, Card *card, const char *title, const char *question,
                           QWidget *end = nullptr)
{
    auto *column = new QVBoxLayout(card);
    column->setContentsMargins(15, 12, 15, 12);
    column->setSpacing(8);
    auto *row = new QHBoxLayout;
    row->setSpacing(10);
    row->addWidget(new Label(theme, TextStyle::CardTitle, Token::Text, s(title), card));
    row->addWidget(new Label(theme, TextStyle::Secondary, Token::Text2, s(question), card));
    row->addStretch();
    if (end != nullptr)
        row->addWidget(end);
    column->addLayout(row);
    return column;
}

class GalleryPage : public window::Page
{
public:
    GalleryPage(const theme::Theme &theme, const QString &id, const QString &title)
        : m_id(id)
        , m_title(title)
        , m_look(theme)
    {}
    QString id() const override { return m_id; }
    QString title() const override { return m_title; }

    void asOverview()
    {
        auto *column = base(s("Meadow Market customers, 48,210 users"), 2);
        auto *kpis = new KpiStrip(m_look, this);
        kpis->setKpis(
            {{s("a"), s("Users at risk"), s("214"), s("+12 vs prior 30 d"), models::Tone::Bad, 1, {}},
             {s("b"), s("High risk, no action yet"), s("21"), s("oldest 2 d 4 h"), models::Tone::Bad, 0, {}},
             {s("c"), s("Risky sign-ins let through"), s("67"), s("31 % of 218"), models::Tone::Bad, 0, {}},
             {s("d"), s("Median resolve time"), s("3 h 12 m"), s("41 m faster"), models::Tone::Good, -1, {}},
             {s("e"), s("Self-resolved"), s("62 %"), s("+4 points"), models::Tone::Good, 1, {}},
             {s("f"), s("Dismissed as false"), s("11 %"), s("2 points lower"), models::Tone::Good, -1, {}}});
        column->addWidget(kpis);
        column->setSpacing(12);
        auto *first = new QHBoxLayout;
        first->setSpacing(12);
        auto *perDay = new Card(m_look, this);
        auto *bars = new DayBars(m_look, perDay);
        bars->setBars(days(30, 12));
        titled(m_look, perDay, "Detections per day", "Is it getting worse?", new LevelLegend(m_look, perDay))
            ->addWidget(bars, 1);
        auto *byType = new Card(m_look, this);
        auto *types = new TypeBars(m_look, byType);
        types->setBars({{s("1"), s("Password spray"), 10, 400, 62},
                        {s("2"), s("Unfamiliar sign-in"), 12, 130, 163},
                        {s("3"), s("Anonymous IP"), 4, 120, 37},
                        {s("4"), s("Atypical travel"), 30, 74, 10},
                        {s("5"), s("Malware linked IP"), 25, 52, 0},
                        {s("6"), s("Threat intelligence"), 40, 5, 0},
                        {s("7"), s("Admin confirmed"), 10, 0, 0}});
        titled(m_look, byType, "By detection type", "What kind of attack?")->addWidget(types, 1);
        auto *keepUp = new Card(m_look, this);
        auto *lines = new TwoLines(m_look, keepUp);
        QList<double> open;
        QList<double> done;
        for (int i = 0; i < 30; ++i) {
            open << 180 - i + (i > 20 ? 60 : 0) + i * 7 % 5;
            done << 20 + i * 9.8;
        }
        lines->setLines(s("Open"), open, s("Resolved, running total"), done,
                        {s("17 Feb"), s("26 Feb"), s("8 Mar"), s("18 Mar")});
        titled(m_look, keepUp, "Open against resolved", "Do we keep up?")->addWidget(lines, 1);
        first->addWidget(perDay, 42);
        first->addWidget(byType, 28);
        first->addWidget(keepUp, 28);
        column->addLayout(first, 10);
        auto *second = new QHBoxLayout;
        second->setSpacing(12);
        auto *places = new Card(m_look, this);
        auto *map = new WorldMap(m_look, places);
        map->setFit(WorldMap::Fit::World);
        map->setContent({{10.8, 106.7, s("Ho Chi Minh City"), true, 60, 0, s("a")},
                         {-6.2, 106.8, s("Jakarta"), true, 34, 0, s("b")},
                         {50.4, 30.5, s("Kyiv"), true, 30, 0, s("c")},
                         {44.4, 26.1, s("Bucharest"), true, 18, 0, s("d")},
                         {41, 29, s("Istanbul"), true, 9, 0, s("e")},
                         {52.5, 13.4, s("Berlin"), true, 4, 0, s("f")},
                         {6.5, 3.4, s("Lagos"), true, 22, 0, s("g")},
                         {19.1, 72.9, s("Mumbai"), true, 14, 0, s("h")},
                         {-23.5, -46.6, s("S\xC3\xA3o Paulo"), true, 14, 0, s("i")},
                         {41.9, -87.6, s("Chicago"), true, 10, 0, s("j")},
                         {35.7, 139.7, s("Tokyo"), true, 3, 0, s("k")}});
        map->setSummary(s("Risky sign-ins by place, most from Ho Chi Minh City"));
        titled(m_look, places, "Risky sign-ins by place", "Where from? 18 countries",
               linkButton(s("Open in Sign-ins"), places))
            ->addWidget(map, 1);
        auto *todo = new Card(m_look, this);
        auto *todoBox =
            titled(m_look, todo, "Needs action first", "Most urgent of 21", linkButton(s("All 21"), todo));
        auto *reasons = new ReasonList(m_look, todo);
        reasons->setReasons({{s("1"), Icon::Travel, s("Mariana Duarte"), RiskLevel::High, s("open 6 min"),
                              s("Travel at 6,103 km/h")},
                             {s("2"), Icon::Unfamiliar, s("Ines Haddad"), RiskLevel::High, s("open 41 min"),
                              s("3 new detections in 24 h")},
                             {s("3"), Icon::PersonCheck, s("Daniel Fischer"), RiskLevel::High, s("open 5 h"),
                              s("Confirmed, not blocked")},
                             {s("4"), Icon::Malware, s("Mei Kowalski"), RiskLevel::High, s("open 2 d 4 h"),
                              s("Malware linked IP")}},
                            {});
        todoBox->addWidget(reasons, 1);
        second->addWidget(places, 54);
        second->addWidget(todo, 46);
        column->addLayout(second, 12);
    }

    void asList(bool detections)
    {
        auto *column = base(detections ? s("1,184 in 90 days") : s("214 of 1,284"), detections ? 3 : 2);
        commands = new CommandBar(m_look, this);
        if (detections)
            commands->setSelectionCommands(
                {command("open", Icon::Person, "Open user"),
                 command("comp", Icon::ShieldAlert, "Confirm compromised", "Ctrl+Shift+C"),
                 command("safe", Icon::ShieldCheck, "Confirm safe"),
                 command("dismiss", Icon::Dismiss, "Dismiss detection")},
                {command("copy", Icon::Copy, "Copy as filter")});
        else
            commands->setSelectionCommands(
                {command("reset", Icon::Key, "Reset password", "Ctrl+Shift+R"),
                 command("comp", Icon::ShieldAlert, "Confirm compromised", "Ctrl+Shift+C"),
                 command("dismiss", Icon::Dismiss, "Dismiss risk", "Ctrl+D"),
                 command("block", Icon::Block, "Block sign-in", "Ctrl+B")},
                {command("safe", Icon::ShieldCheck, "Confirm safe", "Ctrl+Shift+D"),
                 command("assign", Icon::PersonAdd, "Assign to me", "Ctrl+T"),
                 command("note", Icon::NoteAdd, "Add note", "Ctrl+N")});
        commands->setGeneralCommands({command("refresh", Icon::Refresh, "Refresh", "F5"),
                                      command("columns", Icon::Columns, "Columns"),
                                      command("export", Icon::Download, "Export", "Ctrl+E")});
        commands->setSelection(s("1 selected"), true, false);
        column->addWidget(commands);
        column->addSpacing(2);
        pills = new PillBar(
            m_look, detections ? s("Filter by user, IP, network, ID") : s("Filter by name, email, ID, IP"),
            this);
        pills->setContentsMargins(4, 0, 4, 0);
        pills->addPill(s("state"), s("Risk state"))
            ->setValues(detections ? QStringList{s("At risk")} : QStringList{s("At risk"), s("Compromised")});
        pills->addPill(s("level"), s("Risk level"))
            ->setValues(detections ? QStringList{s("High"), s("Medium")} : QStringList());
        pills->addPill(s("country"), s("Country"));
        pills->addPill(s("type"), s("Detection type"));
        column->addWidget(pills);
        column->addSpacing(6);
        if (!detections) {
            auto *kpis = new KpiStrip(m_look, this);
            auto *tail = new QWidget(kpis);
            auto *box = new QVBoxLayout(tail);
            box->setContentsMargins(16, 9, 14, 6);
            box->setSpacing(0);
            auto *line = new QHBoxLayout;
            line->addWidget(
                new Label(m_look, TextStyle::Label, Token::Text2, s("New detections per day"), tail));
            line->addStretch();
            line->addWidget(new LevelLegend(m_look, tail));
            box->addLayout(line);
            auto *bars = new DayBars(m_look, tail);
            bars->setBars(days(30, 4));
            box->addWidget(bars, 1);
            kpis->setTail(tail);
            kpis->setKpis({{s("a"), s("Users at risk"), s("214"), s("+12 vs prior 30 d"), models::Tone::Bad,
                            1, s("Users with open risk")},
                           {s("b"), s("High risk"), s("38"), s("+5 in 24 h"), models::Tone::Bad, 1, {}},
                           {s("c"), s("Compromised"), s("9"), s("no change"), models::Tone::Neutral, 0, {}},
                           {s("d"),
                            s("Median resolve time"),
                            s("3 h 12 m"),
                            s("41 m faster"),
                            models::Tone::Good,
                            -1,
                            {}}});
            column->addWidget(kpis);
            column->addSpacing(5);
            strip = kpis;
        }
        auto *split = new QSplitter(Qt::Vertical, this);
        split->setChildrenCollapsible(false);
        auto *card = new Card(m_look, split);
        auto *inside = new QVBoxLayout(card);
        inside->setContentsMargins(1, 1, 1, 1);
        rows = new SampleRows(214, detections, this);
        rows->ticked = {0};
        table = new TableView(m_look, card);
        table->setAccessibleName(title());
        table->setModel(rows);
        table->setTickState(Qt::PartiallyChecked);
        table->setSortShown(6, Qt::DescendingOrder);
        table->setCurrentRow(0);
        inside->addWidget(table);
        card->coverCorners();
        split->addWidget(card);
        pane = new DetailsPane(m_look, split);
        PaneSubject subject;
        subject.title = detections ? s("Atypical travel") : s("Mariana Duarte");
        subject.initials = detections ? QString() : s("MD");
        subject.icon = Icon::Travel;
        subject.level = RiskLevel::High;
        subject.state = RiskState::AtRisk;
        subject.facts =
            detections ? QStringList{s("Mariana Duarte"), s("18 Mar 2026, 14:26:00"), s("found at sign-in"),
                                     s("Storefront app"), s("113.161.40.12")}
                       : QStringList{s("mariana.duarte@mailbox.example"), s("ID c482911"), s("Local account"),
                                     s("Sign-in allowed"), s("Customer since 12 Aug 2024")};
        pane->setSubject(subject);
        if (detections) {
            pane->setCommands({command("open", Icon::Person, "Open user"),
                               command("safe", Icon::ShieldCheck, "Confirm safe"),
                               command("dismiss", Icon::Dismiss, "Dismiss detection")},
                              {command("note", Icon::NoteAdd, "Add note")});
            pane->addTab(s("Why"), whyTab());
            for (const char *t : {"Sign-in", "Triggered together", "Same pattern, other users", "Raw record"})
                pane->addTab(s(t), new QWidget);
            pane->setTabCount(2, 2);
            pane->setTabCount(3, 4);
            pane->setPosition(1, 1184);
        } else {
            pane->setCommands({command("reset", Icon::Key, "Reset password"),
                               command("comp", Icon::ShieldAlert, "Confirm compromised"),
                               command("dismiss", Icon::Dismiss, "Dismiss risk")},
                              {command("note", Icon::NoteAdd, "Add note")});
            pane->addTab(s("Overview"), overviewTab());
            const std::pair<const char *, int> tabs[] = {{"Detections", 4},   {"Risky sign-ins", 6},
                                                         {"Risk history", 7}, {"Timeline", -1},
                                                         {"Locations", -1},   {"Notes", 1}};
            for (const auto &[t, n] : tabs)
                pane->setTabCount(pane->addTab(s(t), new QWidget), n);
            pane->setPosition(1, 214);
        }
        split->addWidget(pane);
        split->setSizes(detections ? QList<int>{305, 370} : QList<int>{278, 292});
        column->addWidget(split, 1);
    }

    void resizeEvent(QResizeEvent *) override
    {
        if (strip != nullptr)
            strip->setVisible(height() > 720); // F8 does it by hand
    }

    KpiStrip *strip = nullptr;
    CommandBar *commands = nullptr;
    PillBar *pills = nullptr;
    TableView *table = nullptr;
    SampleRows *rows = nullptr;
    DetailsPane *pane = nullptr;

private:
    QVBoxLayout *base(const QString &count, int period)
    {
        auto *column = new QVBoxLayout(this);
        column->setContentsMargins(16, 9, 16, 8);
        column->setSpacing(6);
        auto *header = new PageHeader(
            m_look, m_title, {s("24 h"), s("7 days"), s("30 days"), s("90 days"), s("Custom")}, this);
        header->setContentsMargins(4, 0, 4, 0);
        header->setCount(count);
        header->setRange(period == 3 ? s("19 Dec 2025 to 18 Mar 2026") : s("17 Feb to 18 Mar 2026"));
        header->setPeriod(period);
        column->addWidget(header);
        return column;
    }
    WorldMap *travelMap(QWidget *parent, const char *label)
    {
        auto *map = new WorldMap(m_look, parent);
        map->setContent({{38.72, -9.14, s("Lisbon"), false, 0, 0, s("l")},
                         {10.82, 106.63, s("Ho Chi Minh City"), true, 0, 0, s("h")}},
                        {{0, 1, s(label), true}});
        map->setSummary(s("Lisbon to Ho Chi Minh City, 11,393 km, 6,103 km/h, not plausible"));
        return map;
    }
    QWidget *overviewTab()
    {
        auto *tab = new QWidget;
        auto *row = new QHBoxLayout(tab);
        row->setContentsMargins(15, 7, 15, 7);
        row->setSpacing(20);
        auto *left = new QVBoxLayout;
        left->setSpacing(5);
        left->addWidget(
            new Label(m_look, TextStyle::CardTitle, Token::Text, s("Why this user is at risk"), tab));
        auto *reasons = new ReasonList(m_look, tab);
        reasons->setReasons({{s("1"), Icon::Travel, s("Atypical travel"), RiskLevel::High, s("18 Mar, 14:26"),
                              s("Lisbon to Ho Chi Minh City, 11,393 km in 1 h 52 min")},
                             {s("2"), Icon::Unfamiliar, s("Unfamiliar sign-in properties"), RiskLevel::Medium,
                              s("18 Mar, 14:26"), s("New device, browser, network and country, all at once")},
                             {s("3"), Icon::Anonymous, s("Anonymous IP address"), RiskLevel::Medium,
                              s("16 Mar, 03:11"), s("185.220.101.34 is a Tor exit since 2 Mar")}},
                            s("Show all 4 detections"));
        left->addWidget(reasons, 1);
        row->addLayout(left, 40);
        const auto panel = [&](const char *title, const char *fact, QWidget *content, int stretch) {
            auto *box = new QVBoxLayout;
            box->setSpacing(5);
            auto *line = new QHBoxLayout;
            line->addWidget(new Label(m_look, TextStyle::CardTitle, Token::Text, s(title), tab));
            line->addStretch();
            line->addWidget(new Label(m_look, TextStyle::Secondary, Token::Text2, s(fact), tab));
            box->addLayout(line);
            box->addWidget(content, 1);
            row->addLayout(box, stretch);
        };
        auto *line = new RiskLine(m_look, tab);
        line->setSteps({{0, 8, false, {}},
                        {0.12, 10, false, {}},
                        {0.25, 8, false, {}},
                        {0.35, 30, true, s("Unfamiliar sign-in properties")},
                        {0.42, 12, false, {}},
                        {0.49, 11, false, {}},
                        {0.56, 8, false, {}},
                        {0.76, 34, true, {}},
                        {0.9, 58, true, {}},
                        {0.965, 72, true, {}},
                        {1, 91, true, {}}},
                       {s("16 Feb"), s("24 Feb"), s("3 Mar"), s("11 Mar"), s("18 Mar")});
        panel("Risk over time", "now 91 of 100", line, 30);
        panel("Sign-in locations", "3 countries, 30 days", travelMap(tab, "6,103 km/h"), 30);
        return tab;
    }
    QWidget *whyTab()
    {
        auto *tab = new QWidget;
        auto *row = new QHBoxLayout(tab);
        row->setContentsMargins(15, 10, 15, 10);
        row->setSpacing(20);
        auto *left = new QVBoxLayout;
        left->setSpacing(8);
        left->addWidget(new Paragraph(
            m_look, TextStyle::Body, Token::Text,
            s("Signed in from Ho Chi Minh City 1 h 52 min after Lisbon. The trip is 11,393 km and would need "
              "6,103 km/h; the limit is 1,000 km/h. No VPN or shared network explains it."),
            tab));
        auto *why = new WhyTable(m_look, tab);
        using T = models::Tone;
        why->setRows(
            s("Usual, last 30 days (41 sign-ins)"),
            {{Icon::Speed, s("Travel speed"), s("0 to 310 km/h"), s("6,103 km/h from last sign-in"), T::Bad,
              s("Not plausible")},
             {Icon::Globe, s("Country"), s("PT (39), ES (2)"), s("VN, first time"), T::Notice, s("New")},
             {Icon::Device, s("Device"), s("Pixel 7, ThinkPad X1"), s("Windows 10, unknown"), T::Notice,
              s("New")},
             {Icon::Browser, s("Browser"), s("Chrome 122, Firefox 123"), s("Chrome 109, headless flags"),
              T::Notice, s("New")},
             {Icon::Network, s("Network"), s("MEO, Vodafone PT"), s("VNPT, AS45899"), T::Notice, s("New")},
             {Icon::Clock, s("Local time"), s("07:00 to 23:30"), s("21:26 there"), T::Good, s("As usual")}});
        left->addWidget(why, 1);
        row->addLayout(left, 66);
        auto *right = new QVBoxLayout;
        right->setSpacing(6);
        right->addWidget(travelMap(tab, "11,393 km in 1 h 52 min"), 1);
        right->addWidget(new Label(m_look, TextStyle::Label, Token::Text2,
                                   s("Raised this user's risk by 33 points (58 to 91)"), tab));
        row->addLayout(right, 34);
        return tab;
    }

    QString m_id;
    QString m_title;
    const theme::Theme &m_look;
};

} // namespace riskdesk::test
