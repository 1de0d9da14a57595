#include "common/wire/hardware.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/wire/limits.hpp"

namespace rollcall::wire
{

/// Stands in a text for an id that nobody knows.
static constexpr std::string_view no_id = "-";

Sameness compare(Hardware const& known, Hardware const& now)
{
    if (known.id.empty() || now.id.empty() || known.id == now.id) return Sameness::same;
    // All of them: one half of a mirror that is put into another machine is a copy of the other half.
    bool const has_its_disks = !known.disks.empty() && std::ranges::all_of(known.disks, [&](std::string const& disk) {
        return std::ranges::find(now.disks, disk) != now.disks.end();
    });
    return has_its_disks ? Sameness::rebuilt : Sameness::other;
}

/// A digest has no blanks and nothing that a log or a text could take for something else.
static bool is_mark(std::string_view text)
{
    return !text.empty() && text.size() <= limits::hardware_mark_bytes && text != no_id &&
           std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
           });
}

std::string misfit(Hardware const& hardware)
{
    if (!hardware.id.empty() && !is_mark(hardware.id))
        return fmt::format("hardware.id: at most {} letters, digits and hyphens.", limits::hardware_mark_bytes);
    if (hardware.disks.size() > limits::hardware_disks)
        return fmt::format("hardware.disks: at most {}.", limits::hardware_disks);
    if (!std::ranges::all_of(hardware.disks, is_mark))
        return fmt::format("hardware.disks: each 1 to {} letters, digits and hyphens.", limits::hardware_mark_bytes);
    return {};
}

std::string to_text(Hardware const& hardware)
{
    std::string text(hardware.id.empty() ? no_id : hardware.id);
    for (auto const& disk : hardware.disks)
        (text += ' ') += disk;
    return text;
}

Hardware hardware_from_text(std::string_view text)
{
    Hardware hardware;
    bool first = true;
    while (!text.empty()) {
        auto const end = std::min(text.find(' '), text.size());
        auto const word = text.substr(0, end);
        if (first)
            hardware.id = word == no_id ? "" : word;
        else
            hardware.disks.emplace_back(word);
        first = false;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (!misfit(hardware).empty()) return {};
    return hardware;
}

} // namespace rollcall::wire
