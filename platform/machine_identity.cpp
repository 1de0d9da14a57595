#include "platform/machine_identity.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <fmt/format.h>

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

/// The highest bit tells of a lock.
constexpr std::int64_t without_lock = 0x7F;

#if defined(__x86_64__)
/// The name the hypervisor gives itself in the processor's own terms; empty where it has none.
std::string hypervisor_signature()
{
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
    return {};
}
#endif

} // namespace

Fact<std::string> chassis_name(std::int64_t type)
{
    static constexpr std::int64_t unknown = 2;
    auto const number = type & without_lock;
    if (number < 1 || number > static_cast<std::int64_t>(chassis_names.size()) || number == unknown)
        return fail(errc::not_found, "dmi: chassis type");
    return std::string(chassis_names[static_cast<std::size_t>(number - 1)]);
}

ChassisGroup chassis_group(std::int64_t type)
{
    switch (type & without_lock) {
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

bool is_everybodys(std::string_view uuid)
{
    static constexpr std::array<std::string_view, 3> uuids = {"03000200-0400-0500-0006-000700080009",
                                                              "12345678-1234-5678-90ab-cddeefaabbcc",
                                                              "01234567-8910-1112-1314-151617181920"};
    return std::any_of(uuids.begin(), uuids.end(),
                       [&](std::string_view known) { return uuid == canonical_uuid(known); });
}

bool is_absent(Fact<std::string> const& fact)
{
    auto const why = fact ? std::string_view() : reason(fact.error());
    return why == to_string(errc::not_found) || why == to_string(errc::not_supported);
}

Result<std::string> dmi_identity(Fact<std::string> const& uuid, Fact<std::string> const& board_serial)
{
    for (auto const* const fact : {&uuid, &board_serial})
        if (!*fact && !is_absent(*fact)) return fact->error();
    if (!uuid) return fail(errc::not_found, "dmi: no UUID");
    auto const own = canonical_uuid(*uuid);
    if (is_everybodys(own)) return fail(errc::not_found, "dmi: a UUID that thousands of boards have");
    return fmt::format("dmi:{}:{}", own, board_serial ? *board_serial : std::string());
}

Hypervisor ask_processor()
{
    Hypervisor found;
#if defined(__x86_64__)
    static constexpr unsigned features_leaf = 1;
    static constexpr unsigned hypervisor_bit = 1U << 31U;
    static constexpr unsigned privileges_leaf = 0x40000003U;
    static constexpr unsigned may_create_partitions = 1;
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    __cpuid(features_leaf, a, b, c, d);
    found.present = (c & hypervisor_bit) != 0;
    if (!found.present) return found;
    found.name = hypervisor_signature();
    if (found.name != "hyper-v") return found;
    // Only the root partition may make others (Hypervisor Top-Level Functional Specification, 2.4.3).
    __cpuid(privileges_leaf, a, b, c, d);
    found.is_root = (b & may_create_partitions) != 0;
#endif
    return found;
}

std::string virtual_machine_of(Fact<std::string> const& manufacturer, Fact<std::string> const& model)
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
    for (auto const* const fact : {&manufacturer, &model})
        for (auto const& [sign, name] : makers)
            if (*fact && (*fact)->find(sign) != std::string::npos) return std::string(name);
    return {};
}

} // namespace rollcall::platform
