#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class ServicesReader final : public Reader
{
public:
    explicit ServicesReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->services->list();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& service : *seen)
            rows[service.name] = {
                {"label", value_or_unknown(service.label)},           {"state", value_or_unknown(service.state)},
                {"start_type", value_or_unknown(service.start_type)}, {"expected", value_or_unknown(service.expected)},
                {"since_ms", value_or_unknown(service.since_ms)},     {"result", value_or_unknown(service.result)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_services_reader(Context const& context)
{
    return std::make_unique<ServicesReader>(context);
}

} // namespace rollcall::probe
