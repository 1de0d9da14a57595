#include "common/core/compare_versions.hpp"

namespace rollcall
{

static bool is_version_digit(char c) { return c >= '0' && c <= '9'; }

std::strong_ordering compare_versions(std::string_view a, std::string_view b)
{
    auto const rank = [](std::string_view text) {
        if (text.empty() || is_version_digit(text.front())) return 0;
        if (text.front() == '~') return -1;
        auto const c = static_cast<unsigned char>(text.front());
        bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter ? int{c} : int{c} + 256;
    };
    while (!a.empty() || !b.empty()) {
        while ((!a.empty() && !is_version_digit(a.front())) || (!b.empty() && !is_version_digit(b.front()))) {
            if (rank(a) != rank(b)) return rank(a) <=> rank(b);
            a.remove_prefix(1);
            b.remove_prefix(1);
        }
        auto const number = [](std::string_view& text) {
            while (!text.empty() && text.front() == '0')
                text.remove_prefix(1);
            std::size_t size = 0;
            while (size < text.size() && is_version_digit(text[size]))
                ++size;
            auto const digits = text.substr(0, size);
            text.remove_prefix(size);
            return digits;
        };
        auto const left = number(a);
        auto const right = number(b);
        if (left.size() != right.size()) return left.size() <=> right.size();
        if (left != right) return left.compare(right) <=> 0;
    }
    return std::strong_ordering::equal;
}

} // namespace rollcall
