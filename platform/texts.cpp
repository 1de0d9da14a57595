#include "platform/texts.hpp"

#include <charconv>

namespace rollcall::platform::texts
{

std::string_view trim(std::string_view text)
{
    static constexpr std::string_view blank = " \t\r\n\v\f";
    auto const first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::vector<std::string_view> lines(std::string_view text)
{
    std::vector<std::string_view> found;
    while (!text.empty()) {
        auto const end = text.find('\n');
        found.push_back(text.substr(0, end));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return found;
}

std::vector<std::string_view> words(std::string_view text)
{
    std::vector<std::string_view> found;
    for (;;) {
        auto const first = text.find_first_not_of(" \t");
        if (first == std::string_view::npos) return found;
        text.remove_prefix(first);
        auto const end = text.find_first_of(" \t");
        found.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return found;
        text.remove_prefix(end);
    }
}

template <class T>
static std::optional<T> whole_number(std::string_view text)
{
    T value{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::uint64_t> to_number(std::string_view text) { return whole_number<std::uint64_t>(text); }
std::optional<std::int64_t> to_integer(std::string_view text) { return whole_number<std::int64_t>(text); }

} // namespace rollcall::platform::texts
