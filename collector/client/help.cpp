#include "collector/client/help.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "collector/client/exit.hpp"

namespace rollcall::client
{

namespace
{

constexpr std::size_t help_width = 100;
constexpr std::string_view purpose = "asks a Rollcall collector about devices, alerts and customers";

std::string synopsis(Command const& command)
{
    return fmt::format("rollcall {}{}{}{}", command.name, command.arguments.empty() ? "" : " ", command.arguments,
                       command.options.empty() ? "" : " [options]");
}

std::string form_of(Option const& option)
{
    return option.value.empty() ? "--" + option.name : fmt::format("--{} {}", option.name, option.value);
}

std::string words_line(std::vector<std::string> const& words)
{
    std::string line;
    for (auto const& word : words)
        line.append(line.empty() ? "" : ", ").append(word);
    return line;
}

/// What it means, and what its value may be.
std::string meaning_of(Option const& option)
{
    if (option.words.empty()) return option.meaning;
    return fmt::format("{}: {}", option.meaning, words_line(option.words));
}

/// Broken into lines that begin with `indent` blanks, but for the first.
std::string wrapped(std::string_view text, std::size_t indent)
{
    std::string made;
    std::size_t column = indent;
    while (!text.empty()) {
        auto const end = std::min(text.find(' '), text.size());
        auto const word = text.substr(0, end);
        if (column > indent && column + 1 + word.size() > help_width) {
            made += '\n' + std::string(indent, ' ');
            column = indent;
        } else if (column > indent) {
            made += ' ';
            ++column;
        }
        made += word;
        column += word.size();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return made;
}

std::string two_columns(std::string_view left, std::size_t width, std::string_view right)
{
    return fmt::format("  {:<{}}  {}\n", left, width, wrapped(right, width + 4));
}

/// Names that stand behind a command's name: "resolve" of "alerts resolve".
std::vector<Command const*> commands_below(std::string_view name)
{
    std::vector<Command const*> found;
    for (auto const& command : commands())
        if (command.name.starts_with(std::string(name) + ' ')) found.push_back(&command);
    return found;
}

/// The first words of all commands, each once, and in the order of the table.
std::vector<std::string> first_words()
{
    std::vector<std::string> words;
    for (auto const& command : commands()) {
        auto const word = command.name.substr(0, command.name.find(' '));
        if (std::ranges::find(words, word) == words.end()) words.push_back(word);
    }
    return words;
}

std::string joined(std::vector<std::string> const& words)
{
    std::string line;
    for (auto const& word : words)
        line.append(line.empty() ? "" : " ").append(word);
    return line;
}

/// What may be completed of an option's value: also the orders the other way round.
std::vector<std::string> values_of(Option const& option)
{
    auto values = option.words;
    if (option.is_order)
        for (auto const& word : option.words)
            values.push_back("-" + word);
    return values;
}

// --- bash ------------------------------------------------------------------------------------------------------------

std::string bash_of(Command const& command)
{
    std::string options;
    std::string values;
    for (auto const& option : command.options) {
        options += "--" + option.name + " ";
        if (option.value.empty()) continue;
        if (option.is_file)
            values +=
                fmt::format("                --{}) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n", option.name);
        else if (option.is_list)
            values += fmt::format("                --{}) __rollcall_list \"{}\"; return ;;\n", option.name,
                                  joined(option.words));
        else
            values += fmt::format("                --{}) COMPREPLY=($(compgen -W \"{}\" -- \"$word\")); return ;;\n",
                                  option.name, joined(values_of(option)));
    }
    auto words = command.words;
    for (auto const* const below : commands_below(command.name))
        words.push_back(below->name.substr(command.name.size() + 1));
    auto made = fmt::format("        \"{}\")\n", command.name);
    if (!values.empty()) made += fmt::format("            case $before in\n{}            esac\n", values);
    return made + fmt::format("            COMPREPLY=($(compgen -W \"{}{}{}--help\" -- \"$word\"))\n            ;;\n",
                              joined(words), words.empty() ? "" : " ", options);
}

std::string bash()
{
    std::string cases;
    std::string two_words;
    for (auto const& command : commands()) {
        cases += bash_of(command);
        if (command.name.find(' ') != std::string::npos)
            two_words.append(two_words.empty() ? "" : "|").append("\"" + command.name + "\"");
    }
    return fmt::format(R"(# Completions of rollcall for bash, made by 'rollcall completion bash'.

__rollcall_list()
{{
    local done=
    if [[ $word == *,* ]]; then done=${{word%,*}},; fi
    COMPREPLY=($(compgen -P "$done" -W "$1" -- "${{word##*,}}"))
    compopt -o nospace
}}

_rollcall()
{{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "{} --help --version" -- "$word"))
        return
    fi
    local command=${{COMP_WORDS[1]}}
    if ((COMP_CWORD > 2)); then
        case "$command ${{COMP_WORDS[2]}}" in
            {}) command="$command ${{COMP_WORDS[2]}}" ;;
        esac
    fi
    case $command in
{}    esac
}}

complete -F _rollcall rollcall
)",
                       joined(first_words()), two_words, cases);
}

