#include "platform/linux/sdjournal.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include <dlfcn.h>
#include <fmt/format.h>

#include "platform/linux/libsystemd.hpp"
#include "platform/linux/procfs.hpp"

namespace rollcall::platform::sdjournal
{

/// The position in a journal without any record.
static constexpr std::string_view head = "head";
/// A message is cut there: what comes after tells little, and all of it would have to be unpacked.
static constexpr std::size_t message_bytes = 1'000;
/// What one reading counts at most; the rest is counted by the next.
static constexpr std::uint64_t most_counted = 10'000;
static constexpr std::uint64_t us_per_ms = 1'000;
/// Facilities "auth" and "authpriv" (RFC 5424, table 1): sudo's refusals carry whole command lines, and log-ins carry
/// passwords that were typed where the name belongs.
static constexpr std::array<std::uint64_t, 2> private_facilities = {4, 10};

/// By syslog's numbers (RFC 5424, table 2).
static constexpr std::array<std::string_view, 4> priorities = {"emergency", "alert", "critical", "error"};

static Result<Library> load()
{
    auto const handle = load_libsystemd("journal");
    if (!handle) return handle.error();
    Library lib;
    char const* missing = nullptr;
#define ROLLCALL_SDJOURNAL_RESOLVE(name)                                                                               \
    lib.name = reinterpret_cast<decltype(&::name)>(::dlsym(*handle, #name));                                           \
    if (lib.name == nullptr) missing = #name;
    ROLLCALL_SDJOURNAL_FUNCTIONS(ROLLCALL_SDJOURNAL_RESOLVE)
#undef ROLLCALL_SDJOURNAL_RESOLVE
    if (missing != nullptr) return fail(errc::not_supported, fmt::format("journal: libsystemd lacks {}", missing));
    return lib;
}

Result<Library const*> library()
{
    static Result<Library> const loaded = load();
    if (!loaded) return loaded.error();
    return &*loaded;
}

Result<Journal> Journal::open_system(Library const& lib)
{
    sd_journal* raw = nullptr;
    int const code = lib.sd_journal_open(&raw, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);
    if (code < 0) return fail_errno(-code, "journal: open");
    Journal journal(lib, raw);
    // The field's name stands before the message.
    lib.sd_journal_set_data_threshold(raw, message_bytes + std::string_view("MESSAGE=").size());
    return journal;
}

Result<bool> Journal::next()
{
    if (std::exchange(at_next_, false)) return true;
    int const code = lib_->sd_journal_next(raw_);
    if (code < 0) return fail_errno(-code, "journal: next");
    return code > 0;
}

Result<std::string> Journal::cursor()
{
    char* text = nullptr;
    int const code = lib_->sd_journal_get_cursor(raw_, &text);
    if (code < 0) return fail_errno(-code, "journal: cursor");
    std::unique_ptr<char, decltype(&std::free)> const owned(text, &std::free);
    return std::string(text);
}

Result<std::string> Journal::last_cursor()
{
    if (int const code = lib_->sd_journal_seek_tail(raw_); code < 0) return fail_errno(-code, "journal: tail");
    int const code = lib_->sd_journal_previous(raw_);
    if (code < 0) return fail_errno(-code, "journal: previous");
    if (code == 0) return std::string(head);
    return cursor();
}

Result<std::string> Journal::field(char const* name)
{
    void const* data = nullptr;
    std::size_t size = 0;
    int const code = lib_->sd_journal_get_data(raw_, name, &data, &size);
    if (code == -ENOENT) return fail(errc::not_found, fmt::format("journal: {}", name));
    if (code < 0) return fail_errno(-code, fmt::format("journal: {}", name));
    std::string_view const text(static_cast<char const*>(data), size);
    auto const equals = text.find('=');
    if (equals == std::string_view::npos) return fail(errc::bad_message, fmt::format("journal: {}", name));
    return std::string(text.substr(equals + 1, message_bytes));
}

/// An error where nobody can say. Programs that name no facility are not among those.
Result<bool> Journal::is_private()
{
    auto const text = field("SYSLOG_FACILITY");
    if (!text && text.error().code == errc::not_found) return false;
    if (!text) return text.error();
    auto const number = procfs::to_number(*text);
    if (!number) return fail(errc::bad_message, "journal: SYSLOG_FACILITY");
    return std::find(private_facilities.begin(), private_facilities.end(), *number) != private_facilities.end();
}

Result<LogRecord> Journal::record()
{
    LogRecord seen;
    std::uint64_t at_us = 0;
    if (int const code = lib_->sd_journal_get_realtime_usec(raw_, &at_us); code < 0)
        return fail_errno(-code, "journal: time");
    seen.at_ms = static_cast<std::int64_t>(at_us / us_per_ms);
    seen.source = field("SYSLOG_IDENTIFIER");
    if (!seen.source) seen.source = field("_COMM");
    seen.unit = field("_SYSTEMD_UNIT");
    seen.message = field("MESSAGE");
    auto const priority = field("PRIORITY");
    auto const number = priority ? procfs::to_number(*priority) : std::nullopt;
    if (!number || *number >= priorities.size()) return fail(errc::bad_message, "journal: PRIORITY");
    seen.priority = priorities.at(*number);
    return seen;
}

/// The next record is then the first after the position, also where the record there is gone. False: it makes no sense.
Result<bool> Journal::go_behind(std::string const& position)
{
    if (position.empty()) return false;
    if (position == head) {
        int const code = lib_->sd_journal_seek_head(raw_);
        if (code < 0) return fail_errno(-code, "journal: head");
        return true;
    }
    int code = lib_->sd_journal_seek_cursor(raw_, position.c_str());
    if (code == -EINVAL) return false;
    if (code < 0) return fail_errno(-code, "journal: seek");
    auto const found = next();
    if (!found || !*found) return found ? Result<bool>(true) : found;
    code = lib_->sd_journal_test_cursor(raw_, position.c_str());
    if (code < 0) return fail_errno(-code, "journal: cursor");
    at_next_ = code == 0;
    return true;
}

void Journal::describe(LogReading& reading)
{
    reading.kept_by = "journald";
    int const persistent = lib_->sd_journal_has_persistent_files(raw_);
    if (persistent < 0)
        reading.persistent = fail_errno(-persistent, "journal: persistent");
    else
        reading.persistent = persistent > 0;
    std::uint64_t from_us = 0;
    std::uint64_t to_us = 0;
    int const known = lib_->sd_journal_get_cutoff_realtime_usec(raw_, &from_us, &to_us);
    if (known < 0)
        reading.oldest_ms = fail_errno(-known, "journal: oldest");
    else if (known == 0)
        reading.oldest_ms = fail(errc::not_found, "journal: empty");
    else
        reading.oldest_ms = static_cast<std::int64_t>(from_us / us_per_ms);
}

Result<LogReading> Journal::read(std::string const& position, std::size_t most, std::int64_t own_id)
{
    LogReading reading;
    describe(reading);
    reading.position = position;
    lib_->sd_journal_flush_matches(raw_);
    for (std::size_t number = 0; number < priorities.size(); ++number) {
        auto const match = fmt::format("PRIORITY={}", number);
        if (int const code = lib_->sd_journal_add_match(raw_, match.data(), match.size()); code < 0)
            return fail_errno(-code, "journal: match");
    }
    auto const placed = go_behind(position);
    if (!placed) return placed.error();
    if (!*placed) {
        // Of any priority: among the errors alone the last one may be long past, or not exist.
        lib_->sd_journal_flush_matches(raw_);
        auto end = last_cursor();
        if (!end) return end.error();
        reading.position = *std::move(end);
        return reading;
    }
    auto const own = fmt::format("{}", own_id);
    bool moved = false;
    for (;;) {
        auto const found = next();
        if (!found) return found.error();
        if (!*found) break;
        moved = true;
        if (auto const id = field("_PID"); id && *id == own) continue;
        auto const kept_private = is_private();
        if (kept_private && *kept_private) continue;
        if (kept_private && reading.records.size() < most) {
            // One that is damaged must not stand in the way of those behind it.
            if (auto seen = record())
                reading.records.push_back(*std::move(seen));
            else
                ++reading.left_out;
        } else if (++reading.left_out >= most_counted) {
            break;
        }
    }
    if (!moved) return reading;
    auto last = cursor();
    if (!last) return last.error();
    reading.position = *std::move(last);
    return reading;
}

} // namespace rollcall::platform::sdjournal
