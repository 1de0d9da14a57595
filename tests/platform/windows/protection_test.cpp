#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "platform/disk_encryption.hpp"
#include "platform/firewall.hpp"
#include "platform/time_sync.hpp"
#include "platform/windows/wmi.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using namespace std::chrono_literals;

TEST_CASE("wmi: a row has the properties that were asked for, in their own kinds")
{
    auto const rows = query_wmi("root\\cimv2", "SELECT * FROM Win32_OperatingSystem",
                                {"Caption", "TotalVisibleMemorySize", "OSLanguage", "NoSuchProperty"}, 30s);
    REQUIRE(rows);
    REQUIRE(rows->size() == 1);
    auto const& row = rows->front();
    auto const* const caption = wmi_value<std::string>(row, "Caption");
    REQUIRE(caption != nullptr);
    CHECK(caption->find("Windows") != std::string::npos);
    // 64 bits: as text.
    CHECK(wmi_value<std::string>(row, "TotalVisibleMemorySize") != nullptr);
    CHECK(wmi_value<std::int64_t>(row, "OSLanguage") != nullptr);
    CHECK(wmi_value<std::string>(row, "NoSuchProperty") == nullptr);
}

TEST_CASE("wmi: what does not exist is not supported, and no empty list")
{
    auto const space = query_wmi("root\\no_such_namespace", "SELECT * FROM X", {"Y"}, 10s);
    REQUIRE_FALSE(space);
    CHECK(reason(space.error()) == "not_supported");
    CHECK_FALSE(query_wmi("root\\cimv2", "this is no query", {"Y"}, 10s));
}

TEST_CASE("protection: firewall, clock and encryption have an answer or a reason")
{
    // Which of both depends on the machine; that each comes back, and with words, does not.
    if (auto const firewall = make_firewall()->read(); !firewall)
        CHECK_FALSE(firewall.error().trace.empty());
    else
        CHECK(firewall->filters_incoming);
    auto const time = make_time_sync()->read();
    REQUIRE(time);
    REQUIRE(time->source);
    CHECK((*time->source == "w32time" || time->source->empty()));
    if (auto const volumes = make_disk_encryption()->list(); !volumes) CHECK_FALSE(volumes.error().trace.empty());
}
