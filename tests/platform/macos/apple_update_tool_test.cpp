#include <doctest/doctest.h>

#include "platform/macos/apple_update_tool.hpp"
#include "tests/platform/macos/fixture.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

/// A tool that answers so.
RunTool says(std::string const& output, std::string const& errors = {}, int exit_code = 0)
{
    return [=](Command const&) -> Result<Finished> {
        return Finished{.exit_code = exit_code, .output = output, .errors = errors};
    };
}

Result<plist::Value> settings() { return plist::parse(test::mac_fixture("softwareupdate/settings.plist")); }

} // namespace

TEST_CASE("apple update tool: the tool is asked not to scan; where it fails, the list of the last scan stands in")
{
    std::vector<std::string> asked;
    auto const updates = updates_of_last_scan(settings(), [&](Command const& command) -> Result<Finished> {
        asked = command.arguments;
        return Finished{.exit_code = 0, .output = test::mac_fixture("softwareupdate/list.txt"), .errors = ""};
    });
    CHECK(updates->size() == 4);
    CHECK(asked == std::vector<std::string>{"/usr/sbin/softwareupdate", "--list", "--no-scan"});
    CHECK(updates_of_last_scan(settings(), says("Software Update Tool\n", "No new software available.\n"))->empty());

    auto const german = updates_of_last_scan(settings(), says(test::mac_fixture("softwareupdate/german.txt")));
    REQUIRE(german);
    REQUIRE(german->size() == 2);
    CHECK(german->front().title == "macOS Sonoma 14.7.1");
    for (auto const why : {errc::timed_out, errc::limit_exceeded, errc::not_found}) {
        auto const stands_in =
            updates_of_last_scan(settings(), [&](Command const&) -> Result<Finished> { return fail(why, "tool"); });
        REQUIRE(stands_in);
        CHECK(stands_in->size() == 2);
    }
}

TEST_CASE("apple update tool: where no scan was ever made nobody knows, and what cannot be read is an error")
{
    auto const none = says("No new software available.\n");
    CHECK(reason(updates_of_last_scan(fail(errc::not_found, "settings"), none).error()) == "not_yet_read");
    CHECK(reason(updates_of_last_scan(plist::parse("<dict/>"), none).error()) == "not_yet_read");
    CHECK(reason(updates_of_last_scan(fail(errc::permission_denied, "settings"), none).error()) == "permission_denied");
    auto const nameless = plist::parse("<dict><key>RecommendedUpdates</key><array><dict/></array></dict>");
    CHECK(updates_of_last_scan(nameless, none)->empty());
    CHECK(reason(updates_of_last_scan(nameless, says("?")).error()) == "bad_message");
}
