#include "platform/linux/procfs.hpp"

#include <charconv>

namespace rollcall::platform::procfs
{

Result<std::string> read_word(std::string const& path)
{
    auto content = read_file(path);
    if (!content) return content;
    auto const word = trim(*content);
    if (word.empty()) return fail(errc::not_found, path + ": empty");
    return std::string(word);
}

Result<std::int64_t> read_integer(std::string const& path)
{
    auto const word = read_word(path);
    if (!word) return word.error();
    auto const number = to_integer(*word);
    if (!number) return fail(errc::bad_message, path + ": not a number");
    return *number;
}

std::optional<double> to_real(std::string_view text)
{
    double value{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::map<std::string, std::string, std::less<>> assignments(std::string_view text)
{
    std::map<std::string, std::string, std::less<>> found;
    for (auto const line : lines(text)) {
        auto const clean = trim(line);
        auto const equals = clean.find('=');
        if (clean.empty() || clean.front() == '#' || equals == std::string_view::npos || equals == 0) continue;
        auto raw = clean.substr(equals + 1);
        char quote = 0;
        if (raw.size() >= 2 && (raw.front() == '"' || raw.front() == '\'') && raw.back() == raw.front()) {
            quote = raw.front();
            raw = raw.substr(1, raw.size() - 2);
        }
        std::string value;
        for (std::size_t i = 0; i < raw.size(); ++i) {
            if (raw[i] == '\\' && quote != '\'' && i + 1 < raw.size()) ++i;
            value += raw[i];
        }
        found.insert_or_assign(std::string(clean.substr(0, equals)), std::move(value));
    }
    return found;
}

} // namespace rollcall::platform::procfs
