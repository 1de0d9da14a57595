#include <doctest/doctest.h>

#include "platform/linux/proc_pid.hpp"
#include "platform/own_usage.hpp"
#include "platform/processes.hpp"
#include "platform/sensors.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/tree.hpp"

#include <algorithm>

#include <unistd.h>

using namespace rollcall;
using namespace rollcall::platform;
using test::Tree;

namespace
{

template <class T>
T const* find(std::vector<T> const& all, std::string_view name)
{
    auto const found = std::find_if(all.begin(), all.end(), [&](auto const& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

/// A chip as the kernel's hwmon/sysfs-interface document describes it.
void write_chip(Tree const& tree, std::string const& place, std::string const& name,
                std::vector<std::pair<std::string, std::string>> const& files)
{
    tree.write("/sys/class/hwmon/" + place + "/name", name + "\n");
    for (auto const& [file, text] : files)
        tree.write("/sys/class/hwmon/" + place + "/" + file, text + "\n");
}

} // namespace

TEST_CASE("sensors: temperatures by chip and label, fans by their number, limits where there are some")
{
    Tree const tree;
    auto const body = make_sensors(tree.root());
    CHECK(reason(body->temperatures().error()) == "not_supported");
    tree.folder("/sys/class/hwmon");
    CHECK(body->temperatures()->empty());
    CHECK(body->fans()->empty());
    CHECK(body->describe()->empty());

    write_chip(tree, "hwmon3", "coretemp",
               {{"temp1_input", "54000"},
                {"temp1_label", "Package id 0"},
                {"temp1_max", "84000"},
                {"temp1_crit", "100000"},
                {"temp2_input", "-5500"}});
    write_chip(tree, "hwmon4", "thinkpad", {{"fan1_input", "3012"}, {"fan2_input", "0"}, {"fan2_min", "600"}});
    auto const warm = body->temperatures();
    REQUIRE(warm);
    REQUIRE(warm->size() == 2);
    CHECK(*find(*warm, "coretemp Package id 0")->value == doctest::Approx(54.0));
    CHECK(*find(*warm, "coretemp temp2")->value == doctest::Approx(-5.5));
    auto const turning = body->fans();
    REQUIRE(turning);
    CHECK(*find(*turning, "thinkpad fan1")->value == doctest::Approx(3012));
    CHECK(*find(*turning, "thinkpad fan2")->value == doctest::Approx(0)); // It stands still, and that is known.

    auto const facts = body->describe();
    REQUIRE(facts);
    REQUIRE(facts->size() == 4);
    auto const* const package = find(*facts, "coretemp Package id 0");
    CHECK(package->kind == "temperature");
    CHECK(package->chip == "coretemp");
    CHECK(*package->high_celsius == 84);
    CHECK(*package->critical_celsius == 100);
    CHECK_FALSE(package->least_rpm);
    CHECK_FALSE(find(*facts, "coretemp temp2")->high_celsius);
    CHECK(*find(*facts, "thinkpad fan2")->least_rpm == 600);
    CHECK_FALSE(find(*facts, "thinkpad fan1")->least_rpm);
}

TEST_CASE("sensors: what no sensor can measure is unknown, and so are limits that make no sense")
{
    Tree const tree;
    auto const body = make_sensors(tree.root());
    for (auto const* const text : {"-128000", "255000", "", "x", "99999999999999999999"}) {
        write_chip(tree, "hwmon0", "nct", {{"temp1_input", text}, {"temp1_max", text}, {"temp1_crit", text}});
        REQUIRE(body->temperatures()->size() == 1);
        CHECK_FALSE(body->temperatures()->front().value);
        CHECK_FALSE(body->describe()->front().high_celsius);
    }
    write_chip(tree, "hwmon0", "nct", {{"fan1_input", "-1"}, {"fan1_min", "0"}});
    CHECK_FALSE(body->fans()->front().value);
    CHECK_FALSE(find(*body->describe(), "nct fan1")->least_rpm);
}

TEST_CASE("sensors: two drives of a kind are told apart by what they are, not by a number that changes")
{
    Tree const tree;
    for (auto const* const one : {"nvme0", "nvme1"}) {
        tree.write("/sys/devices/" + std::string(one) + "/x", "");
        write_chip(tree, std::string("hwmon") + one[4], "nvme",
                   {{"temp1_input", "40000"}, {"temp1_label", "Composite"}});
        tree.link(std::string("/sys/class/hwmon/hwmon") + one[4] + "/device", "../../../devices/" + std::string(one));
    }
    auto const warm = make_sensors(tree.root())->temperatures();
    REQUIRE(warm);
    CHECK(find(*warm, "nvme nvme0 Composite") != nullptr);
    CHECK(find(*warm, "nvme nvme1 Composite") != nullptr);
}

TEST_CASE("sensors: names stay unique, and zones count where there is nothing else")
{
    Tree const tree;
    tree.write("/sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
    tree.write("/sys/class/thermal/thermal_zone0/temp", "47236\n");
    tree.write("/sys/class/thermal/cooling_device0/type", "fan\n");
    auto const body = make_sensors(tree.root());
    REQUIRE(body->temperatures()->size() == 1);
    CHECK(body->temperatures()->front().name == "cpu-thermal");
    CHECK(*body->temperatures()->front().value == doctest::Approx(47.236));
    CHECK(body->fans()->empty());
    write_chip(tree, "hwmon0", "acpitz",
               {{"temp1_input", "40000"}, {"temp1_label", "A"}, {"temp2_input", "41000"}, {"temp2_label", "A"}});
    auto const warm = body->temperatures();
    REQUIRE(warm->size() == 2);
    CHECK((*warm)[0].name == "acpitz A");
    CHECK((*warm)[1].name == "acpitz A #2");
}

TEST_CASE("own_usage: this very program has memory, a thread and open files")
{
    auto const usage = make_own_usage()->read();
    REQUIRE(usage);
    CHECK(*usage->resident_bytes > 1'000'000);
    CHECK(*usage->anonymous_bytes > 0);
    CHECK(*usage->anonymous_bytes <= *usage->resident_bytes);
    CHECK(*usage->threads >= 1);
    CHECK(*usage->descriptors >= 3);
    CHECK(usage->cpu->count() >= 0);
    CHECK(usage->children);
    Tree const tree;
    CHECK_FALSE(make_own_usage(tree.root())->read());
    tree.write("/proc/self/status", "Name:\tx\n");
    auto const nothing = make_own_usage(tree.root())->read();
    REQUIRE(nothing);
    CHECK(reason(nothing->resident_bytes.error()) == "not_found");
    CHECK_FALSE(nothing->descriptors);
}

TEST_CASE("proc_pid: a name with brackets and blanks does not shift the numbers")
{
    // Recorded on Debian 12 (kernel 6.18); the name is made up.
    auto const text = test::fixture("proc_pid/stat");
    auto const stat = parse_proc_stat(text);
    REQUIRE(stat);
    CHECK(stat->id > 0);
    CHECK(stat->name == "a) b (c");
    CHECK(stat->start_ticks > 0);
    CHECK(stat->resident_pages > 0);
    for (auto const* const bad :
         {"", "1", "1 (a", "1 a) S", ") 1 (", "x (a) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "1 (a) S 1 2 3",
          "-5 (a) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"})
        CHECK_FALSE(parse_proc_stat(bad));
    test::torment(text, [](std::string_view bytes) { return parse_proc_stat(bytes).has_value(); });
}

TEST_CASE("proc_pid: status tells memory, threads and the user whose rights count")
{
    auto const text = test::fixture("proc_pid/status");
    auto const status = parse_proc_status(text);
    CHECK(*status.resident_bytes > 0);
    CHECK(*status.anonymous_bytes > 0);
    CHECK(*status.threads == 1);
    CHECK(*status.user == 0);
    auto const odd =
        parse_proc_status("VmRSS:\t-5 kB\nRssAnon: 9223372036854775807 kB\nUid:\t1000\t4294967296\nThreads:\n");
    CHECK_FALSE(odd.resident_bytes);
    CHECK_FALSE(odd.anonymous_bytes);
    CHECK_FALSE(odd.user);
    CHECK_FALSE(odd.threads);
    test::torment(text, [](std::string_view bytes) { return parse_proc_status(bytes).threads.has_value(); });
}

TEST_CASE("processes: those of a tree, with their users, and a torn one is left out")
{
    Tree const tree;
    auto const body = make_processes(tree.root());
    CHECK_FALSE(body->list());
    auto const tick = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    auto const page = static_cast<std::int64_t>(::sysconf(_SC_PAGESIZE));
    tree.write("/proc/stat", "cpu 1 2\nbtime 1700000000\n");
    tree.write("/proc/7/stat", fmt::format("7 (web) S 1 7 7 0 -1 0 0 0 0 0 {} {} 0 0 20 0 3 0 {} 9999 250 1 1\n", tick,
                                           tick / 2, 60 * tick));
    tree.write("/proc/7/status", "Name:\tweb\nUid:\t33\t33\t33\t33\n");
    tree.write("/proc/8/stat", "8 (torn");
    tree.write("/proc/self/stat", "1 (x)");
    auto const seen = body->list();
    REQUIRE(seen);
    REQUIRE(seen->processes.size() == 1);
    auto const& web = seen->processes.front();
    CHECK(web.id == 7);
    CHECK(web.name == "web");
    CHECK(web.cpu.count() == 1'500);
    CHECK(web.memory_bytes == 250 * page);
    CHECK(*web.started_ms == 1'700'000'060'000);
    CHECK(*body->user_of(7) == "33");
    tree.write("/etc/passwd", "root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n");
    CHECK(*body->user_of(7) == "www-data");
    CHECK(reason(body->user_of(99).error()) == "not_found");
    tree.write("/proc/stat", "cpu 1 2\n");
    CHECK_FALSE(body->list()->processes.front().started_ms);
}

TEST_CASE("processes: this very one is there, and began in the past")
{
    auto const seen = make_processes()->list();
    REQUIRE(seen);
    auto const self = std::find_if(seen->processes.begin(), seen->processes.end(),
                                   [](auto const& one) { return one.id == ::getpid(); });
    REQUIRE(self != seen->processes.end());
    CHECK(self->memory_bytes > 0);
    CHECK(*self->started_ms > 1'700'000'000'000);
    CHECK(make_processes()->user_of(::getpid()));
}
