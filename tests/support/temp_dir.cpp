#include "tests/support/temp_dir.hpp"

#include <system_error>

#include "common/core/clock.hpp"
#include "common/core/ids.hpp"

namespace rollcall::support
{

TempDir::TempDir(std::filesystem::path const& parent)
    : path_(parent / ("rollcall-test-" + make_uuid(SystemClock{}.now_ms())))
{
    std::filesystem::create_directories(path_);
}

TempDir::~TempDir()
{
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

} // namespace rollcall::support
