#include "collector/client/commands.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "collector/client/columns.hpp"
#include "collector/client/limits.hpp"
#include "collector/client/runs.hpp"
#include "collector/client/text.hpp"

namespace rollcall::client
{

namespace
{

constexpr std::size_t any_number = 100'000;

std::vector<std::string> names_of(std::vector<ListColumn> const& columns)
{
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (auto const& column : columns)
        names.push_back(column.name);
    return names;
}

Option customer_option() { return {"customer", "NAME|ID", "Of this customer"}; }
Option search_option(std::string where) { return {"search", "TEXT", std::move(where)}; }
Option filter_option()
{
    return {"filter", "EXPRESSION", "Such as 'volumes.free_percent < 10 and os.family is linux'"};
}
Option sort_option(std::vector<std::string> orders)
{
    return {.name = "sort",
            .value = "COLUMN",
            .meaning = "Sort by it; -COLUMN turns the order round",
            .words = std::move(orders),
            .is_order = true};
}
Option columns_option(std::vector<ListColumn> const& columns)
{
    return {.name = "columns",
            .value = "A,B,...",
            .meaning = "These columns, in this order",
            .words = names_of(columns),
            .is_list = true};
}
Option choice(std::string name, std::string meaning, std::vector<std::string> words)
{
    return {.name = std::move(name),
            .value = "A,B,...",
            .meaning = std::move(meaning),
            .words = std::move(words),
            .is_list = true};
}
Option json_option() { return {"json", "", "As one JSON document, with everything the API says"}; }
Option csv_option()
{
    return {"csv", "", "As CSV, every line that matches; --columns names those of GET /api/v1/filter/columns"};
}
Option limit_option() { return {"limit", "N", fmt::format("At most N lines (default: {})", limits::shown_lines)}; }
Option all_option() { return {"all", "", "Every line that matches"}; }

std::vector<std::string> severities() { return {"information", "warning", "critical"}; }
std::vector<std::string> categories()
{
    return {"Hardware", "Disk",    "Availability", "Performance", "Exchange",
            "General",  "Network", "Apps",         "Script-based"};
}

Command on_alerts(std::string verb, std::string summary, std::string about, std::vector<Option> options,
                  Exit (*run)(Invocation const&, Surroundings&))
{
    options.push_back(json_option());
    return {.name = "alerts " + std::move(verb),
            .arguments = "ID...",
            .least = 1,
            .most = any_number,
            .summary = std::move(summary),
            .about = std::move(about) + "With - instead of ids they are read from standard input, one a line.",
            .options = std::move(options),
            .run = run};
}

std::vector<Command> all_commands()
{
    std::vector<Command> all;
    all.push_back(
        {.name = "login",
         .arguments = "ADDRESS",
         .least = 1,
         .most = 1,
         .summary = "Remember a collector and a token for it",
         .about = "ADDRESS is what a browser shows: https://HOST or https://HOST:PORT. The token (rc_...) is made "
                  "in your settings on the page; it is asked for on the terminal, where it does not appear, or "
                  "read from a file. It is tried before it is kept.",
         .options = {{.name = "token-file",
                      .value = "FILE",
                      .meaning = "Read the token from FILE; - is standard input",
                      .is_file = true},
                     {.name = "ca",
                      .value = "FILE",
                      .meaning = "Believe the certificate authorities in FILE (PEM), and no others",
                      .is_file = true},
                     {"pin", "sha256//KEY",
                      "Believe whoever has this key, and nobody else; the collector's install lines hold it"}},
         .run = &run_login});
    all.push_back(
        {.name = "devices",
         .summary = "List devices",
         .about = "Retired devices are left out unless --availability names them.",
         .options = {customer_option(), search_option("Name, machine name or an address contains it"), filter_option(),
                     choice("availability", "Devices that are so",
                            {"online", "offline", "unreachable", "retired", "unknown"}),
                     sort_option(device_orders()), columns_option(device_columns()), limit_option(), all_option(),
                     json_option(), csv_option()},
         .run = &run_devices});
    all.push_back({.name = "device",
                   .arguments = "NAME|ID",
                   .least = 1,
                   .most = 1,
                   .summary = "Show one device and its open alerts",
                   .about = "The name may be in any case; retired devices are found, too.",
                   .options = {json_option()},
                   .run = &run_device});
    all.push_back(
        {.name = "alerts",
         .summary = "List alerts, or watch them",
         .about = fmt::format("Without --status those that are open or snoozed. --watch first shows what there is, "
                              "then a line for each alert that is raised, changes or is resolved, until it is "
                              "interrupted; a lost connection is opened again and nothing is missed. With --json "
                              "each line is a document then. At most {} alerts are watched: narrow them down.",
                              limits::watched_alerts),
         .options = {customer_option(),
                     {"device", "NAME|ID", "Of this device"},
                     search_option("Title, customer, device, severity, category, ticket or status contains it"),
                     filter_option(),
                     choice("severity", "So severe", severities()),
                     choice("status", "In these states", {"open", "snoozed", "resolved"}),
                     choice("category", "Of these categories", categories()),
                     {"assigned", "NAME|ID", "Assigned to this technician"},
                     sort_option(alert_orders()),
                     columns_option(alert_columns()),
                     limit_option(),
                     all_option(),
                     json_option(),
                     csv_option(),
                     {"watch", "", "Go on and tell what changes"}},
         .run = &run_alerts});
    all.push_back(on_alerts("resolve", "Resolve alerts", "", {}, &run_resolve));
    all.push_back(on_alerts("reopen", "Open alerts again that are resolved or snoozed", "", {}, &run_reopen));
    all.push_back(on_alerts("snooze", "Snooze alerts", "Without --for until they change. ",
                            {{"for", "TIME", "So long: 90s, 15m, 4h or 7d"}}, &run_snooze));
    all.push_back(on_alerts("assign", "Assign alerts to a technician, or to nobody", "",
                            {{"to", "NAME|ID", "To this technician"}, {"nobody", "", "To nobody any more"}},
                            &run_assign));
    all.push_back({.name = "customers",
                   .summary = "List customers with their counts",
                   .options = {search_option("The name contains it"),
                               choice("rank", "Of these ranks", {"A", "B", "C", "D", "none"}),
                               sort_option(customer_orders()), columns_option(customer_columns()), json_option()},
                   .run = &run_customers});
    all.push_back(
        {.name = "api",
         .arguments = "METHOD PATH",
         .least = 2,
         .most = 2,
         .summary = "Ask the API, and print its answer as it is",
         .about = "PATH is /api/v1/... or what stands behind that, with its query. GET /api/v1/openapi.json lists "
                  "all of them. Streams are printed as they come.",
         .options =
             {{.name = "data", .value = "FILE", .meaning = "Send this JSON; - is standard input", .is_file = true}},
         .run = &run_api});
    all.push_back({.name = "completion",
                   .arguments = "SHELL",
                   .least = 1,
                   .most = 1,
                   .summary = "Print the completions of a shell",
                   .about = "For bash: source <(rollcall completion bash).",
                   .options = {},
                   .words = {"bash", "zsh", "fish"},
                   .run = &run_completion});
    all.push_back(
        {.name = "man", .summary = "Print the man page, as troff", .about = "", .options = {}, .run = &run_man});
    return all;
}

std::vector<std::string> words_of(std::string const& name)
{
    std::vector<std::string> words;
    for (std::size_t at = 0; at <= name.size();) {
        auto const end = std::min(name.find(' ', at), name.size());
        words.push_back(name.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

/// The command with the most words that the line begins with; nullptr: there is none.
Command const* command_of(std::vector<std::string> const& line, std::size_t& words)
{
    Command const* found = nullptr;
    for (auto const& command : commands()) {
        auto const own = words_of(command.name);
        if (own.size() > line.size() || own.size() <= words) continue;
        if (!std::equal(own.begin(), own.end(), line.begin())) continue;
        found = &command;
        words = own.size();
    }
    return found;
}

Error usage(Command const* command, std::string const& what)
{
    auto const help = command == nullptr ? std::string("rollcall --help") : "rollcall " + command->name + " --help";
    return fail(errc::bad_input, fmt::format("{}; see '{}'", what, help));
}

std::string listed(std::vector<std::string> const& words)
{
    std::string list;
    for (auto const& word : words)
        list.append(list.empty() ? "" : ", ").append(word);
    return list;
}

/// Why the value will not do; "" = it will.
std::string wrong_with(Option const& option, std::string_view value)
{
    // What CSV may show is more than a table does.
    if (option.words.empty() || option.name == "columns") return {};
    if (option.is_order && value.starts_with('-')) value.remove_prefix(1);
    for (std::size_t at = 0; at <= value.size();) {
        auto const end = option.is_list ? std::min(value.find(',', at), value.size()) : value.size();
        auto const word = value.substr(at, end - at);
        if (std::ranges::find(option.words, word) == option.words.end())
            return fmt::format("--{} knows no '{}'; it may be {}", option.name, shown(word), listed(option.words));
        at = end + 1;
    }
    return {};
}

/// An option of the line; `at` stands behind it and its value afterwards.
Result<> take_option(Invocation& invocation, std::vector<std::string> const& line, std::size_t& at)
{
    auto const& command = *invocation.command;
    auto const& word = line[at++];
    auto const equals = word.find('=');
    auto const name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    auto const option = std::ranges::find(command.options, name, &Option::name);
    if (option == command.options.end())
        return usage(&command, fmt::format("'{}' has no option --{}", command.name, shown(name)));
    if (invocation.has(name)) return usage(&command, fmt::format("--{} is given twice", name));
    if (option->value.empty()) {
        if (equals != std::string::npos) return usage(&command, fmt::format("--{} takes no value", name));
        invocation.options.emplace(name, "");
        return {};
    }
    if (equals == std::string::npos && at == line.size())
        return usage(&command, fmt::format("--{} wants a value: {}", name, option->value));
    auto const value = equals == std::string::npos ? line[at++] : word.substr(equals + 1);
    if (value.empty()) return usage(&command, fmt::format("--{} wants a value: {}", name, option->value));
    if (auto const wrong = wrong_with(*option, value); !wrong.empty()) return usage(&command, wrong);
    invocation.options.emplace(name, value);
    return {};
}

Result<> check_arguments(Invocation const& invocation)
{
    auto const& command = *invocation.command;
    auto const& given = invocation.arguments;
    if (given.size() < command.least)
        return usage(&command, fmt::format("'{}' wants {}", command.name, command.arguments));
    if (given.size() > command.most)
        return usage(&command, command.most == 0 ? fmt::format("'{}' takes no '{}'", command.name, shown(given[0]))
                                                 : fmt::format("'{}' takes {} and no more: '{}'", command.name,
                                                               command.arguments, shown(given[command.most])));
    if (!command.words.empty() && std::ranges::find(command.words, given[0]) == command.words.end())
        return usage(&command, fmt::format("'{}' knows no '{}'; it may be {}", command.name, shown(given[0]),
                                           listed(command.words)));
    return {};
}

} // namespace

std::vector<Command> const& commands()
{
    static std::vector<Command> const all = all_commands();
    return all;
}

Result<Invocation> parse(std::vector<std::string> const& line)
{
    Invocation invocation;
    std::size_t at = 0;
    invocation.command = command_of(line, at);
    if (invocation.command == nullptr) {
        if (line.empty()) return usage(nullptr, "no command is given");
        invocation.kind = line[0] == "--version" ? Invocation::Kind::version : Invocation::Kind::help;
        if (line[0] == "--version" || line[0] == "--help" || line[0] == "-h") return invocation;
        return usage(nullptr, fmt::format("there is no command '{}'", shown(line[0])));
    }
    bool only_arguments = false;
    while (at < line.size()) {
        auto const& word = line[at];
        if (!only_arguments && (word == "--help" || word == "-h")) {
            invocation.kind = Invocation::Kind::help;
            return invocation;
        }
        if (!only_arguments && word == "--") {
            only_arguments = true;
            ++at;
        } else if (!only_arguments && word.starts_with("--")) {
            if (auto const taken = take_option(invocation, line, at); !taken) return taken.error();
        } else if (!only_arguments && word.size() > 1 && word.starts_with('-')) {
            return usage(invocation.command,
                         fmt::format("'{}' has no option {}", invocation.command->name, shown(word)));
        } else {
            invocation.arguments.push_back(word);
            ++at;
        }
    }
    if (auto const fits = check_arguments(invocation); !fits) return fits.error();
    return invocation;
}

std::optional<std::int64_t> read_count(std::string_view text)
{
    std::int64_t number = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size() || number < 1) return std::nullopt;
    return number;
}

std::optional<std::int64_t> read_period_ms(std::string_view text)
{
    static constexpr std::string_view units = "smhd";
    static constexpr std::int64_t in_ms[] = {1000, 60'000, 3'600'000, 86'400'000};
    // What is longer than this is more than any collector takes, and still far from overflowing.
    static constexpr std::size_t digits = 7;
    if (text.size() < 2 || text.size() > digits + 1) return std::nullopt;
    auto const unit = units.find(text.back());
    auto const number = read_count(text.substr(0, text.size() - 1));
    if (unit == std::string_view::npos || !number) return std::nullopt;
    return *number * in_ms[unit];
}

} // namespace rollcall::client
