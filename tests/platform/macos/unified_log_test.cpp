#include <doctest/doctest.h>

#include <fmt/format.h>

#include "platform/macos/unified_log.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/macos/fixture.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;

namespace
{

/// 2026-11-23 05:00:00 UTC.
constexpr std::int64_t five_s = 1'795'410'000;
constexpr LogSpan one_minute{.from_s = five_s, .to_s = five_s + 60};
constexpr std::int64_t own_process = 4711;

std::string shown() { return test::mac_fixture("log/show.ndjson"); }

std::string log_line(std::string_view kind, int second, std::string_view message, std::string_view more = "")
{
    return fmt::format(R"({{"timestamp":"2026-11-23 05:00:{:02}.000000+0000","messageType":"{}","eventMessage":"{}",)"
                       R"("processImagePath":"/usr/libexec/logd","processID":7{}}})"
                       "\n",
                       second, kind, message, more);
}

std::string words_of(UnifiedLog const& log)
{
    std::string all;
    for (auto const& record : log.records)
        all += *record.message + "|";
    return all;
}

} // namespace

TEST_CASE("unified log: errors and faults are told with time, program and origin; log-ins, sudo and we are not")
{
    auto const log = parse_unified_log(shown(), one_minute, own_process, 10);
    REQUIRE(log);
    REQUIRE(log->records.size() == 3);
    CHECK(log->left_out == 0);
    CHECK(log->records[0].at_ms == five_s * 1'000 + 250);
    CHECK(*log->records[0].source == "kernel");
    CHECK(log->records[0].priority == "error");
    CHECK(*log->records[0].message ==
          "[com.apple.apfs:volume] apfs_log_op_with_proc:3261: disk3s5 snapshot deletion failed: 16");
    CHECK(reason(log->records[0].unit.error()) == "not_found");
    CHECK(*log->records[1].source == "launchd");
    CHECK(log->records[1].priority == "critical");
    CHECK(*log->records[1].message == "[com.apple.xpc.launchd] Job of 𝒜da 💻:\nexited due to SIGKILL | über");
    CHECK(*log->records[2].message == "the disk burns");
}

TEST_CASE("unified log: a part of it begins and ends at a second, so that nothing is told twice and nothing lost")
{
    auto const from_to = [](std::int64_t from, std::int64_t to) {
        return words_of(*parse_unified_log(shown(), {.from_s = five_s + from, .to_s = five_s + to}, own_process, 10));
    };
    CHECK(from_to(4, 5).empty());
    CHECK(from_to(5, 6) == "the disk burns|");
    CHECK(from_to(0, 1).starts_with("[com.apple.apfs:volume]"));
    CHECK(from_to(0, 60) == from_to(0, 3) + from_to(3, 5) + from_to(5, 60));
}

TEST_CASE("unified log: where there is more than may be told, faults come first, and all others are counted")
{
    std::string text;
    for (int i = 0; i < 9; ++i)
        text += log_line(i == 7 ? "Fault" : "Error", i, fmt::format("m{}", i));
    auto const some = parse_unified_log(text, one_minute, own_process, 3);
    CHECK(words_of(*some) == "m0|m1|m7|");
    CHECK(some->left_out == 6);
    auto const one = parse_unified_log(text, one_minute, own_process, 1);
    CHECK(words_of(*one) == "m7|");
    CHECK(one->left_out == 8);
    auto const none = parse_unified_log(text, one_minute, own_process, 0);
    CHECK(none->records.empty());
    CHECK(none->left_out == 9);
}

TEST_CASE("unified log: nothing is a silent log, another text is an error, and lines that are torn are counted")
{
    CHECK(parse_unified_log("", one_minute, own_process, 5)->records.empty());
    CHECK(parse_unified_log("{\"count\":0,\"finished\":1}\n", one_minute, own_process, 5)->left_out == 0);
    CHECK(parse_unified_log("Filtering the log data using \"messageType == 16\"\nSkipping info and debug messages.\n",
                            one_minute, own_process, 5)
              ->records.empty());
    CHECK(reason(parse_unified_log("log: ungültiges Argument\n", one_minute, own_process, 5).error()) == "bad_message");
    auto const good = log_line("Error", 1, "good");
    for (auto const& bad :
         {std::string("{\"timestamp\":\"2026-11-23 05:00:00.0"), std::string("{\"messageType\":\"Error\"}"),
          log_line("Error", 61, "no such second"), log_line("Error", 1, std::string(300'000, 'x')),
          log_line("Error", 1, "\xED\xA0\x80"),
          R"({"timestamp":"gestern","messageType":"Fault","eventMessage":"x"})" + std::string("\n"),
          R"({"timestamp":"2026-02-30 05:00:00.000000+0000","messageType":"Fault","eventMessage":""})" +
              std::string("\n"),
          std::string("{") + std::string(1'000, '[') + "\n"}) {
        auto text = bad;
        text.append("\n").append(good);
        auto const log = parse_unified_log(text, one_minute, own_process, 5);
        REQUIRE(log);
        CHECK(words_of(*log) == "good|");
        CHECK(log->left_out == 1);
    }
    auto const odd = parse_unified_log(R"({"timestamp":"2026-11-23 05:00:01.000000+0000","messageType":"Error",)"
                                       R"("eventMessage":"x","processImagePath":7,"processID":"7","subsystem":[]})",
                                       one_minute, own_process, 5);
    REQUIRE(odd->records.size() == 1);
    CHECK(reason(odd->records[0].source.error()) == "not_found");
    test::torment(
        shown(), [](std::string_view text) { return parse_unified_log(text, one_minute, own_process, 5).has_value(); });
}

TEST_CASE("unified log: a long message is cut, and what could steer a terminal is not passed on")
{
    auto const log =
        parse_unified_log(log_line("Error", 1, R"(\u001b[31m)" + std::string(5'000, 'x')), one_minute, own_process, 5);
    REQUIRE(log->records.size() == 1);
    CHECK(log->records[0].message->size() <= 1'000);
    CHECK(log->records[0].message->find('\x1B') == std::string::npos);
}

TEST_CASE("unified log: it is asked every five minutes, and what was missed is read in parts")
{
    LogSpans spans;
    CHECK_FALSE(spans.next(five_s, five_s + 60));
    CHECK_FALSE(spans.next(LogSpans::begin(five_s), five_s + 299));
    auto const first = spans.next(LogSpans::begin(five_s), five_s + 300);
    REQUIRE(first);
    CHECK(first->from_s == five_s - 15);
    CHECK(first->to_s == five_s + 285);
    auto const missed = spans.next(five_s, five_s + 259'200);
    CHECK(missed->to_s - missed->from_s == 3'600);
    CHECK_FALSE(spans.next(five_s + 100, five_s));
    CHECK(unified_log_command({.from_s = 5, .to_s = 9}) ==
          std::vector<std::string>{"/usr/bin/log", "show", "--style", "ndjson", "--start", "@5", "--end", "@9",
                                   "--predicate", "messageType == error OR messageType == fault"});
}

TEST_CASE("unified log: a flood is read in ever shorter parts, down to a second, and then in longer ones again")
{
    LogSpans spans;
    int halved = 0;
    while (spans.shorten(LogSpans::least_for_size))
        ++halved;
    CHECK(halved == 11);
    CHECK(spans.next(five_s, five_s + 86'400)->to_s == five_s + 1);
    // One that takes too long is no reason to ask for less than its start costs.
    CHECK_FALSE(spans.shorten(LogSpans::least_for_time));
    spans.done();
    CHECK(spans.next(five_s, five_s + 86'400)->to_s == five_s + 2);
    for (int i = 0; i < 20; ++i)
        spans.done();
    CHECK(spans.next(five_s, five_s + 86'400)->to_s == five_s + 3'600);
    while (spans.shorten(LogSpans::least_for_time))
        ;
    CHECK(spans.next(five_s, five_s + 86'400)->to_s == five_s + 300);
}

TEST_CASE("unified log: a position is a second in words, and nothing else is one")
{
    CHECK(log_second_text(five_s) == "second 1795410000");
    CHECK(parse_log_second("second 1795410000") == five_s);
    for (auto const* const other : {"", "second", "second ", "second -5", "second 1e9", "record 17",
                                    "second 253402300800", "second 99999999999999999999"})
        CHECK_FALSE(parse_log_second(other));
}
