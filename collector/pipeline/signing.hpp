#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::pipeline
{

/// A certificate just signed for a device.
struct SignedCertificate {
    std::string certificate_pem;
    std::string fingerprint; ///< SHA-256 of the DER, lower-case hexadecimal.
    UnixMs issued_ms{};      ///< Its beginning.
    std::string ca_pem;      ///< What the device is to trust from now on.
};

/// Signs a device's certificate request (the gateway's Authority). errc::refused with a sentence: not for the request's
/// sake, but since our own clock cannot be right. Called on the writer's thread.
using Sign = std::function<Result<SignedCertificate>(std::string_view request_pem, std::string_view device_id)>;

/// What is said to a machine whose request, the message's `field`, was not signed.
[[nodiscard]] wire::Refused not_signed(Error const& error, std::string_view field);

} // namespace rollcall::pipeline
