#include "platform/windows/command_line.hpp"

#include <algorithm>

namespace rollcall::platform
{

/// The rules of CommandLineToArgvW: within quotes a quote is \" and backslashes are themselves, unless they stand
/// before a quote: then two of them are one.
static void append_quoted(std::wstring& line, std::wstring_view argument)
{
    if (!argument.empty() && argument.find_first_of(L" \t\n\v\"") == std::wstring_view::npos) {
        line += argument;
        return;
    }
    line += L'"';
    std::size_t backslashes = 0;
    for (auto const character : argument) {
        if (character == L'\\') {
            ++backslashes;
            continue;
        }
        line.append(character == L'"' ? backslashes * 2 + 1 : backslashes, L'\\');
        backslashes = 0;
        line += character;
    }
    // The quote that ends it comes next.
    line.append(backslashes * 2, L'\\');
    line += L'"';
}

std::wstring command_line(std::vector<std::wstring> const& arguments)
{
    std::wstring line;
    for (auto const& argument : arguments) {
        if (line.empty()) {
            // Of the program all up to the next quote is taken as it is: backslashes are never doubled.
            line = L'"' + argument + L'"';
            continue;
        }
        line += L' ';
        append_quoted(line, argument);
    }
    return line;
}

static constexpr std::wstring_view line_blanks = L" \t";

/// A word and what ends it, from the front of `rest`.
static std::wstring take_word(std::wstring_view& rest)
{
    std::wstring word;
    bool quoted = false;
    while (!rest.empty()) {
        auto const next = rest.front();
        if (!quoted && line_blanks.find(next) != std::wstring_view::npos) break;
        auto const backslashes = std::min(rest.find_first_not_of(L'\\'), rest.size());
        bool const before_quote = backslashes < rest.size() && rest[backslashes] == L'"';
        if (backslashes > 0) {
            word.append(before_quote ? backslashes / 2 : backslashes, L'\\');
            rest.remove_prefix(backslashes);
            if (!before_quote || backslashes % 2 == 0) continue;
            word += L'"';
        } else if (next != L'"') {
            word += next;
        } else if (quoted && rest.size() > 1 && rest[1] == L'"') {
            word += next;
            rest.remove_prefix(1);
        } else {
            quoted = !quoted;
        }
        rest.remove_prefix(1);
    }
    return word;
}

std::vector<std::wstring> split_command_line(std::wstring_view line)
{
    if (line.empty()) return {};
    std::vector<std::wstring> words;
    // Of the program all up to the next quote, or blank, is taken as it is.
    bool const quoted = line.starts_with(L'"');
    if (quoted) line.remove_prefix(1);
    auto const end = std::min(quoted ? line.find(L'"') : line.find_first_of(line_blanks), line.size());
    words.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(quoted ? end + 1 : end, line.size()));
    for (;;) {
        line.remove_prefix(std::min(line.find_first_not_of(line_blanks), line.size()));
        if (line.empty()) return words;
        words.push_back(take_word(line));
    }
}

static bool ends_with_word(std::string_view text, std::string_view small_letters)
{
    return text.size() >= small_letters.size() &&
           std::equal(small_letters.rbegin(), small_letters.rend(), text.rbegin(), [](char wanted, char seen) {
               return wanted == (seen >= 'A' && seen <= 'Z' ? static_cast<char>(seen - 'A' + 'a') : seen);
           });
}

static bool is_letter(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

ProgramName classify_program(std::string_view name)
{
    auto path = name;
    if (path.starts_with(R"(\\?\)")) path.remove_prefix(4);
    if (path.empty() || path.find_first_of("\"<>|?*") != std::string_view::npos ||
        std::any_of(path.begin(), path.end(), [](char one) { return static_cast<unsigned char>(one) < ' '; }))
        return ProgramName::unusable;
    // Windows opens "x.bat. ." as x.bat.
    auto const end = path.find_last_not_of(". ");
    if (end == std::string_view::npos) return ProgramName::unusable;
    auto const kept = path.substr(0, end + 1);
    if (ends_with_word(kept, ".bat") || ends_with_word(kept, ".cmd")) return ProgramName::script;
    auto const has_drive =
        path.size() > 3 && is_letter(path[0]) && path[1] == ':' && (path[2] == '\\' || path[2] == '/');
    if (has_drive) return path.find(':', 2) == std::string_view::npos ? ProgramName::absolute : ProgramName::unusable;
    if (path.size() != name.size()) return ProgramName::unusable;
    return path.find_first_of("\\/:") == std::string_view::npos ? ProgramName::bare : ProgramName::relative;
}

std::wstring environment_block(std::vector<std::wstring> const& variables)
{
    std::wstring block;
    for (auto const& variable : variables) {
        block += variable;
        block += L'\0';
    }
    // An empty block ends with two.
    if (variables.empty()) block += L'\0';
    block += L'\0';
    return block;
}

} // namespace rollcall::platform
