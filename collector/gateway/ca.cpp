#include "collector/gateway/ca.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <iterator>
#include <set>

#include <boost/asio/ip/host_name.hpp>
#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "common/core/ids.hpp"
#include "common/net/address.hpp"
#include "platform/network.hpp"
#include "platform/secret_file.hpp"

namespace rollcall::gateway
{

namespace
{

namespace fs = std::filesystem;

constexpr std::int64_t day_s = 86400;
/// Devices whose clock is a little behind must not see a certificate from the future.
constexpr std::int64_t backdate_s = 3600;
/// RFC 5280, appendix A.1: ub-common-name.
constexpr std::size_t common_name_characters = 64;

/// The whole file; errc::not_found where there is none. A key must not be readable by others.
Result<std::string> read_file(fs::path const& path, bool secret)
{
    std::error_code failure;
    if (fs::symlink_status(path, failure).type() == fs::file_type::not_found)
        return fail(errc::not_found, path.string());
    if (secret) {
        auto text = platform::read_secret_file(path.string());
        if (!text && text.error().code == errc::refused)
            return fail(errc::permission_denied,
                        fmt::format("{}. It holds a private key: run chmod 600 {} (and replace the key if somebody "
                                    "read it)",
                                    text.error().trace, path.string()));
        return text;
    }
    std::ifstream stream(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (!stream) return fail(errc::io, fmt::format("{}: cannot be read", path.string()));
    return text;
}

/// 128 random bits, positive, as RFC 5280 §4.1.2.2 wants them: nobody can foresee the next one.
bool set_random_serial(X509& certificate)
{
    std::array<unsigned char, 16> bytes{};
    random_bytes(bytes);
    std::unique_ptr<BIGNUM, decltype([](BIGNUM* number) { BN_free(number); })> const number(
        BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr;
}

bool set_time(ASN1_TIME* field, std::int64_t unix_s)
{
    return ASN1_TIME_set(field, static_cast<std::time_t>(unix_s)) != nullptr;
}

/// One subject entry; the others have none, so that nothing about people gets into certificates.
bool set_subject(X509& certificate, std::string_view common_name)
{
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(&certificate), "CN", MBSTRING_UTF8,
                                      reinterpret_cast<unsigned char const*>(common_name.data()),
                                      static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool add_extension(X509& certificate, X509& issuer, int nid, std::string const& value)
{
    X509V3_CTX context{};
    X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
    std::unique_ptr<X509_EXTENSION, decltype([](X509_EXTENSION* extension) { X509_EXTENSION_free(extension); })> const
        extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    return extension && X509_add_ext(&certificate, extension.get(), -1) == 1;
}

struct Wanted {
    std::string common_name;
    int days = 0;
    std::string constraints;
    std::string usage;
    std::string extended_usage; ///< "" = none.
    std::string names;          ///< "" = none.
};

/// Signed by `ca_key`; by itself where `ca` is null.
Result<net::Certificate> make_certificate(Wanted const& wanted, EVP_PKEY& subject_key, X509* ca, EVP_PKEY& ca_key,
                                          UnixMs now)
{
    auto const now_s = now / 1000;
    auto end_s = now_s + wanted.days * day_s;
    if (ca != nullptr) { // What outlives its CA is worth nothing.
        auto const ca_end = net::not_after(*ca);
        if (!ca_end) return ca_end.error();
        end_s = std::min(end_s, *ca_end);
    }
    net::Certificate certificate(X509_new());
    auto* const issuer = ca == nullptr ? certificate.get() : ca;
    bool const done =
        certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1 && set_random_serial(*certificate) &&
        set_time(X509_getm_notBefore(certificate.get()), now_s - backdate_s) &&
        set_time(X509_getm_notAfter(certificate.get()), end_s) && set_subject(*certificate, wanted.common_name) &&
        X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer)) == 1 &&
        X509_set_pubkey(certificate.get(), &subject_key) == 1 &&
        add_extension(*certificate, *issuer, NID_basic_constraints, wanted.constraints) &&
        add_extension(*certificate, *issuer, NID_key_usage, wanted.usage) &&
        add_extension(*certificate, *issuer, NID_subject_key_identifier, "hash") &&
        (ca == nullptr || add_extension(*certificate, *issuer, NID_authority_key_identifier, "keyid:always")) &&
        (wanted.extended_usage.empty() ||
         add_extension(*certificate, *issuer, NID_ext_key_usage, wanted.extended_usage)) &&
        (wanted.names.empty() || add_extension(*certificate, *issuer, NID_subject_alt_name, wanted.names)) &&
        X509_sign(certificate.get(), &ca_key, EVP_sha256()) > 0;
    if (!done) return net::tls_error(errc::io, "make a certificate");
    return certificate;
}

bool is_p256(EVP_PKEY const& key)
{
    std::array<char, 64> group{};
    std::size_t size = 0;
    return EVP_PKEY_is_a(&key, "EC") == 1 &&
           EVP_PKEY_get_utf8_string_param(&key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(), &size) == 1 &&
           std::string_view(group.data(), size) == "prime256v1";
}

/// Labels of letters, digits and hyphens: anything else could smuggle a second entry into the names' list.
bool is_dns_name(std::string_view name)
{
    if (name.empty() || name.size() > net::host_bytes || name.front() == '.') return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == '_';
    });
}

/// As OpenSSL writes subjectAltName: "DNS:localhost,IP:127.0.0.1".
std::string alternative_names(std::vector<std::string> const& names)
{
    std::set<std::string> entries{"DNS:localhost", "IP:127.0.0.1", "IP:::1"};
    for (auto const& name : names) {
        if (net::is_ip_literal(name))
            entries.insert("IP:" + name);
        else if (is_dns_name(name))
            entries.insert("DNS:" + name);
    }
    return fmt::format("{}", fmt::join(entries, ","));
}

/// The subjectAltName extension as the bytes that stand in a certificate.
std::string names_in(X509 const& certificate)
{
    int const place = X509_get_ext_by_NID(&certificate, NID_subject_alt_name, -1);
    if (place < 0) return {};
    auto const* const data = X509_EXTENSION_get_data(X509_get_ext(&certificate, place));
    return {reinterpret_cast<char const*>(ASN1_STRING_get0_data(data)),
            static_cast<std::size_t>(ASN1_STRING_length(data))};
}

/// The same for names that are wanted.
std::string names_wanted(std::string const& names)
{
    net::Certificate const probe(X509_new());
    if (!probe || !add_extension(*probe, *probe, NID_subject_alt_name, names)) return {};
    return names_in(*probe);
}

Error damaged(fs::path const& path, Error inner)
{
    return fail(errc::corrupt,
                fmt::format("{}: {}. Restore the file from a backup of the data folder", path.string(), inner.trace));
}

struct Pair {
    net::Key key;
    net::Certificate certificate;
};

/// All keys of a file of ours, in their order; at least one.
Result<std::vector<net::Key>> keys_from_pem(std::string_view pem)
{
    static constexpr std::string_view end = "-----END PRIVATE KEY-----";
    std::vector<net::Key> keys;
    do {
        auto const place = pem.find(end);
        auto const one = place == std::string_view::npos ? pem : pem.substr(0, place + end.size());
        auto key = net::key_from_pem(one);
        if (!key) return key.error();
        keys.push_back(*std::move(key));
        pem.remove_prefix(one.size());
    } while (pem.find(end) != std::string_view::npos);
    return keys;
}

/// Certificates with their keys, in the order of the certificates; errc::not_found where that file or both are absent.
/// A key without a certificate is what a start that was cut off leaves.
Result<std::vector<Pair>> read_pairs(fs::path const& key_path, fs::path const& certificate_path)
{
    auto const key_pem = read_file(key_path, true);
    if (!key_pem) return key_pem.error();
    auto const certificate_pem = read_file(certificate_path, false);
    if (!certificate_pem) return certificate_pem.error();
    auto keys = keys_from_pem(*key_pem);
    if (!keys) return damaged(key_path, keys.error());
    auto certificates = net::certificates_from_pem(*certificate_pem);
    if (!certificates) return damaged(certificate_path, certificates.error());
    std::vector<Pair> pairs;
    pairs.reserve(certificates->size());
    for (auto& certificate : *certificates) {
        auto const key = std::ranges::find_if(*keys, [&](net::Key const& one) {
            return one && X509_check_private_key(certificate.get(), one.get()) == 1;
        });
        if (key == keys->end())
            return damaged(certificate_path,
                           net::tls_error(errc::corrupt, fmt::format("does not belong to {}", key_path.string())));
        pairs.push_back({std::move(*key), std::move(certificate)});
    }
    ERR_clear_error(); // Of keys that were another's.
    return pairs;
}

/// The keys go first: cut off in between, there are keys without a certificate, which the next start makes good.
Result<> write_pairs(std::vector<Pair> const& pairs, fs::path const& key_path, fs::path const& certificate_path)
{
    std::string keys;
    std::string certificates;
    for (auto const& pair : pairs) {
        auto const key_pem = net::to_pem(*pair.key);
        if (!key_pem) return key_pem.error();
        auto const certificate_pem = net::to_pem(*pair.certificate);
        if (!certificate_pem) return certificate_pem.error();
        keys += *key_pem;
        certificates += *certificate_pem;
    }
    if (auto done = platform::write_secret_file(key_path.string(), keys); !done) return done;
    return platform::write_secret_file(certificate_path.string(), certificates);
}

Result<Pair> make_ca(UnixMs now)
{
    auto key = net::make_key();
    if (!key) return key.error();
    Wanted const wanted{.common_name = "Rollcall CA " + make_uuid(now).substr(0, 8),
                        .days = ca_days,
                        .constraints = "critical,CA:TRUE,pathlen:0",
                        .usage = "critical,keyCertSign,cRLSign"};
    auto certificate = make_certificate(wanted, **key, nullptr, **key, now);
    if (!certificate) return certificate.error();
    return Pair{std::move(*key), std::move(*certificate)};
}

/// A CA and what is left of its life; negative: it ran out so long ago.
struct Ca {
    Pair pair;
    std::int64_t left_s = 0;
    bool begun = true; ///< False: it was made by a clock that was ahead.

