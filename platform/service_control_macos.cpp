#include "platform/service_control.hpp"

#include <cerrno>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "platform/macos/launchd_job.hpp"
#include "platform/macos/tool.hpp"
#include "platform/secret_file.hpp"

namespace rollcall::platform
{

namespace
{

constexpr char const* launchctl_path = "/bin/launchctl";

std::string definition_path(std::string const& label) { return fmt::format("/Library/LaunchDaemons/{}.plist", label); }

/// Does launchd know it now? Only the exit code is looked at: launchctl's words are for people.
Result<bool> is_loaded(std::string const& label)
{
    auto const asked = run_tool({.arguments = {launchctl_path, "print", "system/" + label}}, &run);
    if (!asked) return fail(asked.error(), "service");
    return asked->exit_code == 0;
}

/// Ends it and makes launchd forget it, up to the next start of the system. That it is not there is no error.
Result<> unload(std::string const& label, std::chrono::milliseconds limit)
{
    auto const begun = std::chrono::steady_clock::now();
    auto const told = run_tool({.arguments = {launchctl_path, "bootout", "system/" + label}, .limit = limit}, &run);
    if (!told) return fail(told.error(), "service");
    // It may return before the job has ended.
    for (;;) {
        auto const loaded = is_loaded(label);
        if (!loaded) return loaded.error();
        if (!*loaded) return {};
        if (std::chrono::steady_clock::now() - begun >= limit)
            return fail(errc::timed_out, fmt::format("service: {} did not end in {} ms", label, limit.count()));
        static constexpr std::chrono::milliseconds pause{200};
        std::this_thread::sleep_for(pause);
    }
}

/// Has launchd start it. For a moment it may still be busy with what it was told to forget (error 37).
Result<> load_job(std::string const& path)
{
    for (int tries = 5;; --tries) {
        auto const told = run_tool({.arguments = {launchctl_path, "bootstrap", "system", path}}, &run);
        if (!told) return fail(told.error(), "service");
        if (told->exit_code == 0) return {};
        if (tries == 1)
            return fail(errc::io, fmt::format("service: launchctl bootstrap: {}: {}", told->exit_code, told->errors));
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }
}

} // namespace

int run_as_service(std::string const& /*name*/, std::function<ServiceEnd()> const& body) { return body().exit_code; }

Result<> install_service(ServiceSetup const& setup)
{
    auto const label = launchd_label(setup.name);
    auto const path = definition_path(label);
    if (::geteuid() != 0) return fail(errc::permission_denied, "service: only root tells launchd of a daemon");
    auto const loaded = is_loaded(label);
    if (!loaded) return loaded.error();
    if (*loaded)
        if (auto const gone = unload(label, std::chrono::seconds(30)); !gone) return gone;
    if (auto const written = write_secret_file(path, launchd_definition(setup)); !written)
        return fail(written.error(), "service");
    // No secret; launchd refuses what others may write.
    if (::chmod(path.c_str(), S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH) != 0) return fail_errno(errno, path);
    if (!*loaded) return {};
    // What ran before runs again, as it is told now.
    return load_job(path);
}

Result<> uninstall_service(std::string const& name, std::chrono::milliseconds limit)
{
    auto const label = launchd_label(name);
    auto const path = definition_path(label);
    if (::geteuid() != 0) return fail(errc::permission_denied, "service: only root tells launchd of a daemon");
    auto const loaded = is_loaded(label);
    if (!loaded) return loaded.error();
    if (*loaded)
        if (auto const gone = unload(label, limit); !gone) return gone;
    if (::unlink(path.c_str()) == 0 || (errno == ENOENT && *loaded)) return {};
    return fail_errno(errno, path);
}

} // namespace rollcall::platform
