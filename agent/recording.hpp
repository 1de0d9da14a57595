#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>

#include "common/core/result.hpp"
#include "platform/process.hpp"

namespace rollcall::agent
{

/// What a recording holds at most; a run that exceeds it is listed without its output.
inline constexpr std::size_t recording_bytes = 256UL * 1024 * 1024;

/// A folder with what the system's tools said, word for word: fixtures for tests come from real machines. It holds
/// names of users and of what they installed, so nobody else may enter it.
///
/// Owns: the folder's content.  Threads: any.  Blocks: for file writes.
class Recording
{
public:
    /// Makes the folder, of mode 0700. errc::conflict where it is there and not empty.
    [[nodiscard]] static Result<std::shared_ptr<Recording>> begin(std::string const& folder);

    /// Two files, output and errors, and a line in the list of runs. What fails is told by end().
    void add(platform::Command const& command, Result<platform::Finished> const& finished);
    [[nodiscard]] Result<> put(std::string_view name, std::string_view content) const;
    /// Writes `runs.json`. The first thing that could not be written, if there was one.
    [[nodiscard]] Result<> end();

private:
    explicit Recording(std::string folder)
        : folder_(std::move(folder))
    {
    }
    std::string keep(std::string const& name, std::string_view content);

    std::string folder_;
    std::mutex mutex_;
    boost::json::array runs_;
    std::size_t bytes_{};
    Result<> state_;
};

} // namespace rollcall::agent
