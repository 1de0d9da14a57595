#include <doctest/doctest.h>

#include <algorithm>

#include "platform/macos/launchd.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/macos/fixture.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

LaunchdRow const* row_of(LaunchdList const& list, std::string_view label)
{
    auto const found =
        std::find_if(list.rows.begin(), list.rows.end(), [&](auto const& row) { return row.label == label; });
    return found == list.rows.end() ? nullptr : &*found;
}

LaunchdDaemon daemon_of(std::string const& keys)
{
    return *launchd_daemon(*plist::parse("<dict><key>Label</key><string>com.example.x</string>" + keys + "</dict>"));
}

bool expected(LaunchdRow const* row, LaunchdDaemon const& daemon, std::optional<bool> disabled = std::nullopt)
{
    return *judge_launchd_service(row, &daemon, disabled).expected;
}

} // namespace

TEST_CASE("launchd: rows of services and what is switched off are read one level deep only")
{
    auto const list = parse_launchctl_print(test::mac_fixture("launchctl/print-system.txt"));
    REQUIRE(list);
    CHECK(list->rows.size() == 12);
    CHECK(row_of(*list, "com.apple.runningboardd")->pid == 315);
    CHECK_FALSE(row_of(*list, "com.apple.runningboardd")->last_status);
    CHECK(row_of(*list, "com.example.broken")->last_status == 78);
    CHECK(row_of(*list, "com.example.killed")->last_status == -9);
    CHECK_FALSE(row_of(*list, "com.apple.waiting")->last_status);
    CHECK(row_of(*list, "com.example.dash")->pid == 0);
    CHECK(row_of(*list, "com.example.büro-💻")->pid == 440);
    for (auto const* const not_there : {"com.example.deeper", "com.example.in-attributes", "com.example.endpoint"})
        CHECK(row_of(*list, not_there) == nullptr);
    CHECK(list->disabled.size() == 4);
    CHECK(list->disabled.at("com.apple.ftpd"));
    CHECK_FALSE(list->disabled.at("com.example.backupd"));
    CHECK(list->disabled.at("com.example.older"));
}

TEST_CASE("launchd: another text is an error, never a machine without services")
{
    for (auto const* const name : {"launchctl/empty.txt", "launchctl/denied.txt", "launchctl/list.txt"}) {
        CAPTURE(name);
        CHECK(reason(parse_launchctl_print(test::mac_fixture(name)).error()) == "bad_message");
    }
    CHECK(reason(parse_launchctl_print("Dienste = {\n\tDienste = {\n\t\t1 0 com.apple.x\n\t}\n}\n").error()) ==
          "bad_message");
    test::torment(test::mac_fixture("launchctl/print-system.txt"),
                  [](std::string_view text) { return parse_launchctl_print(text).has_value(); });
}

TEST_CASE("launchd: a definition tells when the daemon is to run")
{
    auto const daemon = launchd_daemon(*plist::parse(test::mac_fixture("launchd/backupd.plist")));
    REQUIRE(daemon);
    CHECK(daemon->label == "com.example.backupd");
    CHECK(daemon->run_at_load);
    CHECK(daemon->keep_alive == KeepAlive::unless_it_ends_well);
    CHECK(daemon_of("<key>KeepAlive</key><true/>").keep_alive == KeepAlive::always);
    CHECK(daemon_of("<key>OnDemand</key><false/>").keep_alive == KeepAlive::always);
    CHECK(daemon_of("<key>KeepAlive</key><dict><key>PathState</key><dict/></dict>").keep_alive ==
          KeepAlive::on_conditions);
    CHECK(daemon_of("<key>LimitLoadToHardware</key><dict/>").limited);
    CHECK(reason(launchd_daemon(*plist::parse("<dict/>")).error()) == "bad_message");
    CHECK(reason(launchd_daemon(*plist::parse("<array/>")).error()) == "bad_message");
}

