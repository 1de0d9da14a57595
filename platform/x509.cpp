#include "platform/x509.hpp"

#include <array>
#include <limits>
#include <memory>
#include <optional>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

struct Free {
    void operator()(BIO* one) const { BIO_free(one); }
    void operator()(X509* one) const { X509_free(one); }
    void operator()(BIGNUM* one) const { BN_free(one); }
    void operator()(ASN1_TIME* one) const { ASN1_TIME_free(one); }
    void operator()(GENERAL_NAMES* one) const { GENERAL_NAMES_free(one); }
    void operator()(char* one) const { OPENSSL_free(one); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

/// A name with hundreds of parts is nobody's.
constexpr std::size_t most_names = 100;

std::string name_text(X509_NAME const* name)
{
    Owned<BIO> const out(BIO_new(BIO_s_mem()));
    static constexpr unsigned long style = XN_FLAG_RFC2253 & ~std::uint32_t{ASN1_STRFLGS_ESC_MSB};
    if (!out || X509_NAME_print_ex(out.get(), name, 0, style) < 0) return {};
    char const* bytes = nullptr;
    auto const size = BIO_get_mem_data(out.get(), &bytes);
    return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

std::optional<UnixMs> time_of(ASN1_TIME const* time)
{
    static constexpr std::int64_t seconds_per_day = 86'400;
    Owned<ASN1_TIME> const epoch(ASN1_TIME_set(nullptr, 0));
    int days = 0;
    int seconds = 0;
    if (!epoch || ASN1_TIME_diff(&days, &seconds, epoch.get(), time) != 1) return std::nullopt;
    return (std::int64_t{days} * seconds_per_day + seconds) * 1000;
}

std::string serial_of(X509 const& certificate)
{
    Owned<BIGNUM> const number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr));
    Owned<char> const text(number ? BN_bn2hex(number.get()) : nullptr);
    return text ? std::string(text.get()) : std::string();
}

std::string address_of(ASN1_OCTET_STRING const& address)
{
    static constexpr int v4_bytes = 4;
    static constexpr int v6_bytes = 16;
    auto const* const bytes = ASN1_STRING_get0_data(&address);
    auto const size = ASN1_STRING_length(&address);
    if (size == v4_bytes) return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
    std::string text;
    if (size != v6_bytes) return text;
    for (int i = 0; i < v6_bytes; i += 2)
        text += fmt::format("{}{:x}", i == 0 ? "" : ":", bytes[i] << 8 | bytes[i + 1]);
    return text;
}

std::string names_of(X509 const& certificate)
{
    std::string text;
    Owned<GENERAL_NAMES> const names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
    if (!names) return text;
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()) && static_cast<std::size_t>(i) < most_names; ++i) {
        auto const* const name = sk_GENERAL_NAME_value(names.get(), i);
        std::string one;
        if (name->type == GEN_DNS)
            one.assign(reinterpret_cast<char const*>(ASN1_STRING_get0_data(name->d.dNSName)),
                       static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        else if (name->type == GEN_IPADD)
            one = address_of(*name->d.iPAddress);
        if (one.empty()) continue;
        if (!text.empty()) text += ", ";
        text += one;
    }
    return text;
}

/// The first certificate among blocks of PEM, or the whole as DER.
Owned<X509> first_certificate(std::string_view content)
{
    if (content.size() > std::numeric_limits<int>::max()) return nullptr;
    static constexpr std::string_view mark = "-----BEGIN ";
    if (content.find(mark) != std::string_view::npos) {
        Owned<BIO> const in(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
        return Owned<X509>(in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
    }
    auto const* bytes = reinterpret_cast<unsigned char const*>(content.data());
    return Owned<X509>(d2i_X509(nullptr, &bytes, static_cast<long>(content.size())));
}

} // namespace

Result<CertificateFacts> read_certificate(std::string_view content)
{
    auto const certificate = first_certificate(content);
    // What OpenSSL notes of a file that is none is nobody else's business.
    ERR_clear_error();
    if (!certificate) return fail(errc::not_found, "certificates: none in the file");
    auto const not_before = time_of(X509_get0_notBefore(certificate.get()));
    auto const not_after = time_of(X509_get0_notAfter(certificate.get()));
    if (!not_before || !not_after) return fail(errc::bad_message, "certificates: its times");
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) != 1)
        return fail(errc::bad_message, "certificates: digest");
    CertificateFacts facts;
    facts.subject = name_text(X509_get_subject_name(certificate.get()));
    facts.issuer = name_text(X509_get_issuer_name(certificate.get()));
    facts.serial = serial_of(*certificate);
    facts.names = names_of(*certificate);
    facts.not_before_ms = *not_before;
    facts.not_after_ms = *not_after;
    // With a key it does not know, it cannot have been signed by that key as far as anybody here can tell.
    facts.self_signed = X509_self_signed(certificate.get(), 1) == 1;
    for (unsigned i = 0; i < size; ++i)
        facts.fingerprint += fmt::format("{:02x}", digest[i]);
    ERR_clear_error();
    return facts;
}

} // namespace rollcall::platform
