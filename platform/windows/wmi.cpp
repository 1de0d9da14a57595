#include "platform/windows/wmi.hpp"

#include <algorithm>
#include <optional>

#include "platform/windows/com.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/text.hpp"

#include <wbemcli.h>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

using WmiSteady = std::chrono::steady_clock;

constexpr std::size_t most_wmi_rows = 100'000;

Error fail_wmi(HRESULT code, std::string_view step)
{
    auto const told = [&](errc meaning, std::string_view words) {
        return fail(meaning, fmt::format("{}: {} ({:#010x})", step, words, static_cast<std::uint32_t>(code)));
    };
    switch (static_cast<std::uint32_t>(code)) {
    case std::uint32_t{WBEM_E_ACCESS_DENIED}:
        return told(errc::permission_denied, "WBEM_E_ACCESS_DENIED");
    case std::uint32_t{WBEM_E_INVALID_NAMESPACE}:
        return told(errc::not_supported, "WBEM_E_INVALID_NAMESPACE");
    case std::uint32_t{WBEM_E_INVALID_CLASS}:
        return told(errc::not_supported, "WBEM_E_INVALID_CLASS");
    case std::uint32_t{WBEM_E_NOT_SUPPORTED}:
        return told(errc::not_supported, "WBEM_E_NOT_SUPPORTED");
    case std::uint32_t{WBEM_E_TIMED_OUT}:
        return told(errc::timed_out, "WBEM_E_TIMED_OUT");
    default:
        return fail_hresult(code, step);
    }
}

std::optional<WmiValue> value_of(VARIANT const& value, CIMTYPE type)
{
    switch (V_VT(&value)) {
    case VT_BOOL:
        return V_BOOL(&value) != VARIANT_FALSE;
    case VT_I1:
        return std::int64_t{V_I1(&value)};
    case VT_UI1:
        return std::int64_t{V_UI1(&value)};
    case VT_I2:
        return std::int64_t{V_I2(&value)};
    case VT_UI2:
        return std::int64_t{V_UI2(&value)};
    // A uint32 comes as VT_I4, too: the kind of the variant does not tell.
    case VT_I4:
        return type == CIM_UINT32 ? std::int64_t{static_cast<std::uint32_t>(V_I4(&value))} : std::int64_t{V_I4(&value)};
    case VT_UI4:
        return std::int64_t{V_UI4(&value)};
    // So do 64-bit numbers.
    case VT_BSTR:
        return V_BSTR(&value) == nullptr ? std::string() : utf8({V_BSTR(&value), ::SysStringLen(V_BSTR(&value))});
    default:
        return std::nullopt;
    }
}

WmiRow read_row(IWbemClassObject* object, std::vector<std::string> const& properties)
{
    WmiRow row;
    for (auto const& name : properties) {
        Variant value;
        CIMTYPE type = CIM_EMPTY;
        if (FAILED(object->Get(utf16(name).c_str(), 0, value.out(), &type, nullptr))) continue;
        if (auto seen = value_of(value.get(), type)) row.insert_or_assign(name, *std::move(seen));
    }
    return row;
}

/// The name and the rights of this process, for the calls by this interface: what WMI wants (CoSetProxyBlanket).
HRESULT speak_as_ourselves(IUnknown* proxy)
{
    return ::CoSetProxyBlanket(proxy, RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, nullptr, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
                               RPC_C_IMP_LEVEL_IMPERSONATE, nullptr, EOAC_NONE);
}

} // namespace

Result<std::vector<WmiRow>> query_wmi(std::string_view space, std::string_view query,
                                      std::vector<std::string> const& properties, std::chrono::milliseconds limit)
{
    auto const until = WmiSteady::now() + limit;
    ComThread const com;
    if (auto const ready = com.ready(); !ready) return fail(ready.error(), "WMI");
    ComPtr<IWbemLocator> locator;
    auto outcome = ::CoCreateInstance(__uuidof(WbemLocator), nullptr, CLSCTX_INPROC_SERVER, __uuidof(IWbemLocator),
                                      reinterpret_cast<void**>(locator.out()));
    if (FAILED(outcome) || !locator) return fail_wmi(outcome, "WMI: WbemLocator");
    ComPtr<IWbemServices> services;
    // Without the flag, a WMI that does not start is waited for without end.
    outcome = locator->ConnectServer(Bstr(space).get(), nullptr, nullptr, nullptr, WBEM_FLAG_CONNECT_USE_MAX_WAIT,
                                     nullptr, nullptr, services.out());
    if (FAILED(outcome) || !services) return fail_wmi(outcome, fmt::format("WMI: {}", space));
    outcome = speak_as_ourselves(services.get());
    if (FAILED(outcome)) return fail_wmi(outcome, "WMI: CoSetProxyBlanket");
    ComPtr<IEnumWbemClassObject> list;
    outcome = services->ExecQuery(Bstr("WQL").get(), Bstr(query).get(),
                                  WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, nullptr, list.out());
    if (FAILED(outcome) || !list) return fail_wmi(outcome, fmt::format("WMI: {}", query));
    (void)speak_as_ourselves(list.get());

    std::vector<WmiRow> rows;
    for (;;) {
        auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(until - WmiSteady::now()).count();
        if (left <= 0) return fail(errc::timed_out, fmt::format("WMI: {}", query));
        ComPtr<IWbemClassObject> object;
        ULONG count = 0;
        outcome = list->Next(static_cast<LONG>(std::min<std::int64_t>(left, 60'000)), 1, object.out(), &count);
        if (FAILED(outcome)) return fail_wmi(outcome, fmt::format("WMI: {}", query));
        if (outcome == WBEM_S_TIMEDOUT) continue;
        if (count == 0 || !object) return rows;
        if (rows.size() == most_wmi_rows) return fail(errc::limit_exceeded, fmt::format("WMI: {}", query));
        rows.push_back(read_row(object.get(), properties));
    }
}

} // namespace rollcall::platform
