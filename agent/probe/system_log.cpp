#include <algorithm>
#include <atomic>
#include <chrono>
#include <sstream>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "agent/probe/log_budget.hpp"
#include "agent/probe/probe.hpp"
#include "common/core/text.hpp"
#include "common/wire/limits.hpp"

namespace rollcall::probe
{

namespace
{

/// Where telling stopped.
constexpr std::string_view position_key = "system_log.position";
/// How many first looks in a row did not come back, the one that is tried among them, and when that was begun: "1
/// 1800000000000". "" = none.
constexpr std::string_view trying_key = "system_log.trying";
/// One may have been a loss of power. After so many none is tried for the time below.
constexpr int crashes_before_rest = 2;
constexpr std::chrono::milliseconds rest_after_crash = std::chrono::hours(24);

Value text_of(Result<std::string> const& text)
{
    if (!text) return value_or_unknown(text);
    return clean_text(*text, wire::limits::text_bytes);
}

wire::Event event_of(platform::LogRecord const& record, UnixMs now_ms)
{
    wire::Event event;
    event.name = "log_record";
    event.at_ms = record.at_ms > 0 && record.at_ms <= now_ms ? record.at_ms : now_ms;
    event.detail = {{"source", text_of(record.source)},
                    {"service", text_of(record.unit)},
                    {"priority", record.priority},
                    {"message", text_of(record.message)}};
    return event;
}

class SystemLogReader final : public Reader
{
public:
    explicit SystemLogReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        if (!came_back_) {
            if (auto const first = begin(); !first) return first.error();
        }
        auto seen = look();
        came_back_ = true;
        if (trying_.exchange(false)) context_.memory->put(trying_key, "");
        if (!seen) return seen.error();
        return Snapshot{{"",
                         {{"kept_by", seen->kept_by},
                          {"persistent", value_or_unknown(seen->persistent)},
                          {"oldest_ms", value_or_unknown(seen->oldest_ms)}}}};
    }

    /// A look that was not waited for is no crash.
    void end() override
    {
        if (trying_.exchange(false)) context_.memory->put(trying_key, before_);
    }

private:
    /// The log's files are mapped, and where a disk cannot read them that ends the program: twice, and then once a day,
    /// is enough.
    Result<> begin()
    {
        auto const now_ms = context_.clock->now_ms();
        before_ = context_.memory->get(trying_key).value_or("");
        int crashes = 0;
        UnixMs begun_ms = 0;
        std::istringstream words(before_);
        if (!(words >> crashes >> begun_ms)) crashes = 0; // None, or noise.
        crashes = std::clamp(crashes, 0, crashes_before_rest);
        if (crashes == crashes_before_rest && begun_ms <= now_ms && now_ms - begun_ms < rest_after_crash.count())
            return fail(errc::io, "system_log: the agent ended while it read it; it is tried again after a day");
        trying_ = true;
        context_.memory->put(trying_key, fmt::format("{} {}", crashes + 1, now_ms));
        // Written before we go on.
        (void)context_.memory->get(trying_key);
        return {};
    }

    /// Tells what is new. The position is asked for each time: where it could not be stored, the events were not
    /// either.
    Result<platform::LogReading> look()
    {
        auto const position = context_.memory->get(position_key).value_or("");
        auto seen = context_.machine->system_log->read(position, budget_.left(context_.clock->steady()));
        if (!seen) return seen;
        auto const now_ms = context_.clock->now_ms();
        std::vector<wire::Event> events;
        events.reserve(seen->records.size() + 1);
        for (auto const& record : seen->records)
            events.push_back(event_of(record, now_ms));
        budget_.take(events.size());
        if (seen->left_out > 0) {
            wire::Event more;
            more.name = "log_left_out";
            more.at_ms = now_ms;
            more.detail = {{"count", static_cast<std::int64_t>(seen->left_out)}};
            events.push_back(std::move(more));
        }
        if (seen->position != position) context_.memory->tell(std::move(events), position_key, seen->position);
        return seen;
    }

    Context context_;
    LogBudget budget_;
    bool came_back_ = false;           ///< Of the first look.
    std::string before_;               ///< What stood under trying_key when this one was begun.
    std::atomic<bool> trying_ = false; ///< It is written there that a look was begun.
};

} // namespace

std::unique_ptr<Reader> make_system_log_reader(Context const& context)
{
    return std::make_unique<SystemLogReader>(context);
}

} // namespace rollcall::probe
