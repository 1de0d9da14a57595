#include "platform/firewall.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include <net/if.h> // before linux/if.h, which then leaves out what this defines
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/netlink.h>

#include "platform/linux/packet_filter.hpp"
#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

/// A socket, closed with its owner.
class Socket
{
public:
    explicit Socket(int number)
        : number_(number)
    {
    }
    ~Socket()
    {
        if (number_ >= 0) ::close(number_);
    }
    Socket(Socket const&) = delete;
    Socket& operator=(Socket const&) = delete;
    [[nodiscard]] int get() const { return number_; }

private:
    int number_;
};

/// Kernels without nf_tables say one of these.
bool is_no_table(int error)
{
    return error == EPROTONOSUPPORT || error == EAFNOSUPPORT || error == EINVAL || error == EOPNOTSUPP ||
           error == ENOENT;
}

/// Every chain there is; none where the kernel has no nf_tables.
Result<std::vector<NftChain>> ask_nf_tables()
{
    Socket const socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
    if (socket.get() < 0 && is_no_table(errno)) return std::vector<NftChain>{};
    if (socket.get() < 0) return fail_errno(errno, "firewall: netlink");
    timeval const patience{.tv_sec = 5, .tv_usec = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    struct {
        nlmsghdr head;
        nfgenmsg body;
    } question{};
    question.head.nlmsg_len = sizeof question;
    question.head.nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN;
    question.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    question.body.nfgen_family = AF_UNSPEC;
    question.body.version = NFNETLINK_V0;
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    if (::sendto(socket.get(), &question, sizeof question, 0, reinterpret_cast<sockaddr const*>(&kernel),
                 sizeof kernel) < 0)
        return fail_errno(errno, "firewall: netlink");

    // Docker alone makes dozens of chains; thousands are a machine that we need not follow.
    static constexpr std::size_t most_chains = 20'000;
    std::vector<NftChain> chains;
    std::array<char, 32768> buffer{};
    for (;;) {
        auto const got = ::recv(socket.get(), buffer.data(), buffer.size(), MSG_TRUNC);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return fail(errc::timed_out, "firewall: netlink");
        if (got < 0) return fail_errno(errno, "firewall: netlink");
        if (static_cast<std::size_t>(got) > buffer.size())
            return fail(errc::bad_message, "firewall: netlink: too long");
        auto answer = parse_nft_chains(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
        if (!answer) return answer.error();
        if (is_no_table(answer->error)) return std::vector<NftChain>{};
        if (answer->error != 0) return fail_errno(answer->error, "firewall: nf_tables");
        std::move(answer->chains.begin(), answer->chains.end(), std::back_inserter(chains));
        if (answer->done) return chains;
        if (chains.size() > most_chains) return fail(errc::limit_exceeded, "firewall: too many chains");
    }
}

/// What the old iptables and ip6tables say of their table "filter", whose heads are alike.
struct OldTable {
    std::string_view names;
    int family;
    int level;
    int get_info;
    int get_entries;
};
constexpr std::array<OldTable, 2> old_tables = {
    {{"/proc/net/ip_tables_names", AF_INET, SOL_IP, IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES},
     {"/proc/net/ip6_tables_names", AF_INET6, SOL_IPV6, IP6T_SO_GET_INFO, IP6T_SO_GET_ENTRIES}}};

/// The verdict at the end of a chain: a standard target, -1 less the verdict.
template <class Entry>
bool drops_at(std::vector<char> const& entries, std::size_t offset)
{
    Entry entry{};
    xt_standard_target target{};
    if (offset + sizeof entry > entries.size()) return false;
    std::memcpy(&entry, entries.data() + offset, sizeof entry);
    if (offset + entry.target_offset + sizeof target > entries.size()) return false;
    std::memcpy(&target, entries.data() + offset + entry.target_offset, sizeof target);
    return target.verdict == -NF_DROP - 1;
}

template <class Info, class Entries, class Entry>
Result<OldChain> ask_old_table(int socket, OldTable const& table)
{
    Info info{};
    std::strncpy(info.name, "filter", sizeof info.name - 1);
    socklen_t size = sizeof info;
    if (::getsockopt(socket, table.level, table.get_info, &info, &size) != 0)
        return fail_errno(errno, "firewall: iptables");
    static constexpr std::size_t most_bytes = 16UL * 1024 * 1024;
    if (info.size > most_bytes) return fail(errc::limit_exceeded, "firewall: iptables: too many rules");
    std::vector<char> bytes(sizeof(Entries) + info.size);
    // In place: clang makes no object of a type that ends with an array without a size.
    std::memcpy(bytes.data() + offsetof(Entries, name), info.name, sizeof info.name);
    std::memcpy(bytes.data() + offsetof(Entries, size), &info.size, sizeof info.size);
    size = static_cast<socklen_t>(bytes.size());
    if (::getsockopt(socket, table.level, table.get_entries, bytes.data(), &size) != 0)
        return fail_errno(errno, "firewall: iptables");
    std::vector<char> const entries(bytes.begin() + sizeof(Entries), bytes.end());
    return OldChain{.drops = drops_at<Entry>(entries, info.underflow[NF_INET_LOCAL_IN]),
                    .has_rules = info.hook_entry[NF_INET_LOCAL_IN] != info.underflow[NF_INET_LOCAL_IN]};
}

class LinuxFirewall final : public Firewall
{
public:
    explicit LinuxFirewall(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<FirewallFacts> read() const override
    {
        if (!root_.live()) return fail(errc::not_supported, "firewall: a recorded tree has no kernel");
        auto const chains = ask_nf_tables();
        if (!chains) return chains.error();
        std::vector<OldChain> old;
        for (auto const& table : old_tables) {
            // Asked only where it is loaded: the question would load it.
            auto const names = procfs::read_file(std::string(table.names));
            if (!names && reason(names.error()) == to_string(errc::not_found)) continue;
            if (!names) return fail(names.error(), "firewall");
            auto const loaded = procfs::lines(*names);
            if (std::find(loaded.begin(), loaded.end(), "filter") == loaded.end()) continue;
            auto const chain = ask(table);
            if (!chain) return chain.error();
            old.push_back(*chain);
        }
        return judge_packet_filter(*chains, old, ufw_enabled());
    }

private:
    [[nodiscard]] static Result<OldChain> ask(OldTable const& table)
    {
        Socket const socket(::socket(table.family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
        if (socket.get() < 0) return fail_errno(errno, "firewall: iptables");
        return table.family == AF_INET ? ask_old_table<ipt_getinfo, ipt_get_entries, ipt_entry>(socket.get(), table)
                                       : ask_old_table<ip6t_getinfo, ip6t_get_entries, ip6t_entry>(socket.get(), table);
    }

    [[nodiscard]] bool ufw_enabled() const
    {
        auto const text = procfs::read_file(root_ / "/etc/ufw/ufw.conf");
        if (!text) return false;
        auto const settings = procfs::assignments(*text);
        auto const enabled = settings.find("ENABLED");
        return enabled != settings.end() && (enabled->second == "yes" || enabled->second == "YES");
    }

    Root root_;
};

} // namespace

std::unique_ptr<Firewall> make_firewall(Root const& root) { return std::make_unique<LinuxFirewall>(root); }

} // namespace rollcall::platform
