#pragma once

#include <string>
#include <vector>

#include <windows.h>

#include "platform/certificates.hpp"

namespace rollcall::platform
{

/// Stores that are read. A test makes one of its own under its user.
struct CertPlaces {
    DWORD location{};          ///< CERT_SYSTEM_STORE_LOCAL_MACHINE …
    std::string location_name; ///< As certlm.msc and PowerShell call it.
    std::vector<std::string> stores;
};

/// The certificates in these stores, each once. A store that does not exist is left out.
[[nodiscard]] Result<std::vector<Certificate>> certificates_in(CertPlaces const& places);

} // namespace rollcall::platform
