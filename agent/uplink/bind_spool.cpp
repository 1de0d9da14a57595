#include "agent/uplink/bind_spool.hpp"

#include "common/log/log.hpp"
#include "common/wire/hardware.hpp"

namespace rollcall::uplink
{

Result<> bind_spool(spool::Spool& spool, std::string const& device_id, wire::Hardware const& hardware)
{
    auto const device = spool.recall(spool_device);
    if (!device) return device.error();
    auto const machine = spool.recall(spool_hardware);
    if (!machine) return machine.error();
    auto const known = wire::hardware_from_text(machine->value_or(""));
    bool const other_device = *device && **device != device_id;
    bool const copied = !other_device && wire::compare(known, hardware) == wire::Sameness::other;
    if (other_device) log::info("agent.new_device", {{"device", device_id}});
    if (copied) log::warning("agent.copied_disk", {{"copy_of", device_id}});
    bool const anew = other_device || copied;
    if (anew)
        if (auto done = spool.start_over(); !done) return done;

    if (anew || *device != device_id)
        if (auto done = spool.remember(spool_device, device_id); !done) return done;
    if (copied)
        if (auto done = spool.remember(own_since_copy, device_id); !done) return done;
    if (hardware.id.empty()) return {};
    auto now = hardware;
    // A drive that did not answer for once is still known.
    if (!anew && now.disks.empty()) now.disks = known.disks;
    auto const text = wire::to_text(now);
    if (*machine == text) return {};
    return spool.remember(spool_hardware, text);
}

} // namespace rollcall::uplink
