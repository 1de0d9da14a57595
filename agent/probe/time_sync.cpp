#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

/// A clock that is kept right is never quite right, and that is no news.
platform::Fact<std::int64_t> coarse(platform::Fact<std::int64_t> offset_ms)
{
    static constexpr std::int64_t step_ms = 10;
    if (offset_ms) *offset_ms -= *offset_ms % step_ms;
    return offset_ms;
}

class TimeSyncReader final : public Reader
{
public:
    explicit TimeSyncReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->time_sync->read();
        if (!seen) return seen.error();
        Snapshot rows;
        rows[""] = {{"synchronised", value_or_unknown(seen->synchronised)},
                    {"source", value_or_unknown(seen->source)},
                    {"offset", value_or_unknown(coarse(seen->offset_ms))}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_time_sync_reader(Context const& context)
{
    return std::make_unique<TimeSyncReader>(context);
}

} // namespace rollcall::probe
