#include <doctest/doctest.h>

#include <set>

#include "collector/view/filter/limits.hpp"
#include "tests/collector/filter/subject.hpp"

using namespace rollcall;
using namespace rollcall::filter;
using filter::testing::fault_of;
using filter::testing::machines;

namespace
{

/// Written in the one way, which must be stable.
std::string canonical(std::string_view text)
{
    auto const first = to_string(filter::testing::read(text), machines());
    CHECK(to_string(filter::testing::read(first), machines()) == first);
    return first;
}

} // namespace

TEST_CASE("filter: what was read is written in one way only")
{
    CHECK(canonical("volumes.free_percent < 10 and os.family is linux") ==
          "volumes.free_percent < 10 and os.family is linux");
    CHECK(canonical("NAME = 'PC 1'") == "name is \"PC 1\"");
    CHECK(canonical("name is not x OR (patches>=3 AND waits is TRUE)") ==
          "name is not x or patches >= 3 and waits is true");
    CHECK(canonical("(name is a or name is b) and not (patches = 1 or patches = 2)") ==
          "(name is a or name is b) and not (patches = 1 or patches = 2)");
    CHECK(canonical("((name is a and (name is b and name is c)))") == "name is a and name is b and name is c");
    CHECK(canonical("not not not waits is true") == "not waits is true");
    CHECK(canonical("name not in (a, \"b c\",'d\"e')") == "name not in (a, \"b c\", \"d\\\"e\")");
    CHECK(canonical("name starts with \"and\"") == "name starts with \"and\"");
    CHECK(canonical("patches is not unknown") == "patches is not unknown");
}

TEST_CASE("filter: all of probes that can be asked about rows is written as it is read")
{
    CHECK(canonical("volumes(free_percent < 10 and mount_point starts with /srv)") ==
          "volumes(free_percent < 10 and mount_point starts with /srv)");
    CHECK(canonical("volumes(free_percent < 10)") == "volumes.free_percent < 10");
    CHECK(canonical("all(volumes.free_percent > 10)") == "all(volumes.free_percent > 10)");
    CHECK(canonical("count(services(state is stopped and expected is true)) > 3") ==
          "count(services(state is stopped and expected is true)) > 3");
    CHECK(canonical("count(software) != 0") == "count(software) != 0");
    CHECK(canonical("not count(patches.security is true) >= 1 or last_login.at_ms < 30 days ago") ==
          "not count(patches.security is true) >= 1 or last_login.at_ms < 30 days ago");
    Subject const alerts{.name = "alerts", .columns = machines().columns, .table_prefix = "device."};
    auto const text = "device.volumes.free_percent < 10 and device.os(family is linux and version > 11)";
    CHECK(to_string(filter::testing::read(text, alerts), alerts) == text);
    CHECK(fault_of("volumes.free_percent < 10", alerts).nearest ==
          std::vector<std::string>{"device.volumes.free_percent"});
}

