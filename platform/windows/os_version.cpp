#include "platform/windows/os_version.hpp"

#include <string_view>

#include "platform/windows/library.hpp"
#include "platform/windows/registry.hpp"

namespace rollcall::platform
{

Result<OsVersion> os_version()
{
    Library const library(L"ntdll.dll");
    auto* const get = library.find<LONG WINAPI(OSVERSIONINFOEXW*)>("RtlGetVersion");
    OSVERSIONINFOEXW seen{};
    seen.dwOSVersionInfoSize = sizeof seen;
    if (get == nullptr || get(&seen) != 0) return fail(errc::not_supported, "RtlGetVersion");
    return OsVersion{.major_number = seen.dwMajorVersion,
                     .minor_number = seen.dwMinorVersion,
                     .build = seen.dwBuildNumber,
                     .workstation = seen.wProductType == VER_NT_WORKSTATION};
}

std::string product_name(std::string name, OsVersion const& version)
{
    static constexpr std::string_view old_name = "Windows 10";
    static constexpr std::uint32_t first_of_11 = 22'000;
    if (version.workstation && version.build >= first_of_11 && name.starts_with(old_name))
        name.replace(0, old_name.size(), "Windows 11");
    return name;
}

bool in_container()
{
    auto const control = Registry::open(HKEY_LOCAL_MACHINE, R"(SYSTEM\CurrentControlSet\Control)");
    return control && control->has("ContainerType");
}

} // namespace rollcall::platform
