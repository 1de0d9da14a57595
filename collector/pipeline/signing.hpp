#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"

namespace rollcall::pipeline
{

/// A certificate just signed for a device.
struct SignedCertificate {
    std::string certificate_pem;
    std::string fingerprint; ///< SHA-256 of the DER, lower-case hexadecimal.
    UnixMs issued_ms{};      ///< Its beginning.
    std::string ca_pem;      ///< What the device is to trust from now on.
};

/// Signs a device's certificate request (the gateway's Authority). Called on the writer's thread.
using Sign = std::function<Result<SignedCertificate>(std::string_view request_pem, std::string_view device_id)>;

} // namespace rollcall::pipeline
