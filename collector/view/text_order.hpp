#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace rollcall::view
{

/// Texts in their order, each once, and each with a number in the same order: lists of a hundred thousand lines are
/// sorted by numbers, not by texts that lie all over the memory.
///
/// Owns: the texts.  Threads: one at a time.  Blocks: no.
class TextOrder
{
public:
    struct Place {
        std::uint64_t number = 0;
        std::int64_t uses = 0;
    };
    /// Stays where it is until it is released as often as it was taken. Its number may change: see renumbered().
    using Entry = std::map<std::string, Place>::value_type;

    [[nodiscard]] Entry const& take(std::string text);
    void release(Entry const& entry);
    /// Takes `text` instead of `entry` (nullptr: of none) where they differ.
    void replace(Entry const*& entry, std::string text);

    /// How often all numbers were given anew, since no number was left between two texts.
    [[nodiscard]] std::uint64_t renumbered() const { return renumbered_; }

private:
    using Texts = std::map<std::string, Place>;
    void number(Texts::iterator at);

    Texts texts_;
    Entry const* last_ = nullptr; ///< That came last; nullptr: it has gone since.
    std::uint64_t renumbered_ = 0;
};

} // namespace rollcall::view
