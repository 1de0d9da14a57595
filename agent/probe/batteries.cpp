#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class BatteriesReader final : public Reader
{
public:
    explicit BatteriesReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->batteries->list();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& battery : *seen)
            rows[battery.name] = {{"manufacturer", value_or_unknown(battery.manufacturer)},
                                  {"model", value_or_unknown(battery.model)},
                                  {"state", value_or_unknown(battery.state)},
                                  {"charge_percent", value_or_unknown(battery.charge_percent)},
                                  {"wear_percent", value_or_unknown(battery.wear_percent)},
                                  {"cycles", value_or_unknown(battery.cycles)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_batteries_reader(Context const& context)
{
    return std::make_unique<BatteriesReader>(context);
}

} // namespace rollcall::probe
