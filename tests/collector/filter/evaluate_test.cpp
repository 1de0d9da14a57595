#include <doctest/doctest.h>

#include <map>
#include <vector>

#include "collector/view/filter/evaluate.hpp"
#include "collector/view/filter/literal.hpp"
#include "tests/collector/filter/subject.hpp"

using namespace rollcall;
using namespace rollcall::filter;
using filter::testing::machines;

namespace
{

constexpr UnixMs now = 1'000'000'000'000;

/// Columns by their name; a column that is not there is missing. Row tests have the answers given.
struct Machine final : Line {
    std::map<std::string, Cell> cells;
    std::vector<Truth> answers;

    [[nodiscard]] Cell cell(std::size_t place) const override
    {
        auto const found = cells.find(machines().columns[place].name);
        return found == cells.end() ? Cell(Missing()) : found->second;
    }
    [[nodiscard]] Truth rows(std::size_t number) const override
    {
        return number < answers.size() ? answers[number] : Truth::undecided;
    }
};

Truth of(Machine const& machine, std::string_view text) { return evaluate(filter::testing::read(text), machine, now); }

Truth of(TableRows const& rows, std::string_view text)
{
    auto const expression = filter::testing::read(text);
    auto const tests = row_tests(expression);
    REQUIRE(tests.size() == 1);
    return evaluate_rows(*tests[0], rows, now);
}

TableRows const& some_volumes()
{
    static TableRows const rows{
        .is_known = true,
        .rows = {{"/", {{"free_percent", 5.0}, {"file_system", "ext4"}, {"size_bytes", std::int64_t{100}}}},
                 {"/srv", {{"free_percent", 50.0}, {"file_system", "xfs"}, {"size_bytes", std::int64_t{900}}}}},
        .cut_rows = 0};
    return rows;
}

} // namespace

TEST_CASE("filter: each type is compared in its own way")
{
    static std::vector<std::string> const addresses{"10.0.0.7", "fe80::1"};
    Machine machine;
    machine.cells = {{"name", "Büro-PC 10"}, {"patches", std::int64_t{3}},
                     {"level", "middle"},    {"agent", "0.10.1"},
                     {"waits", true},        {"seen", std::int64_t{now - 3'600'000}},
                     {"address", addresses}, {"size", 2.5e9}};
    for (auto const* const text : {"name is \"büro-pc 10\"",
                                   "name contains PC",
                                   "name starts with BÜRO",
                                   "name ends with 10",
                                   "name matches b?ro*1?",
                                   "name not contains x",
                                   "name in (a, \"Büro-PC 10\")",
                                   "name is not pc",
                                   "patches = 3",
                                   "patches != 4",
                                   "patches in (1, 3)",
                                   "patches >= 3",
                                   "level is middle",
                                   "level > low",
                                   "level <= middle",
                                   "level not in (low, high)",
                                   "agent > 0.9",
                                   "agent < 0.10.2",
                                   "agent = 0.10.01",
                                   "agent starts with 0.10",
                                   "waits is true",
                                   "waits is not false",
                                   "seen < 30 min ago",
                                   "seen > 2 h ago",
                                   "seen < 1 s ahead",
                                   "address is 10.0.0.7",
                                   "address starts with fe80",
                                   "size > 2 GB",
                                   "size < 2.5 GiB",
                                   "name is not unknown"}) {
        CAPTURE(text);
        CHECK(of(machine, text) == Truth::yes);
        CHECK(of(machine, std::string("not ") + text) == Truth::no);
    }
}

TEST_CASE("filter: unknown satisfies neither a comparison nor its negation")
{
    Machine const machine;
    for (auto const* const text :
         {"name is a", "name is not a", "not name is a", "patches < 3", "patches != 3", "waits is false",
          "seen < 3 days ago", "name not contains a", "level not in (low)", "name is a or patches = 3",
          "name is unknown and patches = 3", "not (name is a and patches = 3)"}) {
        CAPTURE(text);
        CHECK(of(machine, text) == Truth::unknown);
    }
    CHECK(of(machine, "name is unknown") == Truth::yes);
    CHECK(of(machine, "name is not unknown") == Truth::no);
    CHECK(of(machine, "name is a or patches is unknown") == Truth::yes);
    CHECK(of(machine, "name is a and patches is not unknown") == Truth::no);
}

TEST_CASE("filter: what is known not to be there is known")
{
    Machine machine;
    machine.cells = {{"seen", std::monostate()}, {"name", std::monostate()}};
    CHECK(of(machine, "seen is unknown") == Truth::no);
    CHECK(of(machine, "seen < 3 days ago") == Truth::no);
    CHECK(of(machine, "not seen < 3 days ago") == Truth::yes);
    CHECK(of(machine, "name is not a") == Truth::yes);
}

TEST_CASE("filter: what has not been read yet is undecided only where it matters")
{
    Machine machine;
    machine.cells = {{"name", "a"}};
    CHECK(of(machine, "name is b and os.family is linux") == Truth::no);
    CHECK(of(machine, "name is a or os.family is linux") == Truth::yes);
    CHECK(of(machine, "name is a and os.family is linux") == Truth::undecided);
    CHECK(of(machine, "not os.family is linux or patches = 3") == Truth::undecided);
    machine.answers = {Truth::yes, Truth::no};
    CHECK(of(machine, "name is a and os.family is linux and not os.family is windows") == Truth::yes);
}