// --- zsh -------------------------------------------------------------------------------------------------------------

/// Within '...' of a description of _arguments or _describe.
std::string zsh_text(std::string_view text)
{
    std::string made;
    for (char const c : text) {
        if (c == '\'')
            made += "'\\''";
        else if (c == ':' || c == '[' || c == ']' || c == '\\')
            (made += '\\') += c;
        else
            made += c;
    }
    return made;
}

std::string zsh_option(Option const& option)
{
    auto made = fmt::format("'--{}[{}]", option.name, zsh_text(option.meaning));
    if (!option.value.empty()) {
        std::string action = " ";
        if (option.is_file)
            action = "_files";
        else if (option.is_list)
            action = fmt::format("_values -s , {} {}", option.name, joined(option.words));
        else if (!option.words.empty())
            action = fmt::format("({})", joined(values_of(option)));
        made += fmt::format(":{}:{}", zsh_text(option.value), action);
    }
    return made + "'";
}

std::string zsh_of(Command const& command)
{
    auto made = fmt::format("        \"{}\")\n            _arguments '--help[Explain it]'", command.name);
    for (auto const& option : command.options)
        made += " \\\n                " + zsh_option(option);
    if (!command.words.empty()) made += fmt::format(" \\\n                '1: :({})'", joined(command.words));
    std::string below;
    for (auto const* const one : commands_below(command.name))
        below += fmt::format("{}{}", below.empty() ? "" : " ", one->name.substr(command.name.size() + 1));
    if (!below.empty()) made += fmt::format(" \\\n                '1: :({})'", below);
    return made + "\n            ;;\n";
}

std::string zsh()
{
    std::string described;
    for (auto const& command : commands())
        if (command.name.find(' ') == std::string::npos)
            described += fmt::format("        '{}:{}'\n", command.name, zsh_text(command.summary));
    std::string two_words;
    std::string cases;
    for (auto const& command : commands()) {
        cases += zsh_of(command);
        if (command.name.find(' ') != std::string::npos)
            two_words.append(two_words.empty() ? "" : "|").append("\"" + command.name + "\"");
    }
    return fmt::format(R"(#compdef rollcall
# Completions of rollcall for zsh, made by 'rollcall completion zsh'.

_rollcall()
{{
    local -a all
    all=(
{}    )
    if ((CURRENT == 2)); then
        _describe command all
        return
    fi
    local command=${{words[2]}}
    local taken=1
    if ((CURRENT > 3)); then
        case "$command ${{words[3]}}" in
            {}) command="$command ${{words[3]}}"; taken=2 ;;
        esac
    fi
    # What follows is completed as if the command were a program of its own.
    shift $taken words
    ((CURRENT -= taken))
    case $command in
{}    esac
}}

if [[ $funcstack[1] == _rollcall ]]; then _rollcall "$@"; else compdef _rollcall rollcall; fi
)",
                       described, two_words, cases);
}

// --- fish ------------------------------------------------------------------------------------------------------------

std::string fish_text(std::string_view text)
{
    std::string made;
    for (char const c : text) {
        if (c == '\'' || c == '\\') made += '\\';
        made += c;
    }
    return made;
}

std::string fish_of(Command const& command)
{
    auto const space = command.name.find(' ');
    std::string const when = space == std::string::npos
                                 ? fmt::format("__fish_seen_subcommand_from {}", command.name)
                                 : fmt::format("__fish_seen_subcommand_from {}; and __fish_seen_subcommand_from {}",
                                               command.name.substr(0, space), command.name.substr(space + 1));
    std::string made;
    if (space == std::string::npos)
        made += fmt::format("complete -c rollcall -f -n __fish_use_subcommand -a {} -d '{}'\n", command.name,
                            fish_text(command.summary));
    else
        made += fmt::format("complete -c rollcall -f -n '__fish_seen_subcommand_from {}' -a {} -d '{}'\n",
                            command.name.substr(0, space), command.name.substr(space + 1), fish_text(command.summary));
    for (auto const& option : command.options) {
        made +=
            fmt::format("complete -c rollcall -f -n '{}' -l {} -d '{}'", when, option.name, fish_text(option.meaning));
        if (!option.value.empty()) made += option.is_file ? " -r -F" : " -x";
        if (option.is_list)
            made += fmt::format(" -a '(__fish_append , {})'", joined(option.words));
        else if (!option.words.empty())
            made += fmt::format(" -a '{}'", joined(values_of(option)));
        made += '\n';
    }
    if (!command.words.empty())
        made += fmt::format("complete -c rollcall -f -n '{}' -a '{}'\n", when, joined(command.words));
    return made;
}

