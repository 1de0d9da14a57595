#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class SessionsReader final : public Reader
{
public:
    explicit SessionsReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->sessions->list();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& session : *seen)
            rows[session.id] = {{"user", session.user},
                                {"kind", session.kind},
                                {"from", session.from},
                                {"terminal", value_or_unknown(session.terminal)},
                                {"state", value_or_unknown(session.state)},
                                {"since_ms", value_or_unknown(session.since_ms)},
                                {"last_input_ms", value_or_unknown(session.last_input_ms)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_sessions_reader(Context const& context)
{
    return std::make_unique<SessionsReader>(context);
}

} // namespace rollcall::probe
