#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/fact.hpp"
#include "platform/x509.hpp"

namespace rollcall::platform
{

struct Certificate {
    std::string path; ///< The first file it is in.
    Result<CertificateFacts> facts;
};

/// The certificates in files where servers keep theirs; not the authorities that the system trusts.
///
/// Owns: nothing.  Threads: any.  Blocks: for file reads.
class Certificates
{
public:
    virtual ~Certificates() = default;
    /// Each once. A file that cannot be read is there with the reason; one that holds no certificate is not. Empty is a
    /// valid answer.
    [[nodiscard]] virtual Result<std::vector<Certificate>> list() const = 0;
};

[[nodiscard]] std::unique_ptr<Certificates> make_certificates(Root const& root = {});

} // namespace rollcall::platform
