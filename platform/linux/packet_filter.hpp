#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/firewall.hpp"

/// What the kernel says of its packet filter, and what that means.
namespace rollcall::platform
{

/// A chain of nf_tables, as NFT_MSG_GETCHAIN tells of it (linux/netfilter/nf_tables.h).
struct NftChain {
    std::uint8_t family{}; ///< NFPROTO_IPV4, _INET, _IPV6, _NETDEV …
    std::string table;
    std::string name;
    std::string type;      ///< "filter", "nat", "route"; empty where no hook calls it.
    bool hooked{};         ///< The kernel itself calls it …
    std::uint32_t hook{};  ///< … at this place.
    bool drops{};          ///< What no rule of it speaks of is dropped.
    std::uint32_t rules{}; ///< Of a hooked chain; others count those that jump to them, too.
};

/// One answer of the dump, which comes in several.
struct NftAnswer {
    std::vector<NftChain> chains;
    bool done{};
    int error{}; ///< errno's number; 0: none.
};

/// Netlink messages of one read. bad_message where a length does not fit.
[[nodiscard]] Result<NftAnswer> parse_nft_chains(std::string_view bytes);

/// The INPUT chain of the old iptables.
struct OldChain {
    bool drops{};
    bool has_rules{};
};

/// What is said by nf_tables and by the old tables of IPv4 and IPv6 together.
[[nodiscard]] FirewallFacts judge_packet_filter(std::vector<NftChain> const& chains, std::vector<OldChain> const& old,
                                                bool ufw_enabled);

} // namespace rollcall::platform
