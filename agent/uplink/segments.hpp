#pragma once

namespace rollcall::uplink
{

/// How much goes into one TCP segment. Where a link of the way takes less than its ends believe, and the word that
/// tells them so gets lost (an "MTU black hole": many VPNs), a connection stands and large segments vanish; small ones
/// pass.
enum class Segments {
    usual, ///< As the system has it.
    small,
};

/// Fits every link that carries IPv6 (1,280 bytes a packet) with the options of TCP.
inline constexpr int small_segment_bytes = 1200;

/// What to try after a connection that stood and then carried nothing.
[[nodiscard]] constexpr Segments other(Segments segments)
{
    return segments == Segments::usual ? Segments::small : Segments::usual;
}

} // namespace rollcall::uplink
