#include "collector/view/words.hpp"

namespace rollcall::view
{

std::vector<std::string> device_types() { return {"PC", "Server", "Mac", "Linux", "SNMP", "TCP", "HTTP", "Generic"}; }

std::vector<std::string> os_families() { return {"linux", "windows", "macos"}; }

std::vector<std::string> severities() { return {"information", "warning", "critical"}; }

std::vector<std::string> alert_categories()
{
    return {"Hardware", "Disk",    "Availability", "Performance", "Exchange",
            "General",  "Network", "Apps",         "Script-based"};
}

std::vector<std::string> alert_statuses() { return {"open", "snoozed", "resolved"}; }

std::string_view word_of(store::Severity severity)
{
    static constexpr std::string_view words[] = {"information", "warning", "critical"};
    return words[static_cast<std::size_t>(severity)];
}

std::string_view word_of(store::AlertStatus status)
{
    static constexpr std::string_view words[] = {"open", "snoozed", "resolved"};
    return words[static_cast<std::size_t>(status)];
}

} // namespace rollcall::view
