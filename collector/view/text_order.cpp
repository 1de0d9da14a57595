#include "collector/view/text_order.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace rollcall::view
{

/// Room beside the text before: names are often made in their order, or against it.
static constexpr std::uint64_t step = std::uint64_t{1} << 28U;

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
    if (--at->second.uses > 0) return;
    if (last_ == &*at) last_ = nullptr;
    texts_.erase(at);
}

void TextOrder::replace(Entry const*& entry, std::string text)
{
    if (entry != nullptr && entry->first == text) return;
    auto const* const before = std::exchange(entry, &take(std::move(text)));
    if (before != nullptr) release(*before);
}

/// Near the text before, or near the one behind where texts come downwards: half of the room would be used up by 60
/// texts in their order.
void TextOrder::number(Texts::iterator at)
{
    auto const next = std::next(at);
    bool const is_first = at == texts_.begin();
    bool const is_last = next == texts_.end();
    auto const below = is_first ? 0 : std::prev(at)->second.number;
    auto const above = is_last ? std::numeric_limits<std::uint64_t>::max() : next->second.number;
    bool const is_downwards = !is_last && (is_first || last_ == &*next);
    last_ = &*at;
    if (auto const half = (above - below) / 2; half > 0) {
        if (is_first && is_last)
            at->second.number = half;
        else
            at->second.number = is_downwards ? above - std::min(half, step) : below + std::min(half, step);
        return;
    }
    auto const gap = std::numeric_limits<std::uint64_t>::max() / (texts_.size() + 1);
    std::uint64_t given = 0;
    for (auto& [text, place] : texts_)
        place.number = given += gap;
    ++renumbered_;
}

} // namespace rollcall::view
