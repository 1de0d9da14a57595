#include <doctest/doctest.h>

#include "platform/windows/update_errors.hpp"
#include "platform/windows/update_list.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

AvailableUpdate cumulative()
{
    AvailableUpdate update;
    update.id = "11111111-2222-3333-4444-555555555555";
    update.title = "2026-11 Cumulative Update for Windows 11 Version 24H2 for x64-based Systems (KB5031358)";
    update.kb_ids = {"5031358"};
    update.categories = {
        {.id = "0FA1201D-4330-4FA8-8AE9-B877473B6441", .type = "UpdateClassification", .name = "Security Updates"},
        {.id = "x", .type = "Product", .name = "Windows 11"}};
    update.categories_known = true;
    update.download_bytes = std::int64_t{700'000'000};
    return update;
}

} // namespace

TEST_CASE("update_list: a cumulative update is a security patch with its article and size")
{
    auto const patches = patches_of({cumulative()}, "Windows Update");
    REQUIRE(patches.size() == 1);
    CHECK(patches[0].package == cumulative().title);
    CHECK(patches[0].available_version == "KB5031358");
    CHECK(*patches[0].security);
    CHECK(*patches[0].size_bytes == 700'000'000);
    CHECK(patches[0].origin == "Windows Update: Security Updates");
}

TEST_CASE("update_list: what is downloaded already needs no bytes, and a severity alone makes it security")
{
    auto update = cumulative();
    update.downloaded = true;
    update.categories = {};
    update.severity = "Critical";
    auto const patches = patches_of({update}, "WSUS");
    CHECK(*patches.at(0).size_bytes == 0);
    CHECK(*patches.at(0).security);
    CHECK(patches.at(0).origin == "WSUS (Critical)");
}

TEST_CASE("update_list: a driver is no security patch; without its categories nobody knows")
{
    auto update = cumulative();
    update.categories = {
        {.id = "ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0", .type = "UpdateClassification", .name = "Drivers"}};
    CHECK_FALSE(*patches_of({update}, "").at(0).security);
    update.categories_known = false;
    CHECK_FALSE(patches_of({update}, "").at(0).security);
}

TEST_CASE("update_list: the version of definitions is no part of the name")
{
    auto const title = split_update_title("Security Intelligence Update for Microsoft Defender Antivirus - KB2267602 "
                                          "(Version 1.401.123.0) - Current Channel");
    CHECK(title.name == "Security Intelligence Update for Microsoft Defender Antivirus - KB2267602 - Current Channel");
    CHECK(title.version == "1.401.123.0");
    for (auto const* const odd : {"", "(Version ", "X (Version )", "X (Version 1.2", "Windows (Version 21H2)"})
        CHECK(split_update_title(odd).name == odd);
}

TEST_CASE("update_list: updates of one title are told apart by their ids, and one without a title has its id")
{
    auto other = cumulative();
    other.id = "99999999-2222-3333-4444-555555555555";
    auto nameless = cumulative();
    nameless.title.clear();
    nameless.kb_ids.clear();
    auto const patches = patches_of({cumulative(), other, other, nameless}, "");
    REQUIRE(patches.size() == 3);
    CHECK(patches[1].package == cumulative().title + " [99999999]");
    CHECK(patches[2].package == nameless.id);
}

TEST_CASE("update_list: an article that the title does not name is added")
{
    auto update = cumulative();
    update.kb_ids = {"5031358", "890830"};
    CHECK(patches_of({update}, "").at(0).package == cumulative().title + " (KB890830)");
}

TEST_CASE("update_errors: an error of Windows Update is shown with its meaning")
{
    auto const dns = fail_update(0x8024402C, "patches");
    CHECK(reason(dns) == "io");
    CHECK(dns.trace.find("0x8024402c: WU_E_PT_WINHTTP_NAME_NOT_RESOLVED") != std::string::npos);
    CHECK(reason(fail_update(0x80240044, "patches")) == "permission_denied");
    CHECK(reason(fail_update(0x80240021, "patches")) == "timed_out");
    CHECK(reason(fail_update(0x8024FFFF, "patches")) == "io");
    CHECK(fail_update(0x8024FFFF, "patches").trace == "patches: HRESULT 0x8024ffff");
    CHECK(update_error_text(0).empty());
}
