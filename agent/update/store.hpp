#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "agent/update/decide.hpp"
#include "common/core/result.hpp"
#include "common/release/manifest.hpp"

namespace rollcall::update
{

/// A release as it lies in its folder: its manifest, signed by the key of this build, and the program for this machine.
struct Stored {
    release::Manifest manifest;
    release::File file;
    std::string manifest_sha256;
    std::filesystem::path program; ///< Where it lies, or is to lie.
    std::filesystem::path part;    ///< The same, not whole yet.
};

/// Memory and programs in the state folder: update.json, programs/<version>/{manifest.json, manifest.sig, program},
/// update.paused, update.retry.
///
/// Owns: nothing.  Threads: one at a time, but for the two marks, which any program may set.  Blocks: on the disk.
class Store
{
public:
    /// `key`: release::build_key(); tests have another.
    Store(std::filesystem::path folder, std::string key);

    /// No file: nothing is remembered. errc::corrupt where it makes no sense.
    [[nodiscard]] Result<Memory> load() const;
    /// The same, or what is left where it cannot be read.
    [[nodiscard]] Memory load_or_forget() const;
    /// What is left of a memory that cannot be read, which is told to the log: that it never goes below the highest
    /// version whose signed manifest lies here. The installed program runs then.
    [[nodiscard]] Memory forget(Error const& why) const;
    /// On the disk when it returns, whole or not at all.
    [[nodiscard]] Result<> save(Memory const& memory) const;

    /// Signature first, then the text, then whether there is a program for this machine. Nothing is written.
    [[nodiscard]] Result<Stored> check(std::string_view manifest, std::string_view signature) const;
    /// Puts a release that was checked into its folder, closed to others; errc::refused where programs cannot run
    /// there, errc::limit_exceeded where there is too little space.
    [[nodiscard]] Result<> keep_manifest(Stored const& stored, std::string_view manifest,
                                         std::string_view signature) const;
    /// What lies in the folder of this version, checked anew.
    [[nodiscard]] Result<Stored> find(Version version) const;
    /// Is there room for what is still missing of it?
    [[nodiscard]] Result<> check_space(Stored const& stored) const;
    /// The part becomes the program if it has the size and the hash of the manifest; otherwise it is deleted
    /// (errc::corrupt).
    [[nodiscard]] Result<> admit(Stored const& stored) const;
    /// The program of this version, with signature, size and hash checked anew: may be started. errc::io: it is there,
    /// and cannot be read just now.
    [[nodiscard]] Result<Stored> verified(Version version) const;
    /// Deletes the folders of all other versions.
    void clean(Memory const& memory) const;

    /// A person on this machine holds updates back.
    [[nodiscard]] bool paused() const;
    [[nodiscard]] Result<> set_paused(bool paused) const;
    /// A person on this machine wants what failed to be tried again; take_retry() takes the wish away.
    [[nodiscard]] Result<> ask_retry() const;
    [[nodiscard]] bool take_retry() const;

private:
    [[nodiscard]] std::filesystem::path folder_of(Version version) const;

    std::filesystem::path folder_;
    std::string key_;
};

/// Beyond the program's own bytes so many must be free.
inline constexpr std::uint64_t space_reserve_bytes = 64ULL * 1024 * 1024;

/// update.json as text, and back.
[[nodiscard]] std::string to_text(Memory const& memory);
[[nodiscard]] Result<Memory> memory_from_text(std::string_view text);

} // namespace rollcall::update
