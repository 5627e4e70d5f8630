// Riskdesk's controls over Qt's Fusion style: buttons, inputs, tick boxes, tabs, menus, scroll bars, tool
// tips and a focus ring of 2 px. Colours come from the theme's tokens, so that a theme switch needs no
// re-polishing and no style sheet. A button says what it is with setButtonKind().
#pragma once

#include <QProxyStyle>

class QAbstractButton;
class QStyleOptionButton;

namespace riskdesk::theme {

class Theme;

enum class ButtonKind {
    Outlined, // the usual button
    Primary,  // filled; one in a group
    Flat,     // commands in a bar
    Link,     // words in the accent
    Danger    // cannot be taken back
};
void setButtonKind(QAbstractButton *button, ButtonKind kind);
[[nodiscard]] ButtonKind buttonKind(const QWidget *button);

// False on an X display without a compositing manager, such as over VNC: what is transparent there is black.
[[nodiscard]] bool translucencyWorks();

class Style : public QProxyStyle
{
    Q_OBJECT
public:
    explicit Style(const Theme &theme);

    void polish(QWidget *widget) override;
    using QProxyStyle::polish;
    [[nodiscard]] int pixelMetric(PixelMetric metric, const QStyleOption *option,
                                  const QWidget *widget) const override;
    int styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
                  QStyleHintReturn *data) const override;
    [[nodiscard]] QSize sizeFromContents(ContentsType type, const QStyleOption *option, const QSize &size,
                                         const QWidget *widget) const override;
    [[nodiscard]] QRect subElementRect(SubElement element, const QStyleOption *option,
                                       const QWidget *widget) const override;
    [[nodiscard]] QRect subControlRect(ComplexControl control, const QStyleOptionComplex *option,
                                       SubControl part, const QWidget *widget) const override;
    void drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                       const QWidget *widget) const override;
    void drawControl(ControlElement element, const QStyleOption *option, QPainter *painter,
                     const QWidget *widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex *option, QPainter *painter,
                            const QWidget *widget) const override;

private:
    void drawButtonPanel(const QStyleOption &option, QPainter &painter, const QWidget *widget) const;
    void drawButtonLabel(const QStyleOptionButton &option, QPainter &painter, const QWidget *widget) const;
    void drawInput(const QStyleOption &option, QPainter &painter) const;
    void drawMenuItem(const QStyleOption &option, QPainter &painter) const;
    void drawTab(const QStyleOption &option, QPainter &painter) const;
    void drawHeaderLabel(const QStyleOption &option, QPainter &painter) const;
    void drawProgress(ControlElement element, const QStyleOption &option, QPainter &painter) const;
    void drawScrollBar(const QStyleOptionComplex &option, QPainter &painter, const QWidget *widget) const;
    void drawComboBox(const QStyleOptionComplex &option, QPainter &painter, const QWidget *widget) const;
    void drawSpinBox(const QStyleOptionComplex &option, QPainter &painter, const QWidget *widget) const;

    const Theme &m_theme;
};

// Shared drawing, also used by the row delegate.
void paintTickBox(QPainter &painter, const Theme &theme, const QRectF &box, Qt::CheckState state,
                  bool enabled, bool hover);
void paintFocusRing(QPainter &painter, const Theme &theme, const QRectF &rect, qreal radius);

} // namespace riskdesk::theme
