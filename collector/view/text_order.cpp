#include "collector/view/text_order.hpp"

#include <iterator>
#include <limits>
#include <utility>

namespace rollcall::view
{

/// Room behind the last text: names are often made in their order.
static constexpr std::uint64_t step = std::uint64_t{1} << 32U;

TextOrder::Entry const& TextOrder::take(std::string text)
{
    auto const [at, is_new] = texts_.try_emplace(std::move(text));
    if (is_new) number(at);
    ++at->second.uses;
    return *at;
}

void TextOrder::release(Entry const& entry)
{
    auto const at = texts_.find(entry.first);
    if (--at->second.uses == 0) texts_.erase(at);
}

void TextOrder::replace(Entry const*& entry, std::string text)
{
    if (entry != nullptr && entry->first == text) return;
    auto const* const before = std::exchange(entry, &take(std::move(text)));
    if (before != nullptr) release(*before);
}

/// Half way between its neighbours.
void TextOrder::number(Texts::iterator at)
{
    auto const below = at == texts_.begin() ? 0 : std::prev(at)->second.number;
    auto const next = std::next(at);
    if (next == texts_.end()) {
        if (below <= std::numeric_limits<std::uint64_t>::max() - step) {
            at->second.number = below + step;
            return;
        }
    } else if (next->second.number - below > 1) {
        at->second.number = below + (next->second.number - below) / 2;
        return;
    }
    auto const gap = std::numeric_limits<std::uint64_t>::max() / (texts_.size() + 1);
    std::uint64_t given = 0;
    for (auto& [text, place] : texts_)
        place.number = given += gap;
    ++renumbered_;
}

} // namespace rollcall::view
