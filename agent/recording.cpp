#include "agent/recording.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "agent/indented.hpp"
#include "common/core/text.hpp"
#include "platform/paths.hpp"

namespace rollcall::agent
{

namespace json = boost::json;

/// "softwareupdate" of "/usr/sbin/softwareupdate": what a file may be called everywhere.
static std::string short_name(std::string const& program)
{
    auto name = std::filesystem::path(program).filename().string();
    std::replace_if(
        name.begin(), name.end(),
        [](char c) {
            bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            return !letter && (c < '0' || c > '9') && c != '-' && c != '_';
        },
        '_');
    static constexpr std::size_t longest = 40;
    return name.substr(0, longest);
}

Result<std::shared_ptr<Recording>> Recording::begin(std::string const& folder)
{
    std::error_code failed;
    if (std::filesystem::exists(folder, failed)) {
        bool const empty = std::filesystem::is_empty(folder, failed);
        if (failed) return fail_errno(failed.value(), folder);
        if (!std::filesystem::is_directory(folder, failed) || !empty)
            return fail(errc::conflict, folder + ": is there already, with something in it: name a new folder");
    }
    if (auto const made = platform::make_own_folder(folder); !made) return fail(made.error(), "record");
    return std::shared_ptr<Recording>(new Recording(folder));
}

Result<> Recording::put(std::string_view name, std::string_view content) const
{
    auto const path = (std::filesystem::path(folder_) / name).string();
    std::ofstream file(path, std::ios::binary);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    file.close();
    if (!file) return fail(errc::io, path + ": could not be written");
    return {};
}

/// The name it was kept under; empty where there was nothing to keep, or no room.
std::string Recording::keep(std::string const& name, std::string_view content)
{
    if (content.empty() || content.size() > recording_bytes - bytes_) return {};
    if (auto const written = put(name, content); !written) {
        if (state_) state_ = written;
        return {};
    }
    bytes_ += content.size();
    return name;
}

void Recording::add(platform::Command const& command, Result<platform::Finished> const& finished)
{
    std::lock_guard const lock(mutex_);
    json::array arguments;
    for (auto const& argument : command.arguments)
        arguments.emplace_back(clean_text(argument));
    json::object run{{"arguments", std::move(arguments)}, {"limit_ms", command.limit.count()}};
    if (finished) {
        auto const name = fmt::format("{:03}-{}", runs_.size() + 1,
                                      command.arguments.empty() ? "" : short_name(command.arguments.front()));
        run["exit_code"] = finished->exit_code;
        run["output_bytes"] = finished->output.size();
        run["output"] = keep(name + ".out", finished->output);
        run["errors"] = keep(name + ".err", finished->errors);
    } else {
        run["failed"] = reason(finished.error());
        run["why"] = clean_text(finished.error().trace);
    }
    runs_.emplace_back(std::move(run));
}

Result<> Recording::end()
{
    std::lock_guard const lock(mutex_);
    auto const listed = put("runs.json", indented(runs_));
    return state_ ? listed : state_;
}

} // namespace rollcall::agent
