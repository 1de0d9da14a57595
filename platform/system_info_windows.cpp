#include "platform/system_info.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include <windows.h>

#include "platform/windows/error.hpp"
#include "platform/windows/library.hpp"
#include "platform/windows/os_version.hpp"
#include "platform/windows/process_table.hpp"
#include "platform/windows/registry.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

/// The clock moves while it is set right; a boot that seems to move by less than this is the same one.
constexpr UnixMs boot_tolerance_ms = 120'000;

constexpr auto current_version = R"(SOFTWARE\Microsoft\Windows NT\CurrentVersion)";

Fact<std::string> architecture()
{
    // Not in <winnt.h> of every SDK, and GetNativeSystemInfo lies to programs that are translated on ARM.
    static constexpr USHORT machine_amd64 = 0x8664;
    static constexpr USHORT machine_arm64 = 0xAA64;
    static constexpr USHORT machine_i386 = 0x014C;
    Library const library(L"kernel32.dll");
    auto* const ask = library.find<BOOL WINAPI(HANDLE, USHORT*, USHORT*)>("IsWow64Process2");
    USHORT process = 0;
    USHORT machine = 0;
    if (ask == nullptr || ask(::GetCurrentProcess(), &process, &machine) == 0) {
        SYSTEM_INFO facts{};
        ::GetNativeSystemInfo(&facts);
        if (facts.wProcessorArchitecture == PROCESSOR_ARCHITECTURE_AMD64) machine = machine_amd64;
    }
    if (machine == machine_amd64) return std::string("x86_64");
    if (machine == machine_arm64) return std::string("aarch64");
    if (machine == machine_i386) return std::string("i686");
    return fail(errc::not_found, fmt::format("system_info: machine type {:#x}", machine));
}

Fact<std::string> host_name()
{
    std::array<wchar_t, 256> name{};
    auto length = static_cast<DWORD>(name.size());
    if (::GetComputerNameExW(ComputerNamePhysicalDnsHostname, name.data(), &length) == 0)
        return fail_windows(::GetLastError(), "GetComputerNameEx");
    if (length == 0) return fail(errc::not_found, "system_info: the machine has no name");
    return utf8({name.data(), length});
}

/// Windows numbers no boot for programs to read; the kernel's own process is made anew in each.
Fact<std::string> read_boot_id()
{
    static constexpr std::uint64_t system_process = 4;
    auto const processes = read_process_table();
    if (!processes) return fail(processes.error(), "boot id");
    for (auto const& process : *processes)
        if (process.id == system_process && process.created != 0) return fmt::format("{:016x}", process.created);
    return fail(errc::not_found, "boot id: the kernel's own process is not in the list");
}

/// The IANA name by ICU, which is a part of Windows since 10 1703; its library unloads again.
Fact<std::string> iana_time_zone(std::wstring const& windows_name)
{
    static constexpr int longest_name = 128;
    for (auto const* const file : {L"icu.dll", L"icuin.dll"}) {
        Library const library(file);
        auto* const translate = library.find<int32_t(wchar_t const*, int32_t, char const*, wchar_t*, int32_t, int*)>(
            "ucal_getTimeZoneIDForWindowsID");
        if (translate == nullptr) continue;
        std::array<wchar_t, longest_name> name{};
        int outcome = 0; // Above 0 is an error, below it a warning.
        auto const length = translate(windows_name.data(), static_cast<int32_t>(windows_name.size()), nullptr,
                                      name.data(), longest_name, &outcome);
        if (outcome > 0 || length <= 0 || length > longest_name)
            return fail(errc::not_found, fmt::format("time zone: no IANA name for {}", utf8(windows_name)));
        return utf8({name.data(), static_cast<std::size_t>(length)});
    }
    return fail(errc::not_supported, fmt::format("time zone: no ICU here that knows {}", utf8(windows_name)));
}

class WindowsSystemInfo final : public SystemInfo
{
public:
    [[nodiscard]] Result<OsFacts> read() override
    {
        OsFacts facts;
        facts.family = std::string("windows");
        read_release(facts);
        facts.architecture = architecture();
        facts.host_name = host_name();
        // One boot is all that this program lives through.
        if (!boot_id_) boot_id_ = read_boot_id();
        facts.boot_id = *boot_id_;
        facts.container = std::string(in_container() ? "windows" : "");
        facts.boot_ms = boot();
        facts.time_zone = time_zone();
        return facts;
    }

private:
    static void read_release(OsFacts& facts)
    {
        auto const version = os_version();
        auto const key = Registry::open(HKEY_LOCAL_MACHINE, current_version);
        if (!version) {
            facts.kernel = Result<std::string>(version.error());
        } else {
            auto const updates = key ? key->number("UBR") : Result<std::uint32_t>(key.error());
            auto const number = fmt::format("{}.{}.{}", version->major_number, version->minor_number, version->build);
            facts.kernel = updates ? fmt::format("{}.{}", number, *updates) : number;
        }
        if (!key) {
            facts.name = Result<std::string>(key.error());
            facts.version = Result<std::string>(key.error());
            return;
        }
        facts.name = key->text("ProductName");
        if (facts.name && version) facts.name = product_name(*facts.name, *version);
        // "23H2"; before 20H2 it was called by its number, as "1809".
        facts.version = key->text("DisplayVersion");
        if (!facts.version) facts.version = key->text("ReleaseId");
    }

    [[nodiscard]] UnixMs boot()
    {
        auto const now_ms =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
                .count();
        auto const seen_ms = static_cast<UnixMs>(now_ms) - static_cast<UnixMs>(::GetTickCount64());
        if (std::abs(seen_ms - first_boot_ms_) > boot_tolerance_ms) first_boot_ms_ = seen_ms;
        return first_boot_ms_;
    }

    [[nodiscard]] Fact<std::string> time_zone()
    {
        DYNAMIC_TIME_ZONE_INFORMATION zone{};
        if (::GetDynamicTimeZoneInformation(&zone) == TIME_ZONE_ID_INVALID)
            return fail_windows(::GetLastError(), "GetDynamicTimeZoneInformation");
        std::wstring const name(until_nul({std::data(zone.TimeZoneKeyName), std::size(zone.TimeZoneKeyName)}));
        if (name.empty()) return fail(errc::not_found, "time zone: it has no name");
        // Loading ICU costs more than all the rest.
        if (name != zone_name_) {
            zone_name_ = name;
            iana_name_ = iana_time_zone(name);
        }
        return iana_name_;
    }

    std::optional<Fact<std::string>> boot_id_;
    UnixMs first_boot_ms_{};
    std::wstring zone_name_;
    Fact<std::string> iana_name_;
};

} // namespace

std::unique_ptr<SystemInfo> make_system_info(Root const& /*root*/) { return std::make_unique<WindowsSystemInfo>(); }

} // namespace rollcall::platform
