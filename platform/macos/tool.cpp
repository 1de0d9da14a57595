#include "platform/macos/tool.hpp"

#include <fmt/format.h>

#include "common/core/text.hpp"
#include "platform/texts.hpp"

namespace rollcall::platform
{

Result<Finished> run_tool(ToolCall const& call, RunTool const& run)
{
    if (call.arguments.empty() || !call.arguments.front().starts_with('/'))
        return fail(errc::bad_input, "tool: it is named by its absolute path");
    Command command;
    command.arguments = call.arguments;
    command.limit = call.limit;
    command.output_limit_bytes = call.output_limit_bytes;
    auto finished = run(command);
    if (!finished && reason(finished.error()) == to_string(errc::not_found))
        return fail(errc::not_supported, fmt::format("tool: {} is not there", call.arguments.front()));
    return finished;
}

Result<std::string> tool_output(ToolCall const& call, RunTool const& run)
{
    auto finished = run_tool(call, run);
    if (!finished) return finished.error();
    if (finished->exit_code == 0) return std::move(finished->output);
    static constexpr std::size_t complaint_bytes = 200;
    auto const complaint =
        clean_text(texts::trim(finished->errors.empty() ? finished->output : finished->errors), complaint_bytes);
    return fail(errc::io,
                fmt::format("tool: {} ended with {}: {}", call.arguments.front(), finished->exit_code, complaint));
}

Result<plist::Value> tool_plist(ToolCall const& call, RunTool const& run)
{
    auto const output = tool_output(call, run);
    if (!output) return output.error();
    auto value = plist::parse(*output);
    if (!value) return fail(value.error(), call.arguments.front());
    return value;
}

} // namespace rollcall::platform
