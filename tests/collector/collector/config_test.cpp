#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "collector/config.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using collector::config_keys;
using collector::parse_config;

static collector::ConfigKey const& key_of(std::string_view name)
{
    for (auto const& key : config_keys())
        if (key.name == name) return key;
    FAIL("no key " << name);
    return config_keys().front();
}

TEST_CASE("config: every key of a file gets to its place, paths from the file's folder")
{
    auto const [config, problems] = parse_config("data = 'data'\n"
                                                 "listen = '::1'\n"
                                                 "port = 9443\n"
                                                 "public_url = 'https://rollcall.example'\n"
                                                 "web = '/usr/share/rollcall/web'\n"
                                                 "thresholds = '../thresholds.toml'\n"
                                                 "log_format = 'json'\n"
                                                 "log_level = 'warning'\n"
                                                 "[limits]\n"
                                                 "threads = 2\n"
                                                 "connections = 30000\n"
                                                 "idle_s = 10\n"
                                                 "agent_queue_bytes = 2_000_000\n"
                                                 "[retention]\n"
                                                 "readings_days = 30\n"
                                                 "rollups_1d_days = 3650\n"
                                                 "[updates]\n"
                                                 "spread_s = 0\n",
                                                 "x.toml", "/etc/rollcall");
    REQUIRE(problems.empty());
    CHECK(config.options.data == "/etc/rollcall/data");
    CHECK(config.options.listen == "::1");
    CHECK(config.options.port == 9443);
    CHECK(config.options.public_url == "https://rollcall.example");
    CHECK(config.options.web == "/usr/share/rollcall/web");
    CHECK(config.options.thresholds == "/etc/rollcall/../thresholds.toml");
    CHECK(config.log_format == log::Format::json);
    CHECK(config.log_level == log::Level::warning);
    CHECK(config.options.threads == 2);
    CHECK(config.options.limits.connections == 30'000);
    CHECK(config.options.limits.idle == std::chrono::seconds(10));
    CHECK(config.options.limits.agent_queue_bytes == 2'000'000);
    CHECK(config.options.retention.readings == store::Retention::Days(30));
    CHECK(config.options.retention.days == store::Retention::Days(3650));
    CHECK(config.options.retention.events == store::Retention{}.events);
    CHECK(config.options.pace.spread == std::chrono::seconds(0));
    CHECK(config.options.pace.look_every == std::chrono::seconds(60));
    CHECK(parse_config("", "x.toml", "").problems.empty());
}

TEST_CASE("config: all that is wrong is told, by line, with key, limit and remedy")
{
    auto const problems = parse_config("[limits]\n"
                                       "conections = 5\n"
                                       "idle_s = '10'\n"
                                       "request_s = 0\n"
                                       "answer_s = 1.5\n"
                                       "[limit]\n"
                                       "idle_s = 1\n",
                                       "a.toml", "")
                              .problems;
    REQUIRE(problems.size() == 5);
    CHECK(problems[0] == "a.toml:2: limits.conections: there is no such key; the nearest is limits.connections. "
                         "Correct it, or take it out");
    CHECK(problems[1] == "a.toml:3: limits.idle_s: must be a whole number from 1 to 3600");
    CHECK(problems[2] == "a.toml:4: limits.request_s: must be a whole number from 1 to 3600");
    CHECK(problems[3] == "a.toml:5: limits.answer_s: must be a whole number from 1 to 3600");
    CHECK(problems[4] == "a.toml:6: limit: there is no such key; the nearest is limits. Correct it, or take it out");

    auto const only = [](std::string_view text) {
        auto const found = parse_config(text, "b.toml", "").problems;
        CAPTURE(text);
        REQUIRE(found.size() == 1);
        return found.front();
    };
    CHECK(only("prot = 1\n").find("b.toml:1: prot: there is no such key; the nearest is port.") == 0);
    CHECK(only("connections = 1\n").find("the nearest is limits.connections.") != std::string::npos);
    CHECK(only("public-url = 'https://a'\n").find("the nearest is public_url.") != std::string::npos);
    CHECK(only(std::string(100'000, 'x') + " = 1\n").find("there is no such key") != std::string::npos);
    CHECK(only("[retention]\nevents_days = 0\n") ==
          "b.toml:2: retention.events_days: must be a whole number from 1 to 36500");
    CHECK(only("[retention]\nevent_days = 1\n").find("the nearest is retention.events_days.") != std::string::npos);
    CHECK(only("limits = 1\n") == "b.toml:1: limits: must be a table, as in [limits]");
    CHECK(only("\nport = 65536\n") == "b.toml:2: port: must be a whole number from 0 to 65535");
    CHECK(only("port = -1\n").find("b.toml:1: port: must be") == 0);
    CHECK(only("[port]\na = 1\n").find("b.toml:1: port: must be") == 0);
    CHECK(only("data = ''\n") == "b.toml:1: data: must be the name of a folder");
    CHECK(only("data = 1\n") == "b.toml:1: data: must be the name of a folder");
    CHECK(only("listen = 'localhost'\n").find("b.toml:1: listen: must be an IPv4 or IPv6 address") == 0);
    CHECK(only("public_url = 'host:8443'\n") == "b.toml:1: public_url: must be https://host or https://host:port");
    CHECK(only("log_level = 'loud'\n") == "b.toml:1: log_level: must be debug, info, warning or error");
    CHECK(only("log_format = 'logfmt'\n") == "b.toml:1: log_format: must be text or json");
    CHECK(only("port = 1\nport = 2\n").find("b.toml:2: ") == 0);
    CHECK(only("port = \n").find("b.toml:1: ") == 0);
    CHECK(only("data = '\xff'\n").find("b.toml:1: ") == 0);
}

TEST_CASE("config: a file that is missing, a folder or far too large is told in a sentence")
{
    support::TempDir const temp;
    auto const only = [](std::filesystem::path const& file) {
        auto const found = collector::read_config(file).problems;
        REQUIRE(found.size() == 1);
        CHECK(found.front().find(file.string() + ": ") == 0);
        return found.front();
    };
    CHECK(only(temp / "none.toml").find("there is no such file") != std::string::npos);
    CHECK(only(temp.path()).find("there is no such file") != std::string::npos);
    std::ofstream(temp / "large.toml") << std::string(collector::config_bytes + 1, '\n');
    CHECK(only(temp / "large.toml").find("is larger than 1048576 bytes") != std::string::npos);

    std::ofstream(temp / "good.toml") << "data = 'here'\n";
    auto const good = collector::read_config(temp / "good.toml");
    CHECK(good.problems.empty());
    CHECK(good.config.options.data == temp / "here");
}

TEST_CASE("config: the command line goes by the same rules and wins")
{
    auto config = parse_config("data = 'file'\nport = 1\n", "x.toml", "/etc").config;
    REQUIRE(put_option(config, key_of("data"), "line"));
    REQUIRE(put_option(config, key_of("port"), "2"));
    REQUIRE(put_option(config, key_of("public_url"), "https://[::1]:1"));
    CHECK(config.options.data == "line");
    CHECK(config.options.port == 2);
    CHECK(key_of("public_url").option() == "--public-url");
    for (auto const* const text : {"", "x", "65536", "-1", "1x", " 1", "99999999999999999999"}) {
        auto const refused = put_option(config, key_of("port"), text);
        CAPTURE(text);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::bad_input);
        CHECK(refused.error().trace == "--port: must be a whole number from 0 to 65535.");
    }
    CHECK(put_option(config, key_of("listen"), "here").error().trace.find("--listen: must be an IPv4") == 0);
    CHECK(config.options.port == 2);
}

TEST_CASE("config: the README lists every key with its default, its limit and its meaning")
{
    std::ifstream stream(ROLLCALL_FIXTURES "/../../collector/README.md");
    std::string const readme{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    collector::Config const fresh;
    for (auto const& key : config_keys()) {
        auto const fallback = key.number == nullptr ? std::string("–") : std::to_string(key.number(fresh));
        auto const line = fmt::format("| `{}` | {} | {} | {} |\n", key.name, fallback, key.wants(), key.meaning);
        CAPTURE(line);
        CHECK(readme.find(line) != std::string::npos);
        if (key.number == nullptr) continue;
        collector::Config changed;
        key.put_number(changed, key.most);
        CHECK(key.number(changed) == key.most);
    }
}

TEST_CASE("config: check looks into the files that the options name")
{
    support::TempDir const temp;
    CHECK(collector::Collector::check({}).empty());
    std::ofstream(temp / "bad.toml") << "[cpu_high]\n";
    collector::Collector::Options options;
    options.public_url = "http://x";
    options.thresholds = temp / "bad.toml";
    auto const found = collector::Collector::check(options);
    REQUIRE(found.size() == 2);
    CHECK(found[0].trace.find("public_url: ") == 0);
    CHECK(found[1].trace.find((temp / "bad.toml").string() + ": thresholds: line 1: cpu_high") == 0);
}
