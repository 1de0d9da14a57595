#include "common/log/log.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <memory>
#include <mutex>

#include <fmt/format.h>
// Names of files are what the system's are, also where those are wide.
#define SPDLOG_WCHAR_FILENAMES
#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "common/core/text.hpp"
#include "common/log/journal.hpp"

namespace rollcall::log
{

namespace
{

constexpr std::array<std::string_view, 4> level_words{"debug", "info", "warning", "error"};

std::atomic<Level> least{Level::info};
std::atomic<Format> layout{Format::logfmt};
std::atomic<bool> for_journal{false};

/// The levels of syslog(3) in the order of ours.
constexpr std::array<std::string_view, 4> journal_levels{"<7>", "<6>", "<4>", "<3>"};

std::mutex capture_mutex;
std::vector<std::string>* captured = nullptr;

spdlog::logger& output()
{
    static spdlog::logger logger = [] {
        auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        spdlog::logger made("rollcall", sink);
        made.set_pattern("%v");
        made.set_level(spdlog::level::trace);
        return made;
    }();
    return logger;
}

std::string_view word_of(Level level) { return level_words.at(static_cast<std::size_t>(level)); }

std::string stamp()
{
    auto const now = std::chrono::system_clock::now();
    auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    auto const seconds = std::chrono::system_clock::to_time_t(now);
    auto const days = std::chrono::floor<std::chrono::days>(now);
    std::chrono::year_month_day const date(days);
    auto const second_of_day = seconds % 86400;
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), second_of_day / 3600,
                       second_of_day / 60 % 60, second_of_day % 60, ms % 1000);
}

/// Within double quotes: a line break, an escape sequence or ill-formed UTF-8 must not reach a terminal or a log
/// reader.
void append_quoted(std::string& line, std::string_view text)
{
    static constexpr std::string_view hex = "0123456789abcdef";
    auto const safe = is_utf8(text) ? std::string(text) : clean_text(text, text.size() * 3);
    line += '"';
    for (char const c : safe) {
        auto const byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            (line += '\\') += c;
        else if (c == '\n')
            line += "\\n";
        else if (c == '\t')
            line += "\\t";
        else if (byte < 0x20 || byte == 0x7f)
            (((line += "\\u00") += hex[byte >> 4U]) += hex[byte & 15U]);
        else
            line += c;
    }
    line += '"';
}

bool needs_quotes(std::string_view text)
{
    return text.empty() || std::any_of(text.begin(), text.end(), [](char c) {
               auto const byte = static_cast<unsigned char>(c);
               return byte <= 0x20 || byte >= 0x7f || c == '"' || c == '=' || c == '\\';
           });
}

std::string as_logfmt(Level level, std::string_view event, Fields fields)
{
    auto line = fmt::format("{} {}", word_of(level), event);
    for (auto const& field : fields) {
        line += fmt::format(" {}=", field.key());
        if (field.is_text() && needs_quotes(field.text()))
            append_quoted(line, field.text());
        else
            line += field.text();
    }
    return line;
}

std::string as_json(Level level, std::string_view event, Fields fields)
{
    auto line = fmt::format(R"({{"time":"{}","level":"{}","event":)", stamp(), word_of(level));
    append_quoted(line, event);
    for (auto const& field : fields) {
        line += ',';
        append_quoted(line, field.key());
        line += ':';
        if (field.is_text())
            append_quoted(line, field.text());
        else
            line += field.text();
    }
    return line + '}';
}

} // namespace

Field::Field(std::string_view key, double value)
    : Field(key, std::isfinite(value) ? fmt::format("{}", value) : std::string("null"), false)
{
}

Field::Field(std::string_view key, Error const& error)
    : Field(key, fmt::format("{} ({})", error.trace, reason(error)), true)
{
}

void set_level(Level level) { least = level; }
void set_format(Format format) { layout = format; }
void use_journal() { for_journal = true; }

Result<> use_file(std::string const& path)
{
    std::filesystem::path const file(std::u8string(path.begin(), path.end()));
    try {
        auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.native(), log_file_bytes, 1);
        sink->set_pattern("%v");
        output().sinks() = {std::move(sink)};
        output().flush_on(spdlog::level::trace);
        return {};
    } catch (spdlog::spdlog_ex const& failed) { // Here is where the library's exception becomes a result.
        return fail(errc::io, failed.what());
    }
}

void close_file() { output().sinks().clear(); }

Result<Level> level_from(std::string_view word)
{
    auto const found = std::find(level_words.begin(), level_words.end(), word);
    if (found == level_words.end())
        return fail(errc::bad_input, fmt::format("log level \"{}\": use debug, info, warning or error", word));
    return static_cast<Level>(found - level_words.begin());
}

void write(Level level, std::string_view event, Fields fields)
{
    {
        std::lock_guard const lock(capture_mutex);
        if (captured != nullptr) {
            captured->push_back(as_logfmt(level, event, fields));
            return;
        }
    }
    if (level < least) return;
    bool const journal = for_journal;
    std::string line(journal ? journal_levels.at(static_cast<std::size_t>(level)) : "");
    if (layout == Format::json)
        line += as_json(level, event, fields);
    else
        line +=
            journal ? as_logfmt(level, event, fields) : fmt::format("{} {}", stamp(), as_logfmt(level, event, fields));
    output().log(spdlog::level::info, spdlog::string_view_t(line));
}

Capture::Capture()
{
    std::lock_guard const lock(capture_mutex);
    static std::vector<std::string> store;
    store.clear();
    captured = &store;
}

Capture::~Capture()
{
    std::lock_guard const lock(capture_mutex);
    captured = nullptr;
}

std::vector<std::string> Capture::lines() const
{
    std::lock_guard const lock(capture_mutex);
    return captured == nullptr ? std::vector<std::string>{} : *captured;
}

bool Capture::has(std::string_view event) const
{
    auto const all = lines();
    return std::any_of(all.begin(), all.end(), [event](std::string const& line) {
        auto const start = line.find(' ') + 1;
        return std::string_view(line).substr(start, line.find(' ', start) - start) == event;
    });
}

} // namespace rollcall::log
