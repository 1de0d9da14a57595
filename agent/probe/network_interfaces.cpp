#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class NetworkInterfacesReader final : public Reader
{
public:
    explicit NetworkInterfacesReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->network->interfaces();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& one : *seen)
            rows[one.name] = {{"mac", value_or_unknown(one.mac)},
                              {"up", value_or_unknown(one.up)},
                              {"mtu", value_or_unknown(one.mtu)},
                              {"speed_mbit_per_s", value_or_unknown(one.speed_mbit_per_s)},
                              {"virtual", value_or_unknown(one.is_virtual)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_network_interfaces_reader(Context const& context)
{
    return std::make_unique<NetworkInterfacesReader>(context);
}

} // namespace rollcall::probe