TEST_CASE("launchd: expected is what launchd itself keeps running, and nothing says that it need not be")
{
    LaunchdRow const running{.label = "com.example.x", .pid = 7, .last_status = {}};
    LaunchdRow const ended_well{.label = "com.example.x", .pid = 0, .last_status = 0};
    LaunchdRow const failed{.label = "com.example.x", .pid = 0, .last_status = 1};
    auto const always = daemon_of("<key>KeepAlive</key><true/>");
    CHECK(expected(&running, always));
    CHECK(expected(&ended_well, always));
    CHECK(expected(nullptr, always)); // somebody took it out by hand
    CHECK_FALSE(expected(&running, always, true));
    CHECK_FALSE(expected(nullptr, daemon_of("<key>KeepAlive</key><true/><key>LimitLoadToHardware</key><dict/>")));
    CHECK_FALSE(expected(nullptr, daemon_of("<key>KeepAlive</key><true/><key>Disabled</key><true/>")));
    CHECK(expected(nullptr, daemon_of("<key>KeepAlive</key><true/><key>Disabled</key><true/>"), false));
    auto sealed = always;
    sealed.of_system = true;
    CHECK_FALSE(expected(nullptr, sealed));
    CHECK(expected(&failed, sealed));

    auto const restarted = daemon_of("<key>RunAtLoad</key><true/><key>KeepAlive</key><dict><key>SuccessfulExit</key>"
                                     "<false/></dict>");
    CHECK(expected(&running, restarted));
    CHECK(expected(&failed, restarted));
    CHECK_FALSE(expected(&ended_well, restarted));
    CHECK_FALSE(expected(&failed, daemon_of("<key>RunAtLoad</key><true/>")));
    CHECK_FALSE(expected(&running, daemon_of("")));
}

TEST_CASE("launchd: services are told once, with state, start and result; passing instances are not")
{
    auto const list = parse_launchctl_print(test::mac_fixture("launchctl/print-system.txt"));
    REQUIRE(list);
    auto backupd = *launchd_daemon(*plist::parse(test::mac_fixture("launchd/backupd.plist")));
    auto off = daemon_of("<key>KeepAlive</key><true/>");
    off.label = "com.example.off";
    auto const services = launchd_services(*list, {backupd, off, backupd});
    auto const find = [&](std::string_view name) -> Service const* {
        auto const found =
            std::find_if(services.begin(), services.end(), [&](auto const& one) { return one.name == name; });
        return found == services.end() ? nullptr : &*found;
    };
    CHECK(services.size() == 10);
    REQUIRE(find("com.example.backupd") != nullptr);
    CHECK(*find("com.example.backupd")->state == "running");
    CHECK(*find("com.example.backupd")->start_type == "automatic");
    CHECK(*find("com.example.backupd")->expected);
    CHECK(*find("com.example.off")->state == "stopped");
    CHECK(*find("com.example.off")->start_type == "disabled");
    CHECK_FALSE(*find("com.example.off")->expected);
    CHECK(*find("com.apple.periodic-daily")->state == "finished");
    CHECK(*find("com.apple.periodic-daily")->result == "success");
    CHECK(*find("com.example.broken")->state == "failed");
    CHECK(*find("com.example.broken")->result == "exit-code");
    CHECK(*find("com.example.killed")->result == "signal");
    CHECK(reason(find("com.example.killed")->start_type.error()) == "not_found");
    CHECK_FALSE(*find("com.example.killed")->expected);
    for (auto const* const passing : {"com.example.oneshot.0x10000001.worker", "application.com.example.App.77.88",
                                      "com.example.job.0A1B2C3D-0000-4111-8222-0123456789AB"})
        CHECK(find(passing) == nullptr);
    CHECK_FALSE(is_passing_label("com.apple.smbd"));
    CHECK_FALSE(is_passing_label("org.cups.cups-lpd.2"));
}
