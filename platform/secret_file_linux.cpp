#include "platform/secret_file.hpp"

#include <cerrno>

#include <unistd.h>

#include "platform/posix/private_files.hpp"

namespace rollcall::platform
{

static int sync_file(int file) { return ::fsync(file) == 0 ? 0 : errno; }

Result<> write_secret_file(std::string const& path, std::string_view content)
{
    return posix::write_private_file(path, content, &sync_file);
}

Result<std::string> read_secret_file(std::string const& path) { return posix::read_private_file(path); }

} // namespace rollcall::platform
