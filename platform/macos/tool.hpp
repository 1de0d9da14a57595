#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "platform/macos/plist.hpp"
#include "platform/process.hpp"

/// Apple's tools, where neither a call nor a file has the answer.
namespace rollcall::platform
{

/// What a tool that answers at once may take and say; those that do not name limits of their own.
inline constexpr std::chrono::milliseconds tool_limit{20'000};
inline constexpr std::size_t tool_output_bytes = 4UL * 1024 * 1024;

struct ToolCall {
    std::vector<std::string> arguments; ///< The tool first, by its absolute path.
    std::chrono::milliseconds limit{tool_limit};
    std::size_t output_limit_bytes{tool_output_bytes};
};

/// Runs it: platform/process.hpp's run, or what a test puts in its place.
using RunTool = std::function<Result<Finished>(Command const&)>;

/// Runs the tool: no shell, no input, LC_ALL=C, lowest priority. Any end of its own is a success.
///
/// not_supported: this system has no such tool; timed_out and limit_exceeded: it hung or said too much, and was killed
/// with all it started. bad_input: the tool is named without its path, so that anybody could put another in front.
/// Threads: any.  Blocks: up to the limit.
[[nodiscard]] Result<Finished> run_tool(ToolCall const& call, RunTool const& run);

/// The same for tools whose answer counts only if they end with 0; another end is `io` with what they complained of.
[[nodiscard]] Result<std::string> tool_output(ToolCall const& call, RunTool const& run);

/// And for those that answer with a property list.
[[nodiscard]] Result<plist::Value> tool_plist(ToolCall const& call, RunTool const& run);

} // namespace rollcall::platform
