#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class MemoryModulesReader final : public Reader
{
public:
    explicit MemoryModulesReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->memory_modules->list();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& module : *seen)
            rows[module.slot] = {{"size_bytes", value_or_unknown(module.size_bytes)},
                                 {"type", value_or_unknown(module.type)},
                                 {"speed", value_or_unknown(module.mt_per_s)},
                                 {"manufacturer", value_or_unknown(module.manufacturer)},
                                 {"serial", value_or_unknown(module.serial)},
                                 {"part_number", value_or_unknown(module.part_number)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_memory_modules_reader(Context const& context)
{
    return std::make_unique<MemoryModulesReader>(context);
}

} // namespace rollcall::probe
