#include <doctest/doctest.h>

#include "platform/macos/launchd_job.hpp"
#include "platform/macos/plist.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("launchd job: its label follows the service's name, and its definition is a property list that holds it all")
{
    CHECK(launchd_label("RollcallAgent") == "com.rollcall.agent");
    CHECK(launchd_label("agent") == "com.agent");

    ServiceSetup setup;
    setup.name = "RollcallAgent";
    setup.command = {"/Library/Application Support/Rollcall/bin/rollcall-agent", "run", "--state", "/tmp/<a> & b"};
    auto const read = plist::parse(launchd_definition(setup));
    REQUIRE(read);
    CHECK(read->text("Label") == "com.rollcall.agent");
    CHECK(read->boolean("RunAtLoad").value());
    CHECK(read->boolean("KeepAlive").value());
    auto const& arguments = read->array("ProgramArguments");
    REQUIRE(arguments.size() == setup.command.size());
    for (std::size_t i = 0; i < arguments.size(); ++i)
        CHECK(*arguments[i].text() == setup.command[i]);
}
