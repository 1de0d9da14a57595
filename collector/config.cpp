#include "collector/config.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "common/net/address.hpp"

namespace rollcall::collector
{

namespace
{

namespace fs = std::filesystem;

/// A path of the file begins at the file's folder, one of the command line where its writer stands.
template <auto member>
bool put_path(Config& config, std::string const& text, fs::path const& folder)
{
    if (text.empty()) return false;
    config.options.*member = folder / text;
    return true;
}

template <auto member>
constexpr ConfigKey path_key(std::string_view name, std::string_view wanted, std::string_view meaning)
{
    return {.name = name, .wanted = wanted, .meaning = meaning, .put_text = put_path<member>};
}

template <auto member>
constexpr ConfigKey count_key(std::string_view name, std::string_view meaning, std::int64_t least, std::int64_t most)
{
    using Number = std::remove_reference_t<decltype(std::declval<gateway::Limits&>().*member)>;
    return {.name = name,
            .meaning = meaning,
            .least = least,
            .most = most,
            .put_number = [](Config& config,
                             std::int64_t value) { config.options.limits.*member = static_cast<Number>(value); },
            .number = [](Config const& config) { return static_cast<std::int64_t>(config.options.limits.*member); }};
}

template <auto member>
constexpr ConfigKey seconds_key(std::string_view name, std::string_view meaning)
{
    return {.name = name,
            .meaning = meaning,
            .least = 1,
            .most = 3600,
            .put_number = [](Config& config,
                             std::int64_t value) { config.options.limits.*member = std::chrono::seconds(value); },
            .number =
                [](Config const& config) {
                    return std::int64_t{
                        std::chrono::duration_cast<std::chrono::seconds>(config.options.limits.*member).count()};
                }};
}

template <auto member>
constexpr ConfigKey days_key(std::string_view name, std::string_view meaning)
{
    using Days = store::Retention::Days;
    return {.name = name,
            .meaning = meaning,
            .least = store::retention_least.count(),
            .most = store::retention_most.count(),
            .put_number = [](Config& config, std::int64_t value) { config.options.retention.*member = Days(value); },
            .number = [](Config const& config) { return (config.options.retention.*member).count(); }};
}

template <auto member>
constexpr ConfigKey pace_key(std::string_view name, std::string_view meaning, std::int64_t least, std::int64_t most)
{
    return {.name = name,
            .meaning = meaning,
            .least = least,
            .most = most,
            .put_number = [](Config& config,
                             std::int64_t value) { config.options.pace.*member = std::chrono::seconds(value); },
            .number = [](Config const& config) { return std::int64_t{(config.options.pace.*member).count()}; }};
}

bool put_listen(Config& config, std::string const& text, fs::path const&)
{
    if (!net::is_ip_literal(text)) return false;
    config.options.listen = text;
    return true;
}

bool put_public_url(Config& config, std::string const& text, fs::path const&)
{
    if (!net::parse_https_url(text)) return false;
    config.options.public_url = text;
    return true;
}

bool put_log_format(Config& config, std::string const& text, fs::path const&)
{
    if (text != "text" && text != "json") return false;
    config.log_format = text == "json" ? log::Format::json : log::Format::logfmt;
    return true;
}

bool put_log_level(Config& config, std::string const& text, fs::path const&)
{
    auto const level = log::level_from(text);
    if (level) config.log_level = *level;
    return level.has_value();
}

using Options = Collector::Options;
using gateway::Limits;
using store::Retention;
using updates::Pace;

constexpr ConfigKey keys[] = {
    path_key<&Options::data>("data", "the name of a folder",
                             "Folder for everything it keeps; made where it is missing"),
    {.name = "listen",
     .wanted = "an IPv4 or IPv6 address of this machine",
     .meaning = "Address to listen on; where absent, all of the machine",
     .put_text = put_listen},
    {.name = "port",
     .meaning = "Port for agents, browsers and API; 0 = any free one",
     .least = 0,
     .most = 65'535,
     .put_number = [](Config& config, std::int64_t value) { config.options.port = static_cast<std::uint16_t>(value); },
     .number = [](Config const& config) { return std::int64_t{config.options.port}; }},
    {.name = "public_url",
     .wanted = "https://host or https://host:port",
     .meaning = "What agents and people use; where absent, https://localhost and the port",
     .put_text = put_public_url},
    path_key<&Options::web>("web", "the name of a folder",
                            "Folder of the built page (collector/view/web/dist); where absent, no page"),
    path_key<&Options::browser_certificate>("browser_certificate", "the name of a PEM file",
                                            "What browsers are shown; where absent, the collector's own certificate"),
    path_key<&Options::browser_key>("browser_key", "the name of a PEM file",
                                    "Its private key; where absent, that of the collector"),
    path_key<&Options::releases>("releases", "the name of a folder",
                                 "Folder of the agent's releases; where absent, releases in the data folder"),
    path_key<&Options::thresholds>("thresholds", "the name of a TOML file",
                                   "Changes to the default thresholds; where absent, none"),
    {.name = "log_format",
     .wanted = "text or json",
     .meaning = "Lines for people or objects for programs; where absent, text",
     .put_text = put_log_format},
    {.name = "log_level",
     .wanted = "debug, info, warning or error",
     .meaning = "The least that is logged; where absent, info",
     .put_text = put_log_level},
    {.name = "limits.threads",
     .meaning = "Event loops; 0 = one per core",
     .least = 0,
     .most = 256,
     .put_number = [](Config& config, std::int64_t value) { config.options.threads = static_cast<unsigned>(value); },
     .number = [](Config const& config) { return std::int64_t{config.options.threads}; }},
    count_key<&Limits::connections>("limits.connections", "Open connections of all kinds", 1, 1'000'000),
    count_key<&Limits::unauthenticated_per_address>(
        "limits.unauthenticated_per_address",
        "Open connections of one address (IPv6: of one /64) without a device certificate", 1, 1'000'000),
    seconds_key<&Limits::handshake>("limits.handshake_s", "TLS, upgrade and hello together"),
    seconds_key<&Limits::request>("limits.request_s", "From a request's first byte to its last"),
    seconds_key<&Limits::answer>("limits.answer_s", "From a request's last byte to its answer"),
    seconds_key<&Limits::send>("limits.send_s", "A peer must take something of what is sent to it this often"),
    seconds_key<&Limits::idle>("limits.idle_s", "A kept-alive connection without a request"),
    seconds_key<&Limits::closing>("limits.closing_s", "For the polite end of a connection, and of all at a stop"),
    count_key<&Limits::live_queue_messages>("limits.live_queue_messages",
                                            "Messages a browser may be behind on the live feed before it is closed", 1,
                                            1'000'000),
    count_key<&Limits::agent_queue_bytes>("limits.agent_queue_bytes",
                                          "What waits for one agent that does not read; more closes it", 1'048'576,
                                          1'073'741'824),
    days_key<&Retention::state_changes>("retention.state_changes_days",
                                        "What was so once; what is so now stays, however old"),
    days_key<&Retention::events>("retention.events_days", "Events of devices"),
    days_key<&Retention::gaps>("retention.gaps_days", "Notes of what was lost"),
    days_key<&Retention::actions>("retention.actions_days", "What people did to devices"),
    days_key<&Retention::alerts>("retention.alerts_days", "Alerts, since they were resolved; open ones stay"),
    days_key<&Retention::readings>("retention.readings_days", "Readings of series, as they were read"),
    days_key<&Retention::five_minutes>("retention.rollups_5min_days", "Mean, least and greatest of every 5 minutes"),
    days_key<&Retention::hours>("retention.rollups_1h_days", "The same of every hour"),
    days_key<&Retention::days>("retention.rollups_1d_days", "The same of every day (UTC)"),
    days_key<&Retention::audit>("retention.audit_days", "Rows of the audit log"),
    pace_key<&Pace::look_every>("updates.look_every_s", "The folder of releases is looked at this often, and waves", 1,
                                3600),
    pace_key<&Pace::spread>("updates.spread_s",
                            "A device that is offered a release begins at a random moment within this time", 0,
                            604'800),
};

constexpr std::string_view tables[] = {"limits", "retention", "updates"};

ConfigKey const* find_key(std::string_view name)
{
    auto const* const found = std::ranges::find(keys, name, &ConfigKey::name);
    return found == std::end(keys) ? nullptr : found;
}

bool is_table(std::string_view name) { return std::ranges::find(tables, name) != std::end(tables); }

/// How many letters have to be put in, left out or changed (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            auto const changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, changed});
        }
    }
    return row.back();
}

/// A key of a table may have been written outside of it, so its last word counts as well.
std::string_view nearest_key(std::string_view name)
{
    // Distances are worth their square, and no key is as long as that.
    name = name.substr(0, 64);
    auto const far = [name](std::string_view known) {
        auto const last = known.substr(known.rfind('.') + 1);
        return std::min(distance(name, known), distance(name, last));
    };
    std::string_view best = keys[0].name;
    for (auto const& key : keys)
        if (far(key.name) < far(best)) best = key.name;
    for (auto const table : tables)
        if (far(table) < far(best)) best = table;
    return best;
}

std::optional<std::int64_t> number_from(std::string const& text)
{
    std::int64_t number = 0;
    auto const* const end = text.data() + text.size();
    auto const [rest, failed] = std::from_chars(text.data(), end, number);
    if (text.empty() || failed != std::errc{} || rest != end) return std::nullopt;
    return number;
}

bool put_number(Config& config, ConfigKey const& key, std::optional<std::int64_t> number)
{
    if (!number || *number < key.least || *number > key.most) return false;
    key.put_number(config, *number);
    return true;
}

/// One pass over a file that parses.
class Reader
{
public:
    Reader(std::string_view name, fs::path const& folder)
        : name_(name)
        , folder_(folder)
    {
    }

