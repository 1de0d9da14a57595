#include "platform/system_log.hpp"

#include <cerrno>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "common/core/clock.hpp"
#include "platform/macos/tool.hpp"
#include "platform/macos/unified_log.hpp"
#include "platform/posix/file.hpp"

namespace rollcall::platform
{

namespace
{

/// Where logd(8) keeps what outlives a reboot.
constexpr std::string_view log_folder = "/var/db/diagnostics/Persist";
constexpr std::string_view log_file_end = ".tracev3";
/// Below the limit of the probe. In the background, as all that we start, log(1) may be slow.
constexpr std::chrono::milliseconds log_limit{45'000};

/// When the oldest file was begun.
Fact<UnixMs> oldest_log_ms()
{
    static constexpr UnixMs ms_per_s = 1'000;
    auto const names = posix::list_folder(std::string(log_folder));
    if (!names) return fail(names.error(), "system_log");
    Fact<UnixMs> oldest = fail(errc::not_found, "system_log: no file of the log");
    for (auto const& name : *names) {
        struct stat facts {
        };
        auto const path = fmt::format("{}/{}", log_folder, name);
        if (!name.ends_with(log_file_end) || ::stat(path.c_str(), &facts) != 0) continue;
        auto const begun_ms = UnixMs{facts.st_birthtimespec.tv_sec} * ms_per_s;
        if (!oldest || begun_ms < *oldest) oldest = begun_ms;
    }
    return oldest;
}

Fact<bool> outlives_reboot()
{
    struct stat facts {
    };
    if (::stat(std::string(log_folder).c_str(), &facts) == 0) return S_ISDIR(facts.st_mode);
    if (errno == ENOENT) return false;
    return fail_errno(errno, std::string(log_folder));
}

class MacSystemLog final : public SystemLog
{
public:
    explicit MacSystemLog(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<LogReading> read(std::string const& position, std::size_t most) override
    {
        if (!root_.live()) return fail(errc::not_supported, "system_log: a recorded log");
        static constexpr UnixMs ms_per_s = 1'000;
        auto const now_s = SystemClock{}.now_ms() / ms_per_s;
        LogReading reading;
        reading.kept_by = "unified log";
        reading.persistent = outlives_reboot();
        reading.oldest_ms = oldest_log_ms();
        auto const from_s = parse_log_second(position);
        // Also where the clock was set back: what was told is not told again.
        if (!from_s || *from_s > now_s) return begin(now_s, std::move(reading));
        reading.position = position;
        auto const span = spans_.next(*from_s, now_s);
        if (!span) return reading;
        if (auto const told = tell(*span, most, reading); !told) return told.error();
        return reading;
    }

private:
    [[nodiscard]] static Result<UnifiedLog> ask(LogSpan span, std::size_t most)
    {
        auto const output = tool_output({.arguments = unified_log_command(span), .limit = log_limit}, run);
        if (!output) return fail(output.error(), "system_log");
        return parse_unified_log(*output, span, ::getpid(), most);
    }

    /// Tells no record, but whether there is a log that we may read.
    [[nodiscard]] static Result<LogReading> begin(std::int64_t now_s, LogReading reading)
    {
        auto const end_s = LogSpans::begin(now_s);
        auto const tried = ask({.from_s = end_s - LogSpans::every.count(), .to_s = end_s}, 0);
        if (!tried && tried.error().code != errc::limit_exceeded) return tried.error();
        reading.position = log_second_text(end_s);
        return reading;
    }

    [[nodiscard]] Result<> tell(LogSpan span, std::size_t most, LogReading& reading)
    {
        auto found = ask(span, most);
        if (found) {
            reading.records = std::move(found->records);
            reading.left_out = found->left_out;
            spans_.done();
        } else {
            auto const& code = found.error().code;
            if (code == errc::timed_out) (void)spans_.shorten(LogSpans::least_for_time);
            if (code != errc::limit_exceeded || spans_.shorten(LogSpans::least_for_size)) return found.error();
            // So much in so short a time is not told by anybody: at least one record was left out.
            reading.left_out = 1;
        }
        reading.position = log_second_text(span.to_s);
        return {};
    }

    Root root_;
    LogSpans spans_;
};

} // namespace

std::unique_ptr<SystemLog> make_system_log(Root const& root) { return std::make_unique<MacSystemLog>(root); }

} // namespace rollcall::platform
