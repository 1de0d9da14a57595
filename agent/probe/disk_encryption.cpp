#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class DiskEncryptionReader final : public Reader
{
public:
    explicit DiskEncryptionReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->disk_encryption->list();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& volume : *seen)
            rows[volume.mount_point] = {{"encrypted", value_or_unknown(volume.encrypted)},
                                        {"method", value_or_unknown(volume.method)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_disk_encryption_reader(Context const& context)
{
    return std::make_unique<DiskEncryptionReader>(context);
}

} // namespace rollcall::probe
