#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class TpmReader final : public Reader
{
public:
    explicit TpmReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->tpms->list();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& tpm : *seen)
            rows[tpm.name] = {{"version", value_or_unknown(tpm.version)},
                              {"manufacturer", value_or_unknown(tpm.manufacturer)},
                              {"firmware_version", value_or_unknown(tpm.firmware_version)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_tpm_reader(Context const& context) { return std::make_unique<TpmReader>(context); }

} // namespace rollcall::probe
