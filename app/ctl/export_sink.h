// ExportSink: where the batches of an export go: standard output, or a receiver that is posted to.
//
// One thread. A batch that was handed over is taken for good; whoever is killed before the place behind it is kept
// hands it over once more.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include "app/ctl/export_feed.h"

#include <memory>
#include <stop_token>
#include <string>

namespace riskdesk::ctl {

class ExportSink
{
public:
    enum class Handed {
        Taken,
        ReaderGone, // nobody reads any more, which is no failure
        Stopped     // asked to stop; it may have arrived all the same
    };
    virtual ~ExportSink() = default;
    // Blocks until it is over. Io, DiskFull, Conflict with a sentence when the receiver refuses.
    [[nodiscard]] virtual Result<Handed> hand(const ExportBatch &batch, const std::stop_token &stop) = 0;
    // A batch is known by where it begins and ends, so its end is to be kept before it goes out.
    [[nodiscard]] virtual bool namesBatches() const = 0;
};

// One object a line.
[[nodiscard]] std::unique_ptr<ExportSink> standardOutputSink();

struct WebhookTarget
{
    std::string url;        // https only
    std::string secretFile; // holds the signing secret, whose last line end does not count
    std::string caFile;     // PEM to trust instead of the machine's certificates; may be empty
    std::string what;       // detections, users, …: the type of the messages is "riskdesk." before it
    std::string filter;     // as it was typed: other rows are another message
};

// One signed message a batch, core/connect/webhook/delivery.h; what it waits for is said on standard error. A
// batch without objects is not posted. WrongUsage, NotFound, Io: the address or the secret cannot be used.
[[nodiscard]] Result<std::unique_ptr<ExportSink>> webhookSink(const WebhookTarget &target,
                                                              const Clock &clock);

} // namespace riskdesk::ctl
