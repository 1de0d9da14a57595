#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "platform/fact.hpp"
#include "tests/support/temp_dir.hpp"

namespace rollcall::test
{

/// A tree that a test writes file by file: the root of a machine.
class Tree
{
public:
    Tree() = default;
    /// Elsewhere than where temporary files are.
    explicit Tree(std::filesystem::path const& parent)
        : folder_(parent)
    {
    }

    void write(std::string const& path, std::string_view content) const
    {
        auto const place = folder_ / path.substr(1);
        std::filesystem::create_directories(place.parent_path());
        std::ofstream(place, std::ios::binary) << content;
    }
    void link(std::string const& path, std::string const& target) const
    {
        auto const place = folder_ / path.substr(1);
        std::filesystem::create_directories(place.parent_path());
        std::filesystem::create_symlink(target, place);
    }
    void folder(std::string const& path) const { std::filesystem::create_directories(folder_ / path.substr(1)); }
    void remove(std::string const& path) const { std::filesystem::remove_all(folder_ / path.substr(1)); }
    [[nodiscard]] platform::Root root() const { return {folder_.path().string()}; }

private:
    support::TempDir folder_;
};

} // namespace rollcall::test
