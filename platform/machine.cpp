#include "platform/machine.hpp"

namespace rollcall::platform
{

std::shared_ptr<Machine> make_machine(Root const& root)
{
    auto machine = std::make_shared<Machine>();
    machine->system_info = make_system_info(root);
    machine->hardware = make_hardware(root);
    machine->disks = make_disks(root);
    machine->network = make_network(root);
    machine->volumes = make_volumes(root);
    machine->software = make_software(root);
    machine->patches = make_patches(root);
    machine->reboot = make_reboot(root);
    machine->services = make_services(root);
    machine->sessions = make_sessions(root);
    machine->performance = make_performance(root);
    machine->memory_modules = make_memory_modules(root);
    machine->gpus = make_gpus(root);
    machine->batteries = make_batteries(root);
    machine->tpms = make_tpms(root);
    machine->sensors = make_sensors(root);
    machine->own_usage = make_own_usage(root);
    machine->processes = make_processes(root);
    machine->time_sync = make_time_sync(root);
    machine->firewall = make_firewall(root);
    machine->disk_encryption = make_disk_encryption(root);
    machine->certificates = make_certificates(root);
    machine->files = make_files(root);
    machine->drive_health = make_drive_health(root);
    machine->system_log = make_system_log(root);
    return machine;
}

} // namespace rollcall::platform
