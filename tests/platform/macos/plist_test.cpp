#include <doctest/doctest.h>

#include <fmt/format.h>

#include "platform/macos/plist.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/macos/fixture.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

void check_types(plist::Value const& value)
{
    CHECK(value.text("text") == "R&D <café> 💻 𝒜da");
    CHECK(value.text("section") == "a < b & c");
    REQUIRE(value.find("empty") != nullptr);
    CHECK(value.find("empty")->text()->empty());
    CHECK(value.integer("whole") == -42);
    CHECK_FALSE(value.integer("large"));
    CHECK(value.find("large")->real() == doctest::Approx(1.8446744073709552e19));
    CHECK(value.find("real")->real() == doctest::Approx(3.25));
    CHECK(value.boolean("yes") == true);
    CHECK(value.boolean("no") == false);
    CHECK(value.date_ms("when") == 1'795'342'830'000);
    REQUIRE(value.find("bytes")->data() != nullptr);
    CHECK(*value.find("bytes")->data() == std::string("\0\1\2\3\xFF", 5));
    auto const& list = value.array("list");
    REQUIRE(list.size() == 4);
    CHECK(*list[0].text() == "one");
    CHECK(list[1].integer() == 2);
    CHECK(list[2].array().empty());
    CHECK(list[3].dictionary()->size() == 0);
    CHECK(value.find("inner")->text("key") == "value");
    // What it is not, it is not read as.
    CHECK_FALSE(value.boolean("whole"));
    CHECK_FALSE(value.integer("text"));
    CHECK(value.text("whole").empty());
    CHECK(value.array("text").empty());
    CHECK(value.find("nobody") == nullptr);
    CHECK(value.find("text")->find("key") == nullptr);
}

std::string reason_of(std::string_view bytes)
{
    auto const value = plist::parse(bytes);
    return value ? "" : std::string(reason(value.error()));
}

/// A binary list of these objects, with offsets and references of one byte; the first is the whole.
std::string binary(std::vector<std::string> const& objects)
{
    std::string bytes = "bplist00";
    std::string table;
    for (auto const& object : objects) {
        table += static_cast<char>(bytes.size());
        bytes += object;
    }
    auto const at = bytes.size();
    bytes += table;
    bytes += std::string("\0\0\0\0\0\0\1\1", 8);
    auto const number = [&](std::uint64_t value) {
        for (unsigned shift = 64; shift > 0; shift -= 8)
            bytes += static_cast<char>(value >> (shift - 8) & 0xFFU);
    };
    number(objects.size());
    number(0);
    number(at);
    return bytes;
}

} // namespace

TEST_CASE("plist: XML and binary give the same tree, with each kind of value")
{
    for (auto const* const name : {"plist/types.plist", "plist/types.bplist"}) {
        CAPTURE(name);
        auto const value = plist::parse(test::mac_fixture(name));
        REQUIRE(value);
        check_types(*value);
    }
}

TEST_CASE("plist: whatever becomes of a list, reading it ends")
{
    for (auto const* const name : {"plist/types.plist", "plist/types.bplist"}) {
        auto const good = test::mac_fixture(name);
        test::torment(good, [](std::string_view bytes) { return plist::parse(bytes).has_value(); });
        for (std::size_t size = 0; size + 2 < good.size(); ++size)
            CHECK(reason_of(good.substr(0, size)) == "bad_message");
    }
}

TEST_CASE("plist: XML that is none is a bad message that names the byte")
{
    for (auto const* const text : {"",
                                   " ",
                                   "hello",
                                   "<plist>",
                                   "<plist></plist>",
                                   "<dict><key>a</key></dict>",
                                   "<dict><string>a</string></dict>",
                                   "<dict><key>a</key><true/>",
                                   "<array><true/></dict>",
                                   "<integer>x</integer>",
                                   "<integer></integer>",
                                   "<real>nan</real>",
                                   "<date>yesterday</date>",
                                   "<date>2026-13-01T00:00:00Z</date>",
                                   "<data>A</data>",
                                   "<data>A=B=</data>",
                                   "<true>no</true>",
                                   "<other/>",
                                   "<string>&bomb;</string>",
                                   "<string>&#0;</string>",
                                   "<string>&#x110000;</string>",
                                   "<string>a",
                                   "<string>&amp",
                                   "<true/><true/>",
                                   "<!-- <true/>",
                                   "</dict>",
                                   "<plist><true/></plist> x",
                                   "<!DOCTYPE plist [<!ENTITY a \"b\">]><plist><string>&a;</string></plist>"}) {
        CAPTURE(text);
        CHECK(reason_of(text) == "bad_message");
    }
    CHECK(plist::parse("<dict><key>a</key></dict>").error().trace.find("byte") != std::string::npos);
}

