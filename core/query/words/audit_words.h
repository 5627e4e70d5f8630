// Audit words: what a record of the audit log says, as people read it. The log keeps keys and figures, and its
// chain seals them as they are; they are put into words only where they are shown, so that old records read
// like new ones. What has no words here comes back as it is, through Words::fact(). Any thread; nothing here
// fails.
#pragma once

#include "core/query/tables/audit.h"
#include "core/query/words/words.h"

#include <string>
#include <string_view>

namespace riskdesk::query {

struct AuditSaid
{
    std::string action;        // "Added threat list", "Dismissed risk"
    std::string target;        // "Sample indicators", "ana@mail.example"
    std::string before, after; // "Low, At risk, score 27"; empty where there is none
    std::string change; // in one line: "Risk: Low, At risk → None, Dismissed"; empty where nothing changed
    std::string reason;
};
[[nodiscard]] AuditSaid auditSaid(const AuditRow &record, const Words &words = english());

// Of columns alone.
[[nodiscard]] std::string auditAction(std::string_view action, const Words &words = english());
[[nodiscard]] std::string auditReason(std::string_view reason, const Words &words = english());
[[nodiscard]] std::string auditRole(std::string_view role, const Words &words = english());
[[nodiscard]] std::string auditVia(std::string_view via, const Words &words = english());

} // namespace riskdesk::query
