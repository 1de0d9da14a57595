#include "platform/certificates.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "platform/macos/keychain.hpp"
#include "platform/macos/tool.hpp"
#include "platform/posix/certificate_files.hpp"

namespace rollcall::platform
{

namespace
{

/// The keychain of the machine; the authorities that Apple trusts are in another.
constexpr std::string_view system_keychain = "/Library/Keychains/System.keychain";
/// Where servers keep theirs, those from Homebrew, too.
constexpr std::array<posix::ServerFolder, 5> mac_server_folders = {
    {{"/etc/letsencrypt/live", "/etc/letsencrypt/"},
     {"/etc/apache2", "/etc/apache2/"},
     {"/opt/homebrew/etc/nginx", "/opt/homebrew/etc/nginx/"},
     {"/opt/homebrew/etc/httpd", "/opt/homebrew/etc/httpd/"},
     {"/usr/local/etc/nginx", "/usr/local/etc/nginx/"}}};

class MacCertificates final : public Certificates
{
public:
    explicit MacCertificates(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<Certificate>> list() const override
    {
        auto const output = tool_output(
            {.arguments = {"/usr/bin/security", "find-certificate", "-a", "-p", std::string(system_keychain)}}, run);
        if (!output) return fail(output.error(), "certificates");
        auto found = parse_keychain(*output, system_keychain);
        if (!found) return found;
        // Folders that we may not see into take nothing from what the keychain holds.
        if (auto files = posix::certificates_in(root_, mac_server_folders))
            std::move(files->begin(), files->end(), std::back_inserter(*found));
        return found;
    }

private:
    Root root_;
};

} // namespace

std::unique_ptr<Certificates> make_certificates(Root const& root) { return std::make_unique<MacCertificates>(root); }

} // namespace rollcall::platform
