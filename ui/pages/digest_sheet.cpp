#include "ui/pages/digest_sheet.h"

#include "core/base/open_files.h"
#include "core/query/spine.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/pages/sheet_parts.h"
#include "ui/widgets/controls/file_dialog.h"

#include <QDateTime>
#include <QDir>
#include <QKeyEvent>
#include <QSaveFile>
#include <QScreen>
#include <QTextBrowser>
#include <QTimeZone>
#include <QUrl>
#include <QUrlQuery>

#include <algorithm>
#include <cmath>

namespace riskdesk::pages {
namespace {

using theme::ButtonKind;
using theme::TextStyle;
using theme::Token;

constexpr qint64 microsecondsOfMillisecond = 1000;

// The page of the console that shows these rows; empty: none does.
QString pageOf(query::Report report)
{
    switch (report) {
    case query::Report::RiskyUsers: return QStringLiteral("users");
    case query::Report::Detections: return QStringLiteral("detections");
    case query::Report::SignIns: return QStringLiteral("signIns");
    case query::Report::Audit: return QStringLiteral("audit");
    default: return {};
    }
}

std::string linkOf(const query::DigestFigure &figure)
{
    const auto page = pageOf(figure.report);
    if (page.isEmpty())
        return {};
    QUrl url;
    url.setScheme(QStringLiteral("list"));
    url.setPath(page);
    QUrlQuery query;
    query.addQueryItem(QStringLiteral("filter"),
                       QString::fromUtf8(QUrl::toPercentEncoding(models::text(figure.filter))));
    url.setQuery(query);
    return url.toString(QUrl::FullyEncoded).toStdString();
}

Timestamp midnightOf(const QDate &day)
{
    const auto begin = models::isUtc() ? day.startOfDay(Qt::UTC) : day.startOfDay();
    return {begin.toMSecsSinceEpoch() * microsecondsOfMillisecond};
}

QDate mondayNow(const Clock &clock)
{
    const auto now = QDateTime::fromMSecsSinceEpoch(clock.now().us / microsecondsOfMillisecond,
                                                    models::isUtc() ? Qt::UTC : Qt::LocalTime)
                         .date();
    return now.addDays(1 - now.dayOfWeek());
}

} // namespace

DigestSheet::DigestSheet(Context &context, QWidget *parent)
    : QDialog(parent)
    , m_context(context)
    , m_monday(mondayNow(context.clock).addDays(-7))
    , m_newest(mondayNow(context.clock))
{
    const auto &theme = context.theme;
    setObjectName(QStringLiteral("digestSheet"));
    setWindowTitle(tr("Weekly digest"));
    setAttribute(Qt::WA_DeleteOnClose);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(12);
    auto *head = line();
    m_title = new widgets::Label(theme, TextStyle::Body, Token::Text, {}, this);
    head->addWidget(m_title, 1);
    m_older = button(tr("Week before"), ButtonKind::Outlined, this);
    m_older->setObjectName(QStringLiteral("olderWeek"));
    m_newer = button(tr("Week after"), ButtonKind::Outlined, this);
    m_newer->setObjectName(QStringLiteral("newerWeek"));
    head->addWidget(m_older);
    head->addWidget(m_newer);
    column->addLayout(head);
    m_page = new QTextBrowser(this);
    m_page->setObjectName(QStringLiteral("digestPage"));
    m_page->setAccessibleName(tr("Weekly digest"));
    m_page->setOpenLinks(false);
    column->addWidget(m_page, 1);
    auto *foot = line();
    m_said = new widgets::Label(theme, TextStyle::Body, Token::Text2, {}, this);
    foot->addWidget(m_said, 1);
    m_save = button(tr("Save as HTML…"), ButtonKind::Primary, this);
    m_save->setObjectName(QStringLiteral("saveDigest"));
    m_save->setEnabled(false);
    auto *close = button(tr("Close"), ButtonKind::Outlined, this);
    foot->addWidget(m_save);
    foot->addWidget(close);
    column->addLayout(foot);
    connect(m_older, &QPushButton::clicked, this, [this] { step(-1); });
    connect(m_newer, &QPushButton::clicked, this, [this] { step(1); });
    connect(m_save, &QPushButton::clicked, this, &DigestSheet::save);
    connect(close, &QPushButton::clicked, this, &QWidget::close);
    connect(m_page, &QTextBrowser::anchorClicked, this, &DigestSheet::follow);
    resize(theme.scaled(760), theme.scaled(640));
    connect(&theme, &theme::Theme::changed, this, [this] {
        if (!isBusy())
            fill(query::Digest(m_digest));
    });
    ask();
}

void DigestSheet::showZone()
{
    const auto newest = mondayNow(m_context.clock);
    m_monday = m_monday.addDays(m_newest.daysTo(newest)); // the same week, counted from the one that runs
    m_newest = newest;
    ask();
}

void DigestSheet::step(int weeks)
{
    m_monday = m_monday.addDays(7 * weeks);
    ask();
}

std::pair<Timestamp, Timestamp> DigestSheet::stretch() const
{
    return {midnightOf(m_monday), midnightOf(m_monday.addDays(7))};
}

void DigestSheet::ask()
{
    const auto [from, until] = stretch();
    m_newer->setEnabled(m_monday < m_newest);
    m_save->setEnabled(false);
    m_title->setText(tr("%1 to %2", "first and last moment of a week")
                         .arg(models::shortTime(from), models::shortTime(until)));
    m_ticket = m_context.readers->ask(
        this, m_ticket,
        [from = from, until = until, &clock = m_context.clock](store::Connection &db, std::stop_token stop) {
            return query::readDigest(db, from, until, clock.now(), std::move(stop));
        },
        [this](Result<query::Digest> digest) {
            if (digest)
                fill(*digest);
            else
                sayAt(m_said, models::errorText(digest.error()));
        });
}

void DigestSheet::fill(const query::Digest &digest)
{
    m_digest = digest;
    m_save->setEnabled(true);
    auto colours = m_page->palette();
    colours.setColor(QPalette::Link, m_context.theme.color(Token::AccentText));
    m_page->setPalette(colours);
    m_page->setHtml(models::text(
        query::digestHtml(digest, m_context.directoryName.toStdString(),
                          {linkOf, [](Timestamp t) { return models::shortTime(t).toStdString(); },
                           models::zoneName().toStdString()})));
    // Whole, where the screen has room for it; no line is cut in the middle.
    const auto lacking =
        static_cast<int>(std::ceil(m_page->document()->size().height())) - m_page->viewport()->height();
    if (lacking > 0 && isVisible() && screen() != nullptr)
        resize(width(),
               std::min(height() + lacking, std::max(height(), screen()->availableGeometry().height() - 48)));
}

void DigestSheet::follow(const QUrl &link)
{
    Q_EMIT listAsked(link.path(),
                     QUrlQuery(link).queryItemValue(QStringLiteral("filter"), QUrl::FullyDecoded));
}

void DigestSheet::save()
{
    using widgets::FileQuestion;
    const auto file =
        widgets::FileDialog::ask(this, {FileQuestion::Kind::Save, tr("Save the digest"), QDir::homePath(),
                                        tr("Web pages (*.html)"), QStringLiteral("html")})
            .value(0);
    if (file.isEmpty())
        return;
    m_saving = m_context.readers->ask(
        this, m_saving,
        [file, page = query::digestHtml(m_digest, m_context.directoryName.toStdString())](
            store::Connection &, std::stop_token) -> Status {
            if (auto ok = mayRead(file.toStdString(), "a page of its own"); !ok)
                return ok;
            QSaveFile out(file);
            const auto size = static_cast<qint64>(page.size());
            if (!out.open(QIODevice::WriteOnly) || out.write(page.data(), size) != size || !out.commit())
                return fail(Code::Io, file.toStdString(), out.errorString().toStdString());
            return {};
        },
        [this, file](Status saved) {
            sayAt(m_said,
                  saved ? tr("Saved as %1.").arg(models::shown(file)) : models::errorText(saved.error()));
        });
}

void DigestSheet::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        close();
    else
        QDialog::keyPressEvent(event);
}

} // namespace riskdesk::pages
