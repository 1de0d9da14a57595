#include "platform/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

constexpr std::array<std::string_view, 4> program_folders = {"/usr/sbin", "/usr/bin", "/sbin", "/bin"};

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

/// A descriptor of ours, closed with its owner.
class Descriptor
{
public:
    Descriptor() = default;
    ~Descriptor() { reset(); }
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    void reset(int number = -1)
    {
        if (number_ >= 0) ::close(number_);
        number_ = number;
    }
    [[nodiscard]] int get() const { return number_; }

private:
    int number_{-1};
};

struct Pipe {
    Descriptor read;
    Descriptor write;
    [[nodiscard]] bool open()
    {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
        read.reset(ends[0]);
        write.reset(ends[1]);
        return true;
    }
};

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
    // dup2 clears close-on-exec on the copies; everything else of ours closes by itself.
    if (::dup2(input, STDIN_FILENO) >= 0 && ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(errors, STDERR_FILENO) >= 0 &&
        ::chdir("/") == 0)
        ::execve(path, arguments, environment);
    int const error = errno;
    [[maybe_unused]] auto const sent = ::write(told, &error, sizeof error);
    ::_exit(127);
}

/// Waits for the end of a child whose group is to be killed first.
int reap(pid_t child)
{
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

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

Result<Finished> run(Command const& command)
{
    using Steady = std::chrono::steady_clock;
    if (command.arguments.empty()) return fail(errc::bad_input, "process: no program named");
    auto const path = find_program(command.arguments.front());
    if (!path) return fail(path.error(), "process");
    auto const& name = command.arguments.front();

    Pipe output;
    Pipe errors;
    Pipe told;
    Descriptor input;
    input.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (input.get() < 0 || !output.open() || !errors.open() || !told.open()) return fail_errno(errno, "process: pipe");

    std::vector<char*> arguments;
    for (auto const& argument : command.arguments)
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): execve(2) takes char* and does not write.
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    std::array<std::string, 4> variables = {"LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/",
                                            "DEBIAN_FRONTEND=noninteractive"};
    std::array<char*, variables.size() + 1> environment{};
    for (std::size_t i = 0; i < variables.size(); ++i)
        environment[i] = variables[i].data();

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
        reap(child);
        return fail_errno(exec_error, fmt::format("process: {}", name));
    }

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

} // namespace rollcall::platform
