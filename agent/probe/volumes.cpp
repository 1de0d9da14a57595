#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class VolumesReader final : public Reader
{
public:
    explicit VolumesReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->volumes->list();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& volume : *seen)
            rows[volume.mount_point] = {{"device", volume.device},
                                        {"file_system", volume.file_system},
                                        {"size_bytes", value_or_unknown(volume.size_bytes)},
                                        {"read_only", volume.read_only}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_volumes_reader(Context const& context) { return std::make_unique<VolumesReader>(context); }

} // namespace rollcall::probe
