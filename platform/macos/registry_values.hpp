#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/batteries.hpp"
#include "platform/disks.hpp"
#include "platform/gpus.hpp"
#include "platform/macos/plist.hpp"
#include "platform/performance.hpp"

/// What the I/O Registry's values mean, judged without macOS. The keys that a caller has to ask for stand beside each.
namespace rollcall::platform
{

/// A text, which drivers also give as bytes with a zero at the end. not_found where it is neither, or empty.
[[nodiscard]] Fact<std::string> registry_text(plist::Value const& entry, std::string_view key);
/// A number, which device trees also give as up to eight bytes, the lowest first.
[[nodiscard]] Fact<std::int64_t> registry_number(plist::Value const& entry, std::string_view key);

/// SMBIOS's number of the chassis (DSP0134 §7.4.1), by the identifier of the model: "MacBookPro18,3". Those of newer
/// models ("Mac14,2") say nothing; what has a battery of its own is portable. not_found: nobody can tell.
[[nodiscard]] Fact<std::int64_t> mac_chassis(std::string_view model, bool has_battery);

/// In which hypervisor; empty on real hardware.
[[nodiscard]] std::string mac_virtualization(bool has_hypervisor, Fact<std::string> const& manufacturer,
                                             std::string const& model);

/// Of the class IOAccelerator.
inline std::vector<std::string> const gpu_keys = {"model", "vendor-id", "VRAM,totalMB", "IOClass"};
[[nodiscard]] std::vector<Gpu> mac_gpus(std::vector<plist::Value> const& accelerators);

/// Of the class AppleSmartBattery.
inline std::vector<std::string> const battery_keys = {
    "BatteryInstalled", "DeviceName",  "Manufacturer",        "IsCharging",     "FullyCharged", "ExternalConnected",
    "CurrentCapacity",  "MaxCapacity", "AppleRawMaxCapacity", "DesignCapacity", "CycleCount"};
[[nodiscard]] std::vector<Battery> mac_batteries(std::vector<plist::Value> const& batteries);

/// Of the class IOMedia.
inline std::vector<std::string> const media_keys = {
    "BSD Name",  "Whole", "Size", "Removable", "Content", "Device Characteristics", "Protocol Characteristics",
    "Statistics"};
/// Real drives only: no partitions, no disk images, and not the disks that APFS makes up for its containers.
[[nodiscard]] std::vector<Disk> mac_disks(std::vector<plist::Value> const& media);
/// Bytes since the boot. The times that drivers sum up count requests that overlap twice: busy_ms is no answer.
[[nodiscard]] std::map<std::string, DiskCounters> mac_disk_counters(std::vector<plist::Value> const& media);

/// On which drives a volume lies, by `diskutil info -plist DEVICE`: those of its APFS container, else its own.
[[nodiscard]] Result<std::vector<std::string>> drives_of_volume(plist::Value const& diskutil_info);
/// "disk0" of "disk0s2" or "/dev/disk0s2"; nothing where that is no disk.
[[nodiscard]] std::optional<std::string> whole_disk(std::string_view device);

} // namespace rollcall::platform
