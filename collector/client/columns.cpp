#include "collector/client/columns.hpp"

#include <algorithm>
#include <array>

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "collector/client/text.hpp"

namespace rollcall::client
{

namespace json = boost::json;

namespace
{

constexpr std::string_view unknown = "unknown";

json::value const& field_of(json::object const& object, std::string_view name)
{
    static json::value const null;
    auto const* const found = object.if_contains(name);
    return found == nullptr ? null : *found;
}

std::string plain(json::value const& value)
{
    if (value.is_string()) return std::string(value.get_string());
    if (value.is_bool()) return value.get_bool() ? "yes" : "no";
    if (value.is_int64()) return std::to_string(value.get_int64());
    if (value.is_uint64()) return std::to_string(value.get_uint64());
    if (value.is_double()) return fmt::format("{:.1f}", value.get_double());
    return {};
}

std::string time_of(json::value const& value) { return value.is_int64() ? iso_time(value.get_int64()) : std::string(); }

std::string plain_field(json::object const& item, std::string_view name) { return plain(field_of(item, name)); }
std::string time_field(json::object const& item, std::string_view name) { return time_of(field_of(item, name)); }

/// Of a value that was read on a device: it says itself whether it is known.
std::string observed(json::object const& item, std::string_view name, std::string (*read)(json::value const&) = &plain)
{
    auto const* const object = field_of(item, name).if_object();
    if (object == nullptr) return {};
    auto const& value = field_of(*object, "value");
    if (!value.is_null()) return read(value);
    return text_of(*object, "unknown").empty() && !field_of(*object, "as_of_ms").is_null() ? std::string()
                                                                                           : std::string(unknown);
}

std::int64_t count_of(json::object const& item, std::string_view severity)
{
    auto const* const counts = field_of(item, "alerts").if_object();
    if (counts == nullptr) return 0;
    auto const& value = field_of(*counts, severity);
    return value.is_int64() ? value.get_int64() : 0;
}

/// Empty where one may not count them.
std::string critical_alerts(json::object const& item)
{
    return field_of(item, "alerts").is_null() ? std::string() : std::to_string(count_of(item, "critical"));
}

std::string all_alerts(json::object const& item)
{
    if (field_of(item, "alerts").is_null()) return {};
    return std::to_string(count_of(item, "information") + count_of(item, "warning") + count_of(item, "critical"));
}

std::string addresses_of(json::object const& item)
{
    std::string all;
    if (auto const* const list = field_of(item, "addresses").if_array())
        for (auto const& one : *list)
            all.append(all.empty() ? "" : " ").append(plain(one));
    return all;
}

std::string bytes_of(json::value const& value)
{
    static constexpr std::array<std::string_view, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
    auto size = value.is_int64() ? static_cast<double>(value.get_int64()) : 0.0;
    std::size_t unit = 0;
    for (; size >= 1024 && unit + 1 < units.size(); ++unit)
        size /= 1024;
    return fmt::format("{:.{}f} {}", size, unit == 0 ? 0 : 1, units.at(unit));
}

using Item = json::object const&;

} // namespace

std::string text_of(json::object const& object, std::string_view field)
{
    auto const& value = field_of(object, field);
    return value.is_string() ? std::string(value.get_string()) : std::string();
}

std::vector<ListColumn> const& device_columns()
{
    static auto const login = [](json::value const& value, std::string_view field) {
        auto const* const last = value.if_object();
        return last == nullptr ? json::value() : field_of(*last, field);
    };
    static std::vector<ListColumn> const columns{
        {"id", "ID", false, [](Item item) { return plain_field(item, "id"); }},
        {"name", "NAME", false, [](Item item) { return plain_field(item, "name"); }},
        {"customer", "CUSTOMER", false, [](Item item) { return plain_field(item, "customer_name"); }},
        {"folder", "FOLDER", false, [](Item item) { return plain_field(item, "folder"); }},
        {"monitored", "MONITORED", false, [](Item item) { return plain_field(item, "monitored"); }},
        {"machine_name", "MACHINE NAME", false, [](Item item) { return observed(item, "host_name"); }},
        {"address", "ADDRESS", false, [](Item item) { return addresses_of(item); }},
        {"type", "TYPE", false, [](Item item) { return observed(item, "device_type"); }},
        {"os_family", "SYSTEM", false, [](Item item) { return observed(item, "os_family"); }},
        {"os", "OPERATING SYSTEM", false, [](Item item) { return observed(item, "os_name"); }},
        {"availability", "AVAILABILITY", false, [](Item item) { return plain_field(item, "availability"); }},
        {"last_seen", "LAST SEEN", false, [](Item item) { return time_field(item, "last_seen_ms"); }},
        {"alerts", "ALERTS", true, [](Item item) { return all_alerts(item); }},
        {"alerts_information", "INFORMATION", true,
         [](Item item) { return std::to_string(count_of(item, "information")); }},
        {"alerts_warning", "WARNING", true, [](Item item) { return std::to_string(count_of(item, "warning")); }},
        {"alerts_critical", "CRITICAL", true, [](Item item) { return critical_alerts(item); }},
        {"last_login", "LAST LOGIN", false,
         [](Item item) {
             return observed(item, "last_login", [](auto const& value) { return time_of(login(value, "at_ms")); });
         }},
        {"last_login_user", "LAST LOGIN BY", false,
         [](Item item) {
             return observed(item, "last_login", [](auto const& value) { return plain(login(value, "user")); });
         }},
        {"pending_reboot", "REBOOT", false, [](Item item) { return observed(item, "pending_reboot"); }},
        {"patches", "PATCHES", true, [](Item item) { return observed(item, "patches"); }},
        {"security_patches", "SECURITY", true, [](Item item) { return observed(item, "security_patches"); }},
        {"cpu", "CPU %", true, [](Item item) { return observed(item, "cpu_percent"); }},
        {"memory", "MEMORY %", true, [](Item item) { return observed(item, "memory_percent"); }},
        {"memory_bytes", "MEMORY", true, [](Item item) { return observed(item, "memory_bytes", &bytes_of); }},
        {"services", "SERVICES", true, [](Item item) { return observed(item, "services"); }},
        {"services_stopped", "STOPPED", true, [](Item item) { return observed(item, "services_stopped"); }},
        {"users", "USERS", true, [](Item item) { return observed(item, "users"); }},
        {"agent_version", "AGENT", false, [](Item item) { return plain_field(item, "agent_version"); }},
        {"clock_offset", "CLOCK OFFSET MS", true, [](Item item) { return plain_field(item, "clock_offset_ms"); }},
        {"enrolled", "ENROLLED", false, [](Item item) { return time_field(item, "enrolled_ms"); }},
    };
    return columns;
}

std::vector<ListColumn> const& alert_columns()
{
    static std::vector<ListColumn> const columns{
        {"id", "ID", false, [](Item item) { return plain_field(item, "id"); }},
        {"title", "TITLE", false, [](Item item) { return plain_field(item, "title"); }},
        {"severity", "SEVERITY", false, [](Item item) { return plain_field(item, "severity"); }},
        {"category", "CATEGORY", false, [](Item item) { return plain_field(item, "category"); }},
        {"status", "STATUS", false, [](Item item) { return plain_field(item, "status"); }},
        {"created", "CREATED", false, [](Item item) { return time_field(item, "created_ms"); }},
        {"resolved", "RESOLVED", false, [](Item item) { return time_field(item, "resolved_ms"); }},
        {"assigned", "ASSIGNED TO", false, [](Item item) { return plain_field(item, "assigned_name"); }},
        {"ticket", "TICKET", false, [](Item item) { return plain_field(item, "ticket"); }},
        {"subject", "SUBJECT", false, [](Item item) { return plain_field(item, "subject"); }},
        {"item", "THRESHOLD", false, [](Item item) { return plain_field(item, "item"); }},
        {"value", "VALUE", false, [](Item item) { return plain_field(item, "value"); }},
        {"latest", "LATEST", false, [](Item item) { return plain_field(item, "latest"); }},
        {"device.name", "DEVICE", false, [](Item item) { return plain_field(item, "device_name"); }},
        {"device.customer", "CUSTOMER", false, [](Item item) { return plain_field(item, "customer_name"); }},
        {"device.type", "TYPE", false, [](Item item) { return observed(item, "device_type"); }},
    };
    return columns;
}

std::vector<ListColumn> const& customer_columns()
{
    static std::vector<ListColumn> const columns{
        {"id", "ID", false, [](Item item) { return plain_field(item, "id"); }},
        {"name", "NAME", false, [](Item item) { return plain_field(item, "name"); }},
        {"rank", "RANK", false, [](Item item) { return plain_field(item, "rank"); }},
        {"devices", "DEVICES", true, [](Item item) { return plain_field(item, "devices"); }},
        {"online", "ONLINE", true, [](Item item) { return plain_field(item, "online"); }},
        {"alerts", "ALERTS", true, [](Item item) { return all_alerts(item); }},
        {"alerts_critical", "CRITICAL", true, [](Item item) { return critical_alerts(item); }},
        {"pending_reboots", "REBOOTS", true, [](Item item) { return plain_field(item, "pending_reboots"); }},
        {"patches", "PATCHES", true, [](Item item) { return plain_field(item, "patches"); }},
        {"created", "CREATED", false, [](Item item) { return time_field(item, "created_ms"); }},
    };
    return columns;
}

std::string_view usual_device_columns()
{
    return "name,customer,availability,os,alerts,pending_reboot,patches,last_login_user,last_seen";
}
std::string_view usual_alert_columns()
{
    return "id,severity,status,title,subject,device.name,device.customer,created,assigned";
}
std::string_view usual_customer_columns()
{
    return "name,rank,devices,online,alerts,alerts_critical,pending_reboots,patches";
}

Result<std::vector<ListColumn>> choose(std::vector<ListColumn> const& all, std::string_view names)
{
    std::vector<ListColumn> chosen;
    for (std::size_t at = 0; at <= names.size();) {
        auto const end = std::min(names.find(',', at), names.size());
        auto const name = names.substr(at, end - at);
        auto const found = std::ranges::find(all, name, &ListColumn::name);
        if (found == all.end()) {
            std::string known;
            for (auto const& column : all)
                known.append(known.empty() ? "" : ", ").append(column.name);
            return fail(errc::bad_input, fmt::format("there is no column '{}'; there are: {}", shown(name), known));
        }
        chosen.push_back(*found);
        at = end + 1;
    }
    return chosen;
}

std::vector<std::string> const& device_orders()
{
    static std::vector<std::string> const words{
        "alerts",           "availability",     "cpu",          "customer", "enrolled", "folder",  "last_login",
        "last_seen",        "memory",           "memory_bytes", "name",     "os",       "patches", "pending_reboot",
        "security_patches", "services_stopped", "type",         "users"};
    return words;
}
std::vector<std::string> const& alert_orders()
{
    static std::vector<std::string> const words{"assigned", "category", "created", "customer", "device", "resolved",
                                                "severity", "status",   "ticket",  "title",    "type"};
    return words;
}
std::vector<std::string> const& customer_orders()
{
    static std::vector<std::string> const words{"alerts", "created", "devices",         "name",
                                                "online", "patches", "pending_reboots", "rank"};
    return words;
}

} // namespace rollcall::client
