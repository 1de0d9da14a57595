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
    return machine;
}

} // namespace rollcall::platform
