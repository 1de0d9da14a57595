#include "agent/probe/device_type.hpp"
#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

Result<std::string> device_type(platform::HardwareFacts const& hardware)
{
    using platform::ChassisGroup;
    if (hardware.chassis_group == ChassisGroup::portable) return std::string("PC");
    if (hardware.chassis_group == ChassisGroup::server) return std::string("Server");
    if (!hardware.desktop) return fail(hardware.desktop.error(), "device type");
    return std::string(*hardware.desktop ? "PC" : "Server");
}

namespace
{

class HardwareReader final : public Reader
{
public:
    explicit HardwareReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->hardware->read();
        if (!seen) return seen.error();
        Snapshot rows;
        rows[""] = {{"manufacturer", value_or_unknown(seen->manufacturer)},
                    {"model", value_or_unknown(seen->model)},
                    {"serial", value_or_unknown(seen->serial)},
                    {"chassis", value_or_unknown(seen->chassis)},
                    {"device_type", value_or_unknown(device_type(*seen))},
                    {"virtualization", value_or_unknown(seen->virtualization)},
                    {"cpu_model", value_or_unknown(seen->cpu_model)},
                    {"cpu_sockets", value_or_unknown(seen->cpu_sockets)},
                    {"cpu_cores", value_or_unknown(seen->cpu_cores)},
                    {"cpu_threads", value_or_unknown(seen->cpu_threads)},
                    {"memory_bytes", value_or_unknown(seen->memory_bytes)},
                    {"firmware_version", value_or_unknown(seen->firmware_version)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_hardware_reader(Context const& context)
{
    return std::make_unique<HardwareReader>(context);
}

} // namespace rollcall::probe