    ReadConfig read(toml::table const& table)
    {
        read_table(table, "");
        std::ranges::stable_sort(problems_, {}, &Problem::line);
        for (auto const& problem : problems_)
            read_.problems.push_back(fmt::format("{}:{}: {}", name_, problem.line, problem.text));
        return std::move(read_);
    }

private:
    struct Problem {
        toml::source_index line;
        std::string text;
    };

    void read_table(toml::table const& table, std::string const& prefix)
    {
        for (auto const& [key, node] : table) {
            auto const name = prefix + std::string(key.str());
            if (auto const* const known = find_key(name); known != nullptr)
                take(*known, node);
            else if (!is_table(name))
                note(key.source(), name,
                     fmt::format("there is no such key; the nearest is {}. Correct it, or take it out",
                                 nearest_key(name)));
            else if (auto const* const inner = node.as_table(); inner != nullptr)
                read_table(*inner, name + ".");
            else
                note(node.source(), name, fmt::format("must be a table, as in [{}]", name));
        }
    }

    void take(ConfigKey const& key, toml::node const& node)
    {
        bool const taken =
            key.put_number != nullptr
                ? put_number(read_.config, key,
                             node.is_integer() ? node.value<std::int64_t>() : std::optional<std::int64_t>())
                : node.is_string() && key.put_text(read_.config, *node.value<std::string>(), folder_);
        if (!taken) note(node.source(), key.name, "must be " + key.wants());
    }

