// The server's own certificate: made at first use, for those who have none from an authority, and kept beside
// the directory file as NAME.riskdesk.crt and NAME.riskdesk.key. Clients trust it by naming its file, or by
// comparing its fingerprint.
//
// EC P-256 and SHA-256, for localhost, 127.0.0.1, ::1 and the names asked for, 397 days from the day it is
// made: browsers take none for longer. The key is for nobody but its owner from the first byte on (mode
// 0600). Any thread and any number of processes: they wait for each other, so that all get the same pair.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace riskdesk::serve {

struct CertificateFiles
{
    std::filesystem::path certificate; // PEM
    std::filesystem::path key;         // PEM, no passphrase
};

// The pair that is there if its parts belong together, it is valid for more than thirty days from now and is
// made for all of `names` (host names without wildcards, addresses in numbers); otherwise a new one in its
// place. Code::WrongUsage: a name that is none. Code::NotFound: no such folder. Code::ReadOnly,
// Code::DiskFull, Code::Io: the files cannot be written; there is the old pair then, or none.
[[nodiscard]] Result<CertificateFiles> ownCertificate(const std::filesystem::path &directoryFile,
                                                      const std::vector<std::string> &names,
                                                      const Clock &clock);

// SHA-256 of a PEM file's first certificate as browsers show it: "AA:BB:…", 32 bytes.
// Code::NotFound, Code::Io; Code::WrongUsage: there is none in it.
[[nodiscard]] Result<std::string> fingerprint(const std::filesystem::path &certificate);

} // namespace riskdesk::serve
