#include "agent/probe/probe.hpp"
#include "agent/probe/rates.hpp"

namespace rollcall::probe
{

namespace
{

class MemoryReader final : public Reader
{
public:
    explicit MemoryReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->performance->memory();
        if (!seen) return seen.error();
        Snapshot rows;
        auto const used = seen->total_bytes - seen->available_bytes;
        rows[""] = {{"used_percent", percent(static_cast<double>(used), static_cast<double>(seen->total_bytes))},
                    {"used_bytes", used},
                    {"available_bytes", seen->available_bytes}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_memory_reader(Context const& context) { return std::make_unique<MemoryReader>(context); }

} // namespace rollcall::probe
