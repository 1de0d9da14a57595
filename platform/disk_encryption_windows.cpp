#include "platform/disk_encryption.hpp"

#include <array>
#include <chrono>
#include <map>
#include <optional>

#include <windows.h>

#include "platform/volumes.hpp"
#include "platform/windows/bitlocker.hpp"
#include "platform/windows/text.hpp"
#include "platform/windows/wmi.hpp"

namespace rollcall::platform
{

namespace
{

/// Below the probe's own limit (common/wire/catalogue.cpp), so that it is this that ends.
constexpr std::chrono::milliseconds wmi_limit = std::chrono::seconds(15);

/// "\\?\Volume{…}\" of what is mounted there; empty where there is none.
std::string volume_id(std::string const& mount_point)
{
    // "A reasonable size for the buffer is 50 characters" (GetVolumeNameForVolumeMountPointW).
    std::array<wchar_t, 64> name{};
    auto path = utf16(mount_point);
    if (!path.ends_with(L'\\')) path += L'\\';
    if (!::GetVolumeNameForVolumeMountPointW(path.c_str(), name.data(), static_cast<DWORD>(name.size()))) return {};
    return utf8(name.data());
}

std::optional<std::int64_t> number_in(WmiRow const& row, std::string_view property)
{
    auto const* const number = wmi_value<std::int64_t>(row, property);
    return number == nullptr ? std::nullopt : std::optional(*number);
}

class WindowsDiskEncryption final : public DiskEncryption
{
public:
    explicit WindowsDiskEncryption(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<EncryptedVolume>> list() const override
    {
        auto const rows =
            query_wmi("root\\cimv2\\Security\\MicrosoftVolumeEncryption", "SELECT * FROM Win32_EncryptableVolume",
                      {"DeviceID", "ProtectionStatus", "ConversionStatus", "EncryptionMethod"}, wmi_limit);
        if (!rows) return fail(rows.error(), "disk_encryption");
        std::map<std::string, BitLockerFacts, std::less<>> known;
        for (auto const& row : *rows)
            if (auto const* const id = wmi_value<std::string>(row, "DeviceID"))
                known.insert_or_assign(*id, BitLockerFacts{.protection = number_in(row, "ProtectionStatus"),
                                                           .conversion = number_in(row, "ConversionStatus"),
                                                           .method = number_in(row, "EncryptionMethod")});
        auto const mounted = make_volumes(root_)->list();
        if (!mounted) return fail(mounted.error(), "disk_encryption");
        std::vector<EncryptedVolume> volumes;
        for (auto const& volume : *mounted) {
            auto const found = known.find(volume_id(volume.mount_point));
            if (found != known.end()) {
                volumes.push_back(judge_bitlocker(volume.mount_point, found->second));
                continue;
            }
            auto const why = fail(errc::not_supported, "disk_encryption: BitLocker does not know this volume");
            EncryptedVolume row;
            row.mount_point = volume.mount_point;
            row.encrypted = Result<bool>(why);
            row.method = Result<std::string>(why);
            volumes.push_back(std::move(row));
        }
        return volumes;
    }

private:
    Root root_;
};

} // namespace

std::unique_ptr<DiskEncryption> make_disk_encryption(Root const& root)
{
    return std::make_unique<WindowsDiskEncryption>(root);
}

} // namespace rollcall::platform
