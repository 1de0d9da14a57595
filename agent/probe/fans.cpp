#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class FansReader final : public Reader
{
public:
    explicit FansReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->sensors->fans();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& fan : *seen)
            rows[fan.name] = {{"rpm", value_or_unknown(fan.value)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_fans_reader(Context const& context) { return std::make_unique<FansReader>(context); }

} // namespace rollcall::probe
