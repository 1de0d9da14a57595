#include "platform/macos/unified_log.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "common/core/clock.hpp"
#include "common/core/text.hpp"
#include "platform/texts.hpp"

namespace json = boost::json;

namespace rollcall::platform
{

namespace
{

constexpr std::string_view second_word = "second ";
/// Nobody writes a record as long; reading it would only cost.
constexpr std::size_t longest_record_bytes = 256UL * 1024;
/// A message is cut there: what comes after tells little.
constexpr std::size_t message_bytes = 1'000;

std::string_view text_of(json::object const& record, std::string_view key)
{
    auto const* const value = record.if_contains(key);
    if (value == nullptr || !value->is_string()) return {};
    auto const& text = value->get_string();
    return {text.data(), text.size()};
}

/// Exactly these digits; nothing where there is anything else.
std::optional<int> log_digits(std::string_view text, std::size_t at, std::size_t count)
{
    if (text.size() < at + count) return std::nullopt;
    int number = 0;
    for (auto const c : text.substr(at, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + (c - '0');
    }
    return number;
}

/// "2026-10-04 01:35:56.304283-0400": to milliseconds since 1970, UTC.
std::optional<UnixMs> log_time(std::string_view text)
{
    static constexpr std::string_view form = "0000-00-00 00:00:00.000000+0000";
    if (text.size() != form.size() || text[4] != '-' || text[7] != '-' || text[10] != ' ' || text[13] != ':' ||
        text[16] != ':' || text[19] != '.' || (text[26] != '+' && text[26] != '-'))
        return std::nullopt;
    auto const year = log_digits(text, 0, 4);
    auto const month = log_digits(text, 5, 2);
    auto const day = log_digits(text, 8, 2);
    auto const hour = log_digits(text, 11, 2);
    auto const minute = log_digits(text, 14, 2);
    auto const second = log_digits(text, 17, 2);
    auto const us = log_digits(text, 20, 6);
    auto const zone_hour = log_digits(text, 27, 2);
    auto const zone_minute = log_digits(text, 29, 2);
    if (!year || !month || !day || !hour || !minute || !second || !us || !zone_hour || !zone_minute)
        return std::nullopt;
    std::chrono::year_month_day const date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    static constexpr int leap_second = 60;
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > leap_second) return std::nullopt;
    auto const zone = std::chrono::hours(*zone_hour) + std::chrono::minutes(*zone_minute);
    auto const local = std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
                       std::chrono::seconds(*second) + std::chrono::microseconds(*us);
    auto const utc = text[26] == '-' ? local + zone : local - zone;
    return std::chrono::floor<std::chrono::milliseconds>(utc.time_since_epoch()).count();
}

/// "/usr/libexec/opendirectoryd": the last part.
std::string_view program_of(json::object const& record)
{
    auto const path = text_of(record, "processImagePath");
    auto const slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// Those that ask for passwords: what was typed as a name may stand in their records, and whole command lines.
bool asks_for_passwords(std::string_view program, std::string_view subsystem)
{
    static constexpr std::array<std::string_view, 14> programs = {
        "sudo",      "su",          "login",         "passwd",         "sshd", "sshd-session", "authd",
        "coreauthd", "loginwindow", "SecurityAgent", "opendirectoryd", "secd", "securityd",    "kcm"};
    static constexpr std::array<std::string_view, 6> subsystems = {
        "com.apple.Authorization", "com.apple.opendirectoryd", "com.apple.loginwindow",
        "com.apple.authkit",       "com.apple.securityd",      "com.apple.Heimdal"};
    return std::find(programs.begin(), programs.end(), program) != programs.end() ||
           program.starts_with("authorizationhost") ||
           std::any_of(subsystems.begin(), subsystems.end(),
                       [&](std::string_view one) { return subsystem.starts_with(one); });
}

/// What the words of a record begin with: "[com.apple.apfs:volume] ".
std::string origin_of(json::object const& record, std::string_view subsystem)
{
    if (subsystem.empty()) return {};
    auto const category = text_of(record, "category");
    return category.empty() ? fmt::format("[{}] ", subsystem) : fmt::format("[{}:{}] ", subsystem, category);
}

enum class Line { told, passed_over, unreadable };

class LogReader
{
public:
    LogReader(LogSpan span, std::int64_t own_id, std::size_t most)
        : span_(span)
        , own_id_(own_id)
        , most_(most)
    {
    }

    void line(std::string_view text)
    {
        if (text.size() > longest_record_bytes || read(text) == Line::unreadable) ++found_.left_out;
    }

    [[nodiscard]] UnifiedLog end()
    {
        auto const room = most_ - faults_.size();
        if (errors_.size() > room) {
            found_.left_out += errors_.size() - room;
            errors_.resize(room);
        }
        std::merge(std::make_move_iterator(faults_.begin()), std::make_move_iterator(faults_.end()),
                   std::make_move_iterator(errors_.begin()), std::make_move_iterator(errors_.end()),
                   std::back_inserter(found_.records), [](auto const& a, auto const& b) { return a.at_ms < b.at_ms; });
        return std::move(found_);
    }

private:
    [[nodiscard]] Line read(std::string_view text)
    {
        boost::system::error_code failed;
        auto const value = json::parse({text.data(), text.size()}, failed);
        if (failed || !value.is_object()) return Line::unreadable;
        auto const& record = value.get_object();
        // The last line of all: {"count":4711,"finished":1}.
        if (record.contains("finished") && !record.contains("timestamp")) return Line::passed_over;
        auto const kind = text_of(record, "messageType");
        bool const is_fault = kind == "Fault";
        if (!is_fault && kind != "Error") return Line::passed_over;
        auto const at_ms = log_time(text_of(record, "timestamp"));
        auto const* const message = record.if_contains("eventMessage");
        if (!at_ms || message == nullptr || !message->is_string()) return Line::unreadable;
        static constexpr UnixMs ms_per_s = 1'000;
        if (*at_ms < span_.from_s * ms_per_s || *at_ms >= span_.to_s * ms_per_s) return Line::passed_over;
        auto const* const process = record.if_contains("processID");
        if (process != nullptr && process->is_int64() && process->get_int64() == own_id_) return Line::passed_over;
        auto const program = program_of(record);
        auto const subsystem = text_of(record, "subsystem");
        if (asks_for_passwords(program, subsystem)) return Line::passed_over;

        auto& kept = is_fault ? faults_ : errors_;
        if (kept.size() >= most_) {
            ++found_.left_out;
            return Line::told;
        }
        LogRecord told;
        told.at_ms = *at_ms;
        if (program.empty())
            told.source = fail(errc::not_found, "system_log: a record without its program");
        else
            told.source = std::string(program);
        told.unit = fail(errc::not_found, "system_log: macOS names no service");
        told.priority = is_fault ? "critical" : "error";
        told.message =
            clean_text(origin_of(record, subsystem) + std::string(text_of(record, "eventMessage")), message_bytes);
        kept.push_back(std::move(told));
        return Line::told;
    }

    LogSpan span_;
    std::int64_t own_id_;
    std::size_t most_;
    std::vector<LogRecord> faults_;
    std::vector<LogRecord> errors_;
    UnifiedLog found_;
};

} // namespace

std::string log_second_text(std::int64_t second) { return fmt::format("{}{}", second_word, second); }

std::optional<std::int64_t> parse_log_second(std::string_view text)
{
    if (!text.starts_with(second_word)) return std::nullopt;
    auto const second = texts::to_number(text.substr(second_word.size()));
    static constexpr std::uint64_t year_9999 = 253'402'300'799;
    if (!second || *second > year_9999) return std::nullopt;
    return static_cast<std::int64_t>(*second);
}

std::optional<LogSpan> LogSpans::next(std::int64_t position_s, std::int64_t now_s) const
{
    auto const end_s = now_s - settles.count();
    if (end_s - position_s < every.count()) return std::nullopt;
    return LogSpan{.from_s = position_s, .to_s = std::min(end_s, position_s + length_.count())};
}

bool LogSpans::shorten(std::chrono::seconds least)
{
    if (length_ <= least) return false;
    length_ = std::max(least, length_ / 2);
    return true;
}

void LogSpans::done() { length_ = std::min(longest, length_ * 2); }

std::vector<std::string> unified_log_command(LogSpan span)
{
    // log(1), "valid time formats": the zone of the machine plays no part in seconds since 1970.
    return {"/usr/bin/log", "show",
            "--style",      "ndjson",
            "--start",      fmt::format("@{}", span.from_s),
            "--end",        fmt::format("@{}", span.to_s),
            "--predicate",  "messageType == error OR messageType == fault"};
}

Result<UnifiedLog> parse_unified_log(std::string_view output, LogSpan span, std::int64_t own_id, std::size_t most)
{
    LogReader reader(span, own_id, most);
    bool is_log = texts::trim(output).empty();
    for (auto const raw : texts::lines(output)) {
        // Words of the tool itself may stand between, and before.
        auto const line = texts::trim(raw);
        if (line.starts_with("Filtering the log data using")) is_log = true;
        if (!line.starts_with('{')) continue;
        is_log = true;
        reader.line(line);
    }
    if (!is_log) return fail(errc::bad_message, "system_log: log(1) printed no records");
    return reader.end();
}

} // namespace rollcall::platform
