#include "platform/windows/devices.hpp"

#include <cstring>
#include <memory>

#include <setupapi.h>

#include "platform/windows/error.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

constexpr DWORD most_devices = 10'000;

struct DestroyDeviceList {
    void operator()(void* list) const { ::SetupDiDestroyDeviceInfoList(list); }
};
using DeviceList = std::unique_ptr<void, DestroyDeviceList>;

Result<DeviceList> open_device_list(GUID const& wanted, DWORD flags)
{
    auto* const list = ::SetupDiGetClassDevsW(&wanted, nullptr, nullptr, DIGCF_PRESENT | flags);
    // INVALID_HANDLE_VALUE is a macro with a cast of C; it is minus one in every Windows.
    if (reinterpret_cast<LONG_PTR>(list) == -1) return fail_windows(::GetLastError(), "SetupDiGetClassDevs");
    return DeviceList(list);
}

struct DeviceProperty {
    DWORD type{};
    std::string bytes;
};

Result<DeviceProperty> device_property(DeviceList const& list, SP_DEVINFO_DATA& device, DWORD name)
{
    static constexpr std::size_t first_bytes = 512;
    static constexpr std::size_t largest_bytes = std::size_t{64} * 1024;
    DeviceProperty property;
    for (auto size = first_bytes;; size *= 2) {
        property.bytes.assign(size, '\0');
        DWORD needed = 0;
        if (::SetupDiGetDeviceRegistryPropertyW(list.get(), &device, name, &property.type,
                                                reinterpret_cast<BYTE*>(property.bytes.data()),
                                                static_cast<DWORD>(size), &needed) != 0) {
            if (needed < size) property.bytes.resize(needed);
            return property;
        }
        auto const code = ::GetLastError();
        // ERROR_INVALID_DATA: the device has no such property.
        if (code == ERROR_INVALID_DATA) return fail(errc::not_found, "SetupDiGetDeviceRegistryProperty");
        if (code != ERROR_INSUFFICIENT_BUFFER || size >= largest_bytes)
            return fail_windows(code, "SetupDiGetDeviceRegistryProperty");
    }
}

Result<std::string> text_property(DeviceList const& list, SP_DEVINFO_DATA& device, DWORD name)
{
    auto const property = device_property(list, device, name);
    if (!property) return property.error();
    if (property->type != REG_SZ) return fail(errc::bad_message, "SetupDiGetDeviceRegistryProperty: not a text");
    std::wstring units(property->bytes.size() / sizeof(wchar_t), L'\0');
    std::memcpy(units.data(), property->bytes.data(), units.size() * sizeof(wchar_t));
    auto text = utf8(until_nul(units));
    // "@oem12.inf,%maker%;Maker": where the text is to be found, and what it was when the driver was installed.
    if (text.starts_with('@'))
        if (auto const end = text.rfind(';'); end != std::string::npos) text.erase(0, end + 1);
    if (text.empty()) return fail(errc::not_found, "SetupDiGetDeviceRegistryProperty: an empty text");
    return text;
}

std::optional<std::uint32_t> number_property(DeviceList const& list, SP_DEVINFO_DATA& device, DWORD name)
{
    auto const property = device_property(list, device, name);
    std::uint32_t number = 0;
    if (!property || property->type != REG_DWORD || property->bytes.size() != sizeof number) return std::nullopt;
    std::memcpy(&number, property->bytes.data(), sizeof number);
    return number;
}

std::string instance_id_of(DeviceList const& list, SP_DEVINFO_DATA& device)
{
    static constexpr std::size_t longest_id = 512; // MAX_DEVICE_ID_LEN is 200.
    std::wstring id(longest_id, L'\0');
    if (::SetupDiGetDeviceInstanceIdW(list.get(), &device, id.data(), static_cast<DWORD>(id.size()), nullptr) == 0)
        return {};
    return utf8(until_nul(id));
}

} // namespace

Result<std::vector<PresentDevice>> devices_of_class(GUID const& setup_class)
{
    auto const list = open_device_list(setup_class, 0);
    if (!list) return list.error();
    std::vector<PresentDevice> devices;
    for (DWORD index = 0; index < most_devices; ++index) {
        SP_DEVINFO_DATA device{};
        device.cbSize = sizeof device;
        if (::SetupDiEnumDeviceInfo(list->get(), index, &device) == 0) {
            auto const code = ::GetLastError();
            if (code == ERROR_NO_MORE_ITEMS) return devices;
            return fail_windows(code, "SetupDiEnumDeviceInfo");
        }
        devices.push_back({.instance_id = instance_id_of(*list, device),
                           .description = text_property(*list, device, SPDRP_DEVICEDESC),
                           .manufacturer = text_property(*list, device, SPDRP_MFG),
                           .service = text_property(*list, device, SPDRP_SERVICE),
                           .driver_key = text_property(*list, device, SPDRP_DRIVER),
                           .bus_number = number_property(*list, device, SPDRP_BUSNUMBER),
                           .address = number_property(*list, device, SPDRP_ADDRESS)});
    }
    return fail(errc::limit_exceeded, "devices: more of one class than any machine has");
}

Result<std::vector<std::wstring>> device_paths(GUID const& interface_class)
{
    auto const list = open_device_list(interface_class, DIGCF_DEVICEINTERFACE);
    if (!list) return list.error();
    std::vector<std::wstring> paths;
    for (DWORD index = 0; index < most_devices; ++index) {
        SP_DEVICE_INTERFACE_DATA offered{};
        offered.cbSize = sizeof offered;
        if (::SetupDiEnumDeviceInterfaces(list->get(), nullptr, &interface_class, index, &offered) == 0) {
            auto const code = ::GetLastError();
            if (code == ERROR_NO_MORE_ITEMS) return paths;
            return fail_windows(code, "SetupDiEnumDeviceInterfaces");
        }
        // A structure that ends with as many characters as the path has.
        static constexpr std::size_t detail_bytes = std::size_t{16} * 1024;
        std::vector<std::uint64_t> room(detail_bytes / sizeof(std::uint64_t));
        auto* const detail = reinterpret_cast<SP_DEVICE_INTERFACE_DETAIL_DATA_W*>(room.data());
        detail->cbSize = sizeof(SP_DEVICE_INTERFACE_DETAIL_DATA_W);
        DWORD needed = 0;
        if (::SetupDiGetDeviceInterfaceDetailW(list->get(), &offered, detail, detail_bytes, &needed, nullptr) == 0)
            return fail_windows(::GetLastError(), "SetupDiGetDeviceInterfaceDetail");
        static constexpr auto path_place = offsetof(SP_DEVICE_INTERFACE_DETAIL_DATA_W, DevicePath);
        auto const* const path = reinterpret_cast<wchar_t const*>(reinterpret_cast<char const*>(detail) + path_place);
        paths.emplace_back(until_nul({path, (detail_bytes - path_place) / sizeof(wchar_t)}));
    }
    return fail(errc::limit_exceeded, "devices: more of one kind than any machine has");
}

} // namespace rollcall::platform
