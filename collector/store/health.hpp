#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "common/core/result.hpp"

namespace rollcall::store
{

/// What a person can do where the database cannot be opened, read or written; "" where the error says it itself.
[[nodiscard]] std::string remedy_for(Error const& error);

/// Whether the database can be read and written. The log hears when that ends, once in `told_every` while it lasts,
/// and when it is over: `store.commit_failed`, `store.recovered`, `store.damaged`.
///
/// Owns: nothing.  Threads: any.  Blocks: no.
class Health
{
public:
    explicit Health(std::filesystem::path file);

    /// After each commit of so many works that wrote something, or failed.
    void committed(Result<> const& result, std::size_t works);
    /// After each work and each question: errc::corrupt is damage.
    void done(Result<> const& result);
    /// errc::corrupt with what was found first: a damaged place does not heal, so it stays until the next start.
    [[nodiscard]] Result<> damage() const;

    static constexpr std::chrono::minutes told_every{1};

private:
    using Steady = std::chrono::steady_clock;

    std::filesystem::path const file_;
    mutable std::mutex mutex_;
    std::size_t failed_ = 0; ///< Commits in a row.
    std::optional<Steady::time_point> failure_told_;
    std::optional<Steady::time_point> damage_told_;
    std::optional<Error> damage_;
};

} // namespace rollcall::store
