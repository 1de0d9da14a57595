#include "platform/certificates.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class MacCertificates final : public Certificates
{
public:
    [[nodiscard]] Result<std::vector<Certificate>> list() const override
    {
        return fail(errc::not_supported, "certificates: macOS");
    }
};

} // namespace

std::unique_ptr<Certificates> make_certificates(Root const& /*root*/) { return std::make_unique<MacCertificates>(); }

} // namespace rollcall::platform
