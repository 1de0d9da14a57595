#include "collector/access/password.hpp"

#include <array>
#include <stdexcept>

#include <argon2.h>

#include "collector/access/access.hpp"
#include "common/core/ids.hpp"
#include "common/core/text.hpp"

namespace rollcall::access
{

// OWASP's minimum for argon2id; one log-in takes 19 MiB and 0.1 s of a core.
static constexpr std::uint32_t memory_kib = 19 * 1024;
static constexpr std::uint32_t passes = 2;
static constexpr std::uint32_t lanes = 1;
static constexpr std::uint32_t hash_bytes = 32;
static constexpr std::uint32_t salt_bytes = 16;

std::string hash_password(std::string_view password)
{
    std::array<unsigned char, salt_bytes> salt{};
    random_bytes(salt);
    std::string encoded(argon2_encodedlen(passes, memory_kib, lanes, salt_bytes, hash_bytes, Argon2_id), '\0');
    auto const failure = argon2id_hash_encoded(passes, memory_kib, lanes, password.data(), password.size(), salt.data(),
                                               salt.size(), hash_bytes, encoded.data(), encoded.size());
    // With parameters that are constants only memory can be wanting.
    if (failure != ARGON2_OK) throw std::runtime_error(std::string("argon2: ").append(argon2_error_message(failure)));
    encoded.resize(encoded.find('\0'));
    return encoded;
}

bool verify_password(std::string_view phc, std::string_view password)
{
    return argon2id_verify(std::string(phc).c_str(), password.data(), password.size()) == ARGON2_OK;
}

static std::string lower(std::string_view text)
{
    std::string copy(text);
    for (auto& letter : copy)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter | 0x20);
    return copy;
}

std::optional<std::string> password_fault(std::string_view fresh, std::string_view name, std::string_view current)
{
    auto const characters = count_characters(fresh);
    if (characters < password_min_characters)
        return "The new password has fewer than " + std::to_string(password_min_characters) + " characters.";
    if (characters > password_max_characters)
        return "The new password has more than " + std::to_string(password_max_characters) + " characters.";
    if (lower(fresh) == lower(name)) return "The new password is the user name.";
    if (equal_constant_time(fresh, current)) return "The new password is the current one.";
    return std::nullopt;
}

std::string make_first_password()
{
    static constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789"; // 32 of them: five bits each.
    static_assert(letters.size() == 32);
    std::array<unsigned char, 16> bytes{};
    random_bytes(bytes);
    std::string password;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (at > 0 && at % 4 == 0) password.push_back('-');
        password.push_back(letters[bytes[at] % letters.size()]);
    }
    return password;
}

} // namespace rollcall::access
