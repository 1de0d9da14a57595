#include <doctest/doctest.h>

#include "collector/view/derive.hpp"

using namespace rollcall;
using namespace rollcall::view;

namespace
{

api::DeviceRow derived(std::string const& probe, Snapshot const& rows, std::string const& unknown_reason = "")
{
    api::DeviceRow row;
    make_unread(row);
    derive_state(row, {.probe = probe, .digest = "d", .as_of_ms = 77, .unknown = unknown_reason, .cut_rows = 0}, rows);
    return row;
}

Row signal(Value pending)
{
    return Row{{"pending", std::move(pending)}, {"reason", "because"}, {"since_ms", std::int64_t{5}}};
}

} // namespace

TEST_CASE("derive: what nobody has read is unknown, never zero")
{
    api::DeviceRow row;
    make_unread(row);
    CHECK(row.patches.unknown == "not_yet_read");
    CHECK_FALSE(row.patches.value);
    CHECK_FALSE(row.patches.as_of_ms);
    CHECK(row.last_login.unknown == "not_yet_read");
    CHECK(row.cpu_percent.unknown == "not_yet_read");
    CHECK(row.device_type.unknown == "not_yet_read");
}

TEST_CASE("derive: one signal that says yes is enough; no needs one that says no; else it is unknown")
{
    auto const denied = unknown(errc::permission_denied);
    auto const yes = derived("pending_reboot", {{"a", signal(false)}, {"b", signal(true)}, {"c", signal(denied)}});
    CHECK(yes.pending_reboot.value == true);
    REQUIRE(yes.reboot_reasons.size() == 1);
    CHECK(yes.reboot_reasons[0].signal == "b");
    CHECK(yes.reboot_reasons[0].reason == "because");
    CHECK(yes.reboot_reasons[0].since_ms == 5);
    auto const no = derived("pending_reboot", {{"a", signal(false)}, {"c", signal(denied)}});
    CHECK(no.pending_reboot.value == false);
    CHECK(no.pending_reboot.as_of_ms == 77);
    auto const none = derived("pending_reboot", {{"c", signal(denied)}});
    CHECK_FALSE(none.pending_reboot.value);
    CHECK(none.pending_reboot.unknown == "permission_denied");
    CHECK(derived("pending_reboot", {}).pending_reboot.unknown == "not_supported");
}

TEST_CASE("derive: patches and security patches are counted; flags that cannot be read do not make zero")
{
    auto const row = derived("patches", {{"a", Row{{"security", true}}}, {"b", Row{{"security", false}}}});
    CHECK(row.patches.value == 2);
    CHECK(row.security_patches.value == 1);
    CHECK(derived("patches", {}).patches.value == 0);
    auto const dim = derived("patches", {{"a", Row{{"security", unknown(errc::not_supported)}}}});
    CHECK(dim.patches.value == 1);
    CHECK_FALSE(dim.security_patches.value);
    CHECK(dim.security_patches.unknown == "not_supported");
}

TEST_CASE("derive: a service that should run and does not is counted")
{
    auto const service = [](std::string state, bool expected) {
        return Row{{"state", std::move(state)}, {"expected", expected}};
    };
    auto const row = derived("services", {{"a", service("running", true)},
                                          {"b", service("failed", true)},
                                          {"c", service("stopped", true)},
                                          {"d", service("stopped", false)}});
    CHECK(row.services.value == 4);
    CHECK(row.services_stopped.value == 2);
}

TEST_CASE("derive: a Mac is a Mac in whichever order its probes come")
{
    Snapshot const os{{"", Row{{"family", "macos"}, {"host_name", "mac"}}}};
    Snapshot const hardware{{"", Row{{"device_type", "PC"}, {"memory_bytes", std::int64_t{8}}}}};
    store::ProbeStatus const os_status{.probe = "os", .digest = "d", .as_of_ms = 1};
    store::ProbeStatus const hardware_status{.probe = "hardware", .digest = "d", .as_of_ms = 2};
    for (bool const os_first : {true, false}) {
        api::DeviceRow row;
        make_unread(row);
        if (os_first) derive_state(row, os_status, os);
        derive_state(row, hardware_status, hardware);
        if (!os_first) derive_state(row, os_status, os);
        CHECK(row.device_type.value == "Mac");
        CHECK(row.memory_bytes.value == 8);
    }
    CHECK(derived("hardware", hardware).device_type.value == "PC");
}

TEST_CASE("derive: last log-in, sessions and addresses")
{
    auto const row =
        derived("last_login", {{"", Row{{"user", "ada"}, {"at_ms", std::int64_t{9}}, {"from", unknown(errc::io)}}}});
    REQUIRE(row.last_login.value);
    CHECK(row.last_login.value->user == "ada");
    CHECK(row.last_login.value->at_ms == 9);
    CHECK(row.last_login.value->from.empty());
    auto const nobody = derived("last_login", {});
    CHECK_FALSE(nobody.last_login.value);
    CHECK(nobody.last_login.unknown.empty());
    CHECK(derived("last_login", {{"", Row{{"user", unknown(errc::permission_denied)}}}}).last_login.unknown ==
          "permission_denied");
    CHECK(derived("sessions", {{"1", Row{}}, {"2", Row{}}}).users.value == 2);
    auto const reached = derived("addresses", {{"10.0.0.1", Row{}}, {"fe80::1", Row{}}});
    CHECK(reached.addresses.size() == 2);
    CHECK(reached.addresses_unknown.empty());
    CHECK_FALSE(reached.addresses_cut);
    CHECK(derived("addresses", {}, "timed_out").addresses_unknown == "timed_out");
    CHECK(derived("os", {}).addresses_unknown == "not_yet_read");
}

TEST_CASE("derive: a failed reading makes its columns unknown with the reason and the time of the last good one")
{
    auto const row = derived("services", {}, "timed_out");
    CHECK_FALSE(row.services.value);
    CHECK(row.services.unknown == "timed_out");
    CHECK(row.services.as_of_ms == 77);
    CHECK(row.patches.unknown == "not_yet_read");
}

TEST_CASE("derive: a check moves the time, a series shows its latest reading only")
{
    auto row = derived("services", {});
    derive_checked(row, "services", 100);
    CHECK(row.services.as_of_ms == 100);
    derive_checked(row, "services", 90);
    CHECK(row.services.as_of_ms == 100);
    derive_checked(row, "patches", 100);
    CHECK_FALSE(row.patches.as_of_ms);
    derive_series(row, "cpu", {{"", {12.5, 1.0}}}, 50);
    derive_series(row, "cpu", {{"", {99.0}}}, 40);
    CHECK(row.cpu_percent.value == 12.5);
    derive_series(row, "memory", {{"", {std::int64_t{7}}}}, 50);
    CHECK(row.memory_percent.value == 7.0);
    derive_series(row, "memory", {{"", {unknown(errc::timed_out)}}}, 60);
    CHECK(row.memory_percent.unknown == "timed_out");
    derive_series(row, "cpu", {}, 60);
    CHECK(row.cpu_percent.unknown == "not_yet_read");
    derive_series(row, "disk_io", {{"sda", {1.0}}}, 60);
}

TEST_CASE("derive: cells of a wrong type are unknown, not believed")
{
    auto const row = derived("os", {{"", Row{{"host_name", std::int64_t{5}}, {"name", "x"}}}});
    CHECK(row.host_name.unknown == "bad_message");
    CHECK(row.os_family.unknown == "not_yet_read");
    CHECK(row.os_name.value == "x");
}
