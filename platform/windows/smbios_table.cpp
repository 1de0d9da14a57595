#include "platform/windows/smbios_table.hpp"

#include <cstdint>
#include <cstring>

#include <windows.h>

#include "platform/windows/error.hpp"

namespace rollcall::platform
{

Result<std::string> unwrap_smbios(std::string answer)
{
    static constexpr std::size_t length_place = 4;
    static constexpr std::size_t head_bytes = 8;
    if (answer.size() < head_bytes) return fail(errc::bad_message, "smbios: shorter than its head");
    std::uint32_t length = 0;
    std::memcpy(&length, answer.data() + length_place, sizeof length);
    answer.erase(0, head_bytes);
    if (length > answer.size()) return fail(errc::bad_message, "smbios: shorter than it says");
    answer.resize(length);
    return answer;
}

Result<std::string> read_smbios_table()
{
    static constexpr DWORD provider = 0x52534D42; // 'RSMB'
    static constexpr UINT largest_bytes = 16U * 1024 * 1024;
    auto const step = std::string_view("GetSystemFirmwareTable");
    std::string answer;
    // It is asked for its size first, and a table may grow between the two calls only if the system is at fault.
    auto const size = ::GetSystemFirmwareTable(provider, 0, nullptr, 0);
    if (size == 0) {
        auto const code = ::GetLastError();
        if (code == ERROR_NOT_FOUND || code == ERROR_INVALID_FUNCTION || code == ERROR_SUCCESS)
            return fail(errc::not_supported, "smbios: this machine has none");
        return fail_windows(code, step);
    }
    if (size > largest_bytes) return fail(errc::limit_exceeded, "smbios: larger than any");
    answer.resize(size);
    auto const written = ::GetSystemFirmwareTable(provider, 0, answer.data(), size);
    if (written == 0) return fail_windows(::GetLastError(), step);
    if (written > size) return fail(errc::io, "smbios: the table grew");
    answer.resize(written);
    return unwrap_smbios(std::move(answer));
}

} // namespace rollcall::platform
