#include "agent/probe/probe.hpp"
#include "agent/probe/rates.hpp"

namespace rollcall::probe
{

namespace
{

class SwapReader final : public Reader
{
public:
    explicit SwapReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->performance->memory();
        if (!seen) return seen.error();
        Snapshot rows;
        auto const used = seen->swap_total_bytes - seen->swap_free_bytes;
        // Without swap space there is no share of it: percent says not_found.
        rows[""] = {{"used_percent", percent(static_cast<double>(used), static_cast<double>(seen->swap_total_bytes))},
                    {"used_bytes", used},
                    {"total_bytes", seen->swap_total_bytes}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_swap_reader(Context const& context) { return std::make_unique<SwapReader>(context); }

} // namespace rollcall::probe
