#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/system_log.hpp"

/// The log of macOS, as log(1) prints it.
namespace rollcall::platform
{

/// A part of the log: all that was written from the one second up to the other, without it. Seconds since 1970, UTC.
struct LogSpan {
    std::int64_t from_s{};
    std::int64_t to_s{};
};

/// Where telling stopped, "second 1800000000": before all that was written from then on.
[[nodiscard]] std::string log_second_text(std::int64_t second);
/// Nothing where the text is not one of ours.
[[nodiscard]] std::optional<std::int64_t> parse_log_second(std::string_view text);

/// Which part of the log is read next. log(1) looks into whole files of it, which takes seconds of the processor, so it
/// is asked seldom; and what it prints must not become too much. Pure.
class LogSpans
{
public:
    /// log(1) is asked once so often.
    static constexpr std::chrono::seconds every = std::chrono::minutes(5);
    /// What came last may still be in the memory of those that write it.
    static constexpr std::chrono::seconds settles = std::chrono::seconds(15);
    /// What was missed, with the agent not running, is read in such parts.
    static constexpr std::chrono::seconds longest = std::chrono::hours(1);
    /// No shorter part is tried where log(1) says too much, and where it takes too long.
    static constexpr std::chrono::seconds least_for_size = std::chrono::seconds(1);
    static constexpr std::chrono::seconds least_for_time = every;

    /// Where a first look begins: it tells nothing that was before.
    [[nodiscard]] static std::int64_t begin(std::int64_t now_s) { return now_s - settles.count(); }
    /// Nothing: it is too soon.
    [[nodiscard]] std::optional<LogSpan> next(std::int64_t position_s, std::int64_t now_s) const;
    /// The last part was too much: the next one is half as long. False: it was the shortest that is tried.
    [[nodiscard]] bool shorten(std::chrono::seconds least);
    /// The last part was read.
    void done();

private:
    std::chrono::seconds length_ = longest;
};

/// The words with which log(1) is asked for errors and faults.
[[nodiscard]] std::vector<std::string> unified_log_command(LogSpan span);

/// What of `output` was written in that part of the log, oldest first, with at most `most` records: faults come before
/// errors, the others are counted. Left out, too, and counted are lines that cannot be read; neither told nor counted
/// is what the process `own_id` wrote, and what those did that ask for passwords. bad_message: this is no log at all.
struct UnifiedLog {
    std::vector<LogRecord> records;
    std::uint64_t left_out{};
};
[[nodiscard]] Result<UnifiedLog> parse_unified_log(std::string_view output, LogSpan span, std::int64_t own_id,
                                                   std::size_t most);

} // namespace rollcall::platform
