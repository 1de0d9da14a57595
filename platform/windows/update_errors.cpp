#include "platform/windows/update_errors.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

struct UpdateError {
    std::uint32_t code;
    errc meaning;
    std::string_view text;
};

/// By number.
constexpr std::array<UpdateError, 44> update_errors = {{
    {0x8007000E, errc::io, "E_OUTOFMEMORY: not enough memory"},
    {0x80070005, errc::permission_denied, "E_ACCESSDENIED: not for us"},
    {0x80070422, errc::not_supported, "the service Windows Update (wuauserv) is disabled"},
    {0x80072EE2, errc::timed_out, "the update server did not answer in time"},
    {0x80072EE7, errc::io, "the update server's name is not known"},
    {0x80072EFD, errc::io, "the update server cannot be reached"},
    {0x80072EFE, errc::io, "the connection to the update server broke"},
    {0x80072F8F, errc::io, "the update server's certificate is not trusted, or the clock is wrong"},
    {0x80240001, errc::io, "WU_E_NO_SERVICE: the agent could not provide the service"},
    {0x80240007, errc::io, "WU_E_INVALIDINDEX: an index outside of the collection"},
    {0x80240008, errc::io, "WU_E_ITEMNOTFOUND: the key is not in the collection"},
    {0x80240009, errc::busy, "WU_E_OPERATIONINPROGRESS: another operation is under way"},
    {0x8024000B, errc::cancelled, "WU_E_CALL_CANCELLED: cancelled"},
    {0x8024000C, errc::io, "WU_E_NOOP: nothing to be done"},
    {0x8024000E, errc::io, "WU_E_XML_INVALID: wrong data in the update's description"},
    {0x80240010, errc::limit_exceeded, "WU_E_CYCLE_DETECTED or too deep relations between updates"},
    {0x80240016, errc::busy, "WU_E_INSTALL_NOT_ALLOWED: another installation is under way, or a reboot is pending"},
    {0x8024001B, errc::busy, "WU_E_SELFUPDATE_IN_PROGRESS: the agent updates itself"},
    {0x8024001E, errc::busy, "WU_E_SERVICE_STOP: the service was stopping"},
    {0x8024001F, errc::io, "WU_E_NO_CONNECTION: there is no network"},
    {0x80240020, errc::io, "WU_E_NO_INTERACTIVE_USER: nobody is logged in"},
    {0x80240021, errc::timed_out, "WU_E_TIME_OUT: it took too long"},
    {0x80240022, errc::io, "WU_E_ALL_UPDATES_FAILED: it failed for every update"},
    {0x80240024, errc::io, "WU_E_NO_UPDATE: there are no updates"},
    {0x8024002E, errc::refused, "WU_E_WU_DISABLED: a policy forbids this machine to use Windows Update"},
    {0x80240037, errc::not_supported, "WU_E_NOT_SUPPORTED: not supported by this version"},
    {0x80240042, errc::io, "WU_E_UNKNOWN_SERVICE: the update service is no longer registered"},
    {0x80240044, errc::permission_denied, "WU_E_PER_MACHINE_UPDATE_ACCESS_DENIED: only for administrators"},
    {0x80240438, errc::io, "WU_E_PT_ENDPOINT_UNREACHABLE: there is no way to the update server"},
    {0x8024043D, errc::io, "WU_E_PT_SUS_SERVER_NOT_SET: no update server (WSUS) is configured"},
    {0x80240FFF, errc::io, "WU_E_UNEXPECTED: an unexpected failure"},
    {0x80244007, errc::io, "WU_E_PT_SOAPCLIENT_SOAPFAULT: the update server answered with an error"},
    {0x80244010, errc::limit_exceeded, "WU_E_PT_EXCEEDED_MAX_SERVER_TRIPS: too many round trips to the update server"},
    {0x80244017, errc::refused, "WU_E_PT_HTTP_STATUS_DENIED: HTTP 401, the update server wants a log-in"},
    {0x80244018, errc::refused, "WU_E_PT_HTTP_STATUS_FORBIDDEN: HTTP 403 from the update server"},
    {0x80244019, errc::io, "WU_E_PT_HTTP_STATUS_NOT_FOUND: HTTP 404 from the update server"},
    {0x8024401B, errc::refused, "WU_E_PT_HTTP_STATUS_PROXY_AUTH_REQ: HTTP 407, the proxy wants a log-in"},
    {0x8024401C, errc::timed_out, "WU_E_PT_HTTP_STATUS_REQUEST_TIMEOUT: HTTP 408 from the update server"},
    {0x8024401F, errc::io, "WU_E_PT_HTTP_STATUS_SERVER_ERROR: HTTP 500 from the update server"},
    {0x80244022, errc::busy, "WU_E_PT_HTTP_STATUS_SERVICE_UNAVAIL: HTTP 503, the update server is overloaded"},
    {0x80244023, errc::timed_out, "WU_E_PT_HTTP_STATUS_GATEWAY_TIMEOUT: HTTP 504 before the update server"},
    {0x8024402C, errc::io, "WU_E_PT_WINHTTP_NAME_NOT_RESOLVED: the proxy's or the update server's name is not known"},
    {0x8024A000, errc::io, "WU_E_AU_NOSERVICE: Automatic Updates could not serve the request"},
    {0x8024D009, errc::io, "WU_E_SETUP_SKIP_UPDATE: the agent's own update was skipped"},
}};

} // namespace

std::string_view update_error_text(std::uint32_t code)
{
    auto const* const found = std::find_if(update_errors.begin(), update_errors.end(),
                                           [&](UpdateError const& known) { return known.code == code; });
    return found == update_errors.end() ? std::string_view() : found->text;
}

Error fail_update(std::uint32_t code, std::string_view step)
{
    auto const* const found = std::find_if(update_errors.begin(), update_errors.end(),
                                           [&](UpdateError const& known) { return known.code == code; });
    if (found == update_errors.end()) return fail(errc::io, fmt::format("{}: HRESULT {:#010x}", step, code));
    return fail(found->meaning, fmt::format("{}: {:#010x}: {}", step, code, found->text));
}

} // namespace rollcall::platform
