#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "collector/access/auditor.hpp"
#include "common/core/result.hpp"

/// The audit log from the command line, beside a running collector or without one; the errors are sentences.
namespace rollcall::collector
{

/// Reads the whole chain, and changes nothing. `heads`: a file of heads that was kept elsewhere, "" = that of the data
/// folder. errc::corrupt: what does not fit.
[[nodiscard]] Result<access::AuditReport> verify_audit_log(std::filesystem::path const& data,
                                                           std::filesystem::path const& heads);
/// "rows 1 to 42 are whole; 3 exported heads fit".
[[nodiscard]] std::string to_string(access::AuditReport const& report);
/// Every row as one line of JSON, oldest first, then the signed head of them.
Result<> export_audit_log(std::filesystem::path const& data, std::function<void(std::string const&)> const& take);

} // namespace rollcall::collector
