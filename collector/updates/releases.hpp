#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/core/result.hpp"
#include "common/release/manifest.hpp"

namespace rollcall::updates
{

/// A release whose files are all there and as its manifest says.
struct Release {
    release::Manifest manifest;
    std::string text;      ///< The manifest, exactly as it was signed.
    std::string signature; ///< As in manifest.sig.
    std::filesystem::path folder;
    std::string warning; ///< Why devices of the collector's own build will refuse it; "" = they will not.

    [[nodiscard]] release::Version version() const { return manifest.version; }
};

/// What lies among the releases and cannot be offered.
struct BrokenRelease {
    std::string name; ///< Of its folder.
    std::string why;  ///< A sentence.
    bool operator==(BrokenRelease const&) const = default;
};

/// What the folder of releases held when it was looked at.
struct Shelf {
    std::vector<std::shared_ptr<Release const>> releases; ///< Newest version first.
    std::vector<BrokenRelease> broken;
    std::string unreadable; ///< Why the folder could not be read; "" = it was, or there is none.

    /// nullptr: there is none of this version.
    [[nodiscard]] std::shared_ptr<Release const> find(release::Version version) const;
    /// The file of this name and content; an empty path where there is none.
    [[nodiscard]] std::filesystem::path file(std::string_view sha256, std::string_view name) const;
};

/// A file of a release with its size and time, so that its content is read once only.
struct SeenFile {
    std::uintmax_t bytes{};
    std::filesystem::file_time_type changed;
    std::string sha256;
};
using SeenFiles = std::map<std::filesystem::path, SeenFile>;

/// Reads one release whole. The error is a sentence that names the file and what is wrong with it. Blocks.
[[nodiscard]] Result<Release> read_release(std::filesystem::path const& folder, std::string_view update_key,
                                           SeenFiles& seen);
/// Reads the folder of releases; where there is none, the shelf is empty. Blocks.
[[nodiscard]] Shelf read_shelf(std::filesystem::path const& folder, std::string_view update_key, SeenFiles& seen);

/// For the command line: copies a release of its maker in, whole or not at all. errc::conflict: there is one of this
/// version. The error is a sentence. Blocks.
[[nodiscard]] Result<release::Version> add_release(std::filesystem::path const& from,
                                                   std::filesystem::path const& releases, std::string_view update_key);
/// The opposite. errc::not_found.
[[nodiscard]] Result<> remove_release(std::string_view version, std::filesystem::path const& releases);

/// Looks at the folder of releases on a thread of its own, again and again, and tells when something is different.
///
/// Owns: its thread.  Threads: any.  Blocks: look() and stop().
class Releases
{
public:
    /// `update_key`: whose releases devices of the collector's own build take; "" = it is not known.
    Releases(std::filesystem::path folder, std::string update_key, std::chrono::seconds look_every);
    ~Releases();
    Releases(Releases const&) = delete;
    Releases& operator=(Releases const&) = delete;

    /// `changed` is called by whoever looks, from look(), and after each that found something different.
    void listen(std::function<void(std::shared_ptr<Shelf const>)> changed);
    /// At once and then every `look_every`, on a thread of its own.
    void start();
    void stop();
    void look();

    /// Never null; empty before the first look.
    [[nodiscard]] std::shared_ptr<Shelf const> shelf() const;
    [[nodiscard]] std::filesystem::path const& folder() const { return folder_; }

private:
    std::filesystem::path const folder_;
    std::string const update_key_;
    std::chrono::seconds const look_every_;
    std::function<void(std::shared_ptr<Shelf const>)> changed_;

    std::mutex looking_; // Guards seen_: one looks at a time.
    SeenFiles seen_;

    mutable std::mutex mutex_; // Guards all below.
    std::condition_variable wake_;
    bool stopping_ = false;
    std::shared_ptr<Shelf const> shelf_ = std::make_shared<Shelf>();
    std::thread thread_;
};

} // namespace rollcall::updates
