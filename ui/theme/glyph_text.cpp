#include "ui/theme/glyph_text.h"

#include <QPainter>
#include <QTextLayout>

#include <algorithm>
#include <cmath>

namespace riskdesk::theme {

namespace {

constexpr unsigned first = 32;
constexpr unsigned last = 126;
constexpr unsigned letters = last - first + 1;
constexpr qsizetype cacheLimit = 4096;

bool isAlnum(unsigned c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isLower(unsigned c)
{
    return c >= 'a' && c <= 'z';
}

// Fonts such as Inter change punctuation by its context (a colon between digits is raised, signs between
// capitals move up). Only a mark between small letters or blanks is certain to keep its shape.
bool certain(QStringView text, qsizetype i)
{
    const unsigned c = text[i].unicode();
    if (isAlnum(c) || c == ' ' || c == '.' || c == ',')
        return true;
    const unsigned before = i > 0 ? text[i - 1].unicode() : ' ';
    const unsigned after = i + 1 < text.size() ? text[i + 1].unicode() : ' ';
    return (isLower(before) || before == ' ') && (isLower(after) || after == ' ');
}

bool isDigit(QChar c)
{
    return c >= u'0' && c <= u'9';
}

} // namespace

GlyphText::GlyphText(const QFont &font)
    : m_font(font)
    , m_metrics(font)
    , m_raw(QRawFont::fromFont(font))
    , m_pairs(letters * letters)
{
    m_usable = m_raw.isValid();
    for (unsigned c = first; c <= last && m_usable; ++c) {
        const QChar ch(static_cast<ushort>(c));
        int count = 1;
        m_usable = m_raw.glyphIndexesForChars(&ch, 1, &m_glyph[c], &count) && m_glyph[c] != 0;
        m_advance[c] = static_cast<float>(m_metrics.horizontalAdvance(ch));
    }
    const QChar dots(0x2026);
    int count = 1;
    m_usable = m_usable && m_raw.glyphIndexesForChars(&dots, 1, &m_ellipsis, &count) && m_ellipsis != 0;
    m_ellipsisWidth = m_metrics.horizontalAdvance(dots);
    for (char c = '0'; c <= '9'; ++c)
        m_digitCell = std::max(m_digitCell, m_metrics.horizontalAdvance(QLatin1Char(c)));
}

GlyphText::Shaped GlyphText::shape(const QString &text) const
{
    QTextLayout layout(text, m_font);
    QTextOption option;
    option.setWrapMode(QTextOption::NoWrap);
    layout.setTextOption(option);
    layout.beginLayout();
    QTextLine line = layout.createLine();
    if (line.isValid())
        line.setLineWidth(1e6);
    layout.endLayout();
    Shaped result;
    if (!line.isValid())
        return result;
    result.width = line.naturalTextWidth();
    result.ascent = line.ascent();
    result.height = line.height();
    for (QGlyphRun run : layout.glyphRuns()) {
        QList<QPointF> positions = run.positions();
        for (QPointF &p : positions)
            p.ry() -= line.ascent();
        run.setPositions(positions);
        result.runs.append(run);
    }
    return result;
}

const GlyphText::Shaped &GlyphText::shaped(const QString &text)
{
    auto it = m_shaped.constFind(text);
    if (it == m_shaped.constEnd()) {
        if (m_shaped.size() >= cacheLimit)
            m_shaped.clear();
        it = m_shaped.insert(text, shape(text));
    }
    return *it;
}

const GlyphText::Pair &GlyphText::pair(unsigned a, unsigned b)
{
    Pair &known = m_pairs[(a - first) * letters + (b - first)];
    if (known.advance >= 0)
        return known;
    const Shaped two = shape(QString(QChar(static_cast<ushort>(a))) + QChar(static_cast<ushort>(b)));
    known.advance = m_advance[a];
    if (two.runs.size() == 1) {
        const QList<quint32> glyphs = two.runs.front().glyphIndexes();
        const QList<QPointF> positions = two.runs.front().positions();
        if (glyphs.size() == 2 && glyphs[0] == m_glyph[a] && glyphs[1] == m_glyph[b]) {
            known.plain = true;
            known.advance = static_cast<float>(positions[1].x() - positions[0].x());
        }
    }
    return known;
}

bool GlyphText::layOut(QStringView text)
{
    m_glyphs.clear();
    m_positions.clear();
    m_width = 0;
    if (!m_usable)
        return false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const unsigned c = text[i].unicode();
        if (c < first || c > last || !certain(text, i))
            return false;
        m_glyphs.append(m_glyph[c]);
        m_positions.append(QPointF(m_width, 0));
        if (i + 1 == text.size()) {
            m_width += static_cast<qreal>(m_advance[c]);
            break;
        }
        const unsigned next = text[i + 1].unicode();
        if (next < first || next > last)
            return false;
        const Pair &known = pair(c, next);
        if (!known.plain)
            return false;
        m_width += static_cast<qreal>(known.advance);
    }
    return true;
}

qreal GlyphText::width(QStringView text)
{
    return layOut(text) ? m_width : shaped(text.toString()).width;
}

qreal GlyphText::baseline(const QRectF &rect) const
{
    return baseline(rect, m_metrics.ascent(), m_metrics.height());
}

qreal GlyphText::baseline(const QRectF &rect, qreal ascent, qreal height)
{
    return std::round(rect.top() + (rect.height() - height) / 2 + ascent);
}

void GlyphText::flush(QPainter &painter, QPointF origin)
{
    QGlyphRun run;
    run.setRawFont(m_raw);
    run.setGlyphIndexes(m_glyphs);
    run.setPositions(m_positions);
    painter.drawGlyphRun(origin, run);
}

qreal GlyphText::draw(QPainter &painter, const QRectF &rect, QStringView text, Qt::Alignment align)
{
    if (text.isEmpty() || rect.width() <= 0)
        return 0;
    const auto left = [&](qreal used) {
        if (align & Qt::AlignRight)
            return std::max(rect.left(), rect.right() - used);
        if (align & Qt::AlignHCenter)
            return std::max(rect.left(), rect.left() + std::floor((rect.width() - used) / 2));
        return rect.left();
    };
    if (layOut(text)) {
        if (m_width > rect.width()) {
            // Drop letters from the end until the ellipsis fits; a blank before it looks like a gap.
            qsizetype n = m_glyphs.size();
            const qreal room = rect.width() - m_ellipsisWidth;
            while (n > 0 && (m_positions[n - 1].x() > room ||
                             (n < m_glyphs.size() ? m_positions[n].x() : m_width) > room))
                --n;
            while (n > 0 && text[n - 1] == u' ')
                --n;
            const qreal end = n < m_glyphs.size() ? m_positions[n].x() : m_width;
            m_glyphs.resize(n);
            m_positions.resize(n);
            m_glyphs.append(m_ellipsis);
            m_positions.append(QPointF(end, 0));
            m_width = end + m_ellipsisWidth;
        }
        flush(painter, QPointF(left(m_width), baseline(rect)));
        return m_width;
    }
    QString whole = text.toString();
    const Shaped *line = &shaped(whole);
    if (line->width > rect.width()) {
        whole = m_metrics.elidedText(whole, Qt::ElideRight, rect.width());
        line = &shaped(whole);
    }
    const QPointF origin(left(line->width), baseline(rect, line->ascent, line->height));
    for (const QGlyphRun &run : line->runs)
        painter.drawGlyphRun(origin, run);
    return line->width;
}

qreal GlyphText::tabularWidth(QStringView text)
{
    qreal total = 0;
    for (qsizetype i = 0; i < text.size();) {
        qsizetype end = i;
        const bool digits = isDigit(text[i]);
        while (end < text.size() && isDigit(text[end]) == digits)
            ++end;
        total += digits ? m_digitCell * static_cast<qreal>(end - i) : width(text.mid(i, end - i));
        i = end;
    }
    return total;
}

qreal GlyphText::drawTabular(QPainter &painter, const QRectF &rect, QStringView text, Qt::Alignment align)
{
    const qreal total = tabularWidth(text);
    if (total > rect.width() || !m_usable)
        return draw(painter, rect, text, align);
    qreal x = rect.left();
    if (align & Qt::AlignRight)
        x = rect.right() - total;
    else if (align & Qt::AlignHCenter)
        x = rect.left() + (rect.width() - total) / 2;
    const qreal y = baseline(rect);
    for (qsizetype i = 0; i < text.size();) {
        qsizetype end = i;
        const bool digits = isDigit(text[i]);
        while (end < text.size() && isDigit(text[end]) == digits)
            ++end;
        if (digits) {
            m_glyphs.clear();
            m_positions.clear();
            for (qsizetype k = i; k < end; ++k) {
                const unsigned c = text[k].unicode();
                const qreal indent = (m_digitCell - static_cast<qreal>(m_advance[c])) / 2;
                m_glyphs.append(m_glyph[c]);
                m_positions.append(QPointF(m_digitCell * static_cast<qreal>(k - i) + indent, 0));
            }
            flush(painter, QPointF(x, y));
            x += m_digitCell * static_cast<qreal>(end - i);
        } else if (layOut(text.mid(i, end - i))) {
            flush(painter, QPointF(x, y));
            x += m_width;
        } else {
            const Shaped &line = shaped(text.mid(i, end - i).toString());
            for (const QGlyphRun &run : line.runs)
                painter.drawGlyphRun(QPointF(x, y), run);
            x += line.width;
        }
        i = end;
    }
    return total;
}

} // namespace riskdesk::theme