TEST_CASE("filter: a probe of many rows fits if any row does, and brackets speak of one and the same row")
{
    auto const& rows = some_volumes();
    CHECK(of(rows, "volumes.free_percent < 10") == Truth::yes);
    CHECK(of(rows, "volumes.free_percent < 5") == Truth::no);
    CHECK(of(rows, "volumes.file_system is not ext4") == Truth::yes);
    CHECK(of(rows, "volumes(free_percent < 10 and file_system is xfs)") == Truth::no);
    CHECK(of(rows, "volumes(free_percent < 10 and file_system is ext4)") == Truth::yes);
    CHECK(of(rows, "volumes.mount_point is /srv") == Truth::yes);
    CHECK(of(rows, "volumes(not mount_point is / and free_percent < 10)") == Truth::no);
    CHECK(of(rows, "all(volumes.free_percent > 1)") == Truth::yes);
    CHECK(of(rows, "all(volumes.free_percent > 10)") == Truth::no);
    CHECK(of(rows, "count(volumes.free_percent < 60) = 2") == Truth::yes);
    CHECK(of(rows, "count(volumes) < 2") == Truth::no);
    CHECK(of(rows, "count(volumes(free_percent < 60 and size_bytes > 500 B)) = 1") == Truth::yes);
    TableRows const none{.is_known = true, .rows = {}, .cut_rows = 0};
    CHECK(of(none, "volumes.free_percent < 10") == Truth::no);
    CHECK(of(none, "volumes.free_percent is unknown") == Truth::no);
    CHECK(of(none, "all(volumes.free_percent < 10)") == Truth::yes);
    CHECK(of(none, "count(volumes) = 0") == Truth::yes);
}

TEST_CASE("filter: a row that cannot say leaves any, all and count open only where it matters")
{
    auto rows = some_volumes();
    rows.rows["/mnt"] = {{"free_percent", Unknown{"timed_out"}}, {"file_system", "nfs"}};
    CHECK(of(rows, "volumes.free_percent < 10") == Truth::yes);
    CHECK(of(rows, "volumes.free_percent < 1") == Truth::unknown);
    CHECK(of(rows, "volumes.free_percent is unknown") == Truth::yes);
    CHECK(of(rows, "volumes(file_system is nfs and free_percent is unknown)") == Truth::yes);
    CHECK(of(rows, "all(volumes.free_percent > 10)") == Truth::no);
    CHECK(of(rows, "all(volumes.free_percent > 1)") == Truth::unknown);
    CHECK(of(rows, "count(volumes.free_percent > 1) >= 2") == Truth::yes);
    CHECK(of(rows, "count(volumes.free_percent > 1) > 2") == Truth::unknown);
    CHECK(of(rows, "count(volumes.free_percent > 1) > 3") == Truth::no);
    CHECK(of(rows, "count(volumes.free_percent > 1) = 2") == Truth::unknown);
    CHECK(of(rows, "count(volumes.free_percent > 1) != 5") == Truth::yes);
}

TEST_CASE("filter: rows that the agent left out may say anything, but are counted")
{
    auto rows = some_volumes();
    rows.cut_rows = 3;
    CHECK(of(rows, "volumes.free_percent < 10") == Truth::yes);
    CHECK(of(rows, "volumes.free_percent < 1") == Truth::unknown);
    CHECK(of(rows, "all(volumes.free_percent > 1)") == Truth::unknown);
    CHECK(of(rows, "count(volumes) = 5") == Truth::yes);
    CHECK(of(rows, "count(volumes.free_percent < 10) <= 4") == Truth::yes);
}

TEST_CASE("filter: of a probe that could not be read everything is unknown")
{
    TableRows const nothing;
    CHECK(of(nothing, "volumes.free_percent < 10") == Truth::unknown);
    CHECK(of(nothing, "volumes.free_percent is unknown") == Truth::yes);
    CHECK(of(nothing, "volumes.free_percent is not unknown") == Truth::no);
    CHECK(of(nothing, "all(volumes.free_percent < 10)") == Truth::unknown);
    CHECK(of(nothing, "count(volumes) = 0") == Truth::unknown);
    CHECK(of(nothing, "volumes(mount_point is / or free_percent is unknown)") == Truth::yes);
}

TEST_CASE("filter: a value of another type than declared is unknown")
{
    TableRows const rows{
        .is_known = true, .rows = {{"/", {{"free_percent", "much"}, {"file_system", true}}}}, .cut_rows = 0};
    CHECK(of(rows, "volumes.free_percent < 10") == Truth::unknown);
    CHECK(of(rows, "volumes.file_system is ext4") == Truth::unknown);
    CHECK(of(rows, "volumes.device is x") == Truth::unknown);
}

TEST_CASE("filter: patterns fit as a person expects, and in time")
{
    CHECK(fits_pattern("nginx-core", "nginx*"));
    CHECK(fits_pattern("nginx", "*nginx*"));
    CHECK(fits_pattern("a", "?"));
    CHECK(fits_pattern("ä", "?"));
    CHECK(fits_pattern("", "*"));
    CHECK_FALSE(fits_pattern("", "?"));
    CHECK_FALSE(fits_pattern("abc", "a*b"));
    CHECK(fits_pattern("abcabd", "a*abd"));
    std::string const text(4000, 'a');
    CHECK_FALSE(fits_pattern(text, "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b"));
}
