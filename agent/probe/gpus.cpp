#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class GpusReader final : public Reader
{
public:
    explicit GpusReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->gpus->list();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& gpu : *seen)
            rows[gpu.place] = {{"manufacturer", value_or_unknown(gpu.manufacturer)},
                               {"model", value_or_unknown(gpu.model)},
                               {"driver", value_or_unknown(gpu.driver)},
                               {"memory_bytes", value_or_unknown(gpu.memory_bytes)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_gpus_reader(Context const& context) { return std::make_unique<GpusReader>(context); }

} // namespace rollcall::probe
