#include <cstring>
#include <random>

#include <doctest/doctest.h>

#include "platform/windows/process_table.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

constexpr std::uint64_t table_address = 0x7FF6'0000'1000;

template <class T>
void put(std::vector<std::byte>& bytes, std::size_t offset, T number)
{
    std::memcpy(bytes.data() + offset, &number, sizeof number);
}

/// An entry as a 64-bit Windows writes it: 256 bytes, one thread of 80, the name behind it.
std::vector<std::byte> entry(std::uint64_t id, std::u16string const& name, std::size_t at, bool last)
{
    static constexpr std::size_t head = 256 + 80;
    std::vector<std::byte> bytes(head + (name.size() * 2 + 7) / 8 * 8);
    put(bytes, 0, last ? std::uint32_t{0} : static_cast<std::uint32_t>(bytes.size()));
    put(bytes, 4, std::uint32_t{1});
    put(bytes, 8, std::uint64_t{1'000'000});
    put(bytes, 32, std::uint64_t{134'000'000'000'000'000});
    put(bytes, 40, std::uint64_t{20'000});
    put(bytes, 48, std::uint64_t{30'000});
    put(bytes, 56, static_cast<std::uint16_t>(name.size() * 2));
    put(bytes, 58, static_cast<std::uint16_t>(name.size() * 2));
    put(bytes, 64, name.empty() ? std::uint64_t{0} : table_address + at + head);
    put(bytes, 80, id);
    put(bytes, 96, std::uint32_t{77});
    put(bytes, 144, std::uint64_t{5'000'000});
    std::memcpy(bytes.data() + head, name.data(), name.size() * 2);
    return bytes;
}

std::vector<std::byte> table()
{
    auto bytes = entry(0, u"", 0, false);
    auto const second = entry(4, u"System", bytes.size(), false);
    bytes.insert(bytes.end(), second.begin(), second.end());
    auto const third = entry(4242, u"rollcall-agent.exe", bytes.size(), true);
    bytes.insert(bytes.end(), third.begin(), third.end());
    return bytes;
}

} // namespace

TEST_CASE("process_table: every process with what it uses")
{
    auto const found = parse_process_table(table(), table_address);
    REQUIRE(found);
    REQUIRE(found->size() == 3);
    CHECK((*found)[0].name.empty());
    CHECK((*found)[1].name == u"System");
    auto const& ours = (*found)[2];
    CHECK(ours.name == u"rollcall-agent.exe");
    CHECK(ours.id == 4242);
    CHECK(ours.created == 134'000'000'000'000'000);
    CHECK(ours.user_100ns == 20'000);
    CHECK(ours.kernel_100ns == 30'000);
    CHECK(ours.resident_bytes == 5'000'000);
    CHECK(ours.private_resident_bytes == 1'000'000);
    CHECK(ours.threads == 1);
    CHECK(ours.handles == 77);
}

TEST_CASE("process_table: bytes that lie about sizes and places are refused")
{
    CHECK_FALSE(parse_process_table({}, table_address));
    auto const good = table();
    CHECK_FALSE(parse_process_table(std::span(good).first(255), table_address));
    // Names elsewhere: before the table, behind it, across its end.
    CHECK_FALSE(parse_process_table(good, table_address + 4096));
    CHECK_FALSE(parse_process_table(good, table_address - 0x1'0000));
    CHECK_FALSE(parse_process_table(std::span(good).first(good.size() - 8), table_address));
    for (std::uint32_t const step : {1U, 8U, 255U, 0xFFFFFFFFU, static_cast<std::uint32_t>(good.size())}) {
        auto bytes = good;
        put(bytes, 0, step);
        CHECK_FALSE(parse_process_table(bytes, table_address));
    }
    std::mt19937 random(7);
    for (int turn = 0; turn < 20'000; ++turn) {
        auto bytes = good;
        for (int change = 0; change < 4; ++change)
            bytes[random() % bytes.size()] = static_cast<std::byte>(random() % 256);
        auto const found = parse_process_table(std::span(bytes).first(random() % (bytes.size() + 1)), table_address);
        if (found) CHECK(found->size() <= 3);
    }
}
