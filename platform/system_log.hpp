#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/fact.hpp"

namespace rollcall::platform
{

struct LogRecord {
    std::int64_t at_ms{};
    Fact<std::string> source; ///< The name it was written under.
    Fact<std::string> unit;   ///< The service it comes from.
    std::string priority;     ///< "emergency", "alert", "critical" or "error".
    Fact<std::string> message;
};

struct LogReading {
    std::string kept_by; ///< "journald".
    Fact<bool> persistent;
    Fact<std::int64_t> oldest_ms;
    std::vector<LogRecord> records; ///< Errors and worse, oldest first; without our own, and without log-ins'
                                    ///< and sudo's (the facilities auth and authpriv), which carry secrets.
    std::uint64_t left_out{};       ///< Records after those, which were only counted.
    std::string position;           ///< After all of these.
};

/// The log of the system.
///
/// Owns: what it saw last of the log's files.  Threads: one at a time.  Blocks: for file reads.
class SystemLog
{
public:
    virtual ~SystemLog() = default;
    /// What came after `position`, at most `most` records; the others are counted. An empty position, or one that makes
    /// no sense, means the end: no records. not_supported: no log is kept that we could read.
    [[nodiscard]] virtual Result<LogReading> read(std::string const& position, std::size_t most) = 0;
};

[[nodiscard]] std::unique_ptr<SystemLog> make_system_log(Root const& root = {});

} // namespace rollcall::platform
