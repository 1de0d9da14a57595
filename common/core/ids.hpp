#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"

namespace rollcall
{

/// Bytes of the system's cryptographic random source; ends the program if there is none,
/// since everything that asks would be unsafe without.
void random_bytes(std::span<unsigned char> out);

/// A UUID of version 7 (RFC 9562 §5.7): sorts by time, 74 random bits.
[[nodiscard]] std::string make_uuid(UnixMs now_ms);

/// 8-4-4-4-12 lower-case hexadecimal digits?
[[nodiscard]] bool is_uuid(std::string_view text);

/// `bytes` random bytes as base64url without padding (RFC 4648 §5): for secrets.
[[nodiscard]] std::string make_secret(std::size_t bytes);

/// SHA-256 as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256_hex(std::string_view data);

/// Equal? Takes the same time wherever the first difference stands.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b);

[[nodiscard]] std::string to_hex(std::span<unsigned char const> bytes);
[[nodiscard]] std::string base64url_encode(std::string_view bytes);
/// Empty with `ok` false where the text is not base64url.
[[nodiscard]] std::string base64url_decode(std::string_view text, bool& ok);

} // namespace rollcall
