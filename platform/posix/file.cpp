#include "platform/posix/file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace rollcall::platform::posix
{

Result<std::string> read_file(std::string const& path, std::size_t limit)
{
    int const file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return fail_errno(errno, path);
    std::string content;
    std::array<char, 16384> buffer{};
    for (;;) {
        auto const got = ::read(file, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            int const error = errno;
            ::close(file);
            return fail_errno(error, path);
        }
        if (got == 0) break;
        if (content.size() + static_cast<std::size_t>(got) > limit) {
            ::close(file);
            return fail(errc::limit_exceeded, fmt::format("{}: larger than {} bytes", path, limit));
        }
        content.append(buffer.data(), static_cast<std::size_t>(got));
    }
    ::close(file);
    return content;
}

Result<std::string> read_beginning(std::string const& path, std::size_t size)
{
    int const file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return fail_errno(errno, path);
    std::string content(size, '\0');
    std::size_t filled = 0;
    while (filled < size) {
        auto const got = ::read(file, content.data() + filled, size - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            int const error = errno;
            ::close(file);
            return fail_errno(error, path);
        }
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    ::close(file);
    content.resize(filled);
    return content;
}

Result<std::vector<std::string>> list_folder(std::string const& path)
{
    DIR* const folder = ::opendir(path.c_str());
    if (folder == nullptr) return fail_errno(errno, path);
    std::vector<std::string> names;
    while (auto const* const entry = ::readdir(folder)) {
        std::string_view const name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(folder);
    std::sort(names.begin(), names.end());
    return names;
}

Result<std::string> read_link(std::string const& path)
{
    std::array<char, PATH_MAX> buffer{};
    auto const size = ::readlink(path.c_str(), buffer.data(), buffer.size());
    if (size < 0) return fail_errno(errno, path);
    return std::string(buffer.data(), static_cast<std::size_t>(size));
}

Result<std::string> real_path(std::string const& path)
{
    std::unique_ptr<char, decltype(&std::free)> const real(::realpath(path.c_str(), nullptr), &std::free);
    if (!real) return fail_errno(errno, path);
    return std::string(real.get());
}

bool exists(std::string const& path)
{
    struct stat facts {
    };
    return ::stat(path.c_str(), &facts) == 0;
}

int flush(int file)
{
#ifdef F_FULLFSYNC
    // fsync(2) of macOS leaves it in the drive's own cache. What is on a drive that does not know this gets that.
    if (::fcntl(file, F_FULLFSYNC) == 0) return 0;
#endif
    return ::fsync(file) == 0 ? 0 : errno;
}

} // namespace rollcall::platform::posix
