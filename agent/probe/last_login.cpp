#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class LastLoginReader final : public Reader
{
public:
    explicit LastLoginReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->sessions->last_login();
        if (!seen) return seen.error();
        Snapshot rows;
        rows[""] = {{"user", seen->user}, {"at_ms", seen->at_ms}, {"kind", seen->kind}, {"from", seen->from}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_last_login_reader(Context const& context)
{
    return std::make_unique<LastLoginReader>(context);
}

} // namespace rollcall::probe
