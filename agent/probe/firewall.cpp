#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class FirewallReader final : public Reader
{
public:
    explicit FirewallReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->firewall->read();
        if (!seen) return seen.error();
        Snapshot rows;
        rows[""] = {{"filters_incoming", value_or_unknown(seen->filters_incoming)},
                    {"drops_by_default", value_or_unknown(seen->drops_by_default)},
                    {"manager", value_or_unknown(seen->manager)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_firewall_reader(Context const& context)
{
    return std::make_unique<FirewallReader>(context);
}

} // namespace rollcall::probe
