#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

/// So many by work and so many by memory: what a person looks at, and no more rows than that in the history.
constexpr std::size_t most_rows = 10;
/// Who worked less is no news.
constexpr double least_percent = 1.0;

using Shares = std::map<std::int64_t, double>;

/// Percent of one processor, for processes that were there the last time.
Shares shares(platform::ProcessList const& before, platform::ProcessList const& now)
{
    Shares found;
    auto const elapsed = now.taken - before.taken;
    if (elapsed.count() <= 0) return found;
    std::map<std::int64_t, platform::Process const*> known;
    for (auto const& process : before.processes)
        known.emplace(process.id, &process);
    for (auto const& process : now.processes) {
        auto const old = known.find(process.id);
        if (old == known.end() || old->second->begun != process.begun || process.cpu < old->second->cpu) continue;
        found.emplace(process.id, static_cast<double>((process.cpu - old->second->cpu).count()) * 100.0 /
                                      static_cast<double>(elapsed.count()));
    }
    return found;
}

/// Those that worked most and those that hold most memory, each once.
std::vector<platform::Process> worth_showing(std::vector<platform::Process> processes, Shares const& share)
{
    auto const worked = [&](platform::Process const& process) {
        auto const found = share.find(process.id);
        return found == share.end() ? 0.0 : found->second;
    };
    std::vector<platform::Process> chosen;
    std::sort(processes.begin(), processes.end(),
              [&](auto const& a, auto const& b) { return std::pair(worked(a), b.id) > std::pair(worked(b), a.id); });
    for (auto const& process : processes) {
        if (chosen.size() == most_rows || worked(process) < least_percent) break;
        chosen.push_back(process);
    }
    std::sort(processes.begin(), processes.end(), [](auto const& a, auto const& b) {
        return std::pair(a.memory_bytes, b.id) > std::pair(b.memory_bytes, a.id);
    });
    // Threads of the kernel hold none.
    for (std::size_t i = 0; i < std::min(most_rows, processes.size()) && processes[i].memory_bytes > 0; ++i)
        chosen.push_back(processes[i]);
    return chosen;
}

/// Four binary digits are told, so that a process that breathes is not a change at every reading.
std::int64_t coarse(std::int64_t bytes)
{
    static constexpr int digits = 4;
    auto const width = std::bit_width(static_cast<std::uint64_t>(std::max<std::int64_t>(bytes, 0)));
    if (width <= digits) return std::max<std::int64_t>(bytes, 0);
    return bytes >> (width - digits) << (width - digits);
}

class ProcessesReader final : public Reader
{
public:
    explicit ProcessesReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto seen = context_.machine->processes->list();
        if (!seen) return seen.error();
        auto const share = shares(before_, *seen);
        Snapshot rows;
        for (auto const& process : worth_showing(seen->processes, share)) {
            auto const worked = share.find(process.id);
            rows[fmt::format("{}", process.id)] = {
                {"name", process.name},
                {"user", value_or_unknown(context_.machine->processes->user_of(process.id))},
                {"cpu_percent", worked == share.end() ? unknown(errc::not_yet_read)
                                                      : Value(static_cast<std::int64_t>(std::lround(worked->second)))},
                {"memory_bytes", coarse(process.memory_bytes)},
                {"started_ms", value_or_unknown(process.started_ms)}};
        }
        before_ = *std::move(seen);
        return rows;
    }

private:
    Context context_;
    platform::ProcessList before_;
};

} // namespace

std::unique_ptr<Reader> make_processes_reader(Context const& context)
{
    return std::make_unique<ProcessesReader>(context);
}

} // namespace rollcall::probe
