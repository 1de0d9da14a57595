#include "platform/process_body.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fmt/format.h>

#include "platform/posix/child.hpp"

namespace rollcall::platform
{

namespace
{

struct EndAttributes {
    void operator()(posix_spawnattr_t* attributes) const { ::posix_spawnattr_destroy(attributes); }
};

struct EndActions {
    void operator()(posix_spawn_file_actions_t* actions) const { ::posix_spawn_file_actions_destroy(actions); }
};

/// There is no pipe2; that other threads may start programs in between does not matter, for ours inherit nothing that
/// they are not told to (POSIX_SPAWN_CLOEXEC_DEFAULT).
bool open_pipe(posix::Pipe& pipe)
{
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return false;
    pipe.read.reset(ends[0]);
    pipe.write.reset(ends[1]);
    return ::fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 && ::fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0;
}

/// A group of its own, signals as a fresh program has them, and none of our descriptors.
int describe_child(posix_spawnattr_t& attributes)
{
    sigset_t none;
    sigset_t ours;
    sigemptyset(&none);
    sigemptyset(&ours);
    for (int const number : {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGCHLD})
        sigaddset(&ours, number);
    static constexpr short flags =
        POSIX_SPAWN_CLOEXEC_DEFAULT | POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (int const error = ::posix_spawnattr_setflags(&attributes, flags); error != 0) return error;
    if (int const error = ::posix_spawnattr_setpgroup(&attributes, 0); error != 0) return error;
    if (int const error = ::posix_spawnattr_setsigmask(&attributes, &none); error != 0) return error;
    return ::posix_spawnattr_setsigdefault(&attributes, &ours);
}

int describe_streams(posix_spawn_file_actions_t& actions, int output, int errors)
{
    if (int const error = ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        error != 0)
        return error;
    if (int const error = ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO); error != 0) return error;
    if (int const error = ::posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO); error != 0) return error;
    return ::posix_spawn_file_actions_addchdir_np(&actions, "/");
}

} // namespace

Result<Finished> run_now(Command const& command)
{
    if (command.arguments.empty()) return fail(errc::bad_input, "process: no program named");
    auto const path = posix::find_program(command.arguments.front());
    if (!path) return fail(path.error(), "process");

    posix::Pipe output;
    posix::Pipe errors;
    if (!open_pipe(output) || !open_pipe(errors)) return fail_errno(errno, "process: pipe");
    std::vector<char*> arguments;
    for (auto const& argument : command.arguments)
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): posix_spawn(2) takes char* and does not write.
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);

    posix_spawnattr_t attributes{};
    if (int const error = ::posix_spawnattr_init(&attributes); error != 0) return fail_errno(error, "process: spawn");
    std::unique_ptr<posix_spawnattr_t, EndAttributes> const keep_attributes(&attributes);
    posix_spawn_file_actions_t actions{};
    if (int const error = ::posix_spawn_file_actions_init(&actions); error != 0)
        return fail_errno(error, "process: spawn");
    std::unique_ptr<posix_spawn_file_actions_t, EndActions> const keep_actions(&actions);
    if (int const error = describe_child(attributes); error != 0) return fail_errno(error, "process: spawn");
    if (int const error = describe_streams(actions, output.write.get(), errors.write.get()); error != 0)
        return fail_errno(error, "process: spawn");

    auto const deadline = std::chrono::steady_clock::now() + command.limit;
    pid_t child = 0;
    if (int const error = ::posix_spawn(&child, path->c_str(), &actions, &attributes, arguments.data(),
                                        posix::plain_environment().data());
        error != 0)
        return fail_errno(error, fmt::format("process: {}", command.arguments.front()));
    // Throttles disk and network, too (setpriority(2)); where it fails, the child is only less polite.
    if (command.background) (void)::setpriority(PRIO_DARWIN_PROCESS, static_cast<id_t>(child), PRIO_DARWIN_BG);
    output.write.reset();
    errors.write.reset();
    return posix::hear_out(child, command, deadline, output, errors);
}

} // namespace rollcall::platform
