#include "platform/windows/registry.hpp"

#include <chrono>

#include <doctest/doctest.h>

#include "platform/windows/display_adapter.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/windows/planted_key.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

constexpr auto below = "key";

void set(test::PlantedKey const& planted, std::string const& name, DWORD type, std::string_view bytes)
{
    planted.add(below, name, type, bytes.data(), bytes.size());
}

void set_units(test::PlantedKey const& planted, std::string const& name, DWORD type, std::wstring_view units)
{
    planted.add(below, name, type, units.data(), units.size() * sizeof(wchar_t));
}

Registry open(test::PlantedKey const& planted)
{
    planted.add_key(below);
    auto key = Registry::open(HKEY_CURRENT_USER, planted.prefix() + below);
    REQUIRE(key);
    return *std::move(key);
}

} // namespace

TEST_CASE("registry: each type is read as what it is, and as nothing else")
{
    test::PlantedKey const planted;
    set_units(planted, "text", REG_SZ, std::wstring_view(L"Grüße", 6));
    set_units(planted, "path", REG_EXPAND_SZ, std::wstring_view(L"%TEMP%\\x", 9));
    set(planted, "number", REG_DWORD, std::string_view("\x2A\0\0\0", 4));
    set(planted, "big", REG_QWORD, std::string_view("\0\0\0\0\x01\0\0\0", 8));
    set(planted, "bytes", REG_BINARY, "abc");
    auto const key = open(planted);
    CHECK(*key.text("text") == "Grüße");
    CHECK(*key.text("path") == "%TEMP%\\x");
    CHECK(*key.number("number") == 42);
    CHECK(*key.big_number("big") == 0x1'0000'0000);
    CHECK(key.bytes("bytes")->size() == 3);
    CHECK(reason(key.text("number").error()) == "bad_message");
    CHECK(reason(key.number("text").error()) == "bad_message");
    CHECK(reason(key.big_number("number").error()) == "bad_message");
    CHECK(reason(key.text("none").error()) == "not_found");
    CHECK(key.has("bytes"));
    CHECK_FALSE(key.has("none"));
}

TEST_CASE("registry: a text without its NUL, with one too many, of odd length, or with half a character is read safely")
{
    test::PlantedKey const planted;
    set_units(planted, "none", REG_SZ, L"abc");
    set_units(planted, "many", REG_SZ, std::wstring_view(L"abc\0def\0", 8));
    set(planted, "odd", REG_SZ, std::string_view("a\0b\0c", 5));
    set(planted, "empty", REG_SZ, "");
    set(planted, "half", REG_SZ, std::string_view("\0\xD8x\0", 4));
    auto const key = open(planted);
    CHECK(*key.text("none") == "abc");
    CHECK(*key.text("many") == "abc");
    CHECK(*key.text("odd") == "ab");
    CHECK(key.text("empty")->empty());
    CHECK(*key.text("half") == "\xEF\xBF\xBDx");
}

TEST_CASE("registry: lists of texts keep the empty ones within, and need no end")
{
    test::PlantedKey const planted;
    set_units(planted, "two", REG_MULTI_SZ, std::wstring_view(L"a\0b\0\0", 5));
    set_units(planted, "gap", REG_MULTI_SZ, std::wstring_view(L"a\0\0b\0\0", 6));
    set_units(planted, "torn", REG_MULTI_SZ, std::wstring_view(L"a\0b", 3));
    set_units(planted, "none", REG_MULTI_SZ, std::wstring_view(L"\0", 1));
    auto const key = open(planted);
    CHECK(*key.texts("two") == std::vector<std::string>{"a", "b"});
    CHECK(*key.texts("gap") == std::vector<std::string>{"a", "", "b"});
    CHECK(*key.texts("torn") == std::vector<std::string>{"a", "b"});
    CHECK(key.texts("none")->empty());
    CHECK(reason(key.text("two").error()) == "bad_message");
}

TEST_CASE("registry: a value beyond the limit is refused, one below it is whole")
{
    test::PlantedKey const planted;
    set_units(planted, "long", REG_SZ, std::wstring(20'000, L'x'));
    set_units(planted, "too long", REG_SZ, std::wstring(40'000, L'x'));
    auto const key = open(planted);
    CHECK(key.text("long")->size() == 20'000);
    CHECK(reason(key.text("too long").error()) == "limit_exceeded");
}

TEST_CASE("registry: keys below, a limit on them, and when the key was written")
{
    test::PlantedKey const planted;
    planted.add_key(R"(key\b)");
    planted.add_key(R"(key\ä)");
    auto const key = open(planted);
    auto const keys = key.keys();
    REQUIRE(keys);
    CHECK(keys->size() == 2);
    CHECK(reason(key.keys(1).error()) == "limit_exceeded");
    CHECK(key.open("ä"));
    CHECK(reason(key.open("none").error()) == "not_found");
    auto const written = key.written_unix_ms();
    REQUIRE(written);
    auto const now_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    CHECK(*written > now_ms - 600'000);
    CHECK(*written < now_ms + 600'000);
}

TEST_CASE("gpus: memory is what the driver wrote, in each of the ways it is written")
{
    test::PlantedKey const planted;
    auto const key = open(planted);
    CHECK(reason(adapter_memory(key).error()) == "not_supported");
    set(planted, "HardwareInformation.MemorySize", REG_BINARY, std::string_view("\0\0\0\x40", 4));
    CHECK(*adapter_memory(key) == 1'073'741'824);
    set(planted, "HardwareInformation.MemorySize", REG_DWORD, std::string_view("\0\0\0\x20", 4));
    CHECK(*adapter_memory(key) == 536'870'912);
    set(planted, "HardwareInformation.qwMemorySize", REG_QWORD, std::string_view("\0\0\0\0\x02\0\0\0", 8));
    CHECK(*adapter_memory(key) == 8'589'934'592);
}

TEST_CASE("gpus: a place on a PCI bus is written as other systems write it")
{
    PresentDevice device{.instance_id = R"(PCI\VEN_10DE&DEV_2684\4&1)",
                         .description = fail(errc::not_found, ""),
                         .manufacturer = fail(errc::not_found, ""),
                         .service = fail(errc::not_found, ""),
                         .driver_key = fail(errc::not_found, ""),
                         .bus_number = 0x1FE,
                         .address = 0x20001};
    CHECK(adapter_place(device) == "0001:fe:02.1");
    CHECK(is_hardware_adapter(device));
    device.address.reset();
    CHECK(adapter_place(device) == device.instance_id);
    device.instance_id = R"(SWD\REMOTEDISPLAYENUM\X)";
    CHECK_FALSE(is_hardware_adapter(device));
}
