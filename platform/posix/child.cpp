#include "platform/posix/child.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string_view>

#include <poll.h>
#include <sys/wait.h>

#include <fmt/format.h>

namespace rollcall::platform::posix
{

namespace
{

constexpr std::array<std::string_view, 4> program_folders = {"/usr/sbin", "/usr/bin", "/sbin", "/bin"};

/// Reads what is there. False at the end of the stream.
bool drain(int from, std::string& to)
{
    std::array<char, 16384> buffer{};
    auto const got = ::read(from, buffer.data(), buffer.size());
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    to.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
}

} // namespace

Environment const& plain_environment()
{
    // Not written to: execve(2) only takes them so.
    static std::array<std::string, 4> variables = {"LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/",
                                                   "DEBIAN_FRONTEND=noninteractive"};
    static Environment const environment = {variables[0].data(), variables[1].data(), variables[2].data(),
                                            variables[3].data(), nullptr};
    return environment;
}

Result<std::string> find_program(std::string const& name)
{
    if (name.find('/') != std::string::npos) {
        if (::access(name.c_str(), X_OK) == 0) return name;
        return fail_errno(errno, name);
    }
    for (auto const folder : program_folders) {
        auto path = fmt::format("{}/{}", folder, name);
        if (::access(path.c_str(), X_OK) == 0) return path;
    }
    return fail(errc::not_found, fmt::format("{}: no such program", name));
}

int reap(pid_t child)
{
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

Result<Finished> hear_out(pid_t child, Command const& command, std::chrono::steady_clock::time_point deadline,
                          Pipe& output, Pipe& errors)
{
    using Steady = std::chrono::steady_clock;
    auto const& name = command.arguments.front();
    Finished finished;
    auto const end_group = [&] {
        ::kill(-child, SIGKILL);
        reap(child);
    };
    while (output.read.get() >= 0 || errors.read.get() >= 0) {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now());
        if (left.count() <= 0) {
            end_group();
            return fail(errc::timed_out, fmt::format("process: {}: longer than {} ms", name, command.limit.count()));
        }
        std::array<pollfd, 2> ready = {pollfd{output.read.get(), POLLIN, 0}, pollfd{errors.read.get(), POLLIN, 0}};
        static constexpr std::int64_t longest_ms = 60'000;
        if (::poll(ready.data(), ready.size(), static_cast<int>(std::min<std::int64_t>(left.count(), longest_ms))) <
            0) {
            if (errno == EINTR) continue;
            auto const why = fail_errno(errno, "process: poll");
            end_group();
            return why;
        }
        if (ready[0].revents != 0 && !drain(output.read.get(), finished.output)) output.read.reset();
        if (ready[1].revents != 0 && !drain(errors.read.get(), finished.errors)) errors.read.reset();
        if (finished.output.size() + finished.errors.size() > command.output_limit_bytes) {
            end_group();
            return fail(errc::limit_exceeded,
                        fmt::format("process: {}: more than {} bytes of output", name, command.output_limit_bytes));
        }
    }

    // It closed its output; it may still run.
    int status = 0;
    for (;;) {
        auto const ended = ::waitpid(child, &status, WNOHANG);
        if (ended == child) break;
        if (ended < 0 && errno != EINTR) return fail_errno(errno, "process: waitpid");
        if (Steady::now() >= deadline) {
            end_group();
            return fail(errc::timed_out, fmt::format("process: {}: longer than {} ms", name, command.limit.count()));
        }
        static constexpr useconds_t pause_us = 2'000;
        ::usleep(pause_us);
    }
    ::kill(-child, SIGKILL); // Whatever it left behind.
    finished.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return finished;
}

} // namespace rollcall::platform::posix
