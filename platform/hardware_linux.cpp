#include "platform/hardware.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <fmt/format.h>

#include "platform/linux/container.hpp"
#include "platform/linux/procfs.hpp"
#include "platform/linux/smbios.hpp"

namespace rollcall::platform
{

namespace
{

/// SMBIOS (DSP0134 §7.4.1), from 1.
constexpr std::array<std::string_view, 36> chassis_names = {"Other",
                                                            "Unknown",
                                                            "Desktop",
                                                            "Low-profile desktop",
                                                            "Pizza box",
                                                            "Mini tower",
                                                            "Tower",
                                                            "Portable",
                                                            "Laptop",
                                                            "Notebook",
                                                            "Hand-held",
                                                            "Docking station",
                                                            "All-in-one",
                                                            "Sub-notebook",
                                                            "Space-saving",
                                                            "Lunch box",
                                                            "Server chassis",
                                                            "Expansion chassis",
                                                            "Sub-chassis",
                                                            "Bus expansion chassis",
                                                            "Peripheral chassis",
                                                            "RAID chassis",
                                                            "Rack server",
                                                            "Sealed-case PC",
                                                            "Multi-system chassis",
                                                            "CompactPCI",
                                                            "AdvancedTCA",
                                                            "Blade",
                                                            "Blade enclosure",
                                                            "Tablet",
                                                            "Convertible",
                                                            "Detachable",
                                                            "IoT gateway",
                                                            "Embedded PC",
                                                            "Mini PC",
                                                            "Stick PC"};

ChassisGroup group_of(std::int64_t type)
{
    switch (type) {
    case 8:
    case 9:
    case 10:
    case 11:
    case 13:
    case 14:
    case 30:
    case 31:
    case 32:
        return ChassisGroup::portable;
    case 17:
    case 23:
    case 25:
    case 27:
    case 28:
    case 29:
        return ChassisGroup::server;
    default:
        return ChassisGroup::other;
    }
}

struct Processor {
    std::string model;
    std::int64_t threads{};
    std::int64_t sockets{};
    std::int64_t cores{};
    bool hypervisor{};
};

Processor parse_cpuinfo(std::string_view text)
{
    Processor found;
    std::set<std::string> sockets;
    std::set<std::pair<std::string, std::string>> cores;
    std::string socket;
    for (auto const line : procfs::lines(text)) {
        auto const colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        auto const name = procfs::trim(line.substr(0, colon));
        auto const value = procfs::trim(line.substr(colon + 1));
        if (name == "processor")
            ++found.threads;
        else if ((name == "model name" || name == "cpu model" || name == "Model") && found.model.empty())
            found.model = value;
        else if (name == "physical id")
            sockets.insert(socket = std::string(value));
        else if (name == "core id")
            cores.emplace(socket, std::string(value));
        else if (name == "flags" && !found.hypervisor) {
            auto const flags = procfs::words(value);
            found.hypervisor = std::find(flags.begin(), flags.end(), "hypervisor") != flags.end();
        }
    }
    found.sockets = static_cast<std::int64_t>(sockets.size());
    found.cores = static_cast<std::int64_t>(cores.size());
    return found;
}

/// The name the hypervisor gives itself in the processor's own terms; empty where it has none.
std::string hypervisor_signature()
{
#if defined(__x86_64__)
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    __cpuid(0x40000000U, a, b, c, d);
    std::array<char, 12> text{};
    std::memcpy(text.data(), &b, 4);
    std::memcpy(text.data() + 4, &c, 4);
    std::memcpy(text.data() + 8, &d, 4);
    std::string_view const name(text.data(), text.size());
    if (name.starts_with("KVMKVMKVM")) return "kvm";
    if (name == "Microsoft Hv") return "hyper-v";
    if (name == "VMwareVMware") return "vmware";
    if (name == "XenVMMXenVMM") return "xen";
    if (name == "TCGTCGTCGTCG") return "qemu";
    if (name.starts_with("bhyve")) return "bhyve";
    if (name == "VBoxVBoxVBox") return "virtualbox";
#endif
    return {};
}

/// The same for each way in which a system UUID is shown: kernels before 4.10 write it in capitals, and the bytes of
/// its first three fields were turned by SMBIOS 2.6 (DSP0134 §7.2.1), so that a virtual machine whose hardware is
/// upgraded shows them the other way round. Of the two ways the smaller one counts.
std::string canonical_uuid(std::string_view text)
{
    static constexpr std::string_view shape = "00000000-0000-0000-0000-000000000000";
    std::string uuid(text);
    for (auto& c : uuid)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    auto const fits = [](char c, char wanted) { return (c == '-') == (wanted == '-'); };
    if (!std::equal(uuid.begin(), uuid.end(), shape.begin(), shape.end(), fits)) return uuid;
    static constexpr std::array<std::size_t, 16> turned = {6, 7, 4, 5, 2, 3, 0, 1, 11, 12, 9, 10, 16, 17, 14, 15};
    static constexpr std::array<std::size_t, 16> places = {0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 16, 17};
    auto other = uuid;
    for (std::size_t i = 0; i < places.size(); ++i)
        other[places[i]] = uuid[turned[i]];
    return std::min(uuid, other);
}

/// What makers of cheap boards forgot to change: thousands of machines have each of these.
bool is_everybodys(std::string_view uuid)
{
    static constexpr std::array<std::string_view, 3> uuids = {"03000200-0400-0500-0006-000700080009",
                                                              "12345678-1234-5678-90ab-cddeefaabbcc",
                                                              "01234567-8910-1112-1314-151617181920"};
    return std::any_of(uuids.begin(), uuids.end(),
                       [&](std::string_view known) { return uuid == canonical_uuid(known); });
}

/// The machine has none. Any other failure may pass, and must not give the machine another identity meanwhile.
bool is_absent(Fact<std::string> const& fact)
{
    auto const why = fact ? std::string_view() : reason(fact.error());
    return why == to_string(errc::not_found) || why == to_string(errc::not_supported);
}

class LinuxHardware final : public Hardware
{
public:
    explicit LinuxHardware(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<HardwareFacts> read() const override
    {
        HardwareFacts facts;
        facts.manufacturer = dmi("sys_vendor");
        facts.model = dmi("product_name");
        facts.serial = dmi("product_serial");
        facts.firmware_version = dmi("bios_version");
        read_device_tree(facts);
        read_chassis(facts);
        read_processor(facts);
        facts.memory_bytes = memory();
        facts.desktop = has_desktop();
        return facts;
    }

    [[nodiscard]] Result<std::string> identity() const override
    {
        // In a container the hardware is the host's, and its containers must not be taken for one device.
        if (container_manager(root_).empty()) {
            auto const uuid = dmi("product_uuid");
            auto const board = dmi("board_serial");
            for (auto const* const fact : {&uuid, &board})
                if (!*fact && !is_absent(*fact)) return fail(fact->error(), "hardware identity");
            auto const own = uuid ? canonical_uuid(*uuid) : std::string();
            if (uuid && !is_everybodys(own)) return fmt::format("dmi:{}:{}", own, board ? *board : std::string());
            // Of a board without SMBIOS; its whole card with the machine id is what people copy.
            auto const serial = device_tree("serial-number");
            if (!serial && !is_absent(serial)) return fail(serial.error(), "hardware identity");
            if (serial && !is_placeholder(*serial)) return "device-tree:" + *serial;
        }
        auto id = procfs::read_word(root_ / "/etc/machine-id");
        if (!id) id = procfs::read_word(root_ / "/var/lib/dbus/machine-id");
        if (!id) return fail(id.error(), "hardware identity");
        if (*id == "uninitialized") return fail(errc::not_found, "hardware identity: the machine id is not set yet");
        return fmt::format("{}{}", software_identity, *id);
    }

private:
    [[nodiscard]] Fact<std::string> dmi(std::string_view name) const
    {
        static constexpr std::string_view folder = "/sys/class/dmi/id";
        auto const word = procfs::read_word(root_ / fmt::format("{}/{}", folder, name));
        if (word && is_placeholder(*word)) return fail(errc::not_found, fmt::format("dmi: {} is not filled in", name));
        if (!word && reason(word.error()) == to_string(errc::not_found) && !procfs::exists(root_ / folder))
            return fail(errc::not_supported, "dmi: this machine has no SMBIOS");
        return word;
    }

    /// Boards without SMBIOS describe themselves in the device tree.
    [[nodiscard]] Fact<std::string> device_tree(std::string_view name) const
    {
        auto text = procfs::read_word(root_ / fmt::format("/proc/device-tree/{}", name));
        if (text) text->resize(text->find('\0') == std::string::npos ? text->size() : text->find('\0'));
        return text;
    }

    void read_device_tree(HardwareFacts& facts) const
    {
        if (facts.model || reason(facts.model.error()) != to_string(errc::not_supported)) return;
        if (auto const model = device_tree("model")) facts.model = model;
        if (auto const serial = device_tree("serial-number")) facts.serial = serial;
    }

    void read_chassis(HardwareFacts& facts) const
    {
        auto const type = dmi("chassis_type");
        if (!type) {
            facts.chassis = type;
            return;
        }
        // The highest bit tells of a lock.
        auto const number = procfs::to_integer(*type).value_or(0) & 0x7F;
        facts.chassis_group = group_of(number);
        if (number < 1 || number > static_cast<std::int64_t>(chassis_names.size()) || number == 2)
            facts.chassis = fail(errc::not_found, "dmi: chassis type");
        else
            facts.chassis = std::string(chassis_names[static_cast<std::size_t>(number - 1)]);
    }

    void read_processor(HardwareFacts& facts) const
    {
        auto const text = procfs::read_file(root_ / "/proc/cpuinfo", 16UL * 1024 * 1024);
        if (!text) {
            facts.cpu_model = Result<std::string>(text.error());
            for (auto* const fact : {&facts.cpu_sockets, &facts.cpu_cores, &facts.cpu_threads})
                *fact = Result<std::int64_t>(text.error());
            facts.virtualization = Result<std::string>(text.error());
            return;
        }
        auto const processor = parse_cpuinfo(*text);
        auto const count = [](std::int64_t number) -> Fact<std::int64_t> {
            if (number == 0) return fail(errc::not_found, "/proc/cpuinfo does not say");
            return number;
        };
        facts.cpu_sockets = count(processor.sockets);
        facts.cpu_cores = count(processor.cores);
        facts.cpu_threads = count(processor.threads);
        if (processor.model.empty())
            facts.cpu_model = fail(errc::not_found, "/proc/cpuinfo does not say");
        else
            facts.cpu_model = processor.model;
        facts.virtualization = virtualization(facts, processor.hypervisor);
    }

    [[nodiscard]] std::string virtualization(HardwareFacts const& facts, bool flag) const
    {
        static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> makers = {
            {{"QEMU", "qemu"},
             {"VMware", "vmware"},
             {"innotek", "virtualbox"},
             {"VirtualBox", "virtualbox"},
             {"Xen", "xen"},
             {"KVM", "kvm"},
             {"Parallels", "parallels"},
             {"Bochs", "bochs"},
             {"BHYVE", "bhyve"},
             {"Google Compute Engine", "google"},
             {"OpenStack", "kvm"},
             {"Virtual Machine", "hyper-v"}}};
        if (flag && root_.live())
            if (auto name = hypervisor_signature(); !name.empty()) return name;
        for (auto const* const fact : {&facts.manufacturer, &facts.model})
            for (auto const& [sign, name] : makers)
                if (*fact && (*fact)->find(sign) != std::string::npos) return std::string(name);
        if (auto const type = procfs::read_word(root_ / "/sys/hypervisor/type")) return *type;
        return flag ? "other" : "";
    }

    [[nodiscard]] Fact<std::int64_t> memory() const
    {
        auto const text = procfs::read_file(root_ / "/proc/meminfo");
        if (!text) return Result<std::int64_t>(text.error());
        for (auto const line : procfs::lines(*text)) {
            auto const fields = procfs::words(line);
            if (fields.size() < 2 || fields[0] != "MemTotal:") continue;
            auto const kibibytes = procfs::to_integer(fields[1]);
            if (kibibytes && *kibibytes > 0 && *kibibytes < INT64_MAX / 1024) return *kibibytes * 1024;
        }
        return fail(errc::bad_message, "/proc/meminfo: no MemTotal");
    }

    [[nodiscard]] bool has_desktop() const
    {
        if (procfs::exists(root_ / "/etc/systemd/system/display-manager.service")) return true;
        for (auto const* const folder : {"/usr/share/xsessions", "/usr/share/wayland-sessions"}) {
            auto const names = procfs::list_folder(root_ / folder);
            if (names &&
                std::any_of(names->begin(), names->end(), [](auto const& name) { return name.ends_with(".desktop"); }))
                return true;
        }
        return false;
    }

    Root root_;
};

} // namespace

std::unique_ptr<Hardware> make_hardware(Root const& root) { return std::make_unique<LinuxHardware>(root); }

} // namespace rollcall::platform
