// What a cell tells the one row delegate: display text in Qt::DisplayRole, everything else under the roles
// below.
//
// A column's kind is constant and comes from headerData(column, Qt::Horizontal, KindRole); the delegate asks
// once per column. TickRole, IdRole and LoadingRole are answered at any column of a row: the tick is drawn by
// the view at the start of the row and is no column of its own. Every painted cell also answers
// Qt::AccessibleTextRole.
#pragma once

#include <Qt>

namespace riskdesk::models {

enum Role {
    RawRole = Qt::UserRole + 1, // the value behind the text: for "show only this", copying and sorting
    IdRole,                     // row: stable id, QString
    LevelRole,                  // int of RiskLevel; Level and Spark cells
    StateRole,                  // int of RiskState; State cells
    KindRole,                   // header: int of CellKind
    WidthRole,                  // header: int, pixels that most values need; 0: not known
    SecondaryRole,              // QString beside the text: mail of a user, else empty
    InitialsRole,               // QString, one or two letters; Person cells
    SparkRole,                  // QByteArray of scores 0..100, oldest first; Spark cells
    ChipRole,                   // int (the "+n" behind the text) or QStringList (Chips cells)
    CountryRole,                // QString, two letters; Place cells
    LoadingRole,                // row: true while its values are still being read
    TickRole,                   // row: true when selected
    BlockedRole,                // bool: sign-in is blocked; Person cells
    TypeRole,                   // int of DetectionType; Detection cells
    ToneRole                    // int of Tone; Result cells
};

enum class CellKind {
    Text,      // plain text, elided at the end
    Secondary, // plain text, muted
    Person,    // avatar, name, mail, blocked sign
    Level,     // pill with meter
    State,     // icon and word
    Spark,     // risk over time
    Detection, // icon of the type and name
    TextChip,  // text and "+n"
    Chips,     // several short names
    Place,     // country box and city
    Time,      // right aligned, tabular digits
    Number,    // right aligned, tabular digits
    Result     // tone icon and word: Success, Failure, New, As usual
};

enum class Tone { Neutral, Good, Notice, Bad };

} // namespace riskdesk::models
