#include "common/core/ids.hpp"

#include <array>
#include <cstdlib>
#include <memory>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

namespace rollcall
{

static constexpr std::string_view digits_hex = "0123456789abcdef";
static constexpr std::string_view digits_base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void random_bytes(std::span<unsigned char> out)
{
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
}

std::string to_hex(std::span<unsigned char const> bytes)
{
    std::string text;
    text.reserve(bytes.size() * 2);
    for (auto const byte : bytes) {
        text += digits_hex[byte >> 4U];
        text += digits_hex[byte & 15U];
    }
    return text;
}

std::string make_uuid(UnixMs now_ms)
{
    std::array<unsigned char, 16> raw{};
    random_bytes(raw);
    auto const stamp = static_cast<std::uint64_t>(now_ms);
    for (unsigned i = 0; i < 6; ++i)
        raw.at(i) = static_cast<unsigned char>(stamp >> (40U - 8U * i));
    raw[6] = static_cast<unsigned char>((raw[6] & 0x0fU) | 0x70U); // version 7
    raw[8] = static_cast<unsigned char>((raw[8] & 0x3fU) | 0x80U); // variant of RFC 9562
    auto const hex = to_hex(raw);
    return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) + '-' +
           hex.substr(20);
}

bool is_uuid(std::string_view text)
{
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : digits_hex.find(text[i]) == std::string_view::npos) return false;
    }
    return true;
}

std::string make_secret(std::size_t bytes)
{
    std::string raw(bytes, '\0');
    random_bytes({reinterpret_cast<unsigned char*>(raw.data()), raw.size()});
    auto text = base64url_encode(raw);
    OPENSSL_cleanse(raw.data(), raw.size());
    return text;
}

std::string sha256_hex(std::string_view data)
{
    std::array<unsigned char, 32> digest{};
    unsigned size = 0;
    if (EVP_Digest(data.data(), data.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) std::abort();
    return to_hex(digest);
}

bool equal_constant_time(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string base64url_encode(std::string_view bytes)
{
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t window = 0;
    unsigned bits = 0;
    for (char const c : bytes) {
        window = (window << 8U) | static_cast<unsigned char>(c);
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            text += digits_base64url[(window >> bits) & 63U];
        }
    }
    if (bits > 0) text += digits_base64url[(window << (6U - bits)) & 63U];
    return text;
}

std::string base64url_decode(std::string_view text, bool& ok)
{
    std::string bytes;
    std::uint32_t window = 0;
    unsigned bits = 0;
    ok = text.size() % 4 != 1;
    for (char const c : text) {
        auto const digit = digits_base64url.find(c);
        if (digit == std::string_view::npos) ok = false;
        if (!ok) return {};
        window = (window << 6U) | static_cast<std::uint32_t>(digit);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>((window >> bits) & 255U);
        }
    }
    // What is left over is no byte. Were it ignored, several texts would stand for the same bytes (RFC 4648, 3.5).
    ok = (window & ((1U << bits) - 1U)) == 0;
    if (!ok) return {};
    return bytes;
}

} // namespace rollcall