TEST_CASE("filter: numbers may have units, and times may be spans from now")
{
    auto const number = [](std::string_view text) { return filter::testing::read(text).test.values.at(0).number; };
    CHECK(number("size > 10 GB") == 1e10);
    CHECK(number("size > 10gib") == 10.0 * 1024 * 1024 * 1024);
    CHECK(number("size > 10") == 10);
    CHECK(number("offset > 5 min") == 300'000);
    CHECK(number("offset > 3 days") == 3 * 86'400'000.0);
    CHECK(number("offset < -2.5 s") == -2500);
    CHECK(canonical("size > 10gib") == "size > 10 GiB");
    CHECK(canonical("offset > 1 hours") == "offset > 1 h");
    CHECK(canonical("offset > 1 d or offset > 2 day") == "offset > 1 day or offset > 2 days");
    CHECK(canonical("volumes.free_percent < 10%") == "volumes.free_percent < 10 %");
    CHECK(canonical("seen > 2026-11-20 or seen < 2026-11-20T13:45Z or seen < \"2026-11-20 13:45:09\"") ==
          "seen > 2026-11-20 or seen < 2026-11-20T13:45 or seen < 2026-11-20T13:45:09");
    CHECK(canonical("seen < 1 week ago and seen > 30d ahead") == "seen < 1 week ago and seen > 30 days ahead");
    CHECK(filter::testing::read("seen >= 1970-01-02").test.values.at(0).ms == 86'400'000);
    CHECK(depends_on_now(filter::testing::read("name is a or not seen < 3 days ago")));
    CHECK(depends_on_now(filter::testing::read("count(certificates.not_after_ms < 30 days ahead) > 0")));
    CHECK_FALSE(depends_on_now(filter::testing::read("name is a or not seen < 2026-01-01")));
}

TEST_CASE("filter: a fault says where, what was expected, and what may have been meant")
{
    auto const wrong_name = fault_of("waits is true and pathces > 3");
    CHECK(wrong_name.position == 18);
    CHECK(wrong_name.length == 7);
    CHECK(wrong_name.nearest.at(0) == "patches");
    CHECK(fault_of("free_percent < 3").nearest.at(0) == "volumes.free_percent");
    CHECK(fault_of("volumes.free_percnt < 3").nearest.at(0) == "volumes.free_percent");
    CHECK(fault_of("level is hihg").nearest == std::vector<std::string>{"high"});
    CHECK(fault_of("level is hihg").remedy.find("low, middle, high") != std::string::npos);
    CHECK(fault_of("name is Ä and ä is b").position == 14); // counted in characters, not in bytes
    struct Wrong {
        std::string_view text;
        std::size_t position;
    };
    for (auto const& wrong : {Wrong{"", 0},
                              {"name", 4},
                              {"name is", 7},
                              {"name is a b", 10},
                              {"name < b", 5},
                              {"name is \"a", 8},
                              {"(name is a", 10},
                              {"name is a)", 9},
                              {"name is a and", 13},
                              {"name starts a", 12},
                              {"patches is many", 11},
                              {"patches > 3 GB", 12},
                              {"patches contains 3", 8},
                              {"patches in 3", 11},
                              {"patches in (3", 13},
                              {"patches > 1e400", 10},
                              {"size > 10 days", 10},
                              {"seen is 2026-11-20", 5},
                              {"seen > 2026-13-20", 7},
                              {"seen > 3 days", 13},
                              {"seen > 3", 7},
                              {"seen > 2000 weeks ago and seen < 99999999 weeks ago", 33},
                              {"waits is maybe", 9},
                              {"level > 3", 8},
                              {"name matches \"\"", 13},
                              {"name ! a", 5},
                              {"all(name is a)", 4},
                              {"all(volumes)", 4},
                              {"count(volumes)", 14},
                              {"count(volumes) > -1", 17},
                              {"count(volumes) > 1.5", 17},
                              {"count(nothing) > 1", 6},
                              {"volumes(name is a)", 8},
                              {"volumes(volumes.size_bytes > 3)", 8},
                              {"volumes", 0},
                              {"volumes.", 0},
                              {"= 3", 0},
                              {"\"name\" is a", 0}}) {
        CAPTURE(wrong.text);
        auto const fault = fault_of(wrong.text);
        CHECK(fault.position == wrong.position);
        CHECK_FALSE(fault.message.empty());
        CHECK_FALSE(fault.remedy.empty());
    }
}

TEST_CASE("filter: length, depth, conditions and values have their limits")
{
    auto const repeated = [](std::string_view piece, std::size_t times) {
        std::string text;
        for (std::size_t i = 0; i < times; ++i)
            text += piece;
        return text;
    };
    CHECK(fault_of(std::string(limits::text_bytes + 1, ' ')).message.find("4000") != std::string::npos);
    CHECK(fault_of(repeated("(", 1000) + "name is a").message.find("16") != std::string::npos);
    CHECK(fault_of(repeated("not ", 900) + "name is a").message.find("16") != std::string::npos);
    CHECK(fault_of("name is a" + repeated(" and name is a", limits::conditions)).message.find("50") !=
          std::string::npos);
    CHECK(fault_of("patches in (1" + repeated(",1", limits::values) + ")").message.find("100") != std::string::npos);
    CHECK(fault_of("name is " + std::string(limits::value_bytes + 1, 'x')).message.find("256") != std::string::npos);
    auto const deepest = repeated("(", limits::depth - 1) + "name is a" + repeated(")", limits::depth - 1);
    CHECK(canonical(deepest) == "name is a");
}

TEST_CASE("filter: every column of every probe can be named, and no two by the same name")
{
    std::set<std::string> names;
    for (auto const& table : tables())
        for (auto const& column : table.columns) {
            auto const name = table.name + "." + column.name;
            CAPTURE(name);
            CHECK(names.insert(name).second);
            CHECK(canonical(name + " is unknown") == name + " is unknown");
            for (auto const& op : operators_of(column)) {
                auto const value = column.type == Type::boolean ? "true"
                                   : column.type == Type::time  ? "2026-01-01"
                                                                : "1";
                auto const in = op == "in" || op == "not in";
                auto const text = name + " " + op + (in ? std::string(" (") + value + ")" : std::string(" ") + value);
                CHECK(canonical(text) == text);
            }
        }
    CHECK(names.contains("software.name"));
    CHECK(names.contains("volumes.free_percent"));
}
