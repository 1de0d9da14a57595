#include <algorithm>
#include <array>

#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

// One file each: agent/probe/<name>.cpp.
std::unique_ptr<Reader> make_os_reader(Context const& context);
std::unique_ptr<Reader> make_hardware_reader(Context const& context);
std::unique_ptr<Reader> make_disks_reader(Context const& context);
std::unique_ptr<Reader> make_network_interfaces_reader(Context const& context);
std::unique_ptr<Reader> make_addresses_reader(Context const& context);
std::unique_ptr<Reader> make_volumes_reader(Context const& context);
std::unique_ptr<Reader> make_software_reader(Context const& context);
std::unique_ptr<Reader> make_patches_reader(Context const& context);
std::unique_ptr<Reader> make_pending_reboot_reader(Context const& context);
std::unique_ptr<Reader> make_services_reader(Context const& context);
std::unique_ptr<Reader> make_sessions_reader(Context const& context);
std::unique_ptr<Reader> make_last_login_reader(Context const& context);
std::unique_ptr<Reader> make_cpu_reader(Context const& context);
std::unique_ptr<Reader> make_load_reader(Context const& context);
std::unique_ptr<Reader> make_memory_reader(Context const& context);
std::unique_ptr<Reader> make_swap_reader(Context const& context);
std::unique_ptr<Reader> make_volume_usage_reader(Context const& context);
std::unique_ptr<Reader> make_disk_io_reader(Context const& context);
std::unique_ptr<Reader> make_network_io_reader(Context const& context);
std::unique_ptr<Reader> make_memory_modules_reader(Context const& context);
std::unique_ptr<Reader> make_gpus_reader(Context const& context);
std::unique_ptr<Reader> make_batteries_reader(Context const& context);
std::unique_ptr<Reader> make_tpm_reader(Context const& context);
std::unique_ptr<Reader> make_sensors_reader(Context const& context);
std::unique_ptr<Reader> make_temperatures_reader(Context const& context);
std::unique_ptr<Reader> make_fans_reader(Context const& context);
std::unique_ptr<Reader> make_processes_reader(Context const& context);
std::unique_ptr<Reader> make_agent_health_reader(Context const& context);
std::unique_ptr<Reader> make_time_sync_reader(Context const& context);
std::unique_ptr<Reader> make_firewall_reader(Context const& context);
std::unique_ptr<Reader> make_disk_encryption_reader(Context const& context);
std::unique_ptr<Reader> make_certificates_reader(Context const& context);
std::unique_ptr<Reader> make_files_reader(Context const& context);
std::unique_ptr<Reader> make_file_ages_reader(Context const& context);
std::unique_ptr<Reader> make_drive_health_reader(Context const& context);
std::unique_ptr<Reader> make_drive_temperatures_reader(Context const& context);
std::unique_ptr<Reader> make_system_log_reader(Context const& context);

namespace
{

struct Entry {
    std::string_view name;
    std::unique_ptr<Reader> (*make)(Context const& context);
};

constexpr std::array readers = {
    Entry{"os", make_os_reader},
    Entry{"hardware", make_hardware_reader},
    Entry{"disks", make_disks_reader},
    Entry{"network_interfaces", make_network_interfaces_reader},
    Entry{"addresses", make_addresses_reader},
    Entry{"volumes", make_volumes_reader},
    Entry{"software", make_software_reader},
    Entry{"patches", make_patches_reader},
    Entry{"pending_reboot", make_pending_reboot_reader},
    Entry{"services", make_services_reader},
    Entry{"sessions", make_sessions_reader},
    Entry{"last_login", make_last_login_reader},
    Entry{"cpu", make_cpu_reader},
    Entry{"load", make_load_reader},
    Entry{"memory", make_memory_reader},
    Entry{"swap", make_swap_reader},
    Entry{"volume_usage", make_volume_usage_reader},
    Entry{"disk_io", make_disk_io_reader},
    Entry{"network_io", make_network_io_reader},
    Entry{"memory_modules", make_memory_modules_reader},
    Entry{"gpus", make_gpus_reader},
    Entry{"batteries", make_batteries_reader},
    Entry{"tpm", make_tpm_reader},
    Entry{"sensors", make_sensors_reader},
    Entry{"temperatures", make_temperatures_reader},
    Entry{"fans", make_fans_reader},
    Entry{"processes", make_processes_reader},
    Entry{"agent_health", make_agent_health_reader},
    Entry{"time_sync", make_time_sync_reader},
    Entry{"firewall", make_firewall_reader},
    Entry{"disk_encryption", make_disk_encryption_reader},
    Entry{"certificates", make_certificates_reader},
    Entry{"files", make_files_reader},
    Entry{"file_ages", make_file_ages_reader},
    Entry{"drive_health", make_drive_health_reader},
    Entry{"drive_temperatures", make_drive_temperatures_reader},
    Entry{"system_log", make_system_log_reader},
};

/// Lets nothing out that is not fit to travel.
class CleanReader final : public Reader
{
public:
    explicit CleanReader(std::unique_ptr<Reader> inner)
        : inner_(std::move(inner))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto rows = inner_->read();
        if (!rows) return rows;
        return clean(*std::move(rows));
    }
    void end() override { inner_->end(); }

private:
    std::unique_ptr<Reader> inner_;
};

} // namespace

std::unique_ptr<Reader> make_reader(std::string_view name, Context const& context)
{
    auto const* const entry =
        std::find_if(readers.begin(), readers.end(), [&](auto const& one) { return one.name == name; });
    if (entry == readers.end()) return nullptr;
    return std::make_unique<CleanReader>(entry->make(context));
}

std::vector<std::string_view> reader_names()
{
    std::vector<std::string_view> names;
    names.reserve(readers.size());
    for (auto const& entry : readers)
        names.push_back(entry.name);
    return names;
}

} // namespace rollcall::probe
