#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "collector/client/columns.hpp"
#include "collector/client/commands.hpp"
#include "collector/client/help.hpp"
#include "collector/view/list_columns.hpp"
#include "collector/view/projection.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::client;

using Line = std::vector<std::string>;

static std::string wrong_with(Line const& line)
{
    auto const asked = parse(line);
    REQUIRE_FALSE(asked);
    CHECK(asked.error().code == errc::bad_input);
    return asked.error().trace;
}

TEST_CASE("commands: options stand anywhere behind the command, with a blank or '=' before the value")
{
    auto const asked =
        parse({"devices", "--customer", "Acme", "--filter=os.family is linux", "--all", "--sort", "-alerts"});
    REQUIRE(asked);
    CHECK(asked->command->name == "devices");
    CHECK(asked->text("customer") == "Acme");
    CHECK(asked->text("filter") == "os.family is linux");
    CHECK(asked->text("sort") == "-alerts");
    CHECK(asked->has("all"));
    CHECK_FALSE(asked->has("json"));
}

TEST_CASE("commands: of two words the longer command is meant, and what follows are its arguments")
{
    auto const asked = parse({"alerts", "resolve", "a", "--json", "--", "--b"});
    REQUIRE(asked);
    CHECK(asked->command->name == "alerts resolve");
    CHECK(asked->arguments == Line{"a", "--b"});
    CHECK(parse({"alerts", "--watch"})->command->name == "alerts");
    CHECK(parse({"alerts", "resolve", "-"})->arguments == Line{"-"});
}

TEST_CASE("commands: what makes no sense is said with the help to read")
{
    CHECK(wrong_with({}).find("rollcall --help") != std::string::npos);
    CHECK(wrong_with({"launch"}).find("launch") != std::string::npos);
    CHECK(wrong_with({"devices", "--colour", "x"}).find("rollcall devices --help") != std::string::npos);
    CHECK(wrong_with({"devices", "--limit"}).find("wants a value") != std::string::npos);
    CHECK(wrong_with({"devices", "--limit="}).find("wants a value") != std::string::npos);
    CHECK(wrong_with({"devices", "--all=x"}).find("takes no value") != std::string::npos);
    CHECK(wrong_with({"devices", "--all", "--all"}).find("twice") != std::string::npos);
    CHECK(wrong_with({"devices", "x"}).find("takes no 'x'") != std::string::npos);
    CHECK(wrong_with({"devices", "-x"}).find("-x") != std::string::npos);
    CHECK(wrong_with({"device"}).find("NAME|ID") != std::string::npos);
    CHECK(wrong_with({"device", "a", "b"}).find("'b'") != std::string::npos);
    CHECK(wrong_with({"devices", "--sort", "colour"}).find("colour") != std::string::npos);
    CHECK(wrong_with({"alerts", "--severity", "warning,bad"}).find("'bad'") != std::string::npos);
    CHECK(wrong_with({"completion", "tcsh"}).find("zsh") != std::string::npos);
    CHECK(wrong_with({"\x1b[2J"}).find('\x1b') == std::string::npos);
}

TEST_CASE("commands: a token never stands on the command line")
{
    for (auto const& command : commands())
        for (auto const& option : command.options)
            CHECK((option.name.find("token") == std::string::npos || option.is_file));
}

