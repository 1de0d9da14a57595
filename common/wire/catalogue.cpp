#include "common/wire/catalogue.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace rollcall::wire
{

using namespace std::chrono_literals;

static constexpr Column os_columns[] = {
    {"family", "Family", Type::text, Unit::none, "linux, windows or macos."},
    {"name", "Operating system", Type::text, Unit::none, "Name and version as the system writes it."},
    {"version", "Version", Type::text, Unit::none, "The version's number."},
    {"kernel", "Kernel", Type::text, Unit::none, "Release of the running kernel."},
    {"architecture", "Architecture", Type::text, Unit::none, "Of the running kernel: x86_64, aarch64."},
    {"host_name", "Machine name", Type::text, Unit::none, "The name the machine gives itself."},
    {"boot_ms", "Last boot", Type::time_ms, Unit::none, "When this boot began.", false},
    {"boot_id", "Boot id", Type::text, Unit::none, "A new one at every boot.", false},
    {"container", "Container", Type::text, Unit::none,
     "The container manager it runs under; empty on a real or virtual machine."},
    {"time_zone", "Time zone", Type::text, Unit::none, "IANA name of the local time zone."},
};

static constexpr Column hardware_columns[] = {
    {"manufacturer", "Manufacturer", Type::text, Unit::none, "Of the machine (SMBIOS type 1)."},
    {"model", "Model", Type::text, Unit::none, "Of the machine (SMBIOS type 1)."},
    {"serial", "Serial number", Type::text, Unit::none, "Of the machine (SMBIOS type 1)."},
    {"chassis", "Chassis", Type::text, Unit::none, "Laptop, Desktop, Rack server … (SMBIOS type 3)."},
    {"device_type", "Device type", Type::text, Unit::none, "PC or Server, by chassis and operating system."},
    {"virtualization", "Virtual machine", Type::text, Unit::none, "The hypervisor's name; empty on real hardware."},
    {"cpu_model", "Processor", Type::text, Unit::none, "Model name of the first processor."},
    {"cpu_sockets", "Sockets", Type::integer, Unit::count, "Processor packages."},
    {"cpu_cores", "Cores", Type::integer, Unit::count, "Physical cores."},
    {"cpu_threads", "Threads", Type::integer, Unit::count, "Logical processors online."},
    {"memory_bytes", "Memory", Type::integer, Unit::bytes, "Memory the system can use."},
    {"firmware_version", "Firmware", Type::text, Unit::none, "Version of BIOS or UEFI (SMBIOS type 0)."},
};

static constexpr Column disks_columns[] = {
    {"model", "Model", Type::text, Unit::none, "As the drive names itself."},
    {"serial", "Serial number", Type::text, Unit::none, "As the drive names itself."},
    {"size_bytes", "Size", Type::integer, Unit::bytes, "Capacity."},
    {"bus", "Bus", Type::text, Unit::none, "How it is attached: nvme, sata, usb, virtio."},
    {"rotational", "Spins", Type::boolean, Unit::none, "A disk with platters."},
    {"removable", "Removable", Type::boolean, Unit::none, "Its medium can be taken out."},
};

static constexpr Column network_interfaces_columns[] = {
    {"mac", "MAC address", Type::text, Unit::none, "Hardware address."},
    {"up", "Up", Type::boolean, Unit::none, "The link works."},
    {"mtu", "MTU", Type::integer, Unit::bytes, "Largest packet."},
    {"speed_mbit_per_s", "Speed", Type::integer, Unit::mbit_per_s, "Negotiated speed of the link."},
    {"virtual", "Virtual", Type::boolean, Unit::none, "No hardware behind it: bridge, tunnel, veth."},
};

static constexpr Column addresses_columns[] = {
    {"interface", "Interface", Type::text, Unit::none, "The interface that has it."},
    {"family", "Family", Type::text, Unit::none, "IPv4 or IPv6."},
    {"prefix_length", "Prefix", Type::integer, Unit::count, "Bits of the network part."},
};

static constexpr Column volumes_columns[] = {
    {"device", "Device", Type::text, Unit::none, "What is mounted."},
    {"file_system", "File system", Type::text, Unit::none, "Its type: ext4, xfs, NTFS."},
    {"size_bytes", "Size", Type::integer, Unit::bytes, "Capacity of the file system."},
    {"read_only", "Read-only", Type::boolean, Unit::none, "Mounted without the right to write."},
};

static constexpr Column software_columns[] = {
    {"version", "Version", Type::text, Unit::none, "Installed version."},
    {"architecture", "Architecture", Type::text, Unit::none, "What it was built for: amd64, all, x86."},
    {"publisher", "Publisher", Type::text, Unit::none, "Maintainer or vendor."},
    {"size_bytes", "Size", Type::integer, Unit::bytes, "Space it takes when installed."},
    {"source", "Source", Type::text, Unit::none, "Who knows it: dpkg, rpm, pacman, snap or flatpak."},
};

static constexpr Column patches_columns[] = {
    {"installed_version", "Installed", Type::text, Unit::none, "Version in place; empty for a new dependency."},
    {"available_version", "Available", Type::text, Unit::none, "Version that waits."},
    {"security", "Security", Type::boolean, Unit::none, "Comes from a security source."},
    {"size_bytes", "Download size", Type::integer, Unit::bytes, "To be downloaded."},
    {"origin", "Origin", Type::text, Unit::none, "The repository it comes from."},
    {"since_ms", "Waiting since", Type::time_ms, Unit::none, "When this agent first saw it wait.", false},
};

static constexpr Column pending_reboot_columns[] = {
    {"pending", "Pending", Type::boolean, Unit::none, "This signal asks for a reboot."},
    {"reason", "Reason", Type::text, Unit::none, "In words."},
    {"detail", "Detail", Type::text, Unit::none, "Packages or versions behind it."},
    {"since_ms", "Since", Type::time_ms, Unit::none, "When the signal appeared.", false},
};

static constexpr Column services_columns[] = {
    {"label", "Description", Type::text, Unit::none, "The service's own description."},
    {"state", "State", Type::text, Unit::none, "running, finished, stopped, failed, starting or stopping."},
    {"start_type", "Start type", Type::text, Unit::none, "automatic, manual, disabled or masked."},
    {"expected", "Should run", Type::boolean, Unit::none,
     "Starts by itself, stays up, and nothing says that it need not."},
    {"since_ms", "Since", Type::time_ms, Unit::none, "When it came into this state.", false},
    {"result", "Result", Type::text, Unit::none, "How its last run ended: success, exit-code, signal.", false},
};

static constexpr Column sessions_columns[] = {
    {"user", "User", Type::text, Unit::none, "Who is logged in."},
    {"kind", "Kind", Type::text, Unit::none, "desktop, console or remote."},
    {"from", "From", Type::text, Unit::none, "Where a remote session comes from."},
    {"terminal", "Terminal", Type::text, Unit::none, "Seat, display or tty."},
    {"state", "State", Type::text, Unit::none, "active, idle, locked or disconnected."},
    {"since_ms", "Since", Type::time_ms, Unit::none, "When the session began."},
    {"last_input_ms", "Last input", Type::time_ms, Unit::none, "Last touch of keyboard or mouse."},
};

static constexpr Column last_login_columns[] = {
    {"user", "User", Type::text, Unit::none, "Who last logged in."},
    {"at_ms", "When", Type::time_ms, Unit::none, "When."},
    {"kind", "Kind", Type::text, Unit::none, "desktop, console or remote."},
    {"from", "From", Type::text, Unit::none, "Where a remote log-in came from."},
};

static constexpr Column cpu_columns[] = {
    {"used_percent", "CPU used", Type::real, Unit::percent, "Share of all processors that worked."},
    {"user_percent", "User", Type::real, Unit::percent, "In programs."},
    {"system_percent", "System", Type::real, Unit::percent, "In the kernel."},
    {"io_wait_percent", "Waiting for disk", Type::real, Unit::percent, "Idle, with a disk request under way."},
};

static constexpr Column load_columns[] = {
    {"load_1", "Load 1 min", Type::real, Unit::none, "Mean number of runnable tasks over one minute."},
    {"load_5", "Load 5 min", Type::real, Unit::none, "Over five minutes."},
    {"load_15", "Load 15 min", Type::real, Unit::none, "Over fifteen minutes."},
};

static constexpr Column memory_columns[] = {
    {"used_percent", "Memory used", Type::real, Unit::percent, "Share that programs cannot get without swapping."},
    {"used_bytes", "Used", Type::integer, Unit::bytes, "Total less available."},
    {"available_bytes", "Available", Type::integer, Unit::bytes, "What programs could get without swapping."},
};

static constexpr Column swap_columns[] = {
    {"used_percent", "Swap used", Type::real, Unit::percent, "Share of the swap space in use."},
    {"used_bytes", "Used", Type::integer, Unit::bytes, "Swap space in use."},
    {"total_bytes", "Total", Type::integer, Unit::bytes, "Swap space there is."},
};

static constexpr Column volume_usage_columns[] = {
    {"free_percent", "Free", Type::real, Unit::percent, "Share an ordinary user may still write."},
    {"free_bytes", "Free space", Type::integer, Unit::bytes, "What an ordinary user may still write."},
};

static constexpr Column disk_io_columns[] = {
    {"read_bytes_per_s", "Read", Type::real, Unit::bytes_per_s, "Bytes read per second."},
    {"write_bytes_per_s", "Written", Type::real, Unit::bytes_per_s, "Bytes written per second."},
    {"busy_percent", "Busy", Type::real, Unit::percent, "Share of time with a request under way."},
};

static constexpr Column network_io_columns[] = {
    {"received_bytes_per_s", "Received", Type::real, Unit::bytes_per_s, "Bytes received per second."},
    {"sent_bytes_per_s", "Sent", Type::real, Unit::bytes_per_s, "Bytes sent per second."},
};

static constexpr Column memory_modules_columns[] = {
    {"size_bytes", "Size", Type::integer, Unit::bytes, "Its capacity; 0 where the slot is empty."},
    {"type", "Type", Type::text, Unit::none, "Kind of memory: DDR4, LPDDR5."},
    {"speed", "Speed in MT/s", Type::integer, Unit::count, "Megatransfers per second, as it runs."},
    {"manufacturer", "Manufacturer", Type::text, Unit::none, "Of the module (SMBIOS type 17)."},
    {"serial", "Serial number", Type::text, Unit::none, "Of the module (SMBIOS type 17)."},
    {"part_number", "Part number", Type::text, Unit::none, "Of the module (SMBIOS type 17)."},
};

static constexpr Column gpus_columns[] = {
    {"manufacturer", "Manufacturer", Type::text, Unit::none, "Name, or number on the bus where none is known."},
    {"model", "Model", Type::text, Unit::none, "Name, or number on the bus where none is known."},
    {"driver", "Driver", Type::text, Unit::none, "What drives it."},
    {"memory_bytes", "Memory", Type::integer, Unit::bytes, "Memory of its own, where the driver tells."},
};

static constexpr Column batteries_columns[] = {
    {"manufacturer", "Manufacturer", Type::text, Unit::none, "As the battery names itself."},
    {"model", "Model", Type::text, Unit::none, "As the battery names itself."},
    {"state", "State", Type::text, Unit::none, "charging, discharging, not charging or full.", false},
    {"charge_percent", "Charge", Type::integer, Unit::percent, "What is left of a full charge.", false},
    {"wear_percent", "Wear", Type::integer, Unit::percent, "What it lost of the capacity it was made with."},
    {"cycles", "Cycles", Type::integer, Unit::count, "Full charges it has had.", false},
};

static constexpr Column tpm_columns[] = {
    {"version", "Version", Type::text, Unit::none, "Of the specification: 1.2 or 2.0."},
    {"manufacturer", "Manufacturer", Type::text, Unit::none, "Its letters in the list of the TCG."},
    {"firmware_version", "Firmware", Type::text, Unit::none, "Version of its firmware."},
};

static constexpr Column sensors_columns[] = {
    {"kind", "Kind", Type::text, Unit::none, "temperature or fan."},
    {"chip", "Chip", Type::text, Unit::none, "What reads it."},
    {"high_celsius", "High", Type::integer, Unit::celsius, "From here on it is warm, its maker says."},
    {"critical_celsius", "Critical", Type::integer, Unit::celsius, "From here on it takes harm."},
    {"least_rpm", "Least speed", Type::integer, Unit::rpm, "Below this a fan counts as stuck."},
};

static constexpr Column temperatures_columns[] = {
    {"celsius", "Temperature", Type::real, Unit::celsius, "What the sensor shows."},
};

static constexpr Column fans_columns[] = {
    {"rpm", "Speed", Type::real, Unit::rpm, "Revolutions per minute; 0 where it stands still."},
};

static constexpr Column processes_columns[] = {
    {"name", "Program", Type::text, Unit::none, "Short name of the program, without what it was called with."},
    {"user", "User", Type::text, Unit::none, "Whom it works for."},
    {"cpu_percent", "CPU", Type::integer, Unit::percent,
     "Mean since the reading before; 100 is one processor that does nothing else."},
    {"memory_bytes", "Memory", Type::integer, Unit::bytes, "Resident, rounded down by up to 6 percent."},
    {"started_ms", "Started", Type::time_ms, Unit::none, "When it began."},
};

static constexpr Column agent_health_columns[] = {
    {"resident_bytes", "Memory", Type::integer, Unit::bytes, "Resident memory of the agent."},
    {"anonymous_bytes", "Own memory", Type::integer, Unit::bytes, "What of it is no file's."},
    {"waiting_bytes", "Waiting", Type::integer, Unit::bytes, "What the collector has not acknowledged yet."},
    {"cpu_percent", "CPU", Type::real, Unit::percent, "Of one processor, since the reading before."},
    {"children_cpu_percent", "CPU of tools", Type::real, Unit::percent,
     "The same of the programs it ran, such as package managers."},
    {"threads", "Threads", Type::integer, Unit::count, "Of the agent."},
    {"descriptors", "Open files", Type::integer, Unit::count, "Files and sockets the agent has open."},
    {"waiting_records", "Records waiting", Type::integer, Unit::count, "What the collector has not acknowledged yet."},
    {"uptime_seconds", "Running for", Type::integer, Unit::seconds, "Since the agent began."},
};

static constexpr Column time_sync_columns[] = {
    {"synchronised", "Synchronised", Type::boolean, Unit::none, "Something keeps the clock right."},
    {"source", "Kept by", Type::text, Unit::none, "The program that does: chronyd, systemd-timesyncd; empty for none."},
    {"offset", "Offset", Type::integer, Unit::milliseconds, "What the system is still to correct, in steps of 10 ms.",
     false},
};

static constexpr Column firewall_columns[] = {
    {"filters_incoming", "Filters", Type::boolean, Unit::none, "Some rule decides about packets to this machine."},
    {"drops_by_default", "Drops the rest", Type::boolean, Unit::none,
     "What no rule speaks of does not come in, by the policy of a chain."},
    {"manager", "Kept by", Type::text, Unit::none,
     "firewalld, ufw, nftables or iptables; empty where nothing filters."},
};

static constexpr Column disk_encryption_columns[] = {
    {"encrypted", "Encrypted", Type::boolean, Unit::none,
     "By the system, in every part; what a drive does by itself is not seen."},
    {"method", "Method", Type::text, Unit::none, "LUKS2, LUKS1, plain; empty where it is not encrypted."},
};

static constexpr Column certificates_columns[] = {
    {"subject", "Subject", Type::text, Unit::none, "Whose it is."},
    {"issuer", "Issuer", Type::text, Unit::none, "Who vouches for it."},
    {"names", "Names", Type::text, Unit::none, "DNS names and addresses it is for."},
    {"not_before_ms", "Valid from", Type::time_ms, Unit::none, "From then on."},
    {"not_after_ms", "Valid until", Type::time_ms, Unit::none, "Until then."},
    {"self_signed", "Self-signed", Type::boolean, Unit::none, "It vouches for itself."},
    {"serial", "Serial number", Type::text, Unit::none, "Hexadecimal."},
};

static constexpr Column files_columns[] = {
    {"exists", "Exists", Type::boolean, Unit::none, "Something has that path."},
    {"kind", "Kind", Type::text, Unit::none, "file, folder or other; of a link, what it leads to."},
    {"size_bytes", "Size", Type::integer, Unit::bytes, "Of a file.", false},
    {"modified_ms", "Modified", Type::time_ms, Unit::none,
     "When it was last written; of a folder, when a name in it came or went.", false},
};

static constexpr Column file_ages_columns[] = {
    {"age_seconds", "Age", Type::integer, Unit::seconds, "Since it was last written."},
    {"size_bytes", "Size", Type::integer, Unit::bytes, "Of a file."},
};

static constexpr Column drive_health_columns[] = {
    {"model", "Model", Type::text, Unit::none, "As the drive names itself."},
    {"serial", "Serial number", Type::text, Unit::none, "As the drive names itself."},
    {"passed", "Healthy", Type::boolean, Unit::none, "The drive's own judgement (SMART)."},
    {"warnings", "Warnings", Type::text, Unit::none, "What an NVMe drive complains of; empty where of nothing."},
    {"power_on_hours", "Power-on hours", Type::integer, Unit::count, "How long it has run, in steps of 100.", false},
    {"reallocated_sectors", "Reallocated sectors", Type::integer, Unit::count, "Bad ones that it has replaced."},
    {"pending_sectors", "Pending sectors", Type::integer, Unit::count, "Doubtful ones that it would replace."},
    {"uncorrectable_sectors", "Uncorrectable sectors", Type::integer, Unit::count,
     "Bad ones that its own check of the whole drive found."},
    {"media_errors", "Media errors", Type::integer, Unit::count, "Data that it could not read back."},
    {"used_percent", "Endurance used", Type::integer, Unit::percent,
     "Of the writes a solid-state drive is made for; may be above 100.", false},
    {"spare_percent", "Spare left", Type::integer, Unit::percent, "Of the spare blocks of an NVMe drive."},
    {"asleep", "Asleep", Type::boolean, Unit::none,
     "It is in standby and was not woken: the rest is what it said before.", false},
};

static constexpr Column drive_temperatures_columns[] = {
    {"celsius", "Temperature", Type::integer, Unit::celsius, "What the drive says."},
};

static constexpr Column system_log_columns[] = {
    {"kept_by", "Kept by", Type::text, Unit::none, "What keeps it, by its own name: journald."},
    {"persistent", "Persistent", Type::boolean, Unit::none, "It outlives a reboot."},
    {"oldest_ms", "Oldest", Type::time_ms, Unit::none, "Time of the oldest record that is still there.", false},
};

static constexpr std::array all_probes = {
    Probe{"os", "Operating system", Kind::state, "", 300s, 10s, os_columns,
          "What runs on the machine, and since when."},
    Probe{"hardware", "Hardware", Kind::state, "", 3600s, 20s, hardware_columns, "What the machine is made of."},
    Probe{"disks", "Disks", Kind::state, "Disk", 3600s, 20s, disks_columns, "The drives in the machine."},
    Probe{"network_interfaces", "Network interfaces", Kind::state, "Interface", 300s, 10s, network_interfaces_columns,
          "Its network cards and virtual interfaces."},
    Probe{"addresses", "Addresses", Kind::state, "Address", 300s, 10s, addresses_columns,
          "Its network addresses, without loopback and link-local ones."},
    Probe{"volumes", "Volumes", Kind::state, "Mount point", 300s, 10s, volumes_columns,
          "The mounted local file systems."},
    Probe{"software", "Software", Kind::state, "Name", 3600s, 60s, software_columns, "What is installed.", true, true,
          "Installed", "Removed"},
    Probe{"patches", "Available patches", Kind::state, "Package", 21600s, 300s, patches_columns,
          "What the package manager would install now.", true, true, "Available", "No longer pending"},
    Probe{"pending_reboot", "Pending reboot", Kind::state, "Signal", 900s, 30s, pending_reboot_columns,
          "Every signal that may ask for a reboot, with what it says.", true, true, "Appeared", "Cleared"},
    Probe{"services", "Services", Kind::state, "Service", 300s, 30s, services_columns,
          "The services the system manages."},
    Probe{"sessions", "User activity", Kind::state, "Session", 60s, 10s, sessions_columns, "Who is logged in now.",
          true, false},
    Probe{"last_login", "Last log-in", Kind::state, "", 300s, 10s, last_login_columns, "Who logged in last, and when.",
          true, false},
    Probe{"cpu", "CPU", Kind::series, "", 15s, 5s, cpu_columns, "Work of the processors."},
    Probe{"load", "Load", Kind::series, "", 15s, 5s, load_columns, "Tasks that want to run."},
    Probe{"memory", "Memory", Kind::series, "", 15s, 5s, memory_columns, "Main memory."},
    Probe{"swap", "Swap", Kind::series, "", 60s, 5s, swap_columns, "Swap space."},
    Probe{"volume_usage", "Free space", Kind::series, "Mount point", 60s, 10s, volume_usage_columns,
          "What is left on each volume."},
    Probe{"disk_io", "Disk I/O", Kind::series, "Disk", 15s, 5s, disk_io_columns, "Traffic of each disk."},
    Probe{"network_io", "Network I/O", Kind::series, "Interface", 15s, 5s, network_io_columns,
          "Traffic of each interface."},
    Probe{"memory_modules", "Memory modules", Kind::state, "Slot", 3600s, 20s, memory_modules_columns,
          "The slots for memory and what is in them."},
    Probe{"gpus", "Graphics", Kind::state, "Place", 3600s, 20s, gpus_columns, "Graphics adapters."},
    Probe{"batteries", "Batteries", Kind::state, "Battery", 300s, 20s, batteries_columns,
          "The batteries the machine runs on."},
    Probe{"tpm", "TPM", Kind::state, "Device", 3600s, 20s, tpm_columns, "Trusted platform modules."},
    Probe{"sensors", "Sensors", Kind::state, "Sensor", 3600s, 20s, sensors_columns,
          "Temperature sensors and fans, with the limits their makers set."},
    Probe{"temperatures", "Temperatures", Kind::series, "Sensor", 60s, 20s, temperatures_columns,
          "What the temperature sensors show."},
    Probe{"fans", "Fans", Kind::series, "Fan", 60s, 20s, fans_columns, "How fast the fans turn."},
    Probe{"processes", "Processes", Kind::state, "Process id", 300s, 30s, processes_columns,
          "The ten that worked most since the last reading and the ten that hold most memory. Command lines are not "
          "read, for they may hold secrets.",
          false},
    Probe{"agent_health", "Agent", Kind::series, "", 300s, 10s, agent_health_columns, "What the agent itself costs."},
    Probe{"time_sync", "Time", Kind::state, "", 900s, 10s, time_sync_columns, "Whether the clock is kept right."},
    Probe{"firewall", "Firewall", Kind::state, "", 900s, 20s, firewall_columns,
          "Whether anything filters what comes in."},
    Probe{"disk_encryption", "Disk encryption", Kind::state, "Mount point", 3600s, 20s, disk_encryption_columns,
          "Which volumes are encrypted."},
    Probe{"certificates", "Certificates", Kind::state, "File", 3600s, 30s, certificates_columns,
          "Certificates in the folders where servers keep theirs, each once; not the authorities the system trusts."},
    Probe{"files", "Files", Kind::state, "Path", 900s, 30s, files_columns,
          "The files and folders that are named on the machine to be looked at; their content is not read."},
    Probe{"file_ages", "File age and size", Kind::series, "Path", 300s, 30s, file_ages_columns,
          "How old and how large the named files are."},
    Probe{"drive_health", "Drive health", Kind::state, "Disk", 3600s, 120s, drive_health_columns,
          "What the drives say of their own health (SMART). One that sleeps is not woken."},
    Probe{"drive_temperatures", "Drive temperatures", Kind::series, "Disk", 3600s, 120s, drive_temperatures_columns,
          "How warm the drives are, by their own word."},
    Probe{"system_log", "System log", Kind::state, "", 60s, 50s, system_log_columns,
          "The log of the system. Its errors are told as events, but not those of log-ins and sudo."},
};

static constexpr Column session_event_columns[] = {
    {"user", "User", Type::text, Unit::none, "Whose session."},
    {"session", "Session", Type::text, Unit::none, "The system's id of the session."},
    {"kind", "Kind", Type::text, Unit::none, "desktop, console or remote."},
    {"from", "From", Type::text, Unit::none, "Where a remote session comes from."},
};
static constexpr Column service_event_columns[] = {
    {"service", "Service", Type::text, Unit::none, "The service's name."},
    {"result", "Result", Type::text, Unit::none, "How it ended: exit-code, signal, timeout."},
};
static constexpr Column boot_event_columns[] = {
    {"boot_id", "Boot id", Type::text, Unit::none, "Id of the boot that began."},
    {"boot_ms", "Boot", Type::time_ms, Unit::none, "When it began."},
};
static constexpr Column agent_event_columns[] = {
    {"version", "Version", Type::text, Unit::none, "Version of the agent."},
    {"reason", "Reason", Type::text, Unit::none, "Why it stopped, where that is known."},
};

static constexpr Column copy_event_columns[] = {
    {"device_id", "Device", Type::text, Unit::none, "Id of the other device."},
    {"name", "Name", Type::text, Unit::none, "Name of the other device."},
    {"remote", "Address", Type::text, Unit::none, "Where the copy connected from."},
};
static constexpr Column board_event_columns[] = {
    {"remote", "Address", Type::text, Unit::none, "Where it connected from."},
};
static constexpr Column log_record_columns[] = {
    {"source", "Source", Type::text, Unit::none, "The name it was written under."},
    {"service", "Service", Type::text, Unit::none, "The service it comes from, where it is one."},
    {"priority", "Priority", Type::text, Unit::none, "error, critical, alert or emergency."},
    {"message", "Message", Type::text, Unit::none, "Its first 1,000 bytes."},
};
static constexpr Column log_left_out_columns[] = {
    {"count", "Records", Type::integer, Unit::count, "How many were not told, being too many."},
};

static constexpr Column update_event_columns[] = {
    {"version", "Version", Type::text, Unit::none, "The version that was offered."},
    {"from", "From", Type::text, Unit::none, "The version that ran."},
    {"state", "State", Type::text, Unit::none, "downloading, ready, trial, confirmed, failed, rolled_back or refused."},
    {"reason", "Reason", Type::text, Unit::none, "Why it went wrong; empty where it did not."},
};

static constexpr std::array all_event_types = {
    EventType{"boot", "Started up", "The machine booted.", boot_event_columns},
    EventType{"log_in", "Logged in", "A session began.", session_event_columns},
    EventType{"log_out", "Logged out", "A session ended.", session_event_columns},
    EventType{"lock", "Locked", "A session was locked.", session_event_columns},
    EventType{"unlock", "Unlocked", "A session was unlocked.", session_event_columns},
    EventType{"service_failed", "Service failed", "A service ended with a failure.", service_event_columns},
    EventType{"agent_start", "Agent started", "The agent began its work.", agent_event_columns},
    EventType{"agent_stop", "Agent stopped", "The agent was told to stop.", agent_event_columns},
    EventType{"disk_copied", "Disk copied",
              "A copy of this device's disk started elsewhere and is a device of its own.", copy_event_columns},
    EventType{"made_from_copy", "Made from a copy", "It began as a copy of another device's disk.", copy_event_columns},
    EventType{"copied_again", "Copied again",
              "The same disk came to the copy's machine once more, which was given a new certificate.",
              copy_event_columns},
    EventType{"board_changed", "Board changed", "The same disk came back on another board.", board_event_columns},
    EventType{"log_record", "Error in the log", "An error, or worse, in the log of the system.", log_record_columns},
    EventType{"log_left_out", "Errors left out", "More errors in the log of the system than are told one by one.",
              log_left_out_columns},
    EventType{"agent_update", "Agent updated", "A step of the agent on its way to another version of itself.",
              update_event_columns},
};

std::span<Probe const> probes() { return all_probes; }
std::span<EventType const> event_types() { return all_event_types; }

Probe const* find_probe(std::string_view name)
{
    auto const* const found = std::ranges::find(all_probes, name, &Probe::name);
    return found == all_probes.end() ? nullptr : found;
}

EventType const* find_event_type(std::string_view name)
{
    auto const* const found = std::ranges::find(all_event_types, name, &EventType::name);
    return found == all_event_types.end() ? nullptr : found;
}

Column const* find_column(Probe const& probe, std::string_view name)
{
    auto const found = std::ranges::find(probe.columns, name, &Column::name);
    return found == probe.columns.end() ? nullptr : &*found;
}

std::string_view to_string(Kind kind)
{
    switch (kind) {
    case Kind::state:
        return "state";
    case Kind::series:
        return "series";
    case Kind::event:
        return "event";
    }
    return "state";
}

std::string_view to_string(Type type)
{
    switch (type) {
    case Type::text:
        return "text";
    case Type::integer:
        return "integer";
    case Type::real:
        return "real";
    case Type::boolean:
        return "boolean";
    case Type::time_ms:
        return "time_ms";
    }
    return "text";
}

/// To so many decimal digits, but no finer than whole.
static double leading_digits(double reading, int digits)
{
    auto const whole = std::round(reading);
    if (whole == 0 || !std::isfinite(whole)) return whole;
    auto const dropped = static_cast<int>(std::floor(std::log10(std::fabs(whole)))) + 1 - digits;
    if (dropped <= 0) return whole;
    double const step = std::pow(10.0, dropped);
    return std::round(reading / step) * step; // Not of `whole`: rounded twice, 1234.5 would be 1240.
}

double rounded(double reading, Unit unit)
{
    switch (unit) {
    case Unit::bytes:
        return leading_digits(reading, 4);
    case Unit::bytes_per_s:
        return leading_digits(reading, 3);
    case Unit::percent:
        return std::round(reading * 10.0) / 10.0;
    case Unit::none:
    case Unit::count:
    case Unit::milliseconds:
    case Unit::mbit_per_s:
    case Unit::celsius:
    case Unit::rpm:
    case Unit::seconds:
        break;
    }
    return std::round(reading * 100.0) / 100.0;
}

std::int64_t rounded(std::int64_t reading, Unit unit)
{
    // Only of bytes are there more digits than anybody sees; beyond 2^53 a double would not hold them.
    static constexpr std::int64_t most = std::int64_t{1} << 53;
    if (unit != Unit::bytes || reading > most || reading < -most) return reading;
    return std::llround(rounded(static_cast<double>(reading), unit));
}

std::string_view to_string(Unit unit)
{
    switch (unit) {
    case Unit::none:
        return "none";
    case Unit::bytes:
        return "bytes";
    case Unit::bytes_per_s:
        return "bytes_per_s";
    case Unit::percent:
        return "percent";
    case Unit::count:
        return "count";
    case Unit::milliseconds:
        return "milliseconds";
    case Unit::mbit_per_s:
        return "mbit_per_s";
    case Unit::celsius:
        return "celsius";
    case Unit::rpm:
        return "rpm";
    case Unit::seconds:
        return "seconds";
    }
    return "none";
}

} // namespace rollcall::wire
