#include "platform/windows/error.hpp"

#include <array>
#include <string>
#include <type_traits>

#include <fmt/format.h>

#include <windows.h>

#include "platform/windows/text.hpp"

namespace rollcall::platform
{
namespace
{
static_assert(std::is_same_v<DWORD, unsigned long> && std::is_same_v<HRESULT, long>);

errc meaning_of(DWORD code)
{
    switch (code) {
    case ERROR_ACCESS_DENIED:
    case ERROR_PRIVILEGE_NOT_HELD:
    case 740: // ERROR_ELEVATION_REQUIRED, which not every SDK names
        return errc::permission_denied;
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
    case ERROR_NOT_FOUND:
    case ERROR_NOT_READY: // No medium in the drive.
    case ERROR_NO_MEDIA_IN_DRIVE:
    case ERROR_SERVICE_DOES_NOT_EXIST:
        return errc::not_found;
    case ERROR_NOT_SUPPORTED:
    case ERROR_INVALID_FUNCTION:
    case ERROR_CALL_NOT_IMPLEMENTED:
    case ERROR_PROC_NOT_FOUND:
    case ERROR_BAD_EXE_FORMAT:
    case ERROR_EXE_MACHINE_TYPE_MISMATCH:
        return errc::not_supported;
    case ERROR_TIMEOUT:
    case ERROR_SEM_TIMEOUT:
    case WAIT_TIMEOUT:
    case ERROR_SERVICE_REQUEST_TIMEOUT:
        return errc::timed_out;
    default:
        return errc::io;
    }
}

errc meaning_of_hresult(HRESULT code)
{
    if (HRESULT_FACILITY(code) == FACILITY_WIN32) {
        return meaning_of(static_cast<DWORD>(HRESULT_CODE(code)));
    }
    switch (static_cast<unsigned long>(code)) {
    case 0x80004001UL: // E_NOTIMPL
    case 0x80040154UL: // REGDB_E_CLASSNOTREG
    case 0x80004002UL: // E_NOINTERFACE
        return errc::not_supported;
    default:
        return errc::io;
    }
}

/// FormatMessage's text without its line end; empty where it has none.
std::string text_of(DWORD code)
{
    std::array<wchar_t, 512> text{};
    auto const length =
        FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK,
                       nullptr, code, 0, text.data(), static_cast<DWORD>(text.size()), nullptr);
    auto said = utf8({text.data(), length});
    while (!said.empty() && (said.back() == ' ' || said.back() == '\r' || said.back() == '\n' || said.back() == '.')) {
        said.pop_back();
    }
    return said;
}
} // namespace

Error fail_windows(unsigned long code, std::string_view step)
{
    auto const text = text_of(code);
    return fail(meaning_of(code), text.empty() ? fmt::format("{}: error {}", step, code)
                                               : fmt::format("{}: {} (error {})", step, text, code));
}

Error fail_hresult(long code, std::string_view step)
{
    auto const number = static_cast<unsigned long>(code);
    auto const text = text_of(number);
    return fail(meaning_of_hresult(code), text.empty() ? fmt::format("{}: HRESULT {:#010x}", step, number)
                                                       : fmt::format("{}: {} (HRESULT {:#010x})", step, text, number));
}

} // namespace rollcall::platform
