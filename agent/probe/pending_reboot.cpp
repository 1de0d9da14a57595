#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class PendingRebootReader final : public Reader
{
public:
    explicit PendingRebootReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->reboot->signals();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& signal : *seen)
            rows[signal.name] = {{"pending", value_or_unknown(signal.pending)},
                                 {"reason", value_or_unknown(signal.reason)},
                                 {"detail", value_or_unknown(signal.detail)},
                                 {"since_ms", value_or_unknown(signal.since_ms)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_pending_reboot_reader(Context const& context)
{
    return std::make_unique<PendingRebootReader>(context);
}

} // namespace rollcall::probe
