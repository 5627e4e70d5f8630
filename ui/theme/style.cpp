#include "ui/theme/style.h"

#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QApplication>
#include <QLibrary>
#include <QMenu>
#include <QPainter>
#include <QStyleOption>

#include <algorithm>

namespace riskdesk::theme {

namespace {

constexpr char kindProperty[] = "riskdeskButtonKind";

} // namespace

void setButtonKind(QAbstractButton *button, ButtonKind kind)
{
    button->setProperty(kindProperty, static_cast<int>(kind));
    button->update();
}

ButtonKind buttonKind(const QWidget *button)
{
    const QVariant kind = button != nullptr ? button->property(kindProperty) : QVariant();
    return kind.isValid() ? static_cast<ButtonKind>(kind.toInt()) : ButtonKind::Outlined;
}

bool translucencyWorks()
{
#if QT_CONFIG(xcb)
    const auto *x11 = qApp->nativeInterface<QNativeInterface::QX11Application>();
    if (x11 == nullptr || x11->display() == nullptr)
        return true; // another platform
    // Two functions of a library that the platform plugin has loaded already.
    using InternAtom = unsigned long (*)(Display *, const char *, int);
    using SelectionOwner = unsigned long (*)(Display *, unsigned long);
    const auto atom =
        reinterpret_cast<InternAtom>(QLibrary::resolve(QStringLiteral("X11"), 6, "XInternAtom"));
    const auto owner =
        reinterpret_cast<SelectionOwner>(QLibrary::resolve(QStringLiteral("X11"), 6, "XGetSelectionOwner"));
    return atom == nullptr || owner == nullptr ||
           owner(x11->display(), atom(x11->display(), "_NET_WM_CM_S0", 0)) != 0;
#else
    return true;
#endif
}

Style::Style(const Theme &theme)
    : QProxyStyle(QStringLiteral("fusion"))
    , m_theme(theme)
{}

void Style::polish(QWidget *widget)
{
    QProxyStyle::polish(widget);
    if ((qobject_cast<QMenu *>(widget) != nullptr || widget->inherits("QTipLabel")) && translucencyWorks())
        widget->setAttribute(Qt::WA_TranslucentBackground); // rounded corners
    if (qobject_cast<QAbstractButton *>(widget) != nullptr)
        widget->setAttribute(Qt::WA_Hover);
}

int Style::pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const
{
    switch (metric) {
    case PM_ButtonIconSize:
    case PM_SmallIconSize:
    case PM_ToolBarIconSize: return 18;
    case PM_ScrollBarExtent: return 12;
    case PM_ScrollBarSliderMin: return 32;
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight: return 16;
    case PM_CheckBoxLabelSpacing:
    case PM_RadioButtonLabelSpacing: return 8;
    case PM_MenuPanelWidth: return 1;
    case PM_MenuHMargin:
    case PM_MenuVMargin: return 5;
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
    case PM_TabBarTabShiftVertical:
    case PM_TabBarBaseHeight: return 0;
    case PM_ToolTipLabelFrameWidth: return 9;
    case PM_SplitterWidth: return 10;
    case PM_ComboBoxFrameWidth: return 8;
    case PM_DefaultFrameWidth: return widget != nullptr && widget->inherits("QPlainTextEdit") ? 3 : 1;
    default: return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int Style::styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
                     QStyleHintReturn *data) const
{
    switch (hint) {
    case SH_EtchDisabledText:
    case SH_DialogButtonBox_ButtonsHaveIcons:
    case SH_ItemView_ShowDecorationSelected:
    case SH_ScrollBar_Transient:
    case SH_UnderlineShortcut: return 0;
    case SH_Menu_MouseTracking:
    case SH_ComboBox_ListMouseTracking: return 1;
    case SH_ComboBox_Popup: return 0;
    case SH_Menu_SubMenuPopupDelay: return 120;
    case SH_ToolTip_WakeUpDelay: return 450;
    case SH_ToolTip_Mask: // the label is translucent; a mask would cut its round corners hard
        return 0;
    default: return QProxyStyle::styleHint(hint, option, widget, data);
    }
}

QSize Style::sizeFromContents(ContentsType type, const QStyleOption *option, const QSize &size,
                              const QWidget *widget) const
{
    switch (type) {
    case CT_PushButton: {
        const auto *button = qstyleoption_cast<const QStyleOptionButton *>(option);
        if (button == nullptr)
            break;
        const ButtonKind kind = buttonKind(widget);
        QString text = button->text;
        text.remove(u'&');
        int width = kind == ButtonKind::Link ? 8 : kind == ButtonKind::Flat ? 16 : 24;
        if (!text.isEmpty())
            width += static_cast<int>(m_theme.text(TextStyle::Name).width(text)) + 1;
        if (!button->icon.isNull())
            width += button->iconSize.width() + (text.isEmpty() ? 0 : 8);
        if (button->features & QStyleOptionButton::HasMenu)
            width += 18;
        if (text.isEmpty())
            width = std::max(28, m_theme.scaled(30));
        return {width, m_theme.scaled(30)};
    }
    case CT_LineEdit: return {size.width() + 16, std::max(size.height(), m_theme.scaled(30))};
    case CT_ComboBox: return {size.width() + 44, m_theme.scaled(30)};
    case CT_SpinBox: return {size.width() + 32, m_theme.scaled(30)};
    case CT_MenuItem: {
        const auto *item = qstyleoption_cast<const QStyleOptionMenuItem *>(option);
        if (item == nullptr)
            break;
        if (item->menuItemType == QStyleOptionMenuItem::Separator)
            return {10, 9};
        const QStringList parts = item->text.split(u'\t');
        QString label = parts.value(0);
        label.remove(u'&');
        qreal width = 8 + 20 + 10 + m_theme.text(TextStyle::Body).width(label) + 12;
        if (parts.size() > 1)
            width += 32 + m_theme.text(TextStyle::Secondary).width(parts.value(1));
        if (item->menuItemType == QStyleOptionMenuItem::SubMenu)
            width += 24;
        return {std::max(static_cast<int>(width) + 1, 168), m_theme.scaled(30)};
    }
    case CT_TabBarTab: {
        const auto *tab = qstyleoption_cast<const QStyleOptionTab *>(option);
        if (tab == nullptr)
            break;
        const qreal width = m_theme.text(TextStyle::CardTitle).width(tab->text);
        return {static_cast<int>(width) + 26, m_theme.scaled(34)};
    }
    case CT_HeaderSection: return {size.width() + 16, m_theme.scaled(32)};
    case CT_ProgressBar: return {size.width(), 6};
    default: break;
    }
    return QProxyStyle::sizeFromContents(type, option, size, widget);
}

QRect Style::subElementRect(SubElement element, const QStyleOption *option, const QWidget *widget) const
{
    switch (element) {
    case SE_PushButtonFocusRect:
    case SE_TabBarTabText:
    case SE_ProgressBarGroove:
    case SE_ProgressBarContents: return option->rect;
    case SE_LineEditContents:
        return QProxyStyle::subElementRect(element, option, widget).adjusted(6, 0, -6, 0);
    default: return QProxyStyle::subElementRect(element, option, widget);
    }
}

QRect Style::subControlRect(ComplexControl control, const QStyleOptionComplex *option, SubControl part,
                            const QWidget *widget) const
{
    const QRect r = option->rect;
    if (control == CC_ScrollBar) {
        const auto *bar = qstyleoption_cast<const QStyleOptionSlider *>(option);
        if (bar == nullptr)
            return QProxyStyle::subControlRect(control, option, part, widget);
        const bool upright = bar->orientation == Qt::Vertical;
        const int length = upright ? r.height() : r.width();
        const qint64 range = static_cast<qint64>(bar->maximum) - bar->minimum;
        int slider = length;
        if (range > 0)
            slider = static_cast<int>(static_cast<qint64>(length) * bar->pageStep / (range + bar->pageStep));
        slider = std::clamp(slider, std::min(32, length), length);
        const int start = sliderPositionFromValue(bar->minimum, bar->maximum, bar->sliderPosition,
                                                  length - slider, bar->upsideDown);
        const auto piece = [&](int from, int size) {
            const QRect part1 = upright ? QRect(r.x(), r.y() + from, r.width(), size)
                                        : QRect(r.x() + from, r.y(), size, r.height());
            return upright ? part1 : visualRect(option->direction, r, part1);
        };
        switch (part) {
        case SC_ScrollBarSlider: return piece(start, slider);
        case SC_ScrollBarGroove: return r;
        case SC_ScrollBarSubPage: return piece(0, start);
        case SC_ScrollBarAddPage: return piece(start + slider, length - start - slider);
        default: return {};
        }
    }
    if (control == CC_ComboBox) {
        switch (part) {
        case SC_ComboBoxFrame: return r;
        case SC_ComboBoxArrow:
            return visualRect(option->direction, r, QRect(r.right() - 28, r.y(), 28, r.height()));
        case SC_ComboBoxEditField: return visualRect(option->direction, r, r.adjusted(10, 2, -30, -2));
        default: break;
        }
    }
    if (control == CC_SpinBox) {
        const int half = r.height() / 2;
        switch (part) {
        case SC_SpinBoxFrame: return r;
        case SC_SpinBoxUp: return visualRect(option->direction, r, QRect(r.right() - 23, r.y(), 23, half));
        case SC_SpinBoxDown:
            return visualRect(option->direction, r,
                              QRect(r.right() - 23, r.y() + half, 23, r.height() - half));
        case SC_SpinBoxEditField: return visualRect(option->direction, r, r.adjusted(2, 2, -26, -2));
        default: break;
        }
    }
    return QProxyStyle::subControlRect(control, option, part, widget);
}

void Style::drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                          const QWidget *widget) const
{
    const auto rounded = [&](Token fill, Token line, qreal radius) {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setBrush(m_theme.color(fill));
        painter->setPen(QPen(m_theme.color(line), 1));
        painter->drawRoundedRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
        painter->restore();
    };
    const auto corner = [widget](qreal radius) {
        return widget != nullptr && widget->isWindow() && !widget->testAttribute(Qt::WA_TranslucentBackground)
                   ? 0
                   : radius;
    };
    const bool enabled = option->state & State_Enabled;
    switch (element) {
    case PE_PanelButtonCommand:
    case PE_PanelButtonBevel:
    case PE_PanelButtonTool: drawButtonPanel(*option, *painter, widget); return;
    case PE_FrameDefaultButton:
    case PE_FrameTabBarBase:
    case PE_FrameStatusBarItem:
    case PE_FrameFocusRect:
        if (element == PE_FrameFocusRect && (option->state & State_KeyboardFocusChange))
            paintFocusRing(*painter, m_theme, QRectF(option->rect), 6);
        return;
    case PE_PanelLineEdit:
        if (const auto *frame = qstyleoption_cast<const QStyleOptionFrame *>(option);
            frame != nullptr && frame->lineWidth == 0)
            return;
        drawInput(*option, *painter);
        return;
    case PE_FrameLineEdit: return;
    case PE_Frame:
        // Text fields get the look of inputs, other frames a hairline.
        if (widget != nullptr && widget->inherits("QPlainTextEdit"))
            drawInput(*option, *painter);
        else
            rounded(Token::Surface, Token::Border, 6);
        return;
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck: {
        const Qt::CheckState state = option->state & State_NoChange ? Qt::PartiallyChecked
                                     : option->state & State_On     ? Qt::Checked
                                                                    : Qt::Unchecked;
        QRectF box(0, 0, 16, 16);
        box.moveCenter(QRectF(option->rect).center());
        paintTickBox(*painter, m_theme, box, state, enabled, option->state & State_MouseOver);
        return;
    }
    case PE_IndicatorRadioButton: {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const bool on = option->state & State_On;
        const QRectF ring = QRectF(option->rect).adjusted(0.75, 0.75, -0.75, -0.75);
        const Token line = !enabled ? Token::Border : on ? Token::AccentFill : Token::BorderStrong;
        painter->setPen(QPen(m_theme.color(line), 1.5));
        painter->setBrush(m_theme.color(Token::Surface));
        painter->drawEllipse(ring);
        if (on) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(m_theme.color(line));
            painter->drawEllipse(ring.center(), 4, 4);
        }
        painter->restore();
        return;
    }
    case PE_PanelTipLabel: rounded(Token::TooltipBg, Token::TooltipBg, corner(6)); return;
    case PE_PanelMenu: rounded(Token::Surface, Token::Border, corner(8)); return;
    case PE_FrameMenu: return;
    case PE_PanelScrollAreaCorner: painter->fillRect(option->rect, m_theme.color(Token::Surface)); return;
    case PE_IndicatorArrowDown:
    case PE_IndicatorArrowUp:
    case PE_IndicatorArrowLeft:
    case PE_IndicatorArrowRight: {
        const Icon icon = element == PE_IndicatorArrowDown   ? Icon::ChevronDown
                          : element == PE_IndicatorArrowUp   ? Icon::ChevronUp
                          : element == PE_IndicatorArrowLeft ? Icon::ChevronLeft
                                                             : Icon::ChevronRight;
        QRectF box(0, 0, 14, 14);
        box.moveCenter(QRectF(option->rect).center());
        m_theme.paintIcon(*painter, box, icon, enabled ? Token::Text2 : Token::TextDisabled);
        return;
    }
    default: QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void Style::drawControl(ControlElement element, const QStyleOption *option, QPainter *painter,
                        const QWidget *widget) const
{
    switch (element) {
    case CE_PushButton:
        // Qt's own takes a margin off the label without asking the proxy.
        if (const auto *button = qstyleoption_cast<const QStyleOptionButton *>(option)) {
            drawButtonPanel(*button, *painter, widget);
            drawButtonLabel(*button, *painter, widget);
            if ((button->state & State_HasFocus) && (button->state & State_KeyboardFocusChange))
                paintFocusRing(*painter, m_theme, QRectF(button->rect), 6);
        }
        return;
    case CE_PushButtonBevel: drawButtonPanel(*option, *painter, widget); return;
    case CE_PushButtonLabel:
        if (const auto *button = qstyleoption_cast<const QStyleOptionButton *>(option))
            drawButtonLabel(*button, *painter, widget);
        return;
    case CE_MenuItem: drawMenuItem(*option, *painter); return;
    case CE_MenuEmptyArea: return;
    case CE_TabBarTabShape: return;
    case CE_TabBarTabLabel: drawTab(*option, *painter); return;
    case CE_HeaderSection:
        painter->fillRect(option->rect, m_theme.color(Token::Surface));
        painter->fillRect(QRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1),
                          m_theme.color(Token::Border));
        return;
    case CE_HeaderEmptyArea: painter->fillRect(option->rect, m_theme.color(Token::Surface)); return;
    case CE_HeaderLabel: drawHeaderLabel(*option, *painter); return;
    case CE_ProgressBarGroove:
    case CE_ProgressBarContents: drawProgress(element, *option, *painter); return;
    case CE_ProgressBarLabel: return;
    case CE_Splitter: {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        const bool hover = option->state & State_MouseOver;
        painter->setBrush(
            blend(m_theme.color(Token::BorderStrong), m_theme.color(Token::Window), hover ? 1.0 : 0.6));
        const bool across = option->rect.width() > option->rect.height();
        QRectF grip(0, 0, across ? 36 : 3, across ? 3 : 36);
        grip.moveCenter(QRectF(option->rect).center());
        painter->drawRoundedRect(grip, 1.5, 1.5);
        painter->restore();
        return;
    }
    default: QProxyStyle::drawControl(element, option, painter, widget);
    }
}

void Style::drawComplexControl(ComplexControl control, const QStyleOptionComplex *option, QPainter *painter,
                               const QWidget *widget) const
{
    switch (control) {
    case CC_ScrollBar: drawScrollBar(*option, *painter, widget); return;
    case CC_ComboBox: drawComboBox(*option, *painter, widget); return;
    case CC_SpinBox: drawSpinBox(*option, *painter, widget); return;
    default: QProxyStyle::drawComplexControl(control, option, painter, widget);
    }
}

} // namespace riskdesk::theme