    void note(toml::source_region const& place, std::string_view key, std::string_view what)
    {
        problems_.push_back({place.begin.line, fmt::format("{}: {}", key, what)});
    }

    std::string_view name_;
    fs::path const& folder_;
    ReadConfig read_;
    std::vector<Problem> problems_;
};

} // namespace

std::string ConfigKey::option() const
{
    auto text = fmt::format("--{}", name);
    std::ranges::replace(text, '_', '-');
    return text;
}

std::string ConfigKey::wants() const
{
    if (put_number == nullptr) return std::string(wanted);
    return fmt::format("a whole number from {} to {}", least, most);
}

std::span<ConfigKey const> config_keys() { return keys; }

ReadConfig parse_config(std::string_view toml, std::string_view name, fs::path const& folder)
{
    auto const parsed = toml::parse(toml);
    if (!parsed) {
        auto const& error = parsed.error();
        return {.config = {},
                .problems = {fmt::format("{}:{}: {}", name, error.source().begin.line, error.description())}};
    }
    return Reader(name, folder).read(parsed.table());
}

ReadConfig read_config(fs::path const& file)
{
    auto const unreadable = [&file](std::string_view why) {
        return ReadConfig{.config = {}, .problems = {fmt::format("{}: {}", file.string(), why)}};
    };
    std::error_code failure;
    if (!fs::is_regular_file(file, failure)) return unreadable("there is no such file. Check the path after --config");
    if (fs::file_size(file, failure) > config_bytes || failure)
        return unreadable(fmt::format("is larger than {} bytes; is this the right file?", config_bytes));
    std::ifstream stream(file, std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (!stream) return unreadable("cannot be read. Give the collector's user the right");
    return parse_config(text, file.string(), file.parent_path());
}

Result<> put_option(Config& config, ConfigKey const& key, std::string const& text)
{
    bool const taken =
        key.put_number != nullptr ? put_number(config, key, number_from(text)) : key.put_text(config, text, fs::path());
    if (!taken) return fail(errc::bad_input, fmt::format("{}: must be {}.", key.option(), key.wants()));
    return {};
}

} // namespace rollcall::collector
