#include "platform/macos/launchd.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "platform/texts.hpp"

namespace rollcall::platform
{

namespace
{

constexpr std::size_t longest_label = 512;

/// "   315      0 	com.apple.x": the middle is "-" until it ended once, or a word in brackets.
std::optional<LaunchdRow> services_row(std::string_view line)
{
    auto const words = texts::words(line);
    if (words.size() != 3 || words[2].size() > longest_label) return std::nullopt;
    auto const pid = words[0] == "-" ? std::optional<std::uint64_t>(0) : texts::to_number(words[0]);
    if (!pid || *pid > INT32_MAX) return std::nullopt;
    LaunchdRow row;
    row.label = words[2];
    row.pid = static_cast<std::int64_t>(*pid);
    if (auto const status = texts::to_integer(words[1]); status && *status >= INT32_MIN && *status <= INT32_MAX)
        row.last_status = static_cast<int>(*status);
    return row;
}

/// "\"com.apple.x\" => disabled", before macOS 13 "=> true".
void disabled_row(std::string_view line, LaunchdList& list)
{
    auto const arrow = line.find("\" => ");
    if (!line.starts_with('"') || arrow == std::string_view::npos || arrow < 2 || arrow > longest_label) return;
    auto const word = texts::trim(line.substr(arrow + 5));
    if (word == "disabled" || word == "true")
        list.disabled.insert_or_assign(std::string(line.substr(1, arrow - 1)), true);
    else if (word == "enabled" || word == "false")
        list.disabled.insert_or_assign(std::string(line.substr(1, arrow - 1)), false);
}

KeepAlive keep_alive_of(plist::Value const& definition)
{
    auto const* const value = definition.find("KeepAlive");
    if (value == nullptr) return KeepAlive::no;
    if (auto const always = value->boolean()) return *always ? KeepAlive::always : KeepAlive::no;
    auto const* const conditions = value->dictionary();
    if (conditions == nullptr) return KeepAlive::no;
    if (conditions->size() == 1 && (value->boolean("SuccessfulExit") == false || value->boolean("Crashed") == true))
        return KeepAlive::unless_it_ends_well;
    return KeepAlive::on_conditions;
}

bool is_hexadecimal(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// "01234567-89AB-CDEF-0123-456789ABCDEF" somewhere in it.
bool has_uuid(std::string_view label)
{
    static constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    for (std::size_t at = 0; at + form.size() <= label.size(); ++at) {
        std::size_t i = 0;
        while (i < form.size() && (form[i] == 'x' ? is_hexadecimal(label[at + i]) : label[at + i] == '-'))
            ++i;
        if (i == form.size()) return true;
    }
    return false;
}

bool all_digits(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string launchd_state(LaunchdRow const* row)
{
    if (row == nullptr) return "stopped";
    if (row->pid > 0) return "running";
    if (!row->last_status) return "stopped";
    return *row->last_status == 0 ? "finished" : "failed";
}

/// launchd keeps it running, and nothing says that it need not be.
bool launchd_expects(LaunchdRow const* row, LaunchdDaemon const& daemon)
{
    // What the system itself did not load is not meant for this machine; what somebody else's installer put there is
    // loaded at the boot, unless a limit of its own forbids it.
    if (row == nullptr && (daemon.of_system || daemon.limited)) return false;
    if (daemon.once) return false;
    if (daemon.keep_alive == KeepAlive::always) return true;
    if (daemon.keep_alive != KeepAlive::unless_it_ends_well || !daemon.run_at_load) return false;
    return row == nullptr || row->pid > 0 || row->last_status.value_or(0) != 0;
}

} // namespace

Result<LaunchdList> parse_launchctl_print(std::string_view text)
{
    LaunchdList list;
    enum class Block { none, services, disabled, other };
    Block block = Block::none;
    int depth = 0;
    for (auto const raw : texts::lines(text)) {
        auto const line = texts::trim(raw);
        if (line == "}") {
            depth = std::max(0, depth - 1);
            if (depth == 1) block = Block::none;
            continue;
        }
        if (line.ends_with("{")) {
            ++depth;
            if (depth == 2)
                block = line == "services = {"            ? Block::services
                        : line == "disabled services = {" ? Block::disabled
                                                          : Block::other;
            continue;
        }
        if (depth != 2) continue;
        if (block == Block::services) {
            if (auto row = services_row(line)) list.rows.push_back(*std::move(row));
        } else if (block == Block::disabled) {
            disabled_row(line, list);
        }
    }
    // launchd itself runs something: none at all means that this is another text.
    if (list.rows.empty()) return fail(errc::bad_message, "launchd: launchctl printed no services");
    return list;
}

Result<LaunchdDaemon> launchd_daemon(plist::Value const& definition)
{
    LaunchdDaemon daemon;
    daemon.label = definition.text("Label");
    if (daemon.label.empty() || daemon.label.size() > longest_label)
        return fail(errc::bad_message, "launchd: a definition without Label");
    daemon.disabled = definition.boolean("Disabled").value_or(false);
    daemon.run_at_load = definition.boolean("RunAtLoad").value_or(false);
    daemon.once = definition.boolean("LaunchOnlyOnce").value_or(false);
    daemon.keep_alive = keep_alive_of(definition);
    // Older definitions say the same the other way round.
    if (definition.boolean("OnDemand") == false) daemon.keep_alive = KeepAlive::always;
    for (auto const* const key : {"LimitLoadToHardware", "LimitLoadFromHardware", "LimitLoadToHosts",
                                  "LimitLoadFromHosts", "LimitLoadToSessionType", "LimitLoadToVariant",
                                  "LimitLoadFromVariant", "LimitLoadToBootMode", "LimitLoadFromBootMode"})
        daemon.limited = daemon.limited || definition.find(key) != nullptr;
    return daemon;
}

bool is_passing_label(std::string_view label)
{
    if (label.find(".0x") != std::string_view::npos || has_uuid(label)) return true;
    // "application.com.example.App.12345.67890", "com.example.helper[123]".
    auto const dot = label.rfind('.');
    return label.starts_with("application.") || label.ends_with(']') ||
           (dot != std::string_view::npos && label.size() - dot > 3 && all_digits(label.substr(dot + 1)));
}

Service judge_launchd_service(LaunchdRow const* row, LaunchdDaemon const* daemon, std::optional<bool> disabled)
{
    Service service;
    service.name = row != nullptr ? row->label : daemon->label;
    service.label = fail(errc::not_supported, "launchd: it knows no names for people");
    service.state = launchd_state(row);
    bool const off = disabled.value_or(daemon != nullptr && daemon->disabled);
    if (daemon == nullptr && !off) {
        // Loaded by a program, which alone knows when.
        service.start_type = fail(errc::not_found, "launchd: no file defines it");
        service.expected = false;
    } else {
        bool const automatic = daemon != nullptr && (daemon->run_at_load || daemon->keep_alive == KeepAlive::always);
        service.start_type = std::string(off ? "disabled" : automatic ? "automatic" : "manual");
        service.expected = !off && launchd_expects(row, *daemon);
    }
    service.since_ms = fail(errc::not_found, "launchd: it does not run");
    if (row == nullptr || !row->last_status)
        service.result = fail(errc::not_found, "launchd: it did not end since it was loaded");
    else
        service.result = std::string(*row->last_status == 0  ? "success"
                                     : *row->last_status > 0 ? "exit-code"
                                                             : "signal");
    return service;
}

std::vector<Service> launchd_services(LaunchdList const& list, std::vector<LaunchdDaemon> const& daemons)
{
    struct Both {
        LaunchdRow const* row{};
        LaunchdDaemon const* daemon{};
    };
    std::map<std::string_view, Both> all;
    for (auto const& daemon : daemons)
        all.emplace(daemon.label, Both{.row = nullptr, .daemon = &daemon});
    for (auto const& row : list.rows) {
        auto const known = all.find(row.label);
        if (known != all.end())
            known->second.row = &row;
        else if (!is_passing_label(row.label))
            all.emplace(row.label, Both{.row = &row, .daemon = nullptr});
    }
    std::vector<Service> services;
    services.reserve(all.size());
    for (auto const& [label, both] : all) {
        auto const said = list.disabled.find(label);
        services.push_back(judge_launchd_service(
            both.row, both.daemon, said == list.disabled.end() ? std::nullopt : std::optional<bool>(said->second)));
    }
    return services;
}

} // namespace rollcall::platform
