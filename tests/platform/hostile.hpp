#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

namespace rollcall::test
{

inline std::string fixture(std::string const& name)
{
    std::ifstream file(std::string(ROLLCALL_FIXTURES) + "/linux/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Calls `parse` with everything that a good text may turn into on a bad day: nothing, every length of its first
/// kilobytes, changed bytes, no line ends, noise, and very much of it. That it ends, and that the sanitizers are
/// silent, is the test.
template <class Parse>
void torment(std::string const& good, Parse parse)
{
    parse(std::string_view{});
    for (std::size_t size = 0; size < std::min<std::size_t>(good.size(), 2048); ++size)
        parse(std::string_view(good).substr(0, size));

    std::mt19937 random(20261122);
    std::uniform_int_distribution<int> byte(0, 255);
    for (int turn = 0; turn < 200; ++turn) {
        auto changed = good;
        for (int hits = 0; hits < 20 && !changed.empty(); ++hits)
            changed[random() % changed.size()] = static_cast<char>(byte(random));
        parse(std::string_view(changed));
    }
    std::string noise(4096, 0);
    for (auto& c : noise)
        c = static_cast<char>(byte(random));
    parse(std::string_view(noise));

    auto one_line = good;
    for (auto& c : one_line)
        if (c == '\n') c = ' ';
    parse(std::string_view(one_line));
    parse(std::string_view(std::string(1'000'000, '\n')));
    parse(std::string_view(std::string(1'000'000, '[')));
    parse(std::string_view(std::string(1'000'000, ' ')));
    std::string much;
    while (much.size() < 2'000'000 && !good.empty())
        much += good;
    parse(std::string_view(much));
}

/// A name with a character of every Unicode general category that text can hold, ill-formed bytes and controls
/// included.
inline std::string hostile_name()
{
    return "Aa\xC7\x85\xCA\xB0\xD7\x90"                   // Lu Ll Lt Lm Lo
           "\xCC\x81\xE0\xA4\x83\xE2\x83\x9D"             // Mn Mc Me
           "1\xE2\x85\xA0\xC2\xBD"                        // Nd Nl No
           "_-()\xC2\xAB\xC2\xBB!"                        // Pc Pd Ps Pe Pi Pf Po
           "+$^\xC2\xA9"                                  // Sm Sc Sk So
           "\xC2\xA0\xE2\x80\xA8\xE2\x80\xA9"             // Zs Zl Zp
           "\x01\x1B[31m\xC2\x85\xE2\x80\xAE\xEE\x80\x80" // Cc Cc Cf (right-to-left override) Co
           "\xED\xA0\x80\xF4\x90\x80\x80\xC0\xAF\xFF"     // Cs, past U+10FFFF, overlong, no UTF-8 at all
           "\xF0\x9F\x92\xBB\xF3\xA0\x87\xBF";            // an emoji, an unassigned one (Cn)
}

} // namespace rollcall::test
