#include <doctest/doctest.h>

#include <algorithm>

#include "collector/rules/profile.hpp"
#include "common/wire/catalogue.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::rules;

TEST_CASE("profile: every default item names a probe and columns of the catalogue and one of the nine categories")
{
    std::set<std::string> ids;
    for (auto const& item : default_profile().items) {
        CAPTURE(item.id);
        CHECK(ids.insert(item.id).second);
        CHECK(std::ranges::find(categories(), item.category) != categories().end());
        if (item.comparison == Comparison::offline) continue;
        auto const* const probe = wire::find_probe(item.probe);
        REQUIRE(probe != nullptr);
        CHECK(wire::find_column(*probe, item.column) != nullptr);
        if (!item.only_where.empty()) CHECK(wire::find_column(*probe, item.only_where) != nullptr);
        if (!item.since_column.empty()) CHECK(wire::find_column(*probe, item.since_column) != nullptr);
    }
    CHECK(categories().size() == 9);
}

TEST_CASE("profile: a rule explains itself")
{
    auto const profile = default_profile();
    CHECK(explain(profile.items[0]) == "CPU used above 90 % for 5 min; resolves below 80 % for 1 min.");
    auto const service = std::ranges::find(profile.items, "service_stopped", &Item::id);
    CHECK(explain(*service) == "State is stopped (where: Should run) for 30 s; resolves when it is not so.");
    auto const reboot = std::ranges::find(profile.items, "reboot_pending", &Item::id);
    CHECK(explain(*reboot) == "Pending for 7 days; resolves when it is not so.");
}

TEST_CASE("profile: a file changes levels and holds")
{
    auto const profile = parse_profile("[cpu_used]\nraise = 50\nclear = 40.5\nraise_hold_s = 2\nseverity = 'critical'\n"
                                       "[device_offline]\nenabled = false\n");
    REQUIRE(profile);
    CHECK(profile->items[0].raise == 50);
    CHECK(profile->items[0].clear == 40.5);
    CHECK(profile->items[0].raise_hold == std::chrono::seconds(2));
    CHECK(profile->items[0].severity == store::Severity::critical);
    CHECK_FALSE(std::ranges::find(profile->items, "device_offline", &Item::id)->enabled);
    REQUIRE(parse_profile(""));
}

TEST_CASE("profile: what is wrong in a file is named with line and field")
{
    auto const refused = [](std::string_view text, std::string_view line, std::string_view field) {
        auto const profile = parse_profile(text);
        REQUIRE_FALSE(profile);
        CHECK(profile.error().code == errc::bad_input);
        CAPTURE(profile.error().trace);
        CHECK(profile.error().trace.find(line) != std::string::npos);
        CHECK(profile.error().trace.find(field) != std::string::npos);
    };
    refused("[cpu_usd]\nraise = 1\n", "line 1", "cpu_usd");
    refused("[cpu_used]\nrise = 1\n", "line 2", "cpu_used.rise");
    refused("[cpu_used]\n\nraise = 'much'\n", "line 3", "cpu_used.raise");
    refused("[cpu_used]\nraise = nan\n", "line 2", "cpu_used.raise");
    refused("[cpu_used]\nraise = 10\nclear = 20\n", "line 1", "clear must not be above raise");
    refused("[volume_free_low]\nclear = 1\n", "line 1", "clear must not be below raise");
    refused("[cpu_used]\nraise_hold_s = -1\n", "line 2", "raise_hold_s");
    refused("[cpu_used]\nraise_hold_s = 1.5\n", "line 2", "raise_hold_s");
    refused("[cpu_used]\nseverity = 'fatal'\n", "line 2", "severity");
    refused("[cpu_used]\nenabled = 1\n", "line 2", "enabled");
    refused("[service_failed]\nraise = 1\n", "line 2", "service_failed.raise");
    refused("cpu_used = 1\n", "line 1", "cpu_used");
    refused("[cpu_used\n", "line 1", "");
}
