#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class AgentHealthReader final : public Reader
{
public:
    explicit AgentHealthReader(Context context)
        : context_(std::move(context))
        , begun_(context_.clock->steady())
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->own_usage->read();
        if (!seen) return seen.error();
        auto const now = context_.clock->steady();
        auto const waiting = [this](std::atomic<std::int64_t> Backlog::*figure) -> Value {
            if (!context_.backlog) return unknown(errc::not_supported);
            auto const value = (*context_.backlog.*figure).load();
            return value < 0 ? unknown(errc::not_yet_read) : Value(value);
        };
        Snapshot rows;
        rows[""] = {{"resident_bytes", value_or_unknown(seen->resident_bytes)},
                    {"anonymous_bytes", value_or_unknown(seen->anonymous_bytes)},
                    {"waiting_bytes", waiting(&Backlog::bytes)},
                    {"cpu_percent", share(before_.cpu, seen->cpu, now - before_at_)},
                    {"children_cpu_percent", share(before_.children, seen->children, now - before_at_)},
                    {"threads", value_or_unknown(seen->threads)},
                    {"descriptors", value_or_unknown(seen->descriptors)},
                    {"waiting_records", waiting(&Backlog::records)},
                    {"uptime_seconds", std::chrono::duration_cast<std::chrono::seconds>(now - begun_).count()}};
        before_ = *seen;
        before_at_ = now;
        return rows;
    }

private:
    using Time = std::chrono::milliseconds;

    static Value share(platform::Fact<Time> const& before, platform::Fact<Time> const& now, Time elapsed)
    {
        if (!now) return value_or_unknown(Result<std::int64_t>(now.error()));
        if (!before || *now < *before || elapsed <= Time::zero()) return unknown(errc::not_yet_read);
        // More than 100 where several threads work.
        return static_cast<double>((*now - *before).count()) * 100.0 / static_cast<double>(elapsed.count());
    }

    Context context_;
    Time begun_;
    Time before_at_{};
    platform::OwnUsageFacts before_;
};

} // namespace

std::unique_ptr<Reader> make_agent_health_reader(Context const& context)
{
    return std::make_unique<AgentHealthReader>(context);
}

} // namespace rollcall::probe
