#include "agent/probe/probe.hpp"
#include "agent/probe/rates.hpp"

namespace rollcall::probe
{

namespace
{

class NetworkIoReader final : public Reader
{
public:
    explicit NetworkIoReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto seen = context_.machine->performance->network();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& [name, counters] : seen->of) {
            auto const& now = counters; // Not every compiler lets a lambda take a structured binding.
            auto const before = before_.of.find(name);
            bool const first = before == before_.of.end();
            auto const elapsed = seen->taken - before_.taken;
            auto const rate = [&](std::uint64_t platform::NetworkCounters::*counter) {
                return first ? unknown(errc::not_yet_read) : per_second(before->second.*counter, now.*counter, elapsed);
            };
            rows[name] = {{"received_bytes_per_s", rate(&platform::NetworkCounters::received_bytes)},
                          {"sent_bytes_per_s", rate(&platform::NetworkCounters::sent_bytes)}};
        }
        before_ = *std::move(seen);
        return rows;
    }

private:
    Context context_;
    platform::Counters<platform::NetworkCounters> before_;
};

} // namespace

std::unique_ptr<Reader> make_network_io_reader(Context const& context)
{
    return std::make_unique<NetworkIoReader>(context);
}

} // namespace rollcall::probe
