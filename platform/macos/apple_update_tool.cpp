#include "platform/macos/apple_update_tool.hpp"

namespace rollcall::platform
{

Result<std::vector<MacUpdate>> updates_of_last_scan(Result<plist::Value> const& settings, RunTool const& run)
{
    static constexpr std::chrono::milliseconds limit{60'000};
    // Without settings the tool would say that there is nothing new, which nobody looked for.
    if (!settings && reason(settings.error()) == to_string(errc::not_found))
        return fail(errc::not_yet_read, "softwareupdate: no scan was made yet");
    if (!settings) return settings.error();
    auto recommended = recommended_updates(*settings);
    if (!recommended && reason(recommended.error()) == to_string(errc::not_yet_read)) return recommended;
    auto const finished =
        run_tool({.arguments = {"/usr/sbin/softwareupdate", "--list", "--no-scan"}, .limit = limit}, run);
    if (finished) {
        // That there is nothing new stands on either stream.
        auto updates = parse_softwareupdate_list(finished->output + "\n" + finished->errors);
        if (updates) return updates;
        if (!recommended) return updates;
    } else if (!recommended) {
        return finished.error();
    }
    return recommended;
}

} // namespace rollcall::platform
