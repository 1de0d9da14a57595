#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class DisksReader final : public Reader
{
public:
    explicit DisksReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->disks->list();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& disk : *seen)
            rows[disk.name] = {
                {"model", value_or_unknown(disk.model)},           {"serial", value_or_unknown(disk.serial)},
                {"size_bytes", value_or_unknown(disk.size_bytes)}, {"bus", value_or_unknown(disk.bus)},
                {"rotational", value_or_unknown(disk.rotational)}, {"removable", value_or_unknown(disk.removable)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_disks_reader(Context const& context) { return std::make_unique<DisksReader>(context); }

} // namespace rollcall::probe
