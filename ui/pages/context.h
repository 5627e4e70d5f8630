// Context: what every page needs of the open directory. Made by the application, outlives the pages. GUI
// thread.
#pragma once

#include "ui/jobs/readers.h"
#include "ui/jobs/writer.h"
#include "ui/theme/theme.h"

#include <QString>

#include <filesystem>
#include <memory>

namespace riskdesk::pages {

struct Context
{
    theme::Theme &theme;
    jobs::Writer &writer;
    std::shared_ptr<jobs::Readers> readers; // of the open directory
    std::filesystem::path file;
    QString directoryName;
    bool sample = false;
    bool trial = false;
};

} // namespace riskdesk::pages