std::string fish()
{
    std::string made = "# Completions of rollcall for fish, made by 'rollcall completion fish'.\n\n"
                       "complete -c rollcall -f\n"
                       "complete -c rollcall -l help -d 'Explain it'\n"
                       "complete -c rollcall -n __fish_use_subcommand -l version -d 'Print the version'\n";
    for (auto const& command : commands())
        made += fish_of(command);
    return made;
}

// --- troff -----------------------------------------------------------------------------------------------------------

std::string troff(std::string_view text)
{
    std::string made;
    for (char const c : text) {
        if (c == '\\')
            made += "\\e";
        else if (c == '-')
            made += "\\-";
        else
            made += c;
    }
    // A line that began so would be a request.
    if (made.starts_with('.') || made.starts_with('\'')) made.insert(0, "\\&");
    return made;
}

std::string man_of(Command const& command)
{
    auto made = fmt::format(".SS {}\n{}.\n", troff(synopsis(command)), troff(command.summary));
    if (!command.about.empty()) made += troff(command.about) + '\n';
    for (auto const& option : command.options)
        made += fmt::format(".TP\n.B {}\n{}.\n", troff(form_of(option)), troff(meaning_of(option)));
    return made;
}

} // namespace

std::string help()
{
    std::size_t width = 0;
    for (auto const& command : commands())
        width = std::max(width, command.name.size());
    auto text = fmt::format("rollcall {}.\n\nUsage: rollcall COMMAND [options], rollcall COMMAND --help\n\nCommands:\n",
                            purpose);
    for (auto const& command : commands())
        text += two_columns(command.name, width, command.summary);
    text += "\nIt ends with:\n";
    for (auto const& [exit, meaning] : exit_meanings())
        text += two_columns(std::to_string(static_cast<int>(exit)), 1, meaning);
    return text;
}

std::string help_of(Command const& command)
{
    auto text = fmt::format("Usage: {}\n\n{}.\n", synopsis(command), command.summary);
    if (!command.about.empty()) text += wrapped(command.about, 0) + '\n';
    if (auto const below = commands_below(command.name); !below.empty()) {
        text += "\nSee also:";
        for (auto const* const one : below)
            text += fmt::format(" rollcall {}{}", one->name, one == below.back() ? "\n" : ",");
    }
    if (command.options.empty()) return text;
    std::size_t width = 0;
    for (auto const& option : command.options)
        width = std::max(width, form_of(option).size());
    text += "\nOptions:\n";
    for (auto const& option : command.options)
        text += two_columns(form_of(option), width, meaning_of(option));
    return text;
}

std::string completion(std::string_view shell)
{
    if (shell == "bash") return bash();
    return shell == "zsh" ? zsh() : fish();
}

std::string man_page()
{
    auto text = fmt::format(".TH ROLLCALL 1 \"\" Rollcall\n.SH NAME\nrollcall \\- {}\n.SH SYNOPSIS\n.B rollcall\n"
                            ".I command\n.RI [ options ]\n.SH DESCRIPTION\n",
                            troff(purpose));
    text += "Lists are tables, cut to the width of the terminal; \\-\\-json gives everything that the API says. What "
            "nobody\n"
            "knows is shown as unknown. Control characters in names are shown, not obeyed. Times are UTC.\n"
            ".SH COMMANDS\n";
    for (auto const& command : commands())
        text += man_of(command);
    text += ".SH EXIT STATUS\n";
    for (auto const& [exit, meaning] : exit_meanings())
        text += fmt::format(".TP\n.B {}\n{}.\n", static_cast<int>(exit), troff(meaning));
    text +=
        ".SH FILES\n.TP\n.I $XDG_CONFIG_HOME/rollcall/config.json\nAddress and token, for its owner alone; where the\n"
        "variable is not set, below ~/.config.\n"
        ".SH EXAMPLES\n.EX\n"
        "rollcall login https://rollcall.example:8443 \\-\\-ca ca.pem\n"
        "rollcall devices \\-\\-customer Acme \\-\\-filter 'volumes.free_percent < 10' \\-\\-sort \\-alerts\n"
        "rollcall alerts \\-\\-severity critical \\-\\-watch\n"
        ".EE\n"
        ".SH SEE ALSO\n.BR rollcall-collector (8)\n";
    return text;
}

} // namespace rollcall::client
