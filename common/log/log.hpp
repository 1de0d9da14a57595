#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.hpp"

/// One line per event: when, how bad, a key that never changes its meaning, and fields.
///
///     log::info("agent.connected", {{"device", id}, {"took_ms", 12}});
///     2026-11-22T04:52:16.123Z info agent.connected device=0190… took_ms=12
///
/// Values come from anywhere: control characters are escaped, so one event is always one line.
/// Secrets (tokens, passwords, keys) are never a field.
///
/// Threads: any.  Blocks: on stderr, or on the file, only.
namespace rollcall::log
{

enum class Level { debug, info, warning, error };

enum class Format {
    logfmt, ///< For people: key=value, quoted where needed.
    json,   ///< For programs: one JSON object a line.
};

/// One key and its value.
class Field
{
public:
    template <class T>
    requires std::convertible_to<T const&, std::string_view> Field(std::string_view key, T const& text)
        : Field(key, std::string(std::string_view(text)), true)
    {
    }
    template <std::same_as<bool> T>
    Field(std::string_view key, T value)
        : Field(key, value ? "true" : "false", false)
    {
    }
    template <class T>
    requires(std::integral<T> && !std::same_as<T, bool>) Field(std::string_view key, T value)
        : Field(key, std::to_string(value), false)
    {
    }
    Field(std::string_view key, double value);
    /// The error's trace and the product's word for it.
    Field(std::string_view key, Error const& error);

    [[nodiscard]] std::string_view key() const { return key_; }
    [[nodiscard]] std::string const& text() const { return text_; }
    [[nodiscard]] bool is_text() const { return is_text_; }

private:
    Field(std::string_view key, std::string text, bool is_text)
        : key_(key)
        , text_(std::move(text))
        , is_text_(is_text)
    {
    }

    std::string_view key_;
    std::string text_;
    bool is_text_ = false;
};

using Fields = std::initializer_list<Field>;

/// What is written from now on; `info` and logfmt before the first call.
void set_level(Level level);
void set_format(Format format);
/// From now on to this file instead of stderr, for a service whose stderr nobody reads: up to `log_file_bytes`, and the
/// one before it beside it with ".1" in its name. The error tells why it cannot be written, and then all stays as it
/// is.
[[nodiscard]] Result<> use_file(std::string const& path);
/// Nothing is written anywhere until use_file() again: another program has the file now.
void close_file();
inline constexpr std::size_t log_file_bytes = 4UL * 1024 * 1024;

/// errc::bad_input where the word is none of debug, info, warning, error.
[[nodiscard]] Result<Level> level_from(std::string_view word);

void write(Level level, std::string_view event, Fields fields = {});
inline void debug(std::string_view event, Fields fields = {}) { write(Level::debug, event, fields); }
inline void info(std::string_view event, Fields fields = {}) { write(Level::info, event, fields); }
inline void warning(std::string_view event, Fields fields = {}) { write(Level::warning, event, fields); }
inline void error(std::string_view event, Fields fields = {}) { write(Level::error, event, fields); }

/// For tests: while it lives, the lines of all levels go here and not to stderr.
///
/// Threads: any; one at a time in a program.
class Capture
{
public:
    Capture();
    ~Capture();
    Capture(Capture const&) = delete;
    Capture& operator=(Capture const&) = delete;

    /// Without the time stamp: "info agent.connected device=…".
    [[nodiscard]] std::vector<std::string> lines() const;
    /// Has an event of this key been written?
    [[nodiscard]] bool has(std::string_view event) const;
};

} // namespace rollcall::log
