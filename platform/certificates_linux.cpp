#include "platform/certificates.hpp"

#include <array>

#include "platform/posix/certificate_files.hpp"

namespace rollcall::platform
{

namespace
{

/// Links in /etc/ssl/certs and /etc/pki/tls/certs point to the system's authorities.
constexpr std::array<posix::ServerFolder, 5> server_folders = {{{"/etc/letsencrypt/live", "/etc/letsencrypt/"},
                                                                {"/etc/ssl/certs", "/etc/ssl/certs/"},
                                                                {"/etc/pki/tls/certs", "/etc/pki/tls/"},
                                                                {"/etc/nginx", "/etc/nginx/"},
                                                                {"/etc/apache2", "/etc/apache2/"}}};

class LinuxCertificates final : public Certificates
{
public:
    explicit LinuxCertificates(Root root)
        : root_(std::move(root))
    {
    }
    [[nodiscard]] Result<std::vector<Certificate>> list() const override
    {
        return posix::certificates_in(root_, server_folders);
    }

private:
    Root root_;
};

} // namespace

std::unique_ptr<Certificates> make_certificates(Root const& root) { return std::make_unique<LinuxCertificates>(root); }

} // namespace rollcall::platform
