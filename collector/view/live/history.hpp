#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "collector/view/live/limits.hpp"
#include "collector/view/projection.hpp"

namespace rollcall::live
{

/// The last changes, numbered from 1 on, for readers who come back. Pure.
///
/// Owns: at most limits::kept_changes, which name at most limits::kept_names.  Threads: one at a time.  Blocks: no.
class History
{
public:
    void add(view::Change change);
    /// The number of the last one; 0: nothing has changed yet.
    [[nodiscard]] std::uint64_t last() const { return last_; }
    /// Calls `take` for each after `number`, oldest first. False: some of them are gone, and it was not called.
    [[nodiscard]] bool after(std::uint64_t number, std::function<void(view::Change const&)> const& take) const;

private:
    std::deque<view::Change> kept_;
    std::size_t names_ = 0;
    std::uint64_t last_ = 0;
};

/// Numbers of changes as readers see them: sealed, since how many there are would tell of devices that one may not see.
/// What another run of the collector has sealed is no number.
///
/// Owns: the key.  Threads: any.  Blocks: no.
class EventIds
{
public:
    EventIds();
    /// 22 characters of base64url, others each time.
    [[nodiscard]] std::string seal(std::uint64_t number) const;
    [[nodiscard]] std::optional<std::uint64_t> open(std::string_view id) const;

private:
    std::array<unsigned char, 16> key_{};
};

} // namespace rollcall::live
