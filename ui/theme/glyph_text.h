// Draws one line of text in one font, fast: for printable ASCII the glyph and the advance of every pair of
// letters are learnt once, so that a line is a table walk and one QPainter::drawGlyphRun. Anything whose
// shape depends on more than the neighbouring letter (ligatures, contextual punctuation, other scripts) is
// shaped by QTextLayout and the result kept. Both ways paint the same pixels as QPainter::drawText.
//
// GUI thread only. Rectangles in logical pixels. Colour is the painter's pen.
#pragma once

#include <QFont>
#include <QFontMetricsF>
#include <QGlyphRun>
#include <QHash>
#include <QRawFont>
#include <QString>

#include <array>
#include <vector>

class QPainter;

namespace riskdesk::theme {

class GlyphText
{
public:
    explicit GlyphText(const QFont &font);

    [[nodiscard]] const QFont &font() const { return m_font; }
    [[nodiscard]] qreal height() const { return m_metrics.height(); }
    [[nodiscard]] qreal width(QStringView text);
    // Width when every digit takes the cell of the widest digit.
    [[nodiscard]] qreal tabularWidth(QStringView text);

    // One line, vertically centred, cut with an ellipsis where it does not fit. Returns the width painted.
    qreal draw(QPainter &painter, const QRectF &rect, QStringView text, Qt::Alignment align = Qt::AlignLeft);
    // The same with digits in equal cells, so that times and counts in a column do not wobble.
    qreal drawTabular(QPainter &painter, const QRectF &rect, QStringView text,
                      Qt::Alignment align = Qt::AlignRight);

private:
    struct Shaped
    {
        QList<QGlyphRun> runs; // baseline at y = 0
        qreal width = 0;
        // Of the line: a fallback font (Japanese beside Inter) makes it taller than the font alone.
        qreal ascent = 0, height = 0;
    };
    struct Pair
    {
        float advance = -1; // of the first letter when followed by the second; -1 not learnt yet
        bool plain = false; // the two keep their own glyphs
    };
    // Glyphs and positions of a simple line; false when the line needs shaping.
    bool layOut(QStringView text);
    const Pair &pair(unsigned first, unsigned second);
    const Shaped &shaped(const QString &text);
    [[nodiscard]] Shaped shape(const QString &text) const;
    [[nodiscard]] qreal baseline(const QRectF &rect) const;
    static qreal baseline(const QRectF &rect, qreal ascent, qreal height);
    void flush(QPainter &painter, QPointF origin);

    QFont m_font;
    QFontMetricsF m_metrics;
    QRawFont m_raw;
    std::array<quint32, 128> m_glyph{};
    std::array<float, 128> m_advance{};
    std::vector<Pair> m_pairs;
    quint32 m_ellipsis = 0;
    qreal m_ellipsisWidth = 0;
    qreal m_digitCell = 0;
    bool m_usable = false; // the font has glyphs for all printable ASCII
    // The line being built; kept to spare allocations.
    QList<quint32> m_glyphs;
    QList<QPointF> m_positions;
    qreal m_width = 0;
    QHash<QString, Shaped> m_shaped;
};

} // namespace riskdesk::theme
