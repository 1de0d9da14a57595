#pragma once

#include <filesystem>
#include <string>

namespace rollcall::support
{

/// A folder of its own for one test, gone with it.
class TempDir
{
public:
    explicit TempDir(std::filesystem::path const& parent = std::filesystem::temp_directory_path());
    ~TempDir();
    TempDir(TempDir const&) = delete;
    TempDir& operator=(TempDir const&) = delete;

    [[nodiscard]] std::filesystem::path const& path() const { return path_; }
    [[nodiscard]] std::filesystem::path operator/(std::string const& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

} // namespace rollcall::support
