#include "platform/macos/registry_values.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "platform/machine_identity.hpp"

namespace rollcall::platform
{

Fact<std::string> registry_text(plist::Value const& entry, std::string_view key)
{
    auto const* const value = entry.find(key);
    std::string text;
    if (value != nullptr && value->text() != nullptr) text = *value->text();
    if (value != nullptr && value->data() != nullptr) text = value->data()->substr(0, value->data()->find('\0'));
    while (text.ends_with(' '))
        text.pop_back();
    text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return fail(errc::not_found, fmt::format("io_registry: no {}", key));
    return text;
}

Fact<std::int64_t> registry_number(plist::Value const& entry, std::string_view key)
{
    auto const* const value = entry.find(key);
    if (value != nullptr && value->integer()) return *value->integer();
    auto const* const bytes = value == nullptr ? nullptr : value->data();
    if (bytes == nullptr || bytes->empty()) return fail(errc::not_found, fmt::format("io_registry: no {}", key));
    static constexpr std::size_t widest = 7; // What surely fits into 63 bits.
    auto const last = bytes->find_last_not_of('\0');
    if (last != std::string::npos && last >= widest)
        return fail(errc::bad_message, fmt::format("io_registry: {} is too large", key));
    std::int64_t number = 0;
    static constexpr int bits_per_byte = 8;
    for (auto at = std::min(bytes->size(), widest); at > 0; --at)
        number = (number << bits_per_byte) | static_cast<unsigned char>((*bytes)[at - 1]);
    return number;
}

Fact<std::int64_t> mac_chassis(std::string_view model, bool has_battery)
{
    static constexpr std::int64_t tower = 7;
    static constexpr std::int64_t notebook = 10;
    static constexpr std::int64_t all_in_one = 13;
    static constexpr std::int64_t rack = 23;
    static constexpr std::int64_t mini = 35;
    static constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> families = {{
        {"MacBook", notebook},
        {"iMac", all_in_one},
        {"Macmini", mini},
        {"MacPro", tower},
        {"Xserve", rack},
    }};
    for (auto const& [family, chassis] : families)
        if (model.starts_with(family)) return chassis;
    if (has_battery) return notebook;
    return fail(errc::not_found, fmt::format("chassis: the model {} does not tell", model));
}

std::string mac_virtualization(bool has_hypervisor, Fact<std::string> const& manufacturer, std::string const& model)
{
    if (model.starts_with("VirtualMac")) return "apple";
    if (!has_hypervisor) return {};
    auto name = virtual_machine_of(manufacturer, model);
    if (!name.empty()) return name;
    for (auto const& [begin, word] :
         {std::pair{"VMware", "vmware"}, std::pair{"Parallels", "parallels"}, std::pair{"VirtualBox", "oracle"}})
        if (model.starts_with(begin)) return word;
    return "other";
}

static Fact<std::string> gpu_maker(plist::Value const& entry)
{
    // PCI-SIG's numbers.
    static constexpr std::array<std::pair<std::int64_t, std::string_view>, 5> makers = {{
        {0x106b, "Apple"},
        {0x8086, "Intel"},
        {0x1002, "AMD"},
        {0x10de, "NVIDIA"},
        {0x15ad, "VMware"},
    }};
    auto const number = registry_number(entry, "vendor-id");
    if (!number) {
        // Those in Apple's own processors are on no bus.
        auto const model = registry_text(entry, "model");
        if (model && model->starts_with("Apple")) return std::string("Apple");
        return Result<std::string>(number.error());
    }
    for (auto const& [vendor, name] : makers)
        if (vendor == *number) return std::string(name);
    return fmt::format("{:#06x}", *number);
}

std::vector<Gpu> mac_gpus(std::vector<plist::Value> const& accelerators)
{
    static constexpr std::int64_t mib = std::int64_t{1024} * 1024;
    std::vector<Gpu> gpus;
    for (auto const& entry : accelerators) {
        Gpu gpu;
        gpu.place = fmt::format("gpu{}", gpus.size());
        gpu.manufacturer = gpu_maker(entry);
        gpu.model = registry_text(entry, "model");
        gpu.driver = registry_text(entry, "IOClass");
        auto const megabytes = registry_number(entry, "VRAM,totalMB");
        if (megabytes && *megabytes > 0 && *megabytes < INT64_MAX / mib)
            gpu.memory_bytes = *megabytes * mib;
        else
            gpu.memory_bytes = fail(errc::not_supported, "gpu: it has no memory of its own, or does not tell");
        gpus.push_back(std::move(gpu));
    }
    return gpus;
}

static Fact<std::int64_t> percent(Fact<std::int64_t> const& part, Fact<std::int64_t> const& whole)
{
    static constexpr std::int64_t hundred = 100;
    static constexpr std::int64_t most = 1'000'000; // mAh; what is more is no capacity.
    if (!part) return part;
    if (!whole) return whole;
    if (*whole <= 0 || *part < 0 || *part > most)
        return fail(errc::bad_message, "battery: its capacities make no sense");
    return std::min(*part * hundred / *whole, hundred);
}

/// Lost of the capacity it was made with. On Apple's processors MaxCapacity is 100 percent of what is left, and the
/// capacity in mAh stands apart.
static Fact<std::int64_t> battery_wear(plist::Value const& entry)
{
    static constexpr std::int64_t hundred = 100;
    auto full = registry_number(entry, "AppleRawMaxCapacity");
    if (!full) full = registry_number(entry, "MaxCapacity");
    if (full && *full <= hundred) return fail(errc::not_supported, "battery: it tells no capacity in mAh");
    auto left = percent(full, registry_number(entry, "DesignCapacity"));
    if (!left) return left;
    return hundred - *left;
}

static Fact<std::string> battery_state(plist::Value const& entry)
{
    auto const charging = entry.boolean("IsCharging");
    auto const outside = entry.boolean("ExternalConnected");
    if (!charging || !outside) return fail(errc::not_found, "battery: it does not tell its state");
    if (*charging) return std::string("charging");
    if (entry.boolean("FullyCharged").value_or(false)) return std::string("full");
    return std::string(*outside ? "not charging" : "discharging");
}

std::vector<Battery> mac_batteries(std::vector<plist::Value> const& batteries)
{
    std::vector<Battery> found;
    for (auto const& entry : batteries) {
        if (!entry.boolean("BatteryInstalled").value_or(true)) continue;
        Battery battery;
        battery.name = fmt::format("InternalBattery-{}", found.size());
        battery.manufacturer = registry_text(entry, "Manufacturer");
        battery.model = registry_text(entry, "DeviceName");
        battery.state = battery_state(entry);
        battery.charge_percent =
            percent(registry_number(entry, "CurrentCapacity"), registry_number(entry, "MaxCapacity"));
        battery.wear_percent = battery_wear(entry);
        battery.cycles = registry_number(entry, "CycleCount");
        found.push_back(std::move(battery));
    }
    return found;
}

std::optional<std::string> whole_disk(std::string_view device)
{
    static constexpr std::string_view folder = "/dev/";
    static constexpr std::string_view word = "disk";
    if (device.starts_with(folder)) device.remove_prefix(folder.size());
    if (!device.starts_with(word)) return std::nullopt;
    auto const end = device.find_first_not_of("0123456789", word.size());
    if (device.size() == word.size() || end == word.size()) return std::nullopt;
    if (end != std::string_view::npos && device[end] != 's') return std::nullopt;
    return std::string(device.substr(0, end));
}

/// A drive, and not what something made of drives or files.
static bool is_drive(plist::Value const& media)
{
    // The disk that stands for an APFS container (diskutil calls it synthesized).
    static constexpr std::string_view container = "EF57347C-0000-11AA-AA11-00306543ECAC";
    if (!media.boolean("Whole").value_or(false) || media.text("Content") == container) return false;
    auto const* const protocol = media.find("Protocol Characteristics");
    return protocol != nullptr && protocol->text("Physical Interconnect") != "Virtual Interface";
}

static Fact<std::string> bus_of(plist::Value const* protocol)
{
    auto const name = protocol == nullptr ? std::string() : protocol->text("Physical Interconnect");
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> words = {{
        {"Apple Fabric", "nvme"},
        {"PCI-Express", "nvme"},
        {"PCI", "nvme"},
        {"SATA", "sata"},
        {"USB", "usb"},
        {"Secure Digital", "mmc"},
        {"SAS", "sas"},
        {"SCSI", "scsi"},
        {"Virtio", "virtio"},
    }};
    for (auto const& [interconnect, word] : words)
        if (name == interconnect) return std::string(word);
    if (name.empty()) return fail(errc::not_found, "disk: it does not tell its bus");
    return name;
}

std::vector<Disk> mac_disks(std::vector<plist::Value> const& media)
{
    std::vector<Disk> disks;
    for (auto const& entry : media) {
        auto const name = registry_text(entry, "BSD Name");
        if (!name || !is_drive(entry)) continue;
        auto const* const device = entry.find("Device Characteristics");
        auto const text = [device](std::string_view key) -> Fact<std::string> {
            if (device == nullptr) return fail(errc::not_found, "disk: its driver does not describe it");
            return registry_text(*device, key);
        };
        Disk disk;
        disk.name = *name;
        disk.model = text("Product Name");
        disk.serial = text("Serial Number");
        disk.size_bytes = registry_number(entry, "Size");
        disk.bus = bus_of(entry.find("Protocol Characteristics"));
        if (auto const type = text("Medium Type"))
            disk.rotational = *type == "Rotational";
        else
            disk.rotational = Result<bool>(type.error());
        if (auto const removable = entry.boolean("Removable"))
            disk.removable = *removable;
        else
            disk.removable = fail(errc::not_found, "disk: it does not tell whether it is removable");
        disks.push_back(std::move(disk));
    }
    return disks;
}

std::map<std::string, DiskCounters> mac_disk_counters(std::vector<plist::Value> const& media)
{
    std::map<std::string, DiskCounters> counters;
    for (auto const& entry : media) {
        auto const name = registry_text(entry, "BSD Name");
        auto const* const statistics = entry.find("Statistics");
        if (!name || statistics == nullptr || !is_drive(entry)) continue;
        auto const read = statistics->integer("Bytes (Read)");
        auto const written = statistics->integer("Bytes (Write)");
        if (!read || !written || *read < 0 || *written < 0) continue;
        counters[*name] = {.read_bytes = static_cast<std::uint64_t>(*read),
                           .written_bytes = static_cast<std::uint64_t>(*written),
                           .busy_ms = 0,
                           .tells_busy = false};
    }
    return counters;
}

Result<std::vector<std::string>> drives_of_volume(plist::Value const& diskutil_info)
{
    std::vector<std::string> drives;
    auto const add = [&drives](std::string_view device) {
        auto drive = whole_disk(device);
        if (drive && std::find(drives.begin(), drives.end(), *drive) == drives.end())
            drives.push_back(*std::move(drive));
    };
    for (auto const& store : diskutil_info.array("APFSPhysicalStores"))
        add(store.text("APFSPhysicalStore"));
    // What stands on a container has its made-up disk as parent; without its stores nobody knows the drive.
    if (drives.empty() && diskutil_info.text("FilesystemType") != "apfs") add(diskutil_info.text("ParentWholeDisk"));
    if (drives.empty()) return fail(errc::not_supported, "diskutil: the volume is on no drive");
    std::sort(drives.begin(), drives.end());
    return drives;
}

} // namespace rollcall::platform
