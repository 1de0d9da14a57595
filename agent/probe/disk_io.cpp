#include <algorithm>

#include "agent/probe/probe.hpp"
#include "agent/probe/rates.hpp"

namespace rollcall::probe
{

namespace
{

class DiskIoReader final : public Reader
{
public:
    explicit DiskIoReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto seen = context_.machine->performance->disks();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& [name, counters] : seen->of) {
            auto const& now = counters; // Not every compiler lets a lambda take a structured binding.
            auto const before = before_.of.find(name);
            bool const first = before == before_.of.end();
            auto const elapsed = seen->taken - before_.taken;
            auto const rate = [&](std::uint64_t platform::DiskCounters::*counter) {
                return first ? unknown(errc::not_yet_read) : per_second(before->second.*counter, now.*counter, elapsed);
            };
            auto busy = rate(&platform::DiskCounters::busy_ms);
            // Milliseconds per second are tenths of a percent; the kernel's own rounding may go a little beyond.
            if (auto* const number = std::get_if<double>(&busy)) *number = std::min(*number / 10.0, 100.0);
            if (!now.tells_busy) busy = unknown(errc::not_supported);
            rows[name] = {{"read_bytes_per_s", rate(&platform::DiskCounters::read_bytes)},
                          {"write_bytes_per_s", rate(&platform::DiskCounters::written_bytes)},
                          {"busy_percent", busy}};
        }
        before_ = *std::move(seen);
        return rows;
    }

private:
    Context context_;
    platform::Counters<platform::DiskCounters> before_;
};

} // namespace

std::unique_ptr<Reader> make_disk_io_reader(Context const& context) { return std::make_unique<DiskIoReader>(context); }

} // namespace rollcall::probe