TEST_CASE("plist: a list without its frame, with a byte order mark, or with hexadecimal numbers is read")
{
    CHECK(plist::parse("<true/>")->boolean() == true);
    CHECK(plist::parse("\xEF\xBB\xBF<plist version=\"1.0\"><integer>0x1F</integer></plist>\n")->integer() == 31);
    CHECK(plist::parse("<integer>+7</integer>")->integer() == 7);
    CHECK(plist::parse("<integer>-9223372036854775808</integer>")->integer() == INT64_MIN);
    CHECK(plist::parse("<dict><key>a</key><integer>1</integer><key>a</key><integer>2</integer></dict>")->integer("a") ==
          1);
}

TEST_CASE("plist: binary numbers have the sign that their size gives them, and lone surrogates become U+FFFD")
{
    CHECK(plist::parse(binary({std::string("\x10\xFF", 2)}))->integer() == 255);
    CHECK(plist::parse(binary({std::string("\x13\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE", 9)}))->integer() == -2);
    CHECK(plist::parse(binary({std::string("\x22\x3F\x80\0\0", 5)}))->real() == 1.0);
    CHECK(plist::parse(binary({std::string("\x80\x07", 2)}))->integer() == 7);
    CHECK(*plist::parse(binary({std::string("\x63\xD8\x35\0a\xDC\0", 7)}))->text() == "\uFFFDa\uFFFD");
}

TEST_CASE("plist: cycles, offsets outside and lengths beyond the end are told, not followed")
{
    CHECK(reason_of(binary({std::string("\xA1\x00", 2)})) == "limit_exceeded"); // an array in itself
    CHECK(reason_of(binary({std::string("\xA1\x09", 2)})) == "bad_message");    // an object that is not there
    CHECK(reason_of(binary({std::string("\xD1\x01\x01", 3), std::string("\x09", 1)})) == "bad_message"); // key: true
    CHECK(reason_of(binary({std::string("\x5F\x13\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10)})) == "bad_message");
    CHECK(reason_of(binary({std::string("\xDF\x13\x80\0\0\0\0\0\0\0", 10)})) == "bad_message");
    CHECK(reason_of(binary({std::string("\x33\x7F\xF8\0\0\0\0\0\0", 9)})) == "bad_message"); // NaN as a date
    CHECK(reason_of(binary({std::string("\x0F", 1)})) == "bad_message");
    CHECK(reason_of("bplist15" + std::string(100, '\0')) == "bad_message");
    auto outside = binary({std::string("\x09", 1)});
    outside[9] = '\x30'; // its offset
    CHECK(reason_of(outside) == "bad_message");
}

TEST_CASE("plist: depth, number, size of texts and bytes have their limits")
{
    std::string deep;
    for (int i = 0; i < plist::most_depth + 1; ++i)
        deep += "<array>";
    CHECK(reason_of(deep) == "limit_exceeded");

    std::string many = "<array>";
    for (std::size_t i = 0; i < plist::most_values + 1; ++i)
        many += "<true/>";
    CHECK(reason_of(many) == "limit_exceeded");
    CHECK(reason_of(std::string(plist::most_bytes + 1, ' ')) == "limit_exceeded");

    // Each array names the one after it ten times: a billion values in a few hundred bytes.
    std::vector<std::string> laughs;
    for (int i = 0; i < 9; ++i)
        laughs.push_back("\xAA" + std::string(10, static_cast<char>(i + 1)));
    laughs.emplace_back("\x53lol");
    CHECK(reason_of(binary(laughs)) == "limit_exceeded");

    // The same with a long text that is named often.
    std::string bytes = "bplist00";
    static constexpr std::size_t long_text = 1'000'000;
    static constexpr std::size_t times = 200;
    auto const big = [](std::uint64_t value, int size) {
        std::string number;
        for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
            number += static_cast<char>(value >> static_cast<unsigned>(shift) & 0xFFU);
        return number;
    };
    bytes += "\xAF\x12" + big(times, 4) + std::string(times, '\1');
    auto const text_at = bytes.size();
    bytes += "\x5F\x12" + big(long_text, 4) + std::string(long_text, 'x');
    auto const table_at = bytes.size();
    bytes +=
        big(8, 4) + big(text_at, 4) + std::string("\0\0\0\0\0\0\4\1", 8) + big(2, 8) + big(0, 8) + big(table_at, 8);
    CHECK(reason_of(bytes) == "limit_exceeded");
}
