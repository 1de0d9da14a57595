#pragma once

#include <string_view>
#include <vector>

#include "platform/certificates.hpp"

namespace rollcall::platform
{

/// The certificates that `security find-certificate -a -p KEYCHAIN` printed, each once: `path` is the keychain's with
/// the beginning of the fingerprint, since nothing in it has a name of its own. One that makes no sense is there with
/// the reason. limit_exceeded: more than `most_in_keychain`.
inline constexpr std::size_t most_in_keychain = 1'000;
[[nodiscard]] Result<std::vector<Certificate>> parse_keychain(std::string_view output, std::string_view keychain);

} // namespace rollcall::platform
