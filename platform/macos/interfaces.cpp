#include "platform/macos/interfaces.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <net/if.h>
#include <net/if_dl.h>
#include <net/route.h>
#include <sys/socket.h>
#include <sys/sysctl.h>

#include <fmt/format.h>

#include "platform/macos/sysctl.hpp"

namespace rollcall::platform
{

/// The address record that follows the head: name and hardware address stand in one field, one after the other.
static void read_link_address(std::vector<char> const& table, std::size_t at, std::size_t end, MacInterface& found)
{
    sockaddr_dl head{};
    if (at + offsetof(sockaddr_dl, sdl_data) > end) return;
    std::memcpy(&head, table.data() + at, std::min(sizeof head, end - at));
    std::size_t const name = at + offsetof(sockaddr_dl, sdl_data);
    std::size_t const address = name + head.sdl_nlen;
    if (head.sdl_family != AF_LINK || address + head.sdl_alen > end) return;
    found.name.assign(table.data() + name, head.sdl_nlen);
    static constexpr std::size_t ethernet = 6;
    if (head.sdl_alen != ethernet) return;
    for (std::size_t i = 0; i < ethernet; ++i)
        found.mac += fmt::format("{}{:02x}", i == 0 ? "" : ":", static_cast<unsigned char>(table[address + i]));
}

Result<std::vector<MacInterface>> read_interfaces()
{
    auto const table = sysctl_table({CTL_NET, PF_ROUTE, 0, 0, NET_RT_IFLIST2, 0}, "network: interfaces");
    if (!table) return table.error();
    std::vector<MacInterface> interfaces;
    for (std::size_t at = 0; at + sizeof(if_msghdr) <= table->size();) {
        if_msghdr head{};
        std::memcpy(&head, table->data() + at, sizeof head);
        auto const end = at + head.ifm_msglen;
        if (head.ifm_msglen == 0 || end > table->size()) return fail(errc::bad_message, "network: the list is torn");
        if (head.ifm_type == RTM_IFINFO2 && head.ifm_msglen >= sizeof(if_msghdr2)) {
            if_msghdr2 facts{};
            std::memcpy(&facts, table->data() + at, sizeof facts);
            MacInterface found;
            found.is_loopback = (facts.ifm_flags & IFF_LOOPBACK) != 0;
            found.up = (facts.ifm_flags & IFF_UP) != 0 && (facts.ifm_flags & IFF_RUNNING) != 0;
            found.mtu = facts.ifm_data.ifi_mtu;
            found.bit_per_s =
                static_cast<std::int64_t>(std::min<std::uint64_t>(facts.ifm_data.ifi_baudrate, INT64_MAX));
            found.received_bytes = facts.ifm_data.ifi_ibytes;
            found.sent_bytes = facts.ifm_data.ifi_obytes;
            read_link_address(*table, at + sizeof facts, end, found);
            if (!found.name.empty()) interfaces.push_back(std::move(found));
        }
        at = end;
    }
    return interfaces;
}

} // namespace rollcall::platform