    [[nodiscard]] bool lasts(std::int64_t days) const { return begun && left_s > days * day_s; }
};

/// From those that are there to those that are wanted now. True: something changed. Pure but for the new key. None is
/// ever taken away: the clock that says it is too old may be wrong.
Result<bool> renew_cas(std::vector<Ca>& cas, UnixMs now)
{
    bool changed = false;
    if (std::ranges::none_of(cas, [](Ca const& ca) { return ca.lasts(ca_overlap_days); })) {
        auto made = make_ca(now);
        if (!made) return made.error();
        cas.push_back({.pair = std::move(*made), .left_s = ca_days * day_s});
        changed = true;
    }
    // The one that certifies the server stands first, for as long as it may: devices that were away know no other.
    auto const first =
        std::ranges::min_element(cas, {}, [](Ca const& ca) { return std::pair(!ca.lasts(ca_switch_days), ca.left_s); });
    if (first == cas.begin()) return changed;
    std::rotate(cas.begin(), first, std::next(first));
    return true;
}

/// With what each has left now. A clock from before the first of them is wrong: then it is counted from there.
Result<std::vector<Ca>> age_of(std::vector<Pair> pairs, UnixMs now)
{
    std::vector<std::int64_t> begins;
    begins.reserve(pairs.size());
    for (auto const& pair : pairs) {
        auto const begin_s = net::not_before(*pair.certificate);
        if (!begin_s) return begin_s.error();
        begins.push_back(*begin_s);
    }
    auto const now_s = std::max(now / 1000, std::ranges::min(begins));
    std::vector<Ca> cas;
    cas.reserve(pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        auto const end_s = net::not_after(*pairs[i].certificate);
        if (!end_s) return end_s.error();
        cas.push_back({.pair = std::move(pairs[i]), .left_s = *end_s - now_s, .begun = begins[i] <= now_s});
    }
    return cas;
}

Result<std::vector<Ca>> open_cas(fs::path const& folder, UnixMs now)
{
    auto const key_path = folder / "ca.key";
    auto const certificate_path = folder / "ca.pem";
    auto pairs = read_pairs(key_path, certificate_path);
    if (!pairs && pairs.error().code != errc::not_found) return pairs.error();
    std::error_code ignored;
    if (!pairs && fs::exists(certificate_path, ignored))
        return fail(errc::corrupt, fmt::format("{} is missing but {} is there: enrolled devices trust that "
                                               "certificate. Restore the key from a backup of the data folder",
                                               key_path.string(), certificate_path.string()));
    std::vector<Ca> cas;
    if (pairs) {
        auto aged = age_of(*std::move(pairs), now);
        if (!aged) return damaged(certificate_path, aged.error());
        cas = *std::move(aged);
    }
    auto const changed = renew_cas(cas, now);
    if (!changed) return changed.error();
    if (!*changed) return cas;
    std::vector<Pair> kept;
    kept.reserve(cas.size());
    for (auto& ca : cas)
        kept.push_back(std::move(ca.pair));
    if (auto const done = write_pairs(kept, key_path, certificate_path); !done) return done.error();
    for (std::size_t i = 0; i < kept.size(); ++i)
        cas[i].pair = std::move(kept[i]);
    return cas;
}

Result<Pair> open_server(fs::path const& folder, std::vector<std::string> const& names, Pair const& ca, UnixMs now)
{
    auto const key_path = folder / "server.key";
    auto const certificate_path = folder / "server.pem";
    auto const wanted_names = alternative_names(names);
    auto pairs = read_pairs(key_path, certificate_path);
    // Nobody remembers this certificate, so a damaged one is simply made anew; a readable key is still an error.
    if (!pairs && pairs.error().code != errc::not_found && pairs.error().code != errc::corrupt) return pairs.error();
    if (pairs) {
        auto& pair = pairs->front();
        auto const begin = net::not_before(*pair.certificate);
        auto const ca_begin = net::not_before(*ca.certificate);
        auto const end = net::not_after(*pair.certificate);
        auto const ca_end = net::not_after(*ca.certificate);
        // Made by a clock that was ahead; but one from before the CA is itself wrong.
        bool const begun = begin && ca_begin && (*begin <= now / 1000 || now / 1000 < *ca_begin);
        // One that ends with its CA cannot be made to last longer.
        bool const lasts = end && ca_end && (*end - now / 1000 > server_renew_days * day_s || *end == *ca_end);
        if (begun && lasts && names_in(*pair.certificate) == names_wanted(wanted_names) &&
            X509_verify(pair.certificate.get(), X509_get0_pubkey(ca.certificate.get())) == 1)
            return std::move(pair);
    }
    auto key = net::make_key();
    if (!key) return key.error();
    Wanted const wanted{.common_name = "Rollcall collector",
                        .days = server_days,
                        .constraints = "critical,CA:FALSE",
                        .usage = "critical,digitalSignature",
                        .extended_usage = "serverAuth",
                        .names = wanted_names};
    auto certificate = make_certificate(wanted, **key, ca.certificate.get(), *ca.key, now);
    if (!certificate) return certificate.error();
    std::vector<Pair> made;
    made.push_back({std::move(*key), std::move(*certificate)});
    if (auto const done = write_pairs(made, key_path, certificate_path); !done) return done.error();
    return std::move(made.front());
}

} // namespace