TEST_CASE("commands: counts and periods are what they say, or nothing")
{
    CHECK(read_count("1") == 1);
    CHECK_FALSE(read_count("0"));
    CHECK_FALSE(read_count("-5"));
    CHECK_FALSE(read_count("12x"));
    CHECK_FALSE(read_count("99999999999999999999"));
    CHECK(read_period_ms("90s") == 90'000);
    CHECK(read_period_ms("7d") == 604'800'000);
    CHECK_FALSE(read_period_ms("4"));
    CHECK_FALSE(read_period_ms("h"));
    CHECK_FALSE(read_period_ms("4y"));
    CHECK_FALSE(read_period_ms("99999999d"));
}

TEST_CASE("commands: help, completions and man page know each command and each of its options")
{
    auto const whole = help();
    auto const manual = man_page();
    for (auto const& command : commands()) {
        CAPTURE(command.name);
        CHECK((command.run != nullptr));
        CHECK(whole.find("  " + command.name + " ") != std::string::npos);
        auto const own = help_of(command);
        CHECK(own.find(command.summary) != std::string::npos);
        CHECK(manual.find(command.summary) != std::string::npos);
        for (auto const& option : command.options) {
            CAPTURE(option.name);
            CHECK(own.find("--" + option.name) != std::string::npos);
            std::string in_manual = "\\-\\-";
            for (char const c : option.name)
                in_manual += c == '-' ? "\\-" : std::string(1, c);
            CHECK(manual.find(in_manual) != std::string::npos);
            CHECK(completion("bash").find("--" + option.name) != std::string::npos);
            CHECK(completion("zsh").find("--" + option.name) != std::string::npos);
            CHECK(completion("fish").find(" -l " + option.name + " ") != std::string::npos);
        }
    }
    for (auto const& [exit, meaning] : exit_meanings())
        CHECK(whole.find(std::to_string(static_cast<int>(exit))) != std::string::npos);
}

/// What bash offers behind these words.
static std::set<std::string> offered(Line const& words)
{
    support::TempDir const folder;
    std::ofstream script(folder / "try");
    script << completion("bash") << "COMP_WORDS=(rollcall";
    for (auto const& word : words)
        script << " '" << word << "'";
    script << ")\nCOMP_CWORD=" << words.size() << "\n_rollcall 2>/dev/null\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
    script.close();
    auto const command = "bash " + (folder / "try").string() + " > " + (folder / "said").string();
    CHECK(std::system(command.c_str()) == 0);
    std::ifstream said(folder / "said");
    std::set<std::string> found;
    for (std::string line; std::getline(said, line);)
        if (!line.empty()) found.insert(line);
    return found;
}

TEST_CASE("commands: bash completes commands, options and values")
{
    CHECK(offered({"dev"}) == std::set<std::string>{"device", "devices"});
    CHECK(offered({"alerts", "re"}) == std::set<std::string>{"reopen", "resolve"});
    CHECK(offered({"alerts", "assign", "--n"}) == std::set<std::string>{"--nobody"});
    CHECK(offered({"devices", "--sort", "-al"}) == std::set<std::string>{"-alerts"});
    CHECK(offered({"alerts", "--severity", "warning,cr"}) == std::set<std::string>{"warning,critical"});
    CHECK(offered({"completion", "z"}) == std::set<std::string>{"zsh"});
}

TEST_CASE("columns: they are called as in filters and CSV, and lists are sorted by what the collector knows")
{
    auto const is_in = [](filter::Subject const& subject, std::string const& name) {
        return std::ranges::find(subject.columns, name, &filter::Column::name) != subject.columns.end();
    };
    for (auto const& column : device_columns())
        CHECK_MESSAGE((column.name == "id" || is_in(view::device_subject(), column.name)), column.name);
    for (auto const& column : view::device_subject().columns)
        CHECK_MESSAGE(choose(device_columns(), column.name), column.name);
    for (auto const& column : alert_columns())
        CHECK_MESSAGE((column.name == "id" || column.name == "value" || column.name == "latest" ||
                       is_in(view::alert_subject(), column.name)),
                      column.name);
    auto const same = [](std::vector<std::string> const& words, auto const& keys) {
        return std::ranges::equal(words, keys);
    };
    CHECK(same(device_orders(), view::device_sort_keys()));
    CHECK(same(alert_orders(), view::alert_sort_keys()));
    CHECK(same(customer_orders(), view::customer_sort_keys()));
    CHECK(choose(device_columns(), usual_device_columns()));
    CHECK(choose(alert_columns(), usual_alert_columns()));
    CHECK(choose(customer_columns(), usual_customer_columns()));
    CHECK_FALSE(choose(device_columns(), "name,colour"));
    CHECK_FALSE(choose(device_columns(), ""));
}
