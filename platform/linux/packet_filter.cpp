#include "platform/linux/packet_filter.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include <net/if.h> // this and the next before linux/if.h and linux/in.h, which then leave out what these define
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

namespace rollcall::platform
{

namespace
{

constexpr std::size_t aligned(std::size_t size) { return (size + NLA_ALIGNTO - 1) & ~std::size_t{NLA_ALIGNTO - 1}; }

/// Calls `each(type, content)` for every attribute; false where a length does not fit.
template <class Each>
bool for_each_attribute(std::string_view bytes, Each each)
{
    while (bytes.size() >= sizeof(nlattr)) {
        nlattr head{};
        std::memcpy(&head, bytes.data(), sizeof head);
        if (head.nla_len < sizeof head || head.nla_len > bytes.size()) return false;
        each(head.nla_type & NLA_TYPE_MASK, bytes.substr(sizeof head, head.nla_len - sizeof head));
        bytes.remove_prefix(std::min(aligned(head.nla_len), bytes.size()));
    }
    return true;
}

std::string text_of(std::string_view content)
{
    return std::string(content.substr(0, std::min(content.find('\0'), content.size())));
}

/// Numbers of nf_tables are in the network's order.
std::uint32_t number_of(std::string_view content)
{
    if (content.size() != sizeof(std::uint32_t)) return 0;
    std::uint32_t value = 0;
    for (char const c : content)
        value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

bool read_chain(std::string_view attributes, NftChain& chain)
{
    bool good = true;
    bool const all = for_each_attribute(attributes, [&](int type, std::string_view content) {
        switch (type) {
        case NFTA_CHAIN_TABLE:
            chain.table = text_of(content);
            break;
        case NFTA_CHAIN_NAME:
            chain.name = text_of(content);
            break;
        case NFTA_CHAIN_TYPE:
            chain.type = text_of(content);
            break;
        case NFTA_CHAIN_POLICY:
            chain.drops = content.size() == sizeof(std::uint32_t) && number_of(content) == NF_DROP;
            break;
        case NFTA_CHAIN_USE:
            chain.rules = number_of(content);
            break;
        case NFTA_CHAIN_HOOK:
            chain.hooked = true;
            good = for_each_attribute(content,
                                      [&](int inner, std::string_view value) {
                                          if (inner == NFTA_HOOK_HOOKNUM) chain.hook = number_of(value);
                                      }) &&
                   good;
            break;
        default:
            break;
        }
    });
    return all && good;
}

/// Does it see packets that are for this machine, and may it stop them?
bool sees_incoming(NftChain const& chain)
{
    if (!chain.hooked || chain.type != "filter") return false;
    switch (chain.family) {
    case NFPROTO_INET:
    case NFPROTO_IPV4:
    case NFPROTO_IPV6:
        // Ingress of the family inet has a number of its own.
        return chain.hook == NF_INET_LOCAL_IN || chain.hook == NF_INET_PRE_ROUTING || chain.hook == NF_INET_INGRESS;
    case NFPROTO_NETDEV:
        return chain.hook == NF_NETDEV_INGRESS;
    default:
        return false;
    }
}

} // namespace

Result<NftAnswer> parse_nft_chains(std::string_view bytes)
{
    static constexpr std::uint16_t new_chain = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN;
    auto const misfit = fail(errc::bad_message, "firewall: netlink");
    NftAnswer answer;
    while (!bytes.empty()) {
        nlmsghdr head{};
        if (bytes.size() < sizeof head) return misfit;
        std::memcpy(&head, bytes.data(), sizeof head);
        if (head.nlmsg_len < sizeof head || head.nlmsg_len > bytes.size()) return misfit;
        auto const content = bytes.substr(sizeof head, head.nlmsg_len - sizeof head);
        bytes.remove_prefix(std::min(aligned(head.nlmsg_len), bytes.size()));
        if (head.nlmsg_type == NLMSG_DONE || head.nlmsg_type == NLMSG_ERROR) {
            // Both begin with a negative errno; an error of 0 is an acknowledgement.
            std::int32_t code = 0;
            if (content.size() < sizeof code) return misfit;
            std::memcpy(&code, content.data(), sizeof code);
            if (code == std::numeric_limits<std::int32_t>::min()) return misfit;
            answer.error = -code;
            answer.done = true;
            break;
        }
        if (head.nlmsg_type != new_chain) continue;
        if (content.size() < sizeof(nfgenmsg)) return misfit;
        NftChain chain;
        chain.family = static_cast<std::uint8_t>(content[0]);
        if (!read_chain(content.substr(sizeof(nfgenmsg)), chain)) return misfit;
        answer.chains.push_back(std::move(chain));
    }
    return answer;
}

FirewallFacts judge_packet_filter(std::vector<NftChain> const& chains, std::vector<OldChain> const& old,
                                  bool ufw_enabled)
{
    bool drops = false;
    bool filters = false;
    bool firewalld = false;
    bool iptables = false;
    for (auto const& chain : chains) {
        if (!sees_incoming(chain) || (chain.rules == 0 && !chain.drops)) continue;
        filters = true;
        drops = drops || chain.drops;
        firewalld = firewalld || chain.table == "firewalld";
        // The new iptables programs keep the old names, in capitals.
        iptables = iptables || chain.name == "INPUT";
    }
    // A chain that ends with a rule which stops everything drops too, but only reading all rules would tell.
    for (auto const& chain : old) {
        filters = filters || chain.drops || chain.has_rules;
        drops = drops || chain.drops;
        iptables = iptables || chain.drops || chain.has_rules;
    }
    FirewallFacts facts;
    facts.filters_incoming = filters;
    facts.drops_by_default = drops;
    facts.manager = std::string(!filters      ? ""
                                : firewalld   ? "firewalld"
                                : ufw_enabled ? "ufw"
                                : iptables    ? "iptables"
                                              : "nftables");
    return facts;
}

} // namespace rollcall::platform