std::vector<std::string> machine_names()
{
    std::vector<std::string> names;
    boost::system::error_code failure;
    if (auto host = boost::asio::ip::host_name(failure); !failure && !host.empty()) names.push_back(std::move(host));
    // Without its addresses it can still be reached by its name.
    if (auto const addresses = platform::make_network()->addresses())
        for (auto const& address : *addresses)
            names.push_back(address.text);
    return names;
}

Result<std::unique_ptr<Authority>> Authority::open(fs::path const& folder, std::vector<std::string> const& names,
                                                   UnixMs now)
{
    auto cas = open_cas(folder, now);
    if (!cas) return fail(cas.error(), "certificate authority");
    auto const& first = cas->front().pair;
    auto const server = open_server(folder, names, first, now);
    if (!server) return fail(server.error(), "server certificate");

    std::unique_ptr<Authority> authority(new Authority);
    authority->fingerprint_ = net::fingerprint(*first.certificate);
    auto const key_pem = net::to_pem(*server->key);
    auto const server_pem = net::to_pem(*server->certificate);
    auto const first_pem = net::to_pem(*first.certificate);
    for (auto const* const pem : {&key_pem, &server_pem, &first_pem})
        if (!*pem) return fail(pem->error(), "certificate authority");
    authority->material_ = {.key_pem = *key_pem, .chain_pem = *server_pem + *first_pem, .ca_pem = {}};
    for (auto& ca : *cas) {
        auto const pem = net::to_pem(*ca.pair.certificate);
        if (!pem) return fail(pem.error(), "certificate authority");
        if (ca.left_s >= -ca_trusted_days_after * day_s) authority->material_.ca_pem += *pem;
        if (ca.left_s > 0) authority->ca_pem_ += *pem;
    }
    // The one that ends first of those that outlive a device's certificate; so devices have long known the next one
    // when it begins to sign, and a collector restored from a backup of before knows what it signed.
    auto const signer = std::ranges::min_element(*cas, {}, [](Ca const& ca) {
        bool const outlives = ca.begun && ca.left_s >= device_days * day_s;
        return std::pair(!outlives, outlives ? ca.left_s : -ca.left_s);
    });
    authority->key_ = std::move(signer->pair.key);
    authority->certificate_ = std::move(signer->pair.certificate);
    return authority;
}

