#include "platform/secret_file.hpp"

namespace rollcall::platform
{

Result<> write_secret_file(std::string const& /*path*/, std::string_view /*content*/)
{
    return fail(errc::not_supported, "secret_file: Windows");
}

Result<std::string> read_secret_file(std::string const& /*path*/)
{
    return fail(errc::not_supported, "secret_file: Windows");
}

} // namespace rollcall::platform
