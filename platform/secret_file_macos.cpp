#include "platform/secret_file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "platform/posix/private_files.hpp"

namespace rollcall::platform
{

/// fsync(2) leaves it in the drive's own cache; what drives of other makers do not know F_FULLFSYNC get that.
static int sync_to_platter(int file)
{
    if (::fcntl(file, F_FULLFSYNC) == 0) return 0;
    return ::fsync(file) == 0 ? 0 : errno;
}

Result<> write_secret_file(std::string const& path, std::string_view content)
{
    return posix::write_private_file(path, content, &sync_to_platter);
}

Result<std::string> read_secret_file(std::string const& path) { return posix::read_private_file(path); }

} // namespace rollcall::platform
