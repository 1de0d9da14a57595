#include "common/net/address.hpp"

#include <algorithm>
#include <charconv>
#include <memory>

#include <fmt/format.h>
#include <openssl/x509v3.h>

namespace rollcall::net
{

bool is_ip_literal(std::string const& host)
{
    struct Free {
        void operator()(ASN1_OCTET_STRING* octets) const noexcept { ASN1_OCTET_STRING_free(octets); }
    };
    return std::unique_ptr<ASN1_OCTET_STRING, Free>(a2i_IPADDRESS(host.c_str())) != nullptr;
}

static bool is_host_name(std::string_view host)
{
    if (host.empty() || host.size() > host_bytes || host.front() == '.' || host.front() == '-') return false;
    return std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == '_';
    });
}

Result<Address> parse_address(std::string_view text)
{
    auto const wrong = [text](std::string_view why) {
        return fail(errc::bad_input, fmt::format("address \"{}\": {}; write host:port, or [IPv6]:port",
                                                 text.substr(0, host_bytes), why));
    };
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos) return wrong("the port is missing");
    auto host = text.substr(0, colon);
    auto const digits = text.substr(colon + 1);

    std::uint16_t port = 0;
    auto const [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || failed != std::errc{} || end != digits.data() + digits.size() || port == 0)
        return wrong("the port must be a number from 1 to 65535");

    if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
        if (host.find(':') == std::string_view::npos || !is_ip_literal(std::string(host)))
            return wrong("what stands in brackets is no IPv6 address");
    } else if (host.find(':') != std::string_view::npos) {
        return wrong("an IPv6 address needs brackets");
    } else if (!is_host_name(host)) {
        return wrong("the host is no name and no address");
    }
    return Address{std::string(host), port};
}

std::string to_string(Address const& address)
{
    bool const brackets = address.host.find(':') != std::string::npos;
    return brackets ? fmt::format("[{}]:{}", address.host, address.port)
                    : fmt::format("{}:{}", address.host, address.port);
}

static constexpr std::string_view https_scheme = "https://";
/// RFC 9110 §4.2.2.
static constexpr std::uint16_t https_port = 443;

Result<Address> parse_https_url(std::string_view text)
{
    auto const wrong = [text](std::string_view why) {
        return fail(errc::bad_input, fmt::format("URL \"{}\": {}; write https://host or https://host:port",
                                                 text.substr(0, host_bytes), why));
    };
    if (!text.starts_with(https_scheme)) return wrong("it does not begin with https://");
    auto place = text.substr(https_scheme.size());
    if (place.ends_with('/')) place.remove_suffix(1);
    if (place.find_first_of("/?#") != std::string_view::npos) return wrong("nothing may stand behind the host");
    if (place.find('@') != std::string_view::npos) return wrong("no name and no password may stand in it");
    // A colon within the brackets of an IPv6 address begins no port.
    bool const has_port = place.find(':', place.rfind(']') + 1) != std::string_view::npos;
    auto const address = parse_address(has_port ? std::string(place) : fmt::format("{}:{}", place, https_port));
    if (!address) return wrong("the host or the port is none");
    return *address;
}

std::string to_https_url(Address const& address)
{
    auto place = to_string(address);
    if (address.port == https_port) place.resize(place.rfind(':'));
    return std::string(https_scheme) + place;
}

} // namespace rollcall::net
