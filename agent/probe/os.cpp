#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class OsReader final : public Reader
{
public:
    explicit OsReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->system_info->read();
        if (!seen) return seen.error();
        Snapshot rows;
        rows[""] = {{"family", value_or_unknown(seen->family)},
                    {"name", value_or_unknown(seen->name)},
                    {"version", value_or_unknown(seen->version)},
                    {"kernel", value_or_unknown(seen->kernel)},
                    {"architecture", value_or_unknown(seen->architecture)},
                    {"host_name", value_or_unknown(seen->host_name)},
                    {"boot_ms", value_or_unknown(seen->boot_ms)},
                    {"boot_id", value_or_unknown(seen->boot_id)},
                    {"container", value_or_unknown(seen->container)},
                    {"time_zone", value_or_unknown(seen->time_zone)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_os_reader(Context const& context) { return std::make_unique<OsReader>(context); }

} // namespace rollcall::probe
