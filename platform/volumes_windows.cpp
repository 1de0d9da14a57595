#include "platform/volumes.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <windows.h>

#include "platform/windows/drives.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

/// A search by FindFirstVolumeW.
struct CloseVolumes {
    using pointer = HANDLE;
    void operator()(HANDLE search) const { ::FindVolumeClose(search); }
};

/// `\\?\Volume{…}\` is 49 characters long.
using VolumeName = std::array<wchar_t, 64>;

std::wstring name_of(VolumeName const& name) { return std::wstring(until_nul({name.data(), name.size()})); }

Result<std::vector<std::wstring>> volume_names()
{
    static constexpr std::size_t most_volumes = 10'000;
    std::vector<std::wstring> names;
    VolumeName name{};
    std::unique_ptr<void, CloseVolumes> search;
    auto* const first = ::FindFirstVolumeW(name.data(), static_cast<DWORD>(name.size()));
    // INVALID_HANDLE_VALUE is a macro with a cast of C; it is minus one in every Windows.
    if (reinterpret_cast<LONG_PTR>(first) == -1) {
        auto const code = ::GetLastError();
        if (code == ERROR_NO_MORE_FILES) return names;
        return fail_windows(code, "FindFirstVolume");
    }
    search.reset(first);
    names.push_back(name_of(name));
    while (::FindNextVolumeW(search.get(), name.data(), static_cast<DWORD>(name.size())) != 0) {
        if (names.size() == most_volumes) return fail(errc::limit_exceeded, "volumes: more than any machine has");
        names.push_back(name_of(name));
    }
    if (auto const code = ::GetLastError(); code != ERROR_NO_MORE_FILES) return fail_windows(code, "FindNextVolume");
    return names;
}

/// Its drive letter, or the folder it is mounted on; nothing where programs do not get to it, as with those that
/// Windows starts from.
Result<std::optional<std::wstring>> mount_point_of(std::wstring const& volume)
{
    static constexpr std::size_t largest = std::size_t{1024} * 1024;
    std::wstring paths(MAX_PATH, L'\0');
    DWORD length = 0;
    while (::GetVolumePathNamesForVolumeNameW(volume.c_str(), paths.data(), static_cast<DWORD>(paths.size()),
                                              &length) == 0) {
        auto const code = ::GetLastError();
        if (code != ERROR_MORE_DATA || paths.size() >= largest)
            return fail_windows(code, "GetVolumePathNamesForVolumeName");
        paths.resize(paths.size() * 2);
    }
    std::optional<std::wstring> shortest;
    auto rest = std::wstring_view(paths).substr(0, length);
    while (!until_nul(rest).empty()) {
        std::wstring path(until_nul(rest));
        rest.remove_prefix(std::min(rest.size(), path.size() + 1));
        if (!shortest || path.size() < shortest->size()) shortest = std::move(path);
    }
    return shortest;
}

/// Asking a floppy drive turns it, whether it has a medium or not.
bool is_floppy(std::wstring const& volume)
{
    static constexpr std::wstring_view prefix = LR"(\\?\)";
    std::wstring device(MAX_PATH, L'\0');
    auto name = volume.substr(prefix.size());
    while (name.ends_with(L'\\'))
        name.pop_back();
    if (::QueryDosDeviceW(name.c_str(), device.data(), static_cast<DWORD>(device.size())) == 0) return false;
    return device.starts_with(LR"(\Device\Floppy)");
}

bool is_wanted(std::wstring const& volume, std::wstring const& mount_point)
{
    auto const type = ::GetDriveTypeW(mount_point.c_str());
    return type == DRIVE_FIXED || (type == DRIVE_REMOVABLE && !is_floppy(volume));
}

Fact<std::int64_t> bytes_from(ULARGE_INTEGER const& number)
{
    if (number.QuadPart > static_cast<ULONGLONG>(INT64_MAX))
        return fail(errc::bad_message, "GetDiskFreeSpaceEx: impossible size");
    return static_cast<std::int64_t>(number.QuadPart);
}

/// Nothing: no medium in the drive.
std::optional<Volume> describe_volume(std::wstring const& name, std::wstring const& mount_point)
{
    Volume volume;
    volume.mount_point = utf8(mount_point);
    volume.device = utf8(name);
    while (volume.device.ends_with('\\'))
        volume.device.pop_back();
    std::array<wchar_t, MAX_PATH + 1> file_system{};
    DWORD flags = 0;
    if (::GetVolumeInformationW(name.c_str(), nullptr, 0, nullptr, nullptr, &flags, file_system.data(),
                                static_cast<DWORD>(file_system.size())) != 0) {
        volume.file_system = utf8(until_nul({file_system.data(), file_system.size()}));
        volume.read_only = (flags & FILE_READ_ONLY_VOLUME) != 0;
    } else if (auto const code = ::GetLastError(); code == ERROR_NOT_READY || code == ERROR_NO_MEDIA_IN_DRIVE) {
        return std::nullopt;
    }
    ULARGE_INTEGER to_us{};
    ULARGE_INTEGER size{};
    if (::GetDiskFreeSpaceExW(name.c_str(), &to_us, &size, nullptr) != 0) {
        volume.size_bytes = bytes_from(size);
        volume.free_bytes = bytes_from(to_us);
    } else {
        auto const why = fail_windows(::GetLastError(), "GetDiskFreeSpaceEx");
        volume.size_bytes = Result<std::int64_t>(why);
        volume.free_bytes = Result<std::int64_t>(why);
    }
    return volume;
}

class WindowsVolumes final : public Volumes
{
public:
    /// Volumes of this machine alone are searched: no drive of the network is asked, and none can make us wait.
    [[nodiscard]] Result<std::vector<Volume>> list() const override
    {
        NoDialogs const no_dialogs;
        auto const names = volume_names();
        if (!names) return fail(names.error(), "volumes");
        std::vector<Volume> volumes;
        for (auto const& name : *names) {
            if (!name.starts_with(LR"(\\?\Volume)")) continue;
            auto const mount_point = mount_point_of(name);
            // Taken out meanwhile.
            if (!mount_point && reason(mount_point.error()) == to_string(errc::not_found)) continue;
            if (!mount_point) return fail(mount_point.error(), "volumes");
            if (!*mount_point || !is_wanted(name, **mount_point)) continue;
            if (auto volume = describe_volume(name, **mount_point)) volumes.push_back(*std::move(volume));
        }
        std::sort(volumes.begin(), volumes.end(),
                  [](auto const& one, auto const& other) { return one.mount_point < other.mount_point; });
        return volumes;
    }
};

} // namespace

std::unique_ptr<Volumes> make_volumes(Root const& /*root*/) { return std::make_unique<WindowsVolumes>(); }

} // namespace rollcall::platform
