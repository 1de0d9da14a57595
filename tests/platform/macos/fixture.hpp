#pragma once

#include <fstream>
#include <iterator>
#include <string>

namespace rollcall::test
{

/// A file of tests/fixtures/macos.
inline std::string mac_fixture(std::string const& name)
{
    std::ifstream file(std::string(ROLLCALL_FIXTURES) + "/macos/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace rollcall::test
