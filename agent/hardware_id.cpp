#include "agent/hardware_id.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/core/ids.hpp"
#include "common/wire/limits.hpp"

namespace rollcall::agent
{

/// Half of a SHA-256: nobody gains by a collision with his own drives.
static constexpr std::size_t disk_digits = 32;

/// A SCSI drive may as well be a part of a store that several machines see, or that is given to another one.
static constexpr std::array<std::string_view, 3> own_buses = {"nvme", "sata", "mmc"};

/// Of a machine that is none itself: virtual drives often have the same number in all of them ("QM00001",
/// "drive-scsi0").
static std::vector<std::string> read_disks(platform::Machine const& machine, std::string const& state_folder)
{
    std::vector<std::string> found;
    auto const facts = machine.hardware->read();
    if (!facts || !facts->virtualization || !facts->virtualization->empty()) return found;
    auto const disks = machine.disks->list();
    auto const holding = machine.disks->holding(state_folder);
    if (!disks || !holding) return found;
    found.reserve(disks->size());
    for (auto const& disk : *disks) {
        bool const built_in = disk.removable && !*disk.removable && disk.bus &&
                              std::find(own_buses.begin(), own_buses.end(), *disk.bus) != own_buses.end();
        bool const counts = built_in && std::find(holding->begin(), holding->end(), disk.name) != holding->end();
        if (!counts || !disk.serial || disk.serial->empty()) continue;
        auto const model = disk.model ? *disk.model : std::string();
        found.push_back(sha256_hex(model + '\n' + *disk.serial).substr(0, disk_digits));
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (found.size() > wire::limits::hardware_disks) found.resize(wire::limits::hardware_disks);
    return found;
}

std::string read_hardware_id(platform::Machine const& machine)
{
    auto const identity = machine.hardware->identity();
    return identity ? sha256_hex(*identity) : std::string();
}

std::string read_board_id(platform::Machine const& machine)
{
    auto const identity = machine.hardware->identity();
    bool const is_hardware = identity && !identity->starts_with(platform::software_identity);
    return is_hardware ? sha256_hex(*identity) : std::string();
}

wire::Hardware read_hardware(std::shared_ptr<platform::Machine> const& machine, std::string const& state_folder)
{
    auto const answer = std::make_shared<std::promise<std::vector<std::string>>>();
    auto coming = answer->get_future();
    std::thread([machine, state_folder, answer] { answer->set_value(read_disks(*machine, state_folder)); }).detach();
    wire::Hardware hardware;
    hardware.id = read_board_id(*machine);
    if (coming.wait_for(disks_limit) == std::future_status::ready) hardware.disks = coming.get();
    return hardware;
}

} // namespace rollcall::agent
