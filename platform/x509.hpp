#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"

namespace rollcall::platform
{

/// What a certificate says (RFC 5280).
struct CertificateFacts {
    std::string subject; ///< As RFC 2253 writes it.
    std::string issuer;
    std::string serial; ///< Hexadecimal.
    std::string names;  ///< DNS names and addresses it is for, with commas between.
    UnixMs not_before_ms{};
    UnixMs not_after_ms{};
    bool self_signed{};
    std::string fingerprint; ///< SHA-256 of the whole, to know it again.
};

/// The first certificate in a file's content, which in a chain is the holder's own: PEM, where keys and other blocks
/// are passed over, or DER. not_found where there is none; bad_message where it makes no sense.
[[nodiscard]] Result<CertificateFacts> read_certificate(std::string_view content);

} // namespace rollcall::platform
