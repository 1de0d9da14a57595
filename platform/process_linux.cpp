#include "platform/process_body.hpp"

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fmt/format.h>

#include "platform/posix/child.hpp"

namespace rollcall::platform
{

namespace
{

bool open_pipe(posix::Pipe& pipe)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    pipe.read.reset(ends[0]);
    pipe.write.reset(ends[1]);
    return true;
}

/// A library may have opened files without O_CLOEXEC (std::ofstream does): a program that is being fetched could not be
/// run for as long as a tool held it open (ETXTBSY of execve(2)).
void close_rest_on_exec()
{
    static constexpr unsigned close_on_exec = 1U << 2; // CLOSE_RANGE_CLOEXEC, close_range(2) since Linux 5.11
    static constexpr int most = 1024;                  // RLIMIT_NOFILE of services, unless raised
    if (::syscall(__NR_close_range, STDERR_FILENO + 1, ~0U, close_on_exec) == 0) return;
    for (int file = STDERR_FILENO + 1; file < most; ++file)
        ::fcntl(file, F_SETFD, FD_CLOEXEC);
}

/// Between fork and exec only calls that are safe after a fork of a program with threads (signal-safety(7)).
[[noreturn]] void become(char const* path, char* const* arguments, char* const* environment, int input, int output,
                         int errors, int told, bool background)
{
    ::setpgid(0, 0);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr); // NOLINT(concurrency-mt-unsafe): a fork leaves one thread.
    for (int const number : {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGCHLD})
        ::signal(number, SIG_DFL);
    if (background) {
        static constexpr int lowest = 19;
        static constexpr int who_process = 1;      // IOPRIO_WHO_PROCESS
        static constexpr int idle_class = 3 << 13; // IOPRIO_CLASS_IDLE, ioprio_set(2)
        ::setpriority(PRIO_PROCESS, 0, lowest);
        ::syscall(SYS_ioprio_set, who_process, 0, idle_class);
    }
    close_rest_on_exec();
    // dup2 clears close-on-exec on the copies.
    if (::dup2(input, STDIN_FILENO) >= 0 && ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(errors, STDERR_FILENO) >= 0 &&
        ::chdir("/") == 0)
        ::execve(path, arguments, environment);
    int const error = errno;
    [[maybe_unused]] auto const sent = ::write(told, &error, sizeof error);
    ::_exit(127);
}

} // namespace

Result<Finished> run_now(Command const& command)
{
    using Steady = std::chrono::steady_clock;
    if (command.arguments.empty()) return fail(errc::bad_input, "process: no program named");
    auto const path = posix::find_program(command.arguments.front());
    if (!path) return fail(path.error(), "process");
    auto const& name = command.arguments.front();

    posix::Pipe output;
    posix::Pipe errors;
    posix::Pipe told;
    posix::Descriptor const input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (input.get() < 0 || !open_pipe(output) || !open_pipe(errors) || !open_pipe(told))
        return fail_errno(errno, "process: pipe");

    std::vector<char*> arguments;
    for (auto const& argument : command.arguments)
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): execve(2) takes char* and does not write.
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    auto const& environment = posix::plain_environment();

    auto const deadline = Steady::now() + command.limit;
    pid_t const child = ::fork();
    if (child < 0) return fail_errno(errno, "process: fork");
    if (child == 0)
        become(path->c_str(), arguments.data(), environment.data(), input.get(), output.write.get(), errors.write.get(),
               told.write.get(), command.background);
    ::setpgid(child, child);
    output.write.reset();
    errors.write.reset();
    told.write.reset();

    int exec_error = 0;
    ssize_t heard = 0;
    do
        heard = ::read(told.read.get(), &exec_error, sizeof exec_error);
    while (heard < 0 && errno == EINTR);
    if (heard == static_cast<ssize_t>(sizeof exec_error)) {
        posix::reap(child);
        return fail_errno(exec_error, fmt::format("process: {}", name));
    }

    return posix::hear_out(child, command, deadline, output, errors);
}

} // namespace rollcall::platform
