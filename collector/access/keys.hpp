#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/core/result.hpp"

namespace rollcall::access
{

/// What is secret of the store beside it: a key in a file of its own (mode 0600, in every backup), so that a copy of
/// the database alone opens nothing.
///
/// Owns: the key.  Threads: any.  Blocks: open() on the disk.
class Keys
{
public:
    /// The key's file in the data folder.
    static constexpr auto file = "access.key";

    /// Reads it, or makes it where there is none and it may be made: only where nothing depends on one that was lost.
    /// errc::corrupt: it is no key of ours, or missing; the error says what to do.
    [[nodiscard]] static Result<Keys> open(std::filesystem::path const& folder, bool may_make);
    /// One that is nowhere kept.
    [[nodiscard]] static Keys make();

    ~Keys();
    Keys(Keys const&) = default;
    Keys& operator=(Keys const&) = default;

    /// AES-256-GCM, as base64url; opened only with the same `about` ("totp TECHNICIAN"), so that nobody puts one in
    /// the place of another.
    [[nodiscard]] std::string seal(std::string_view plain, std::string_view about) const;
    /// errc::corrupt: not sealed with this key, or for something else.
    [[nodiscard]] Result<std::string> unseal(std::string_view sealed, std::string_view about) const;

    /// Ed25519 (RFC 8032), as base64url.
    [[nodiscard]] std::string sign(std::string_view text) const;
    [[nodiscard]] bool has_signed(std::string_view text, std::string_view signature) const;

private:
    static constexpr std::size_t seed_bytes = 32;
    Keys() = default;
    /// A key of its own for each use.
    [[nodiscard]] std::array<unsigned char, 32> derived(std::string_view use) const;

    std::array<unsigned char, seed_bytes> seed_{};
};

} // namespace rollcall::access
