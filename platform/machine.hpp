#pragma once

#include <memory>

#include "platform/disks.hpp"
#include "platform/hardware.hpp"
#include "platform/network.hpp"
#include "platform/patches.hpp"
#include "platform/performance.hpp"
#include "platform/reboot.hpp"
#include "platform/services.hpp"
#include "platform/sessions.hpp"
#include "platform/software.hpp"
#include "platform/system_info.hpp"
#include "platform/volumes.hpp"

namespace rollcall::platform
{

/// Every topic a probe may ask about, made once. Change notices (watch.hpp) and the service host are made apart:
/// they are for the program, not for probes.
struct Machine {
    std::unique_ptr<SystemInfo> system_info;
    std::unique_ptr<Hardware> hardware;
    std::unique_ptr<Disks> disks;
    std::unique_ptr<Network> network;
    std::unique_ptr<Volumes> volumes;
    std::unique_ptr<Software> software;
    std::unique_ptr<Patches> patches;
    std::unique_ptr<Reboot> reboot;
    std::unique_ptr<Services> services;
    std::unique_ptr<Sessions> sessions;
    std::unique_ptr<Performance> performance;
};

[[nodiscard]] std::shared_ptr<Machine> make_machine(Root const& root = {});

} // namespace rollcall::platform
