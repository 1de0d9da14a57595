#include "platform/posix/hand_over.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/posix/file.hpp"

extern char** environ;

namespace rollcall::platform
{

namespace
{

/// Files of ours would stay open in the other program for as long as it runs.
void close_on_exec()
{
    std::error_code failed;
    // Both systems list a process's own open files there (proc(5), fd(4)).
    for (auto const& entry : std::filesystem::directory_iterator("/dev/fd", failed)) {
        auto const name = entry.path().filename().string();
        int number = -1;
        std::from_chars(name.data(), name.data() + name.size(), number);
        if (number > STDERR_FILENO) ::fcntl(number, F_SETFD, FD_CLOEXEC);
    }
}

std::vector<std::string> environment_with(std::vector<std::pair<std::string, std::string>> const& changes)
{
    std::vector<std::string> lines;
    for (auto* const* one = environ; one != nullptr && *one != nullptr; ++one) {
        std::string const line(*one);
        bool const changed =
            std::ranges::any_of(changes, [&](auto const& change) { return line.starts_with(change.first + "="); });
        if (!changed) lines.push_back(line);
    }
    for (auto const& [name, value] : changes)
        if (!value.empty()) lines.emplace_back(name).append("=").append(value);
    return lines;
}

std::vector<char*> pointers(std::vector<std::string>& texts)
{
    std::vector<char*> list;
    list.reserve(texts.size() + 1);
    for (auto& text : texts)
        list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

int sync_of(std::string const& path, int flags)
{
    int const file = ::open(path.c_str(), flags | O_CLOEXEC);
    if (file < 0) return errno;
    int const error = posix::flush(file);
    ::close(file);
    return error;
}

} // namespace

std::string_view architecture_name() noexcept
{
#if defined(__x86_64__)
    return "x86_64";
#elif defined(__aarch64__)
    return "arm64";
#else
    return "unknown";
#endif
}

Error posix::no_programs_here(std::string const& folder)
{
    return fail(errc::refused, folder + ": lies on a file system that is mounted with noexec, from which no program "
                                        "can be started: mount it without, or update by the package");
}

// execve(2). The limit is alarm(2), which goes on counting in the other program.
Result<Succeeded> hand_over(Successor const& successor)
{
    std::vector<std::string> words{successor.program};
    words.insert(words.end(), successor.arguments.begin(), successor.arguments.end());
    auto lines = environment_with(successor.environment);
    auto const arguments = pointers(words);
    auto const environment = pointers(lines);
    close_on_exec();
    // Handlers go with us, but what is blocked stays so (execve(2)).
    sigset_t none;
    sigset_t before;
    sigemptyset(&none); // a macro on macOS
    ::pthread_sigmask(SIG_SETMASK, &none, &before);
    ::fflush(nullptr);
    ::alarm(static_cast<unsigned>(successor.limit.count()));
    ::execve(successor.program.c_str(), arguments.data(), environment.data());
    int const error = errno;
    ::alarm(0);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return fail_errno(error, "hand over: " + successor.program);
}

bool has_keeper() { return false; }

void call_off() { ::alarm(0); }

Result<> keep_file(std::string const& part, std::string const& file)
{
    if (::chmod(part.c_str(), S_IRWXU) != 0) return fail_errno(errno, part);
    if (int const error = sync_of(part, O_RDONLY); error != 0) return fail_errno(error, part);
    if (::rename(part.c_str(), file.c_str()) != 0) return fail_errno(errno, file);
    auto const folder = std::filesystem::path(file).parent_path().string();
    if (int const error = sync_of(folder, O_RDONLY | O_DIRECTORY); error != 0) return fail_errno(error, folder);
    return {};
}

} // namespace rollcall::platform
