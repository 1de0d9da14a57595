#include "platform/secret_file.hpp"

#include "platform/posix/private_files.hpp"

namespace rollcall::platform
{

Result<> write_secret_file(std::string const& path, std::string_view content)
{
    return posix::write_private_file(path, content);
}

Result<std::string> read_secret_file(std::string const& path) { return posix::read_private_file(path); }

} // namespace rollcall::platform
