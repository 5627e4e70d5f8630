// The icon family: drawn for this product on a 20 px grid with a 1.5 px line and round joins, kept as SVG in
// resources/icons. Files are one colour: black paints, white cuts out of black; the colour comes from the
// theme when painted. States and active places have a filled form.
#pragma once

#include <QtGlobal>

#include <string_view>

class QString;

namespace riskdesk::theme {

enum class Icon {
    Anonymous,
    ArrowDown,
    ArrowLeft,
    ArrowRight,
    ArrowUp,
    Audit,
    Bell,
    Block,
    Bookmark,
    BookmarkAdd,
    Browser,
    Calendar,
    Chart,
    Check,
    CheckCircle,
    ChevronDown,
    ChevronLeft,
    ChevronRight,
    ChevronUp,
    Circle,
    Clock,
    Close,
    Columns,
    Copy,
    Database,
    Detections,
    Device,
    Dismiss,
    Download,
    Edit,
    ErrorMark,
    Export,
    Eye,
    Filter,
    FilterOff,
    Flask,
    Folder,
    Globe,
    Help,
    Import,
    Info,
    Intelligence,
    Investigate,
    Key,
    Link,
    Location,
    Lock,
    Malware,
    Mark,
    Minus,
    Moon,
    More,
    Network,
    Note,
    NoteAdd,
    Overview,
    Person,
    PersonAdd,
    PersonCheck,
    Phone,
    Pin,
    Plus,
    Pulse,
    Redo,
    Refresh,
    Search,
    Settings,
    ShieldAlert,
    ShieldCheck,
    ShieldError,
    Signins,
    Signout,
    Sort,
    Speed,
    Spray,
    Sun,
    Tag,
    Trash,
    Travel,
    Unblock,
    Undo,
    Unfamiliar,
    Users,
    Warning,
    Window,
    Count
};

// Resource path of the drawing; the outline where an icon has no filled form.
[[nodiscard]] QString iconPath(Icon icon, bool filled);
[[nodiscard]] bool hasFilledForm(Icon icon);
// By the name of its file, "person_check"; Icon::Detections for one that is none.
[[nodiscard]] Icon iconNamed(std::string_view name);

} // namespace riskdesk::theme
