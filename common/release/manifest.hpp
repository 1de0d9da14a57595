#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"

/// What a release of Rollcall consists of, and the proof that its makers made it. Pure.
namespace rollcall::release
{

namespace limits
{

inline constexpr std::size_t manifest_bytes = 256UL * 1024;
inline constexpr std::size_t files = 64;
inline constexpr std::int64_t file_bytes = 256LL * 1024 * 1024;
inline constexpr std::size_t name_bytes = 128;
inline constexpr std::size_t waves = 16;
inline constexpr std::int64_t wave_hours = 24LL * 366;

} // namespace limits

/// MAJOR.MINOR.PATCH, each at most 65535; no words, no leading zeros: one version has one text.
struct Version {
    std::uint16_t major_number{};
    std::uint16_t minor_number{};
    std::uint16_t patch_number{};
    auto operator<=>(Version const&) const = default; // NOLINT(modernize-use-nullptr): clang-tidy 14 sees the 0 of it
};

[[nodiscard]] std::string to_string(Version version);
/// errc::bad_input says what was expected.
[[nodiscard]] Result<Version> parse_version(std::string_view text);

/// From `after_h` hours after the release was made known, so many of a hundred devices may have it.
struct Wave {
    std::int64_t percent{};
    std::int64_t after_h{};
    bool operator==(Wave const&) const = default;
};

/// A file of the release. Kind, system and architecture are words: one that is not known yet is a newer release's, and
/// no reason not to read the rest.
struct File {
    std::string name;         ///< No path: [A-Za-z0-9._+-], not beginning with a dot.
    std::string kind;         ///< program, deb, rpm, msi, pkg, tar.gz
    std::string system;       ///< linux, windows, macos
    std::string architecture; ///< x86_64, arm64, universal: fits every architecture of its system
    std::int64_t bytes{};
    std::string sha256; ///< 64 small hexadecimal digits.
    bool operator==(File const&) const = default;
};

enum class Channel { stable, beta };
[[nodiscard]] std::string_view to_string(Channel channel);
/// errc::bad_input where it is neither "stable" nor "beta".
[[nodiscard]] Result<Channel> parse_channel(std::string_view text);
/// A device on beta takes both.
[[nodiscard]] constexpr bool takes(Channel device, Channel offered)
{
    return device == Channel::beta || offered == Channel::stable;
}

struct Manifest {
    Version version;
    Channel channel{};
    UnixMs released_ms{};
    std::vector<Wave> waves; ///< Both numbers grow. None: all at once.
    std::vector<File> files; ///< No name stands twice, nor a program for the same system and architecture.
};

/// Checks every field and names the one that does not fit; fields that it does not know are skipped.
/// errc::not_supported: of a later format, or another product's; errc::limit_exceeded; errc::bad_message.
/// Says nothing about who wrote it: verify_signature() first.
[[nodiscard]] Result<Manifest> parse_manifest(std::string_view text);

/// The file of that kind for a machine; nullptr where the release has none. One made for exactly this architecture is
/// preferred to a universal one.
[[nodiscard]] File const* find_file(Manifest const& manifest, std::string_view kind, std::string_view system,
                                    std::string_view architecture);

/// Is `signature_base64` (64 bytes, a line end may follow) the Ed25519 signature (RFC 8032) of exactly these bytes by
/// the key `public_key_base64` (its raw 32 bytes)? errc::unauthenticated where it is not; errc::not_supported where
/// there is no key: this build takes no updates; errc::bad_input where one of the two is not what it should be.
[[nodiscard]] Result<> verify_signature(std::string_view text, std::string_view signature_base64,
                                        std::string_view public_key_base64);

} // namespace rollcall::release
