#pragma once

#include <string>

/// How programs for macOS begin.
namespace rollcall::test
{

inline std::string const arm64_head("\xCF\xFA\xED\xFE\x0C\0\0\x01\0\0\0\0", 12);
inline std::string const intel_head("\xCF\xFA\xED\xFE\x07\0\0\x01\x03\0\0\0", 12);

inline std::string universal_head()
{
    std::string head("\xCA\xFE\xBA\xBE\0\0\0\2", 8);
    head += std::string("\1\0\0\7\0\0\0\3\0\0\x40\0\0\0\x10\0\0\0\0\x0E", 20);
    head += std::string("\1\0\0\x0C\0\0\0\0\0\0\x80\0\0\0\x10\0\0\0\0\x0E", 20);
    return head;
}

} // namespace rollcall::test
