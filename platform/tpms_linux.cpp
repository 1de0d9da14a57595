#include "platform/tpms.hpp"

#include <fmt/format.h>

#include "platform/linux/procfs.hpp"
#include "platform/linux/tpm_caps.hpp"
#include "platform/smbios.hpp"

namespace rollcall::platform
{

namespace
{

class LinuxTpms final : public Tpms
{
public:
    explicit LinuxTpms(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<Tpm>> list() const override
    {
        auto const place = root_ / "/sys/class/tpm";
        auto const names = procfs::list_folder(place);
        if (!names && reason(names.error()) == to_string(errc::not_found))
            return fail(errc::not_supported, "tpm: this kernel has no driver for any");
        if (!names) return fail(names.error(), "tpm");
        std::vector<Tpm> tpms;
        for (auto const& name : *names) {
            auto tpm = read(fmt::format("{}/{}", place, name));
            tpm.name = name;
            tpms.push_back(std::move(tpm));
        }
        // Of a TPM 2.0 the kernel tells the version only; firmware describes it where it is the only one.
        if (tpms.size() == 1 && tpms[0].version && *tpms[0].version == "2.0") describe(tpms[0]);
        return tpms;
    }

private:
    [[nodiscard]] static Tpm read(std::string const& folder)
    {
        auto const major = procfs::read_integer(folder + "/tpm_version_major");
        if (!major || *major == 1) {
            // Also what kernels before 5.6 have of a TPM 1.2; of a 2.0 they say nothing.
            auto const caps = procfs::read_file(folder + "/device/caps");
            if (caps) return parse_tpm_caps(*caps);
            Tpm tpm;
            tpm.version = major ? Result<std::string>(std::string("1.2")) : Result<std::string>(major.error());
            tpm.manufacturer = Result<std::string>(caps.error());
            tpm.firmware_version = Result<std::string>(caps.error());
            return tpm;
        }
        Tpm tpm;
        if (*major == 2)
            tpm.version = std::string("2.0");
        else
            tpm.version = fail(errc::bad_message, "tpm: version");
        auto const silent = fail(errc::not_supported, "tpm: the kernel does not tell");
        tpm.manufacturer = Result<std::string>(silent);
        tpm.firmware_version = Result<std::string>(silent);
        return tpm;
    }

    void describe(Tpm& tpm) const
    {
        auto const table = procfs::read_file(root_ / procfs::smbios_table);
        if (!table) return;
        auto const described = parse_smbios_tpms(*table);
        if (!described || described->size() != 1) return;
        if (!described->front().manufacturer.empty()) tpm.manufacturer = described->front().manufacturer;
        if (!described->front().firmware_version.empty()) tpm.firmware_version = described->front().firmware_version;
    }

    Root root_;
};

} // namespace

std::unique_ptr<Tpms> make_tpms(Root const& root) { return std::make_unique<LinuxTpms>(root); }

} // namespace rollcall::platform
