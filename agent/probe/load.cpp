#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class LoadReader final : public Reader
{
public:
    explicit LoadReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->performance->load();
        if (!seen) return seen.error();
        Snapshot rows;
        rows[""] = {{"load_1", seen->one}, {"load_5", seen->five}, {"load_15", seen->fifteen}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_load_reader(Context const& context) { return std::make_unique<LoadReader>(context); }

} // namespace rollcall::probe
