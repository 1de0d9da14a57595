#include <algorithm>
#include <string>
#include <vector>

#include "platform/linux/apt.hpp"
#include "platform/linux/bundles.hpp"
#include "platform/linux/dpkg.hpp"
#include "platform/linux/kernels.hpp"
#include "platform/linux/mounts.hpp"
#include "platform/linux/needs_restarting.hpp"
#include "platform/linux/packet_filter.hpp"
#include "platform/linux/pacman.hpp"
#include "platform/linux/pci_ids.hpp"
#include "platform/linux/proc_pid.hpp"
#include "platform/linux/procfs.hpp"
#include "platform/linux/rpm.hpp"
#include "platform/linux/tpm_caps.hpp"
#include "platform/linux/zypper.hpp"
#include "platform/macos/console.hpp"
#include "platform/macos/disk_volumes.hpp"
#include "platform/macos/keychain.hpp"
#include "platform/macos/launchd.hpp"
#include "platform/macos/mac_firewall.hpp"
#include "platform/macos/macho.hpp"
#include "platform/macos/software_update.hpp"
#include "platform/macos/unified_log.hpp"
#include "platform/smart.hpp"
#include "platform/smbios.hpp"
#include "platform/x509.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace platform = rollcall::platform;

/// Texts of the operating system and of its tools: any user of the machine may have a say in some of them.
FUZZ_TARGET(bytes)
{
    static_cast<void>(platform::parse_apt_simulation(bytes));
    static_cast<void>(platform::parse_apt_uris(bytes));
    static_cast<void>(platform::is_security_origin(bytes));
    static_cast<void>(platform::parse_dpkg_status(bytes));
    static_cast<void>(platform::procfs::assignments(bytes));
    static_cast<void>(platform::local_volumes(platform::parse_mountinfo(bytes)));

    static_cast<void>(platform::parse_rpm_list(bytes));
    static_cast<void>(platform::parse_dnf_upgrades(bytes, bytes));
    static_cast<void>(platform::parse_dnf_advisories(bytes));
    static_cast<void>(platform::parse_zypper_updates(bytes));
    static_cast<void>(platform::parse_zypper_patches(bytes));
    static_cast<void>(platform::parse_zypper_conflicts(bytes));
    static_cast<void>(platform::parse_pacman_upgrades(bytes));
    static_cast<void>(platform::parse_pacman_desc(bytes));
    static_cast<void>(platform::parse_snap(bytes));
    static_cast<void>(platform::parse_flatpak_list(bytes));
    static_cast<void>(platform::updated_packages(bytes));
    static_cast<void>(platform::read_certificate(bytes));
    static_cast<void>(platform::find_pci_name(bytes, "8086", "9a49"));
    static_cast<void>(platform::parse_proc_stat(bytes));
    static_cast<void>(platform::parse_proc_status(bytes));
    static_cast<void>(platform::parse_tpm_caps(bytes));
    // Tables of the firmware and of the kernel.
    static_cast<void>(platform::parse_memory_devices(bytes));
    static_cast<void>(platform::parse_smbios_tpms(bytes));
    static_cast<void>(platform::parse_nft_chains(bytes));
    // What a drive answers.
    static_cast<void>(platform::parse_nvme_health(bytes));
    static_cast<void>(platform::parse_ata_sense(bytes));
    static_cast<void>(platform::parse_ata_identity(bytes));
    static_cast<void>(platform::parse_ata_attributes(bytes));
    static_cast<void>(platform::parse_ata_endurance(bytes));
    static_cast<void>(platform::is_virtual_drive(bytes));

    // What Apple's tools print, and files of a Mac.
    static_cast<void>(platform::parse_launchctl_print(bytes));
    static_cast<void>(platform::parse_softwareupdate_list(bytes));
    static_cast<void>(platform::parse_global_state(bytes));
    static_cast<void>(platform::parse_packet_filter(bytes, bytes));
    static_cast<void>(platform::parse_keychain(bytes, "keychain"));
    static_cast<void>(platform::macho_architecture(bytes));
    static_cast<void>(platform::parse_unified_log(bytes, {.from_s = 0, .to_s = INT32_MAX}, 1, 2));
    static_cast<void>(platform::parse_log_second(bytes));
    if (auto const value = platform::plist::parse(bytes)) {
        static_cast<void>(platform::launchd_daemon(*value));
        static_cast<void>(platform::console_users(*value));
        static_cast<void>(platform::recommended_updates(*value));
        static_cast<void>(platform::physical_disks(*value));
        static_cast<void>(platform::parse_diskutil_health(*value));
        static_cast<void>(platform::judge_apfs_encryption(
            *value, {{.mount_point = "/", .device = "/dev/disk3s1s1", .file_system = "apfs"}}));
    }

    std::vector<std::string> releases;
    for (auto const word : platform::procfs::words(bytes))
        releases.emplace_back(word);
    if (releases.empty()) return;
    auto const& running = releases.front();
    auto const newest = platform::newest_of_flavour(running, releases);
    rollcall::fuzz::require(!newest || std::ranges::find(releases, *newest) != releases.end(),
                            "the newest kernel is one of those installed");
}
