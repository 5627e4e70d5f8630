// Context: what every page needs of the open directory. Made by the application, outlives the pages. GUI
// thread.
#pragma once

#include "core/base/clock.h"
#include "core/domain/provider.h"

#include "ui/jobs/readers.h"
#include "ui/jobs/writer.h"
#include "ui/pages/acting.h"
#include "ui/theme/theme.h"

#include <QString>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

class QSettings;

namespace riskdesk::pages {

// A decision made in this window, as its way back needs it.
struct Decided
{
    std::vector<std::int64_t> commands; // oldest first: one Undo takes all back
    QString title;                      // "Dismiss risk of Anna Silva"
    Timestamp at;
    std::vector<std::uint32_t> only = {}; // of its users; none: all
};

struct Context
{
    theme::Theme &theme;
    const Clock &clock; // for work in the background too
    jobs::Writer &writer;
    std::shared_ptr<jobs::Readers> readers; // of the open directory
    std::filesystem::path file;
    QString directoryName;
    bool sample = false;
    SignedIn signedIn;                   // with a passphrase; nothing: the desktop account acts
    std::optional<action::Operator> who; // who acts, as last read; nobody: one only looks
    QString refusal;   // why nothing may be decided or imported, a whole sentence; empty: it may
    QString notJudged; // why detections do not run here and how they would, whole sentences; empty: they run
    QSettings *settings = nullptr;           // what a person arranged: widths, sizes, ticks of a sheet
    std::vector<Decided> decided, takenBack; // newest last; of the open directory
    // The connection that accounts live at, and what it takes: nothing while it is off. No name: what is decided is
    // recorded here.
    QString carriedOver;
    ProviderCapabilities carried = 0;

    [[nodiscard]] Onlooker onlooker() const { return {file, clock, signedIn}; }
};

} // namespace riskdesk::pages
