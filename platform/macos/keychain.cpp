#include "platform/macos/keychain.hpp"

#include <set>

#include <fmt/format.h>

#include "platform/texts.hpp"

namespace rollcall::platform
{

Result<std::vector<Certificate>> parse_keychain(std::string_view output, std::string_view keychain)
{
    static constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
    static constexpr std::string_view end = "-----END CERTIFICATE-----";
    static constexpr std::size_t fingerprint_digits = 16;
    std::vector<Certificate> found;
    std::set<std::string> fingerprints;
    std::size_t at = output.find(begin);
    if (at == std::string_view::npos && !texts::trim(output).empty())
        return fail(errc::bad_message, "certificates: security printed no certificates");
    for (std::size_t number = 1; at != std::string_view::npos; ++number) {
        if (number > most_in_keychain)
            return fail(errc::limit_exceeded,
                        fmt::format("certificates: more than {} in {}", most_in_keychain, keychain));
        auto const next = output.find(begin, at + begin.size());
        auto const block = output.substr(at, next == std::string_view::npos ? next : next - at);
        auto facts = block.find(end) == std::string_view::npos
                         ? Result<CertificateFacts>(fail(errc::bad_message, "certificates: a torn certificate"))
                         : read_certificate(block);
        at = next;
        if (!facts) {
            found.push_back({.path = fmt::format("{}#{}", keychain, number), .facts = facts.error()});
        } else if (fingerprints.insert(facts->fingerprint).second) {
            auto path = fmt::format("{}#{}", keychain, facts->fingerprint.substr(0, fingerprint_digits));
            found.push_back({.path = std::move(path), .facts = std::move(facts)});
        }
    }
    return found;
}

} // namespace rollcall::platform
