#include "platform/certificates.hpp"

#include "platform/windows/cert_store.hpp"

#include <wincrypt.h>

namespace rollcall::platform
{

namespace
{

class WindowsCertificates final : public Certificates
{
public:
    [[nodiscard]] Result<std::vector<Certificate>> list() const override
    {
        CertPlaces places;
        places.location = CERT_SYSTEM_STORE_LOCAL_MACHINE;
        places.location_name = "LocalMachine";
        // The second is that of IIS.
        places.stores = {"My", "WebHosting"};
        return certificates_in(places);
    }
};

} // namespace

std::unique_ptr<Certificates> make_certificates(Root const& /*root*/)
{
    return std::make_unique<WindowsCertificates>();
}

} // namespace rollcall::platform
