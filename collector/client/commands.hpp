#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/client/exit.hpp"
#include "common/core/result.hpp"

/// One table of commands and options: the parser, --help, the completions and the man page are all made from it.
namespace rollcall::client
{

struct Surroundings;
struct Invocation;

struct Option {
    std::string name;  ///< "customer": given as --customer.
    std::string value; ///< How help calls its value; "" = it has none.
    std::string meaning;
    std::vector<std::string> words = {}; ///< What the value may be; empty: anything.
    bool is_list = false;                ///< Several of the words, with commas between.
    bool is_order = false;               ///< One of the words, turned round by a "-" in front.
    bool is_file = false;
};

struct Command {
    std::string name;      ///< "alerts resolve".
    std::string arguments; ///< How help calls them; "" = none.
    std::size_t least = 0; ///< How many there must be, and may be.
    std::size_t most = 0;
    std::string summary;
    std::string about; ///< More, for its --help and the man page.
    std::vector<Option> options;
    std::vector<std::string> words = {}; ///< What an argument may be; empty: anything.
    Exit (*run)(Invocation const&, Surroundings&) = nullptr;
};

[[nodiscard]] std::vector<Command> const& commands();

/// A command line that makes sense.
struct Invocation {
    enum class Kind { command, help, version };
    Kind kind = Kind::command;
    Command const* command = nullptr; ///< nullptr: of help, that of everything.
    std::map<std::string, std::string, std::less<>> options;
    std::vector<std::string> arguments;

    [[nodiscard]] bool has(std::string_view option) const { return options.contains(option); }
    [[nodiscard]] std::string text(std::string_view option) const
    {
        auto const found = options.find(option);
        return found == options.end() ? std::string() : found->second;
    }
};

/// errc::bad_input says what is wrong, and which --help to read.
[[nodiscard]] Result<Invocation> parse(std::vector<std::string> const& words);

/// Longest output of a list: a whole number from 1 on. nullopt: it is none.
[[nodiscard]] std::optional<std::int64_t> read_count(std::string_view text);
/// "90s", "15m", "4h", "7d" in milliseconds. nullopt: it is none of these.
[[nodiscard]] std::optional<std::int64_t> read_period_ms(std::string_view text);

} // namespace rollcall::client
