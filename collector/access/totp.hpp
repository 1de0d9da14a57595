#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"

/// Codes that change with the time (RFC 6238), as the programs on people's phones make them. Pure.
namespace rollcall::access
{

/// What those programs take without being told: SHA-1, six digits, 30 s.
inline constexpr std::chrono::milliseconds totp_period{30'000};
inline constexpr int totp_digits = 6;
/// 160 bits, as RFC 4226 §4 wants them.
inline constexpr std::size_t totp_secret_bytes = 20;
/// Codes of so many periods before and after count, too: clocks differ, and people type slowly.
inline constexpr std::int64_t totp_tolerance = 1;

[[nodiscard]] constexpr std::int64_t totp_step_at(UnixMs now_ms) { return now_ms / totp_period.count(); }

/// HOTP (RFC 4226 §5.3) of one step; `digits` is 6 but for the RFC's own examples.
[[nodiscard]] std::string totp_code(std::string_view secret, std::int64_t step, int digits = totp_digits);
/// The step whose code this is, later than `after` (none is good twice) and near enough to now; nullopt: none.
[[nodiscard]] std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code, UnixMs now_ms,
                                                     std::int64_t after);

/// RFC 4648 §6, without padding: how people type a secret.
[[nodiscard]] std::string base32_encode(std::string_view bytes);
/// otpauth://totp/Rollcall:NAME?secret=…&issuer=Rollcall: what a QR code of it says.
[[nodiscard]] std::string totp_uri(std::string_view secret, std::string_view name);

/// Codes for who lost the device: 80 random bits each, in groups.
inline constexpr std::size_t recovery_codes = 10;
[[nodiscard]] std::vector<std::string> make_recovery_codes();
/// What is hashed: small letters without what people put between them.
[[nodiscard]] std::string plain_recovery_code(std::string_view typed);

} // namespace rollcall::access
