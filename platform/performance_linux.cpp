#include "platform/performance.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

class LinuxPerformance final : public Performance
{
public:
    explicit LinuxPerformance(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<CpuTimes> cpu() const override
    {
        auto const text = procfs::read_file(root_ / "/proc/stat");
        if (!text) return fail(text.error(), "cpu");
        auto const fields = procfs::words(std::string_view(*text).substr(0, text->find('\n')));
        if (fields.size() < 8 || fields[0] != "cpu") return fail(errc::bad_message, "cpu: /proc/stat");
        // user nice system idle iowait irq softirq steal; guests are within user and nice already.
        std::array<std::uint64_t, 8> ticks{};
        for (std::size_t i = 0; i < ticks.size() && i + 1 < fields.size(); ++i) {
            auto const number = procfs::to_number(fields[i + 1]);
            if (!number) return fail(errc::bad_message, "cpu: /proc/stat");
            ticks[i] = *number;
        }
        return CpuTimes{.user = ticks[0] + ticks[1],
                        .system = ticks[2] + ticks[5] + ticks[6],
                        .idle = ticks[3],
                        .io_wait = ticks[4],
                        .stolen = ticks[7]};
    }

    [[nodiscard]] Result<Load> load() const override
    {
        auto const text = procfs::read_file(root_ / "/proc/loadavg");
        if (!text) return fail(text.error(), "load");
        auto const fields = procfs::words(procfs::trim(*text));
        std::array<double, 3> values{};
        for (std::size_t i = 0; i < values.size(); ++i) {
            auto const value = i < fields.size() ? procfs::to_real(fields[i]) : std::nullopt;
            if (!value || !(*value >= 0) || *value > 1e9) return fail(errc::bad_message, "load: /proc/loadavg");
            values[i] = *value;
        }
        return Load{.one = values[0], .five = values[1], .fifteen = values[2]};
    }

    [[nodiscard]] Result<Memory> memory() const override
    {
        auto const text = procfs::read_file(root_ / "/proc/meminfo");
        if (!text) return fail(text.error(), "memory");
        std::map<std::string_view, std::int64_t> values;
        for (auto const line : procfs::lines(*text)) {
            auto const fields = procfs::words(line);
            if (fields.size() < 2) continue;
            auto const kibibytes = procfs::to_integer(fields[1]);
            if (kibibytes && *kibibytes >= 0 && *kibibytes < INT64_MAX / 1024)
                values.emplace(fields[0], *kibibytes * 1024);
        }
        for (auto const* const name : {"MemTotal:", "MemAvailable:", "SwapTotal:", "SwapFree:"})
            if (!values.contains(name))
                return fail(errc::bad_message, fmt::format("memory: /proc/meminfo: no {}", name));
        return Memory{.total_bytes = values["MemTotal:"],
                      .available_bytes = std::min(values["MemAvailable:"], values["MemTotal:"]),
                      .swap_total_bytes = values["SwapTotal:"],
                      .swap_free_bytes = std::min(values["SwapFree:"], values["SwapTotal:"])};
    }

    [[nodiscard]] Result<Counters<DiskCounters>> disks() const override
    {
        static constexpr std::uint64_t sector_bytes = 512;
        auto const text = procfs::read_file(root_ / "/proc/diskstats");
        if (!text) return fail(text.error(), "disk_io");
        Counters<DiskCounters> found;
        found.taken = procfs::steady_now();
        for (auto const line : procfs::lines(*text)) {
            auto const fields = procfs::words(line);
            if (fields.size() < 14 || !is_whole_disk(fields[2])) continue;
            auto const read = procfs::to_number(fields[5]);
            auto const written = procfs::to_number(fields[9]);
            auto const busy = procfs::to_number(fields[12]);
            if (!read || !written || !busy) continue;
            found.of.emplace(std::string(fields[2]), DiskCounters{.read_bytes = *read * sector_bytes,
                                                                  .written_bytes = *written * sector_bytes,
                                                                  .busy_ms = *busy});
        }
        return found;
    }

    [[nodiscard]] Result<Counters<NetworkCounters>> network() const override
    {
        auto const text = procfs::read_file(root_ / "/proc/net/dev");
        if (!text) return fail(text.error(), "network_io");
        Counters<NetworkCounters> found;
        found.taken = procfs::steady_now();
        for (auto const line : procfs::lines(*text)) {
            auto const colon = line.rfind(':');
            if (colon == std::string_view::npos) continue;
            auto const name = procfs::trim(line.substr(0, colon));
            auto const fields = procfs::words(line.substr(colon + 1));
            if (name == "lo" || fields.size() < 16) continue;
            auto const received = procfs::to_number(fields[0]);
            auto const sent = procfs::to_number(fields[8]);
            if (received && sent)
                found.of.emplace(std::string(name), NetworkCounters{.received_bytes = *received, .sent_bytes = *sent});
        }
        return found;
    }

private:
    /// Drives only, as in the disks topic: no partitions, and nothing made of drives.
    [[nodiscard]] bool is_whole_disk(std::string_view name) const
    {
        static constexpr std::array<std::string_view, 9> others = {"loop", "ram", "zram", "dm-", "md",
                                                                   "sr",   "fd",  "nbd",  "drbd"};
        if (std::any_of(others.begin(), others.end(), [&](auto prefix) { return name.starts_with(prefix); }))
            return false;
        return procfs::exists(root_ / fmt::format("/sys/block/{}", name));
    }

    Root root_;
};

} // namespace

std::unique_ptr<Performance> make_performance(Root const& root) { return std::make_unique<LinuxPerformance>(root); }

} // namespace rollcall::platform
