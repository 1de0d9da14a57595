#include "agent/probe/probe.hpp"
#include "agent/probe/rates.hpp"

namespace rollcall::probe
{

namespace
{

class CpuReader final : public Reader
{
public:
    explicit CpuReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const now = context_.machine->performance->cpu();
        if (!now) return now.error();
        Snapshot rows;
        rows[""] = before_ ? shares(*before_, *now) : nothing_yet();
        before_ = *now;
        return rows;
    }

private:
    static Row nothing_yet()
    {
        Row row;
        for (auto const* const column : {"used_percent", "user_percent", "system_percent", "io_wait_percent"})
            row.emplace(column, unknown(errc::not_yet_read));
        return row;
    }

    static Row shares(platform::CpuTimes const& before, platform::CpuTimes const& now)
    {
        // A counter that went back: begin anew. The wait for disks alone may shrink (proc(5)).
        bool const went_back = now.user < before.user || now.system < before.system || now.stolen < before.stolen ||
                               now.idle + now.io_wait < before.idle + before.io_wait;
        if (went_back || now.total() == before.total()) return nothing_yet();
        auto const whole = static_cast<double>(now.total() - before.total());
        auto const user = static_cast<double>(now.user - before.user);
        auto const system = static_cast<double>(now.system - before.system);
        auto const stolen = static_cast<double>(now.stolen - before.stolen);
        Row row;
        row.emplace("used_percent", percent(user + system + stolen, whole));
        row.emplace("user_percent", percent(user, whole));
        row.emplace("system_percent", percent(system, whole));
        row.emplace("io_wait_percent", !now.tells_io_wait ? unknown(errc::not_supported)
                                       : now.io_wait < before.io_wait
                                           ? unknown(errc::not_yet_read)
                                           : percent(static_cast<double>(now.io_wait - before.io_wait), whole));
        return row;
    }

    Context context_;
    std::optional<platform::CpuTimes> before_;
};

} // namespace

std::unique_ptr<Reader> make_cpu_reader(Context const& context) { return std::make_unique<CpuReader>(context); }

} // namespace rollcall::probe
