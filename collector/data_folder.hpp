#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rollcall::collector
{

/// Less free space than this, and the collector does not start, and is not ready.
inline constexpr std::uintmax_t min_free_bytes = 64UL * 1024 * 1024;

/// The one folder that holds everything a collector knows: database, keys, its address.
///
/// Owns: the lock that keeps a second collector out.  Threads: any.  Blocks: on the disk.
class DataFolder
{
public:
    static constexpr auto database_file = "rollcall.db";
    static constexpr auto lock_file = "lock";
    /// Of releases, unless the config names another folder. Only `add-release` makes it, and no backup holds it.
    static constexpr auto releases_folder = "releases";
    /// Everything beside the database that must not get lost: what a backup holds. A test looks for files that are
    /// missing here.
    static constexpr std::array small_files{"ca.key", "ca.pem", "server.key", "server.pem", "address"};
    /// The same, of databases since this schema: a folder that was last served by an older program has none of them.
    static constexpr std::array access_files{"access.key", "audit.heads"};
    static constexpr int access_files_since = 9;

    /// For the collector: makes the folder (0700) where it is missing and locks it. The error is a sentence for the
    /// person who started it; then nothing was left behind. errc::conflict: another collector uses it.
    static Result<DataFolder> open(std::filesystem::path const& path);
    /// For the command line beside a running collector: it must be there and have been used.
    static Result<DataFolder> visit(std::filesystem::path const& path);

    DataFolder(DataFolder&& other) noexcept;
    DataFolder& operator=(DataFolder&&) = delete;
    ~DataFolder();

    [[nodiscard]] std::filesystem::path const& path() const { return path_; }
    [[nodiscard]] std::filesystem::path database() const { return path_ / database_file; }
    /// errc::limit_exceeded in words where too little space is left.
    [[nodiscard]] Result<> check_space() const;
    /// errc::corrupt in words where a folder that was in use has no database any more: an empty one in its place would
    /// be taken for a collector without devices.
    [[nodiscard]] Result<> check_database() const;

    /// What agents dial, "host:port", and the key that browsers are shown (net::key_pin): noted at each start, for
    /// tokens made on the command line.
    Result<> note_address(std::string_view address, std::string_view pin) const;
    [[nodiscard]] Result<std::string> address() const;
    [[nodiscard]] Result<std::string> pin() const;
    /// Fingerprint of the CA's certificate.
    [[nodiscard]] Result<std::string> ca_fingerprint() const;

    /// Between these two nobody else can open or visit the folder, not even after a crash in between.
    Result<> begin_restore() const;
    Result<> end_restore() const;
    /// Removes what a restore has made.
    void clear() const;

private:
    struct Lock;
    DataFolder(std::filesystem::path path, std::unique_ptr<Lock> lock);

    std::filesystem::path path_;
    std::unique_ptr<Lock> lock_; ///< None for a visitor.
};

} // namespace rollcall::collector
