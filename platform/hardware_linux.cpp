#include "platform/hardware.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "platform/linux/container.hpp"
#include "platform/linux/procfs.hpp"
#include "platform/machine_identity.hpp"
#include "platform/smbios.hpp"

namespace rollcall::platform
{

namespace
{

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
            auto own = dmi_identity(dmi("product_uuid"), dmi("board_serial"));
            if (own) return own;
            if (!is_absent(own)) return fail(own.error(), "hardware identity");
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
        auto const number = procfs::to_integer(*type).value_or(0);
        facts.chassis_group = chassis_group(number);
        facts.chassis = chassis_name(number);
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
        if (flag && root_.live())
            if (auto name = ask_processor().name; !name.empty()) return name;
        if (auto name = virtual_machine_of(facts.manufacturer, facts.model); !name.empty()) return name;
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
