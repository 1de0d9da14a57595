#include "platform/windows/drives.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <winioctl.h>

#include "platform/windows/error.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

constexpr std::string_view drive_prefix = "PhysicalDrive";

} // namespace

std::string drive_name(std::uint32_t number) { return fmt::format("{}{}", drive_prefix, number); }

std::wstring drive_path(std::uint32_t number) { return LR"(\\.\)" + utf16(drive_name(number)); }

Result<std::vector<std::uint32_t>> drive_numbers()
{
    static constexpr std::size_t largest = std::size_t{16} * 1024 * 1024;
    // The names of all devices, each with a NUL; there is no other way to learn which numbers are given out.
    std::wstring names(std::size_t{32} * 1024, L'\0');
    DWORD length = 0;
    while ((length = ::QueryDosDeviceW(nullptr, names.data(), static_cast<DWORD>(names.size()))) == 0) {
        auto const code = ::GetLastError();
        if (code != ERROR_INSUFFICIENT_BUFFER || names.size() >= largest) return fail_windows(code, "QueryDosDevice");
        names.resize(names.size() * 2);
    }
    std::vector<std::uint32_t> numbers;
    auto rest = std::wstring_view(names).substr(0, length);
    while (!rest.empty()) {
        auto const name = utf8(until_nul(rest));
        rest.remove_prefix(std::min(rest.size(), until_nul(rest).size() + 1));
        if (!name.starts_with(drive_prefix)) continue;
        std::uint32_t number = 0;
        auto const* const end = name.data() + name.size();
        auto const [stopped, error] = std::from_chars(name.data() + drive_prefix.size(), end, number);
        if (error == std::errc() && stopped == end) numbers.push_back(number);
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

Result<StorageDevice> ask_storage_device(Device const& drive)
{
    static constexpr std::size_t largest_descriptor = 4096;
    auto const answer = drive.control(IOCTL_STORAGE_QUERY_PROPERTY, property_query(storage_device_property),
                                      largest_descriptor, "StorageDeviceProperty");
    if (!answer) return answer.error();
    return parse_storage_device(*answer);
}

Result<std::string> ask_nvme(Device const& drive, NvmePage page)
{
    auto const answer =
        drive.control_in_place(IOCTL_STORAGE_QUERY_PROPERTY, nvme_query(page), "StorageProtocolSpecificProperty");
    if (!answer) return answer.error();
    return parse_nvme_answer(*answer, page);
}

NoDialogs::NoDialogs() { ::SetThreadErrorMode(SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX, &before_); }

NoDialogs::~NoDialogs() { ::SetThreadErrorMode(before_, nullptr); }

} // namespace rollcall::platform
