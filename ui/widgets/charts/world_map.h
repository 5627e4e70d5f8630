// A quiet map with places and legs of travel. Usual places are circles, suspicious ones diamonds, so that
// shape says it too; an implausible leg is a solid line with its label riding on it, a plausible one dashed.
// Fits the world or the region of its marks. Keys: + and - zoom, 0 fits, arrows pan. The list of places
// beside it is the way in for screen readers; the map names itself in one sentence.
#pragma once

#include "ui/theme/theme.h"

#include <QList>
#include <QPixmap>
#include <QWidget>

namespace riskdesk::widgets {

struct MapMark
{
    double latitude = 0;
    double longitude = 0;
    QString label;
    bool suspicious = false;
    int weight = 0;      // above 0: a bubble of that area, for counts
    double radiusKm = 0; // above 100: the uncertainty is drawn
    QString id;
};
struct MapLeg
{
    int from = 0; // indexes of marks
    int to = 0;
    QString label;
    bool implausible = true;
};

class WorldMap : public QWidget
{
    Q_OBJECT
public:
    enum class Fit { World, Region };
    explicit WorldMap(const theme::Theme &theme, QWidget *parent = nullptr);

    void setFit(Fit fit);
    void setContent(const QList<MapMark> &marks, const QList<MapLeg> &legs = {});
    void setSummary(const QString &summary);
    [[nodiscard]] QSize sizeHint() const override { return {360, 200}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 80}; }

Q_SIGNALS:
    void markPressed(const QString &id);
    void markMenuAsked(const QString &id, const QPoint &globalPosition);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    bool event(QEvent *event) override;

private:
    void fitView();
    void zoom(double factor, const QPointF &about);
    void paintLand();
    [[nodiscard]] QPointF toScreen(const QPointF &plane) const;
    [[nodiscard]] int markAt(const QPointF &position) const;
    void paintLabel(QPainter &painter, const QPointF &at, const QString &text, bool leading) const;

    const theme::Theme &m_theme;
    Fit m_fit = Fit::Region;
    QList<MapMark> m_marks;
    QList<MapLeg> m_legs;
    QPointF m_center;     // of the view, in the plane
    double m_scale = 100; // pixels per unit of the plane
    QPixmap m_land;
    QPointF m_dragged;
};

} // namespace riskdesk::widgets
