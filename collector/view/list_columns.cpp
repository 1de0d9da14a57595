#include "collector/view/list_columns.hpp"

#include <utility>

#include "collector/view/words.hpp"

namespace rollcall::view
{

namespace
{

using filter::Cell;
using filter::Type;
using wire::Unit;

/// A column and how it is read of a line.
template <class Line>
struct ListColumn {
    filter::Column about;
    Cell (*read)(Line const&);
};

/// No value and no reason: it was read, and there is none.
template <class Observed, class Make>
Cell observed(Observed const& column, Make make)
{
    if (column.value) return make(*column.value);
    return column.unknown.empty() && column.as_of_ms ? Cell(std::monostate()) : Cell(filter::Missing());
}

Cell cell_of(std::string const& text) { return std::string_view(text); }
/// Of a text that is empty where there is none.
Cell cell_of_some(std::string const& text) { return text.empty() ? Cell(std::monostate()) : cell_of(text); }
Cell cell_of(std::optional<std::int64_t> const& value) { return value ? Cell(*value) : Cell(std::monostate()); }
Cell cell_of(api::ObservedText const& column)
{
    return observed(column, [](std::string const& text) { return cell_of(text); });
}
Cell cell_of(api::ObservedInteger const& column)
{
    return observed(column, [](std::int64_t value) { return Cell(value); });
}
Cell cell_of(api::ObservedReal const& column)
{
    return observed(column, [](double value) { return Cell(value); });
}
Cell cell_of(api::ObservedBoolean const& column)
{
    return observed(column, [](bool value) { return Cell(value); });
}

Cell addresses_of(api::DeviceRow const& row)
{
    if (!row.addresses_unknown.empty()) return filter::Missing();
    std::span<std::string const> const known(row.addresses);
    return row.addresses_cut ? Cell(filter::CutTexts{known}) : Cell(known);
}

filter::Column text_column(std::string name, std::string label, std::string meaning)
{
    return {.name = std::move(name), .label = std::move(label), .type = Type::text, .meaning = std::move(meaning)};
}

filter::Column number_column(std::string name, std::string label, Unit unit, std::string meaning)
{
    return {.name = std::move(name),
            .label = std::move(label),
            .type = Type::number,
            .unit = unit,
            .meaning = std::move(meaning)};
}

filter::Column time_column(std::string name, std::string label, std::string meaning)
{
    return {.name = std::move(name), .label = std::move(label), .type = Type::time, .meaning = std::move(meaning)};
}

filter::Column word_column(std::string name, std::string label, std::vector<std::string> words, std::string meaning)
{
    return {.name = std::move(name),
            .label = std::move(label),
            .type = Type::word,
            .meaning = std::move(meaning),
            .words = std::move(words)};
}

filter::Column ranked_column(filter::Column column)
{
    column.ranked = true;
    return column;
}

using DeviceColumns = std::vector<ListColumn<api::DeviceRow>>;

DeviceColumns const& device_columns()
{
    static DeviceColumns const columns{
        {text_column("name", "Device name", "Given by a person, at first the machine's name."),
         [](api::DeviceRow const& row) { return cell_of(row.name); }},
        {text_column("customer", "Customer", "Name of the customer."),
         [](api::DeviceRow const& row) { return cell_of(row.customer_name); }},
        {text_column("folder", "Folder", "Name of the folder that it lies in, after those that this one lies in."),
         [](api::DeviceRow const& row) { return cell_of_some(row.folder); }},
        {{.name = "monitored", .label = "Monitored", .type = Type::boolean, .meaning = "It raises alerts."},
         [](api::DeviceRow const& row) { return Cell(row.monitored); }},
        {text_column("machine_name", "Machine name", "The name the machine gives itself."),
         [](api::DeviceRow const& row) { return cell_of(row.host_name); }},
        {text_column("address", "Address", "Any of its network addresses."),
         [](api::DeviceRow const& row) { return addresses_of(row); }},
        {word_column("type", "Device type", device_types(), "What kind of machine it is."),
         [](api::DeviceRow const& row) { return cell_of(row.device_type); }},
        {word_column("os_family", "System", os_families(), "Family of the operating system."),
         [](api::DeviceRow const& row) { return cell_of(row.os_family); }},
        {text_column("os", "Operating system", "Name and version as the system writes it."),
         [](api::DeviceRow const& row) { return cell_of(row.os_name); }},
        {word_column("availability", "Availability", {"online", "offline", "unreachable", "retired"},
                     "Whether it is connected."),
         [](api::DeviceRow const& row) {
             return row.availability == "unknown" ? Cell(filter::Missing()) : cell_of(row.availability);
         }},
        {time_column("last_seen", "Last seen", "When it was last heard of."),
         [](api::DeviceRow const& row) { return cell_of(row.last_seen_ms); }},
        {number_column("alerts", "Alerts", Unit::count, "Open alerts."),
         [](api::DeviceRow const& row) {
             return Cell(row.alerts.information + row.alerts.warning + row.alerts.critical);
         }},
        {number_column("alerts_information", "Information alerts", Unit::count, "Open alerts of severity information."),
         [](api::DeviceRow const& row) { return Cell(row.alerts.information); }},
        {number_column("alerts_warning", "Warning alerts", Unit::count, "Open alerts of severity warning."),
         [](api::DeviceRow const& row) { return Cell(row.alerts.warning); }},
        {number_column("alerts_critical", "Critical alerts", Unit::count, "Open alerts of severity critical."),
         [](api::DeviceRow const& row) { return Cell(row.alerts.critical); }},
        {time_column("last_login", "Last login", "When somebody last logged in."),
         [](api::DeviceRow const& row) {
             return observed(row.last_login, [](api::LastLogin const& last) { return cell_of(last.at_ms); });
         }},
        {text_column("last_login_user", "Last login by", "Who last logged in."),
         [](api::DeviceRow const& row) {
             return observed(row.last_login, [](api::LastLogin const& last) { return cell_of(last.user); });
         }},
        {{.name = "pending_reboot", .label = "Pending reboot", .type = Type::boolean, .meaning = "It waits for one."},
         [](api::DeviceRow const& row) { return cell_of(row.pending_reboot); }},
        {number_column("patches", "Available patches", Unit::count, "Updates that wait."),
         [](api::DeviceRow const& row) { return cell_of(row.patches); }},
        {number_column("security_patches", "Security patches", Unit::count, "Those of them from a security source."),
         [](api::DeviceRow const& row) { return cell_of(row.security_patches); }},
        {number_column("cpu", "CPU", Unit::percent, "Share of all processors that worked."),
         [](api::DeviceRow const& row) { return cell_of(row.cpu_percent); }},
        {number_column("memory", "Memory used", Unit::percent, "Share of the memory in use."),
         [](api::DeviceRow const& row) { return cell_of(row.memory_percent); }},
        {number_column("memory_bytes", "Memory", Unit::bytes, "Memory the system can use."),
         [](api::DeviceRow const& row) { return cell_of(row.memory_bytes); }},
        {number_column("services", "Services", Unit::count, "How many there are."),
         [](api::DeviceRow const& row) { return cell_of(row.services); }},
        {number_column("services_stopped", "Stopped services", Unit::count, "Those that should run and do not."),
         [](api::DeviceRow const& row) { return cell_of(row.services_stopped); }},
        {number_column("users", "Users", Unit::count, "Sessions now."),
         [](api::DeviceRow const& row) { return cell_of(row.users); }},
        {{.name = "agent_version", .label = "Agent", .type = Type::version, .meaning = "Version of the agent."},
         [](api::DeviceRow const& row) { return cell_of(row.agent_version); }},
        {number_column("clock_offset", "Clock offset", Unit::milliseconds,
                       "The device's clock less the collector's, where it is worth telling."),
         [](api::DeviceRow const& row) { return cell_of(row.clock_offset_ms); }},
        {time_column("enrolled", "Enrolled", "When it was enrolled."),
         [](api::DeviceRow const& row) { return Cell(std::int64_t{row.enrolled_ms}); }},
    };
    return columns;
}

using AlertColumns = std::vector<ListColumn<store::Alert>>;

AlertColumns const& alert_columns()
{
    static AlertColumns const columns{
        {text_column("title", "Alert title", "What is the matter."),
         [](store::Alert const& alert) { return cell_of(alert.title); }},
        {ranked_column(word_column("severity", "Severity", severities(), "How bad it is.")),
         [](store::Alert const& alert) { return Cell(word_of(alert.severity)); }},
        {word_column("category", "Category", alert_categories(), "What it is about."),
         [](store::Alert const& alert) { return cell_of(alert.category); }},
        {word_column("status", "Status", alert_statuses(), "Whether it still is so, or is out of the way for now."),
         [](store::Alert const& alert) { return Cell(word_of(status_of(alert))); }},
        {time_column("created", "Created", "When it was raised."),
         [](store::Alert const& alert) { return Cell(std::int64_t{alert.created_ms}); }},
        {time_column("resolved", "Resolved", "When it was resolved."),
         [](store::Alert const& alert) { return cell_of(alert.resolved_ms); }},
        {text_column("assigned", "Assigned to", "Name of the technician who takes care of it."),
         [](store::Alert const& alert) { return cell_of_some(alert.assigned_name); }},
        {text_column("ticket", "Ticket", "Number or address of its ticket."),
         [](store::Alert const& alert) { return cell_of_some(alert.ticket); }},
        {text_column("subject", "Subject", "What of the device: a volume, a service."),
         [](store::Alert const& alert) { return cell_of(alert.subject); }},
        {text_column("item", "Threshold", "Id of the threshold that raised it."),
         [](store::Alert const& alert) { return cell_of(alert.item); }},
    };
    return columns;
}

constexpr std::string_view device_prefix = "device.";

} // namespace

filter::Subject const& device_subject()
{
    static filter::Subject const subject = [] {
        filter::Subject made{.name = "devices", .columns = {}, .table_prefix = {}};
        for (auto const& column : device_columns())
            made.columns.push_back(column.about);
        return made;
    }();
    return subject;
}

filter::Subject const& alert_subject()
{
    static filter::Subject const subject = [] {
        filter::Subject made{.name = "alerts", .columns = {}, .table_prefix = std::string(device_prefix)};
        for (auto const& column : alert_columns())
            made.columns.push_back(column.about);
        for (auto const& column : device_columns()) {
            made.columns.push_back(column.about);
            made.columns.back().name.insert(0, device_prefix);
        }
        return made;
    }();
    return subject;
}

filter::Cell device_cell(api::DeviceRow const& row, std::size_t place) { return device_columns()[place].read(row); }

filter::Cell alert_cell(store::Alert const& alert, api::DeviceRow const& device, std::size_t place)
{
    auto const own = alert_own_columns();
    return place < own ? alert_columns()[place].read(alert) : device_cell(device, place - own);
}

std::size_t alert_own_columns() { return alert_columns().size(); }

} // namespace rollcall::view
