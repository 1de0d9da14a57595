#include "platform/gpus.hpp"

#include <map>
#include <set>

#include "platform/linux/pci_ids.hpp"
#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

/// The list of all devices there are has 1.5 MB.
constexpr std::size_t pci_ids_bytes = 16UL * 1024 * 1024;

std::string file_name(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

class LinuxGpus final : public Gpus
{
public:
    explicit LinuxGpus(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<Gpu>> list() override
    {
        static constexpr std::string_view pci_folder = "/sys/bus/pci/devices";
        auto const on_bus = procfs::list_folder(root_ / pci_folder);
        auto const cards = procfs::list_folder(root_ / "/sys/class/drm");
        if (!on_bus && !cards) return fail(errc::not_supported, "gpus: neither a PCI bus nor graphics drivers");
        std::vector<Gpu> gpus;
        std::set<std::string, std::less<>> seen;
        if (on_bus)
            for (auto const& place : *on_bus) {
                auto const folder = root_ / pci_folder + "/" + place;
                // Class 03 is display controllers, with or without a driver.
                auto const kind = procfs::read_word(folder + "/class");
                if (!kind || !kind->starts_with("0x03")) continue;
                gpus.push_back(on_pci(place, folder));
                seen.insert(place);
            }
        if (cards)
            for (auto const& card : *cards) {
                // "card0" is an adapter, "card0-HDMI-A-1" a socket of it, "renderD128" its other face.
                if (!card.starts_with("card") || card.find('-') != std::string::npos) continue;
                auto const folder = procfs::real_path(root_ / "/sys/class/drm/" + card + "/device");
                if (!folder) continue;
                auto const place = file_name(*folder);
                if (!seen.insert(place).second) continue;
                gpus.push_back(on_board(place, *folder));
            }
        return gpus;
    }

private:
    [[nodiscard]] Gpu on_pci(std::string const& place, std::string const& folder)
    {
        Gpu gpu;
        gpu.place = place;
        gpu.driver = driver(folder);
        gpu.memory_bytes = memory(folder);
        auto const vendor = procfs::read_word(folder + "/vendor");
        auto const device = procfs::read_word(folder + "/device");
        if (!vendor || !device) {
            auto const& why = vendor ? device.error() : vendor.error();
            gpu.manufacturer = Result<std::string>(why);
            gpu.model = Result<std::string>(why);
            return gpu;
        }
        auto const& name = name_of(*vendor, *device);
        gpu.manufacturer = name.vendor;
        gpu.model = name.device;
        return gpu;
    }

    /// A part of the processor's chip, on no bus that numbers it.
    [[nodiscard]] static Gpu on_board(std::string const& place, std::string const& folder)
    {
        Gpu gpu;
        gpu.place = place;
        gpu.manufacturer = fail(errc::not_supported, "gpus: on no PCI bus");
        gpu.model = fail(errc::not_supported, "gpus: on no PCI bus");
        gpu.driver = driver(folder);
        gpu.memory_bytes = memory(folder);
        return gpu;
    }

    [[nodiscard]] static Fact<std::string> driver(std::string const& folder)
    {
        auto const link = procfs::read_link(folder + "/driver");
        if (!link) return link;
        return file_name(*link);
    }

    /// amdgpu alone says so in a file.
    [[nodiscard]] static Fact<std::int64_t> memory(std::string const& folder)
    {
        auto const bytes = procfs::read_integer(folder + "/mem_info_vram_total");
        if (!bytes || *bytes < 0) return fail(errc::not_supported, "gpus: the driver does not say");
        return bytes;
    }

    /// From the system's list of names, which is read once for each new number.
    [[nodiscard]] PciName const& name_of(std::string const& vendor, std::string const& device)
    {
        auto const [place, added] = names_.try_emplace(vendor + ":" + device);
        auto& name = place->second;
        if (!added) return name;
        static constexpr std::string_view prefix = "0x";
        for (auto const* const file : {"/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"}) {
            auto const text = procfs::read_file(root_ / file, pci_ids_bytes);
            if (!text || !vendor.starts_with(prefix) || !device.starts_with(prefix)) continue;
            name = find_pci_name(*text, std::string_view(vendor).substr(prefix.size()),
                                 std::string_view(device).substr(prefix.size()));
            break;
        }
        if (name.vendor.empty()) name.vendor = vendor;
        if (name.device.empty()) name.device = device;
        return name;
    }

    Root root_;
    std::map<std::string, PciName, std::less<>> names_;
};

} // namespace

std::unique_ptr<Gpus> make_gpus(Root const& root) { return std::make_unique<LinuxGpus>(root); }

} // namespace rollcall::platform
