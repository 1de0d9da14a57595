#include "collector/view/derive.hpp"

#include <algorithm>
#include <utility>

#include "common/wire/catalogue.hpp"

namespace rollcall::view
{

namespace
{

constexpr std::string_view not_yet_read = "not_yet_read";

Value const* cell(Row const& row, std::string_view column)
{
    auto const found = row.find(column);
    return found == row.end() ? nullptr : &found->second;
}

template <class T>
T const* known(Row const& row, std::string_view column)
{
    auto const* const value = cell(row, column);
    return value == nullptr ? nullptr : std::get_if<T>(value);
}

std::string_view reason_of(Row const& row, std::string_view column)
{
    auto const* const value = cell(row, column);
    if (value == nullptr) return not_yet_read;
    auto const* const none = std::get_if<Unknown>(value);
    return none == nullptr ? std::string_view("bad_message") : std::string_view(none->reason);
}

std::string text_or(Row const& row, std::string_view column, std::string_view otherwise)
{
    auto const* const text = known<std::string>(row, column);
    return text == nullptr ? std::string(otherwise) : *text;
}

template <class Observed>
void set_unknown(Observed& observed, std::string_view why, std::optional<UnixMs> as_of_ms)
{
    observed.value.reset();
    observed.unknown = why;
    observed.as_of_ms = as_of_ms;
}

template <class Observed, class T>
void set_known(Observed& observed, T value, UnixMs as_of_ms)
{
    observed.value = std::move(value);
    observed.unknown.clear();
    observed.as_of_ms = as_of_ms;
}

template <class T, class Observed>
void take(Observed& observed, Row const& row, std::string_view column, UnixMs as_of_ms)
{
    if (auto const* const value = known<T>(row, column))
        set_known(observed, *value, as_of_ms);
    else
        set_unknown(observed, reason_of(row, column), as_of_ms);
}

/// How many rows are so. Rows that cannot say count only where none says yes: a lower bound is a true answer, 0 is not.
struct Count {
    std::int64_t yes = 0;
    std::string_view unknown;
};

void set_count(api::ObservedInteger& observed, Count const& count, UnixMs as_of_ms)
{
    if (count.yes == 0 && !count.unknown.empty())
        set_unknown(observed, count.unknown, as_of_ms);
    else
        set_known(observed, count.yes, as_of_ms);
}

/// A Mac is a Mac whatever its chassis; the hardware probe cannot say it.
void name_mac(api::DeviceRow& row)
{
    if (row.os_family.value == "macos")
        set_known(row.device_type, std::string("Mac"), row.os_family.as_of_ms.value_or(0));
}

Row const& only_row(Snapshot const& rows)
{
    static Row const none;
    return rows.empty() ? none : rows.begin()->second;
}

void derive_os(api::DeviceRow& row, Snapshot const& rows, UnixMs as_of_ms)
{
    auto const& os = only_row(rows);
    take<std::string>(row.host_name, os, "host_name", as_of_ms);
    take<std::string>(row.os_family, os, "family", as_of_ms);
    take<std::string>(row.os_name, os, "name", as_of_ms);
    name_mac(row);
}

void derive_hardware(api::DeviceRow& row, Snapshot const& rows, UnixMs as_of_ms)
{
    auto const& hardware = only_row(rows);
    take<std::string>(row.device_type, hardware, "device_type", as_of_ms);
    take<std::int64_t>(row.memory_bytes, hardware, "memory_bytes", as_of_ms);
    name_mac(row);
}

void derive_addresses(api::DeviceRow& row, store::ProbeStatus const& status, Snapshot const& rows)
{
    row.addresses_unknown.clear();
    row.addresses_cut = status.cut_rows > 0;
    row.addresses.clear();
    for (auto const& [address, cells] : rows)
        row.addresses.push_back(address);
}

void derive_patches(api::DeviceRow& row, store::ProbeStatus const& status, Snapshot const& rows)
{
    Count security;
    for (auto const& [package, cells] : rows) {
        auto const* const yes = known<bool>(cells, "security");
        if (yes == nullptr)
            security.unknown = reason_of(cells, "security");
        else
            security.yes += *yes ? 1 : 0;
    }
    set_known(row.patches, static_cast<std::int64_t>(rows.size()) + status.cut_rows, status.as_of_ms);
    set_count(row.security_patches, security, status.as_of_ms);
}

void derive_reboot(api::DeviceRow& row, Snapshot const& rows, UnixMs as_of_ms)
{
    row.reboot_reasons.clear();
    bool any_no = false;
    std::string_view why = "not_supported";
    for (auto const& [signal, cells] : rows) {
        auto const* const pending = known<bool>(cells, "pending");
        if (pending == nullptr) {
            why = reason_of(cells, "pending");
        } else if (!*pending) {
            any_no = true;
        } else {
            auto const* const since = known<std::int64_t>(cells, "since_ms");
            row.reboot_reasons.push_back({.signal = signal,
                                          .reason = text_or(cells, "reason", signal),
                                          .detail = text_or(cells, "detail", ""),
                                          .since_ms = since == nullptr ? std::optional<UnixMs>() : *since});
        }
    }
    if (!row.reboot_reasons.empty())
        set_known(row.pending_reboot, true, as_of_ms);
    else if (any_no)
        set_known(row.pending_reboot, false, as_of_ms);
    else
        set_unknown(row.pending_reboot, why, as_of_ms);
}

void derive_services(api::DeviceRow& row, store::ProbeStatus const& status, Snapshot const& rows)
{
    Count stopped;
    for (auto const& [service, cells] : rows) {
        auto const* const expected = known<bool>(cells, "expected");
        auto const* const state = known<std::string>(cells, "state");
        if (expected != nullptr && !*expected) continue;
        if (expected == nullptr || state == nullptr)
            stopped.unknown = reason_of(cells, expected == nullptr ? "expected" : "state");
        else
            stopped.yes += *state == "stopped" || *state == "failed" ? 1 : 0;
    }
    set_known(row.services, static_cast<std::int64_t>(rows.size()) + status.cut_rows, status.as_of_ms);
    set_count(row.services_stopped, stopped, status.as_of_ms);
}

void derive_last_login(api::DeviceRow& row, Snapshot const& rows, UnixMs as_of_ms)
{
    auto& observed = row.last_login;
    if (rows.empty()) {
        // Read, and nobody has ever logged in: no value and no reason.
        set_unknown(observed, "", as_of_ms);
        return;
    }
    auto const& cells = only_row(rows);
    auto const* const user = known<std::string>(cells, "user");
    if (user == nullptr) {
        set_unknown(observed, reason_of(cells, "user"), as_of_ms);
        return;
    }
    auto const* const at = known<std::int64_t>(cells, "at_ms");
    set_known(observed,
              api::LastLogin{.user = *user,
                             .at_ms = at == nullptr ? std::optional<UnixMs>() : *at,
                             .from = text_or(cells, "from", "")},
              as_of_ms);
}

/// Calls `apply` with every observed column that comes from the probe.
template <class Apply>
void for_columns(api::DeviceRow& row, std::string_view probe, Apply apply)
{
    if (probe == "os") {
        apply(row.host_name);
        apply(row.os_family);
        apply(row.os_name);
    } else if (probe == "hardware") {
        if (row.os_family.value != "macos") apply(row.device_type);
        apply(row.memory_bytes);
    } else if (probe == "patches") {
        apply(row.patches);
        apply(row.security_patches);
    } else if (probe == "pending_reboot") {
        apply(row.pending_reboot);
    } else if (probe == "services") {
        apply(row.services);
        apply(row.services_stopped);
    } else if (probe == "sessions") {
        apply(row.users);
    } else if (probe == "last_login") {
        apply(row.last_login);
    } else if (probe == "cpu") {
        apply(row.cpu_percent);
    } else if (probe == "memory") {
        apply(row.memory_percent);
    }
}

} // namespace

std::vector<std::string_view> const& derived_state_probes()
{
    static std::vector<std::string_view> const names{"os",       "hardware", "addresses", "patches", "pending_reboot",
                                                     "services", "sessions", "last_login"};
    return names;
}

std::vector<std::string_view> const& derived_series_probes()
{
    static std::vector<std::string_view> const names{"cpu", "memory"};
    return names;
}

void make_unread(api::DeviceRow& row)
{
    auto const unread = [](auto& observed) { set_unknown(observed, not_yet_read, std::nullopt); };
    for (auto const probe : derived_state_probes())
        for_columns(row, probe, unread);
    for (auto const probe : derived_series_probes())
        for_columns(row, probe, unread);
    row.reboot_reasons.clear();
    row.addresses.clear();
    row.addresses_unknown = not_yet_read;
    row.addresses_cut = false;
}

void derive_state(api::DeviceRow& row, store::ProbeStatus const& status, Snapshot const& rows)
{
    if (!status.unknown.empty()) {
        for_columns(row, status.probe, [&](auto& observed) { set_unknown(observed, status.unknown, status.as_of_ms); });
        if (status.probe == "pending_reboot") row.reboot_reasons.clear();
        if (status.probe == "addresses") row.addresses_unknown = status.unknown;
        return;
    }
    if (status.probe == "os")
        derive_os(row, rows, status.as_of_ms);
    else if (status.probe == "hardware")
        derive_hardware(row, rows, status.as_of_ms);
    else if (status.probe == "addresses")
        derive_addresses(row, status, rows);
    else if (status.probe == "patches")
        derive_patches(row, status, rows);
    else if (status.probe == "pending_reboot")
        derive_reboot(row, rows, status.as_of_ms);
    else if (status.probe == "services")
        derive_services(row, status, rows);
    else if (status.probe == "sessions")
        set_known(row.users, static_cast<std::int64_t>(rows.size()) + status.cut_rows, status.as_of_ms);
    else if (status.probe == "last_login")
        derive_last_login(row, rows, status.as_of_ms);
}

void derive_checked(api::DeviceRow& row, std::string_view probe, UnixMs as_of_ms)
{
    for_columns(row, probe, [&](auto& observed) {
        if (observed.as_of_ms && *observed.as_of_ms < as_of_ms) observed.as_of_ms = as_of_ms;
    });
}

void derive_series(api::DeviceRow& row, std::string_view probe, std::vector<wire::Sample> const& samples,
                   UnixMs taken_ms)
{
    if (std::ranges::find(derived_series_probes(), probe) == derived_series_probes().end()) return;
    auto const& columns = wire::find_probe(probe)->columns;
    auto const column = std::ranges::find(columns, "used_percent", &wire::Column::name);
    auto const place = static_cast<std::size_t>(column - columns.begin());
    for_columns(row, probe, [&](auto& observed) {
        if constexpr (std::is_same_v<decltype(observed), api::ObservedReal&>) {
            if (observed.as_of_ms && *observed.as_of_ms > taken_ms) return;
            Value const missing = Unknown{std::string(not_yet_read)};
            auto const& value =
                samples.empty() || place >= samples[0].values.size() ? missing : samples[0].values[place];
            if (auto const* const real = std::get_if<double>(&value))
                set_known(observed, *real, taken_ms);
            else if (auto const* const whole = std::get_if<std::int64_t>(&value))
                set_known(observed, static_cast<double>(*whole), taken_ms);
            else
                set_unknown(observed,
                            std::holds_alternative<Unknown>(value) ? std::get<Unknown>(value).reason : "bad_message",
                            taken_ms);
        }
    });
}

} // namespace rollcall::view
