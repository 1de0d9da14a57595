#include "platform/windows/cert_store.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <type_traits>

#include <wincrypt.h>

#include <fmt/format.h>

#include "platform/windows/error.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

constexpr std::size_t most_certificates = 1'000;

struct CloseCertStore {
    void operator()(void* store) const { ::CertCloseStore(store, 0); }
};
using CertStore = std::unique_ptr<std::remove_pointer_t<HCERTSTORE>, CloseCertStore>;

/// CERT_STORE_PROV_SYSTEM_W is a macro with a cast of C.
LPCSTR system_store_provider()
{
    static constexpr std::uintptr_t number = 10;
    return reinterpret_cast<LPCSTR>(number);
}

/// Its thumbprint: what certlm.msc and PowerShell name it by.
std::string thumbprint_of(PCCERT_CONTEXT certificate)
{
    static constexpr DWORD sha1_bytes = 20;
    std::array<BYTE, sha1_bytes> hash{};
    DWORD size = sha1_bytes;
    if (!::CertGetCertificateContextProperty(certificate, CERT_SHA1_HASH_PROP_ID, hash.data(), &size)) return {};
    std::string text;
    for (DWORD i = 0; i < size; ++i)
        text += fmt::format("{:02X}", hash.at(i));
    return text;
}

} // namespace

Result<std::vector<Certificate>> certificates_in(CertPlaces const& places)
{
    std::vector<Certificate> found;
    std::set<std::string, std::less<>> fingerprints;
    for (auto const& name : places.stores) {
        CertStore const store(::CertOpenStore(
            system_store_provider(), 0, 0, places.location | CERT_STORE_READONLY_FLAG | CERT_STORE_OPEN_EXISTING_FLAG,
            utf16(name).c_str()));
        if (!store) {
            auto const error = ::GetLastError();
            if (error == ERROR_FILE_NOT_FOUND) continue;
            return fail_windows(error, fmt::format("certificates: {}", name));
        }
        // It frees what it is given, and gives the next.
        PCCERT_CONTEXT certificate = nullptr;
        while ((certificate = ::CertEnumCertificatesInStore(store.get(), certificate)) != nullptr) {
            if (found.size() == most_certificates) {
                ::CertFreeCertificateContext(certificate);
                return fail(errc::limit_exceeded, "certificates: too many");
            }
            if (certificate->pbCertEncoded == nullptr) continue;
            auto facts = read_certificate(std::string_view(reinterpret_cast<char const*>(certificate->pbCertEncoded),
                                                           certificate->cbCertEncoded));
            if (facts && !fingerprints.insert(facts->fingerprint).second) continue;
            found.push_back({.path = fmt::format("{}\\{}\\{}", places.location_name, name, thumbprint_of(certificate)),
                             .facts = std::move(facts)});
        }
    }
    return found;
}

} // namespace rollcall::platform
