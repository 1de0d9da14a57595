#pragma once

#include <memory>

#include "platform/batteries.hpp"
#include "platform/certificates.hpp"
#include "platform/disk_encryption.hpp"
#include "platform/disks.hpp"
#include "platform/drive_health.hpp"
#include "platform/files.hpp"
#include "platform/firewall.hpp"
#include "platform/gpus.hpp"
#include "platform/hardware.hpp"
#include "platform/memory_modules.hpp"
#include "platform/network.hpp"
#include "platform/own_usage.hpp"
#include "platform/patches.hpp"
#include "platform/performance.hpp"
#include "platform/processes.hpp"
#include "platform/reboot.hpp"
#include "platform/sensors.hpp"
#include "platform/services.hpp"
#include "platform/sessions.hpp"
#include "platform/software.hpp"
#include "platform/system_info.hpp"
#include "platform/system_log.hpp"
#include "platform/time_sync.hpp"
#include "platform/tpms.hpp"
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
    std::unique_ptr<MemoryModules> memory_modules;
    std::unique_ptr<Gpus> gpus;
    std::unique_ptr<Batteries> batteries;
    std::unique_ptr<Tpms> tpms;
    std::unique_ptr<Sensors> sensors;
    std::unique_ptr<OwnUsage> own_usage;
    std::unique_ptr<Processes> processes;
    std::unique_ptr<TimeSync> time_sync;
    std::unique_ptr<Firewall> firewall;
    std::unique_ptr<DiskEncryption> disk_encryption;
    std::unique_ptr<Certificates> certificates;
    std::unique_ptr<Files> files;
    std::unique_ptr<DriveHealth> drive_health;
    std::unique_ptr<SystemLog> system_log;
};

[[nodiscard]] std::shared_ptr<Machine> make_machine(Root const& root = {});

} // namespace rollcall::platform
