#include "platform/macos/disk_volumes.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "platform/texts.hpp"

namespace rollcall::platform
{

namespace
{

constexpr std::string_view device_folder = "/dev/";

bool has_role(plist::Value const& volume, std::string_view role)
{
    auto const& roles = volume.array("Roles");
    return std::any_of(roles.begin(), roles.end(),
                       [&](auto const& one) { return one.text() != nullptr && *one.text() == role; });
}

/// "disk3s1s1" is a snapshot of "disk3s1".
bool is_device_or_snapshot(std::string_view device, std::string_view identifier)
{
    if (identifier.empty() || !device.starts_with(identifier)) return false;
    auto const rest = device.substr(identifier.size());
    if (rest.empty()) return true;
    return rest.size() > 1 && rest.front() == 's' && texts::to_number(rest.substr(1)).has_value();
}

struct FoundVolume {
    plist::Value const* container{};
    plist::Value const* volume{};
};

FoundVolume find_apfs_volume(plist::Value const& apfs, std::string_view device)
{
    FoundVolume found;
    for (auto const& container : apfs.array("Containers"))
        for (auto const& volume : container.array("Volumes")) {
            auto const identifier = volume.text("DeviceIdentifier");
            if (device == identifier) return {&container, &volume};
            if (is_device_or_snapshot(device, identifier)) found = {&container, &volume};
        }
    return found;
}

Result<bool> is_kept_by_password(plist::Value const& volume)
{
    if (volume.boolean("CryptoMigrationOn").value_or(false)) return false;
    if (auto const file_vault = volume.boolean("FileVault")) return *file_vault;
    if (auto const encryption = volume.boolean("Encryption")) return *encryption;
    return fail(errc::bad_message, "disk_encryption: diskutil does not say of a volume whether it is encrypted");
}

Result<bool> is_encrypted_apfs(plist::Value const& apfs, std::string_view device)
{
    if (std::holds_alternative<plist::Dictionary>(apfs.content()) && apfs.find("Containers") == nullptr)
        return fail(errc::bad_message, "disk_encryption: diskutil lists no containers");
    auto const found = find_apfs_volume(apfs, device);
    if (found.volume == nullptr)
        return fail(errc::not_found, fmt::format("disk_encryption: diskutil does not know {}", device));
    // Nothing of anybody's is on the sealed volume; what is at "/" besides is on its partner.
    if (has_role(*found.volume, "System"))
        for (auto const& volume : found.container->array("Volumes"))
            if (has_role(volume, "Data")) return is_kept_by_password(volume);
    return is_kept_by_password(*found.volume);
}

/// Two halves of 64 bits each, the second of which nobody will fill.
Fact<std::int64_t> smart_number(plist::Value const* keys, std::string_view name)
{
    if (keys == nullptr) return fail(errc::not_supported, "drive_health: diskutil tells no numbers");
    auto const number = keys->integer(name);
    if (!number || *number < 0) return fail(errc::not_supported, fmt::format("drive_health: no {}", name));
    return *number;
}

Fact<std::int64_t> smart_count(plist::Value const* keys, std::string const& name)
{
    auto low = smart_number(keys, name + "_0");
    if (low && keys->integer(name + "_1").value_or(0) != 0)
        return fail(errc::bad_message, fmt::format("drive_health: {} beyond all measure", name));
    return low;
}

Fact<std::string> characteristic(plist::Value const* facts, std::string_view key)
{
    auto const text = facts == nullptr ? std::string() : facts->text(key);
    auto const word = texts::trim(text);
    if (word.empty()) return fail(errc::not_found, fmt::format("drive_health: the drive tells no {}", key));
    return std::string(word);
}

} // namespace

std::vector<EncryptedVolume> judge_apfs_encryption(Result<plist::Value> const& apfs,
                                                   std::vector<MountedDevice> const& mounted)
{
    // FAT knows no encryption at all.
    static constexpr std::array<std::string_view, 2> plain_systems = {"msdos", "exfat"};
    std::vector<EncryptedVolume> volumes;
    for (auto const& one : mounted) {
        EncryptedVolume volume;
        volume.mount_point = one.mount_point;
        if (std::find(plain_systems.begin(), plain_systems.end(), one.file_system) != plain_systems.end()) {
            volume.encrypted = false;
        } else if (one.file_system != "apfs" || !one.device.starts_with(device_folder)) {
            volume.encrypted = fail(errc::not_supported, "disk_encryption: what is below this file system is not read");
        } else if (!apfs) {
            volume.encrypted = Result<bool>(fail(apfs.error(), "disk_encryption"));
        } else {
            volume.encrypted = is_encrypted_apfs(*apfs, std::string_view(one.device).substr(device_folder.size()));
        }
        if (!volume.encrypted)
            volume.method = Result<std::string>(volume.encrypted.error());
        else
            volume.method = std::string(*volume.encrypted ? "FileVault" : "");
        volumes.push_back(std::move(volume));
    }
    return volumes;
}

Result<std::vector<std::string>> physical_disks(plist::Value const& diskutil_list)
{
    static constexpr std::size_t most_disks = 1'000;
    if (diskutil_list.find("WholeDisks") == nullptr)
        return fail(errc::bad_message, "drive_health: diskutil lists no disks");
    std::vector<std::string> names;
    for (auto const& entry : diskutil_list.array("WholeDisks")) {
        auto const* const name = entry.text();
        // It becomes an argument: nothing but a disk's name does.
        if (name == nullptr || !name->starts_with("disk") || !texts::to_number(std::string_view(*name).substr(4)))
            return fail(errc::bad_message, "drive_health: diskutil names a disk that is none");
        if (names.size() < most_disks) names.push_back(*name);
    }
    return names;
}

MacDriveFacts mac_drive_facts(std::vector<plist::Value> const& media, std::string_view name)
{
    MacDriveFacts facts;
    auto const found =
        std::find_if(media.begin(), media.end(), [&](auto const& one) { return one.text("BSD Name") == name; });
    auto const* const device = found == media.end() ? nullptr : found->find("Device Characteristics");
    facts.model = characteristic(device, "Product Name");
    facts.serial = characteristic(device, "Serial Number");
    auto const medium = characteristic(device, "Medium Type");
    if (medium)
        facts.solid_state = *medium == "Solid State";
    else
        facts.solid_state = Result<bool>(medium.error());
    return facts;
}

Result<> may_ask_mac_drive(MacDriveFacts const& facts)
{
    if (facts.model && is_virtual_drive(*facts.model))
        return fail(errc::not_supported, "drive_health: a virtual drive");
    if (!facts.solid_state || !*facts.solid_state)
        return fail(errc::not_supported, "drive_health: it may spin and sleep, and being asked would wake it");
    return {};
}

Result<SmartReading> parse_diskutil_health(plist::Value const& info)
{
    if (info.dictionary() == nullptr) return fail(errc::bad_message, "drive_health: diskutil tells nothing");
    auto const status = info.text("SMARTStatus");
    auto const* const keys = info.find("SMARTDeviceSpecificKeysMayVaryNotGuaranteed");
    bool const tells_numbers = keys != nullptr && keys->dictionary() != nullptr && keys->dictionary()->size() > 0;
    bool const verified = status == "Verified";
    bool const failing = status == "Failing" || status == "About to Fail";
    if (!verified && !failing && !tells_numbers)
        return fail(errc::not_supported, "drive_health: macOS reads no SMART of this drive");
    SmartReading reading;
    auto const untold = fail(errc::not_supported, "drive_health: diskutil does not tell it");
    auto& facts = reading.facts;
    facts.passed = verified || failing ? Fact<bool>(verified) : Fact<bool>(untold);
    facts.warnings = untold;
    facts.reallocated_sectors = untold;
    facts.pending_sectors = untold;
    facts.uncorrectable_sectors = untold;
    static constexpr std::int64_t zero_celsius_in_kelvin = 273;
    auto const kelvin = smart_number(keys, "TEMPERATURE");
    facts.celsius = kelvin && *kelvin > 0
                        ? Fact<std::int64_t>(*kelvin - zero_celsius_in_kelvin)
                        : Fact<std::int64_t>(fail(errc::not_supported, "drive_health: no TEMPERATURE"));
    facts.power_on_hours = smart_count(keys, "POWER_ON_HOURS");
    facts.media_errors = smart_count(keys, "MEDIA_ERRORS");
    facts.used_percent = smart_number(keys, "PERCENTAGE_USED");
    facts.spare_percent = smart_number(keys, "AVAILABLE_SPARE");
    return reading;
}

} // namespace rollcall::platform
