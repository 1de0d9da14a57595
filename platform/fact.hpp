#pragma once

#include <string>
#include <utility>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// One fact about the machine: known, or unknown with the reason. A new one is `not_yet_read`.
template <class T>
class Fact : public Result<T>
{
public:
    Fact()
        : Result<T>(fail(errc::not_yet_read, ""))
    {
    }
    // NOLINTNEXTLINE(google-explicit-constructor): a reading becomes a fact where it is assigned.
    Fact(Result<T> other)
        : Result<T>(std::move(other))
    {
    }
    using Result<T>::Result;
};

/// Where the system's files are read from. Empty: the machine itself. Tests name a recorded tree, and then nothing
/// but files below it is asked: no bus, no program, no system call about the live machine where a file exists.
struct Root {
    std::string path;
    /// Is this the machine itself?
    [[nodiscard]] bool live() const { return path.empty(); }
    /// The place of an absolute path.
    [[nodiscard]] std::string operator/(std::string_view absolute) const { return path + std::string(absolute); }
};

} // namespace rollcall::platform
