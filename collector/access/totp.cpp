#include "collector/access/totp.hpp"

#include <array>
#include <cstdlib>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "collector/access/password.hpp"
#include "common/core/ids.hpp"

namespace rollcall::access
{

std::string totp_code(std::string_view secret, std::int64_t step, int digits)
{
    std::array<unsigned char, 8> counter{};
    for (std::size_t at = 0; at < counter.size(); ++at)
        counter.at(at) = static_cast<unsigned char>(static_cast<std::uint64_t>(step) >> (56U - 8U * at));
    std::array<unsigned char, 20> mac{};
    unsigned size = 0;
    if (HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(), counter.size(), mac.data(),
             &size) == nullptr)
        std::abort();
    std::size_t const offset = mac.back() & 15U;
    std::uint32_t number = 0;
    for (std::size_t at = 0; at < 4; ++at)
        number = number << 8U | mac.at(offset + at);
    number &= 0x7fffffffU;
    std::string code(static_cast<std::size_t>(digits), '0');
    for (auto place = code.rbegin(); place != code.rend(); ++place) {
        *place = static_cast<char>('0' + number % 10);
        number /= 10;
    }
    return code;
}

std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code, UnixMs now_ms,
                                       std::int64_t after)
{
    auto const now = totp_step_at(now_ms);
    std::optional<std::int64_t> found;
    // All are compared, whichever fits: the time tells nothing.
    for (auto step = now - totp_tolerance; step <= now + totp_tolerance; ++step)
        if (equal_constant_time(totp_code(secret, step), code) && step > after) found = step;
    return found;
}

std::string base32_encode(std::string_view bytes)
{
    static constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string text;
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (auto const byte : bytes) {
        held = held << 8U | static_cast<unsigned char>(byte);
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            text.push_back(letters[held >> bits & 31U]);
        }
    }
    if (bits > 0) text.push_back(letters[held << (5 - bits) & 31U]);
    return text;
}

/// Everything that an address may not hold as it is becomes %XX (RFC 3986 §2.1).
static std::string percent_encoded(std::string_view text)
{
    static constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string made;
    for (auto const letter : text) {
        if (plain.find(letter) != std::string_view::npos) {
            made.push_back(letter);
            continue;
        }
        auto const byte = static_cast<unsigned char>(letter);
        made.push_back('%');
        made.push_back(digits[byte >> 4U]);
        made.push_back(digits[byte & 15U]);
    }
    return made;
}

std::string totp_uri(std::string_view secret, std::string_view name)
{
    return std::string("otpauth://totp/Rollcall:")
        .append(percent_encoded(name))
        .append("?secret=")
        .append(base32_encode(secret))
        .append("&issuer=Rollcall");
}

std::vector<std::string> make_recovery_codes()
{
    std::vector<std::string> codes;
    for (std::size_t made = 0; made < recovery_codes; ++made)
        codes.push_back(make_first_password());
    return codes;
}

std::string plain_recovery_code(std::string_view typed)
{
    std::string plain;
    for (auto const letter : typed) {
        if (letter == '-' || letter == ' ') continue;
        plain.push_back(letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter | 0x20) : letter);
    }
    return plain;
}

} // namespace rollcall::access
