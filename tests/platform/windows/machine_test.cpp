#include <algorithm>
#include <chrono>

#include <doctest/doctest.h>

#include <windows.h>

#include "platform/batteries.hpp"
#include "platform/disks.hpp"
#include "platform/drive_health.hpp"
#include "platform/gpus.hpp"
#include "platform/hardware.hpp"
#include "platform/memory_modules.hpp"
#include "platform/sensors.hpp"
#include "platform/system_info.hpp"
#include "platform/tpms.hpp"
#include "platform/volumes.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/os_version.hpp"
#include "platform/windows/smbios_table.hpp"
#include "tests/platform/printers.hpp"

/// What holds on every Windows: facts of a machine that nobody knows before.
using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("windows errors: a number becomes the product's word, with the system's text")
{
    CHECK(reason(fail_windows(ERROR_ACCESS_DENIED, "step")) == "permission_denied");
    CHECK(reason(fail_windows(ERROR_FILE_NOT_FOUND, "step")) == "not_found");
    CHECK(reason(fail_windows(ERROR_CALL_NOT_IMPLEMENTED, "step")) == "not_supported");
    CHECK(reason(fail_windows(WAIT_TIMEOUT, "step")) == "timed_out");
    CHECK(reason(fail_windows(ERROR_CRC, "step")) == "io");
    CHECK(reason(fail_hresult(static_cast<long>(0x80070005), "step")) == "permission_denied");
    CHECK(reason(fail_hresult(static_cast<long>(0x80004001), "step")) == "not_supported");
    auto const trace = fail_windows(ERROR_ACCESS_DENIED, "step").trace;
    CHECK(trace.starts_with("step: "));
    CHECK(trace.ends_with("(error 5)"));
    CHECK(trace.find('\n') == std::string::npos);
    CHECK(fail_windows(0x2FFFFFFF, "step").trace == "step: error 805306367");
}

TEST_CASE("system_info: this Windows is told")
{
    auto const info = make_system_info();
    auto const os = info->read();
    REQUIRE(os);
    CHECK(*os->family == "windows");
    CHECK(os->name->find("Windows") != std::string::npos);
    CHECK(os->kernel->starts_with("10.0."));
    CHECK(*os->architecture == "x86_64");
    CHECK_FALSE(os->host_name->empty());
    CHECK(os->container->empty());
    auto const now_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    CHECK(*os->boot_ms > 1'500'000'000'000);
    CHECK(*os->boot_ms <= now_ms);
    CHECK(*info->read()->boot_ms == *os->boot_ms);
    if (os->boot_id) CHECK(os->boot_id->size() == 16);
}

TEST_CASE("system_info: Windows 11 is not called 10, and a server keeps its name")
{
    CHECK(product_name("Windows 10 Pro", {.build = 22'631, .workstation = true}) == "Windows 11 Pro");
    CHECK(product_name("Windows 10 Pro", {.build = 19'045, .workstation = true}) == "Windows 10 Pro");
    CHECK(product_name("Windows Server 2025 Standard", {.build = 26'100}) == "Windows Server 2025 Standard");
}

TEST_CASE("hardware: processors and memory are counted, and the machine has an identity")
{
    auto const body = make_hardware();
    auto const hardware = body->read();
    REQUIRE(hardware);
    CHECK(*hardware->cpu_threads > 0);
    CHECK(*hardware->cpu_cores > 0);
    CHECK(*hardware->cpu_sockets > 0);
    CHECK(*hardware->cpu_threads >= *hardware->cpu_cores);
    CHECK(*hardware->memory_bytes > 256'000'000);
    CHECK_FALSE(hardware->cpu_model->empty());
    CHECK(hardware->desktop);
    CHECK(hardware->virtualization);
    auto const identity = body->identity();
    REQUIRE(identity);
    CHECK((identity->starts_with("dmi:") || identity->starts_with(software_identity)));
    CHECK(*body->identity() == *identity);
}

TEST_CASE("smbios: the head that Windows puts before the table is taken off, and its length is believed if it fits")
{
    CHECK(*unwrap_smbios(std::string("\0\x03\x02\0\x03\0\0\0abcde", 13)) == "abc");
    CHECK_FALSE(unwrap_smbios(std::string("\0\x03\x02\0\x06\0\0\0abcde", 13)));
    CHECK_FALSE(unwrap_smbios("1234567"));
}

TEST_CASE("volumes: the one that Windows is on is there, with a size")
{
    auto const volumes = make_volumes()->list();
    REQUIRE(volumes);
    auto const system =
        std::find_if(volumes->begin(), volumes->end(), [](auto const& volume) { return volume.mount_point == "C:\\"; });
    REQUIRE(system != volumes->end());
    CHECK(*system->size_bytes > 0);
    CHECK(*system->free_bytes <= *system->size_bytes);
    CHECK_FALSE(system->file_system.empty());
    CHECK_FALSE(system->device.ends_with('\\'));
}

TEST_CASE("disks: each has a name of its own, and a folder of another machine is on none")
{
    auto const body = make_disks();
    auto const disks = body->list();
    REQUIRE(disks);
    for (std::size_t i = 0; i < disks->size(); ++i) {
        CHECK((*disks)[i].name.starts_with("PhysicalDrive"));
        if (i > 0) CHECK((*disks)[i].name != (*disks)[i - 1].name);
    }
    CHECK(reason(body->holding(R"(\\server\share\folder)").error()) == "not_supported");
    if (auto const holding = body->holding(R"(C:\Windows)")) CHECK_FALSE(holding->empty());
}

TEST_CASE("inventory: every list is an answer or says why it is none")
{
    if (auto const modules = make_memory_modules()->list()) CHECK_FALSE(modules->empty());
    if (auto const tpms = make_tpms()->list()) CHECK(tpms->size() <= 1);
    if (auto const health = make_drive_health()->list())
        for (auto const& drive : *health)
            if (!drive.reading) CHECK_FALSE(drive.reading.error().trace.empty());
    CHECK(make_gpus()->list());
    CHECK(make_batteries()->list());
    CHECK(reason(make_sensors()->temperatures().error()) == "not_supported");
    CHECK(reason(make_sensors()->fans().error()) == "not_supported");
}
