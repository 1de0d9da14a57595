#include "platform/posix/certificate_files.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/stat.h>

#include "platform/posix/file.hpp"

namespace rollcall::platform::posix
{

namespace
{

/// A chain has some 8 KB; what is much larger is a bundle of authorities.
constexpr std::size_t certificate_file_bytes = 64UL * 1024;
constexpr std::size_t most_files = 1'000;
constexpr int most_depth = 3;

bool may_hold_certificate(std::string_view name)
{
    static constexpr std::array<std::string_view, 4> ends = {".pem", ".crt", ".cer", ".cert"};
    return std::any_of(ends.begin(), ends.end(), [&](auto end) { return name.ends_with(end); }) &&
           name.find("privkey") == std::string_view::npos;
}

class CertificateSearch
{
public:
    explicit CertificateSearch(Root const& root)
        : root_(root)
    {
    }

    [[nodiscard]] Result<std::vector<Certificate>> in(std::span<ServerFolder const> folders) const
    {
        Search search;
        for (auto const& place : folders)
            look(place, root_ / place.folder, most_depth, search);
        if (search.found.empty() && search.denied) return *search.denied;
        return std::move(search.found);
    }

private:
    struct Search {
        std::vector<Certificate> found;
        std::set<std::string> fingerprints;
        std::set<std::string> files; ///< Real paths.
        std::optional<Error> denied; ///< A folder that we may not see into.
    };

    /// Folders themselves are entered, links to folders are not: so there is an end.
    void look(ServerFolder const& place, std::string const& folder, int depth, Search& search) const
    {
        auto const names = list_folder(folder);
        if (!names) {
            if (reason(names.error()) == to_string(errc::permission_denied))
                search.denied = fail(names.error(), "certificates");
            return;
        }
        for (auto const& name : *names) {
            auto const path = fmt::format("{}/{}", folder, name);
            struct stat facts {
            };
            if (search.files.size() >= most_files || ::lstat(path.c_str(), &facts) != 0) continue;
            if (S_ISDIR(facts.st_mode)) {
                if (depth > 1) look(place, path, depth - 1, search);
            } else if (may_hold_certificate(name)) {
                read(place, path, search);
            }
        }
    }

    void read(ServerFolder const& place, std::string const& path, Search& search) const
    {
        auto const real = real_path(path);
        auto const within = real_path(root_ / place.within);
        // A link that leads nowhere is in the way of some server, but no certificate.
        if (!real || !within || !real->starts_with(*within + "/") || !search.files.insert(*real).second) return;
        auto const shown = path.substr(root_.path.size());
        struct stat facts {
        };
        // Only files: a pipe would have to be waited for.
        if (::stat(real->c_str(), &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size == 0 ||
            static_cast<std::size_t>(facts.st_size) > certificate_file_bytes)
            return;
        auto content = read_file(*real, certificate_file_bytes);
        if (!content) {
            search.found.push_back({.path = shown, .facts = content.error()});
            return;
        }
        auto certificate = read_certificate(*content);
        // Some programs want the key in the same file.
        OPENSSL_cleanse(content->data(), content->size());
        if (!certificate && reason(certificate.error()) == to_string(errc::not_found)) return;
        if (certificate && !search.fingerprints.insert(certificate->fingerprint).second) return;
        search.found.push_back({.path = shown, .facts = std::move(certificate)});
    }

    Root const& root_;
};

} // namespace

Result<std::vector<Certificate>> certificates_in(Root const& root, std::span<ServerFolder const> folders)
{
    return CertificateSearch(root).in(folders);
}

} // namespace rollcall::platform::posix