Result<DeviceCertificate> Authority::sign(std::string_view request_pem, std::string_view device_id, UnixMs now) const
{
    if (!is_uuid(device_id) || device_id.size() > common_name_characters)
        return fail(errc::bad_input, "device id: a UUID is wanted");
    auto const request = net::request_from_pem(request_pem);
    if (!request) return request.error();
    auto* const key = X509_REQ_get0_pubkey(request->get());
    if (!is_p256(*key)) return fail(errc::bad_input, "certificate request: its key must be a P-256 key (prime256v1)");

    Wanted const wanted{.common_name = std::string(device_id),
                        .days = device_days,
                        .constraints = "critical,CA:FALSE",
                        .usage = "critical,digitalSignature",
                        .extended_usage = "clientAuth"};
    auto const certificate = make_certificate(wanted, *key, certificate_.get(), *key_, now);
    if (!certificate) return fail(certificate.error(), "device certificate");
    auto pem = net::to_pem(**certificate);
    if (!pem) return fail(pem.error(), "device certificate");
    auto const begins_s = net::not_before(**certificate);
    if (!begins_s) return fail(begins_s.error(), "device certificate");
    return DeviceCertificate{
        .pem = std::move(*pem), .fingerprint = net::fingerprint(**certificate), .issued_ms = *begins_s * 1000};
}

} // namespace rollcall::gateway
