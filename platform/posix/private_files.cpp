#include "platform/posix/private_files.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/posix/file.hpp"
#include "platform/secret_file.hpp"

namespace rollcall::platform::posix
{

namespace
{

std::string folder_of(std::string const& path)
{
    auto const slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

int write_all(int file, std::string_view content)
{
    while (!content.empty()) {
        auto const wrote = ::write(file, content.data(), content.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return errno;
        content.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return flush(file);
}

} // namespace

Result<> write_private_file(std::string const& path, std::string_view content)
{
    if (content.size() > secret_file_bytes)
        return fail(errc::limit_exceeded, fmt::format("{}: a secret has at most {} bytes", path, secret_file_bytes));
    // A name of its own: two writers, or what a crash left, cannot mix.
    auto fresh = path + ".XXXXXX";
    int const file = ::mkostemp(fresh.data(), O_CLOEXEC); // Mode 0600 (mkstemp(3)).
    if (file < 0) return fail_errno(errno, path);
    int error = write_all(file, content);
    if (::close(file) != 0 && error == 0) error = errno;
    if (error == 0 && ::rename(fresh.c_str(), path.c_str()) != 0) error = errno;
    if (error != 0) {
        ::unlink(fresh.c_str());
        return fail_errno(error, path);
    }
    // The new name is safe once its folder is on the disk.
    int const folder = ::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return fail_errno(errno, path);
    int const synced = flush(folder);
    ::close(folder);
    if (synced != 0) return fail_errno(synced, path);
    return {};
}

Result<std::string> read_private_file(std::string const& path)
{
    int const file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) return fail_errno(errno, path);
    struct stat facts {
    };
    auto const refuse = [&](Error why) -> Result<std::string> {
        ::close(file);
        return why;
    };
    if (::fstat(file, &facts) != 0) return refuse(fail_errno(errno, path));
    if (!S_ISREG(facts.st_mode)) return refuse(fail(errc::refused, path + ": not a plain file"));
    if (facts.st_uid != ::geteuid() && facts.st_uid != 0)
        return refuse(fail(errc::refused, path + ": belongs to another user: chown it to the one we run as"));
    if ((facts.st_mode & 077) != 0)
        return refuse(fail(errc::refused, path + ": others can read it: chmod 600, and take the secret for known"));
    std::string content;
    std::array<char, 4096> buffer{};
    for (;;) {
        auto const got = ::read(file, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refuse(fail_errno(errno, path));
        if (got == 0) break;
        content.append(buffer.data(), static_cast<std::size_t>(got));
        if (content.size() > secret_file_bytes)
            return refuse(fail(errc::limit_exceeded, fmt::format("{}: larger than {} bytes", path, secret_file_bytes)));
    }
    ::close(file);
    return content;
}

Result<> make_private_folder(std::string const& path)
{
    std::error_code failed;
    std::filesystem::create_directories(path, failed);
    if (failed) return fail_errno(failed.value(), path);
    // The very folder that is looked at is the one that is closed.
    int const folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return fail_errno(errno, path);
    struct stat facts {
    };
    int error = ::fstat(folder, &facts) == 0 ? 0 : errno;
    bool const foreign = error == 0 && facts.st_uid != ::geteuid() && facts.st_uid != 0;
    if (error == 0 && !foreign && ::fchmod(folder, S_IRWXU) != 0) error = errno;
    ::close(folder);
    if (foreign) return fail(errc::refused, path + ": belongs to another user: chown it to the one we run as");
    if (error != 0) return fail_errno(error, path);
    return {};
}

} // namespace rollcall::platform::posix
