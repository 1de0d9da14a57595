#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/collector.hpp"
#include "common/core/result.hpp"
#include "common/log/log.hpp"

namespace rollcall::collector
{

/// A config file is never larger; what is larger is another file.
inline constexpr std::size_t config_bytes = 1024UL * 1024;

/// Everything that `serve` may be told.
struct Config {
    Collector::Options options;
    log::Level log_level = log::Level::info;
    log::Format log_format = log::Format::logfmt;
};

/// One thing that `serve` may be told: a key of the file and, unless it stands in a table, an option of the command
/// line. README.md of this folder shows them all; a test compares.
struct ConfigKey {
    std::string_view name;    ///< "port"; "limits.idle_s" for `idle_s` in the table [limits].
    std::string_view wanted;  ///< What may stand there, for texts: "an IPv4 or IPv6 address of this machine".
    std::string_view meaning; ///< One line, with what holds where nobody says anything.
    std::int64_t least = 0;   ///< Of a number …
    std::int64_t most = 0;    ///< … and its limit.
    void (*put_number)(Config&, std::int64_t) = nullptr; ///< Set for a number …
    std::int64_t (*number)(Config const&) = nullptr;
    /// … and this for a text. False: it is none of what is wanted. Relative paths begin at `folder`.
    bool (*put_text)(Config&, std::string const& text, std::filesystem::path const& folder) = nullptr;

    [[nodiscard]] bool is_option() const { return name.find('.') == std::string_view::npos; }
    /// "--public-url".
    [[nodiscard]] std::string option() const;
    /// "a whole number from 0 to 65535", or `wanted`.
    [[nodiscard]] std::string wants() const;
};
[[nodiscard]] std::span<ConfigKey const> config_keys();

/// A config file as far as it could be understood, and all that is wrong in it, in the order of its lines, each
/// "FILE:LINE: key: what and what to do".
struct ReadConfig {
    Config config;
    std::vector<std::string> problems;
};

/// Pure. `name` stands in front of every problem; relative paths in the file begin at `folder`.
[[nodiscard]] ReadConfig parse_config(std::string_view toml, std::string_view name,
                                      std::filesystem::path const& folder);
[[nodiscard]] ReadConfig read_config(std::filesystem::path const& file);

/// What stood on the command line for a key that is an option; it wins over the file. errc::bad_input names the option.
[[nodiscard]] Result<> put_option(Config& config, ConfigKey const& key, std::string const& text);

} // namespace rollcall::collector
