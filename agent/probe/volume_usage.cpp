#include "agent/probe/probe.hpp"
#include "agent/probe/rates.hpp"

namespace rollcall::probe
{

namespace
{

class VolumeUsageReader final : public Reader
{
public:
    explicit VolumeUsageReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->volumes->list();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& volume : *seen) {
            auto& row = rows[volume.mount_point];
            row["free_bytes"] = value_or_unknown(volume.free_bytes);
            if (volume.free_bytes && volume.size_bytes)
                row["free_percent"] =
                    percent(static_cast<double>(*volume.free_bytes), static_cast<double>(*volume.size_bytes));
            else
                row["free_percent"] = row["free_bytes"];
        }
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_volume_usage_reader(Context const& context)
{
    return std::make_unique<VolumeUsageReader>(context);
}

} // namespace rollcall::probe
