#include "platform/network.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include <winsock2.h>

#include <ws2tcpip.h>

#include <windows.h>

#include <iphlpapi.h>
#include <netioapi.h>

#include "platform/windows/error.hpp"
#include "platform/windows/network_table.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

/// The linked list of GetAdaptersAddresses, in one piece of memory.
class Adapters
{
public:
    [[nodiscard]] static Result<Adapters> read(ULONG flags)
    {
        Adapters adapters;
        static constexpr ULONG first_bytes = 16UL * 1024;
        static constexpr ULONG most_bytes = 16UL * 1024 * 1024;
        auto size = first_bytes;
        for (int turn = 0; turn < 8 && size <= most_bytes; ++turn) {
            adapters.memory_ = std::make_unique<std::max_align_t[]>(size / sizeof(std::max_align_t) + 1);
            auto const status = ::GetAdaptersAddresses(AF_UNSPEC, flags, nullptr, adapters.first(), &size);
            if (status == ERROR_SUCCESS) return adapters;
            // No adapter at all.
            if (status == ERROR_NO_DATA) {
                adapters.memory_.reset();
                return adapters;
            }
            if (status != ERROR_BUFFER_OVERFLOW) return fail_windows(status, "network: GetAdaptersAddresses");
        }
        return fail(errc::limit_exceeded, "network: GetAdaptersAddresses: more than fits");
    }

    /// Calls for every adapter that is ours to show.
    template <class Function>
    void each(Function const& function) const
    {
        for (auto const* one = first(); one != nullptr; one = one->Next) {
            // Tunnels that Windows makes by itself, on every machine, used or not.
            bool const automatic = one->TunnelType == TUNNEL_TYPE_TEREDO || one->TunnelType == TUNNEL_TYPE_ISATAP ||
                                   one->TunnelType == TUNNEL_TYPE_6TO4;
            if (one->IfType != IF_TYPE_SOFTWARE_LOOPBACK && !automatic && one->FriendlyName != nullptr) function(*one);
        }
    }

private:
    [[nodiscard]] IP_ADAPTER_ADDRESSES* first() const { return reinterpret_cast<IP_ADAPTER_ADDRESSES*>(memory_.get()); }
    std::unique_ptr<std::max_align_t[]> memory_;
};

/// Made of no hardware?
Fact<bool> is_virtual(NET_LUID luid)
{
    MIB_IF_ROW2 row{};
    row.InterfaceLuid = luid;
    auto const status = ::GetIfEntry2(&row);
    if (status != NO_ERROR) return fail_windows(status, "network: GetIfEntry2");
    return row.InterfaceAndOperStatusFlags.HardwareInterface == 0;
}

NetworkInterface interface_of(IP_ADAPTER_ADDRESSES const& adapter)
{
    NetworkInterface one;
    one.name = utf8(adapter.FriendlyName);
    one.mac = mac_text({static_cast<std::uint8_t const*>(adapter.PhysicalAddress),
                        std::min<std::size_t>(adapter.PhysicalAddressLength, sizeof adapter.PhysicalAddress)});
    one.up = adapter.OperStatus == IfOperStatusUp;
    // What has no limit says so with all ones.
    if (adapter.Mtu == 0 || adapter.Mtu == MAXDWORD)
        one.mtu = fail(errc::not_found, "network: no MTU");
    else
        one.mtu = std::int64_t{adapter.Mtu};
    // A card that is not connected says what it could, or what it had.
    if (adapter.OperStatus == IfOperStatusUp)
        one.speed_mbit_per_s = link_speed(adapter.ReceiveLinkSpeed);
    else
        one.speed_mbit_per_s = fail(errc::not_found, "network: the link is down");
    one.is_virtual = is_virtual(adapter.Luid);
    return one;
}

void add_address(std::vector<Address>& found, std::string const& interface_name,
                 IP_ADAPTER_UNICAST_ADDRESS const& unicast)
{
    // Not yet, or never, for use: another machine has it, or the card is not connected.
    if (unicast.DadState != IpDadStatePreferred && unicast.DadState != IpDadStateDeprecated) return;
    auto const* const address = unicast.Address.lpSockaddr;
    if (address == nullptr) return;
    bool const v6 = address->sa_family == AF_INET6;
    if (!v6 && address->sa_family != AF_INET) return;
    auto const size = v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    if (unicast.Address.iSockaddrLength < static_cast<INT>(size)) return;
    void const* const number = v6 ? static_cast<void const*>(&reinterpret_cast<sockaddr_in6 const*>(address)->sin6_addr)
                                  : static_cast<void const*>(&reinterpret_cast<sockaddr_in const*>(address)->sin_addr);
    if (is_local_address({static_cast<std::uint8_t const*>(number), v6 ? sizeof(in6_addr) : sizeof(in_addr)})) return;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (::inet_ntop(v6 ? AF_INET6 : AF_INET, number, text.data(), text.size()) == nullptr) return;
    found.push_back({.text = text.data(),
                     .interface_name = interface_name,
                     .v6 = v6,
                     .prefix_length = std::min<int>(unicast.OnLinkPrefixLength, v6 ? 128 : 32)});
}

class WindowsNetwork final : public Network
{
public:
    [[nodiscard]] Result<std::vector<NetworkInterface>> interfaces() const override
    {
        auto const adapters = Adapters::read(no_lists | GAA_FLAG_SKIP_UNICAST);
        if (!adapters) return adapters.error();
        std::vector<NetworkInterface> found;
        adapters->each([&](auto const& adapter) { found.push_back(interface_of(adapter)); });
        return found;
    }

    [[nodiscard]] Result<std::vector<Address>> addresses() const override
    {
        auto const adapters = Adapters::read(no_lists);
        if (!adapters) return adapters.error();
        std::vector<Address> found;
        adapters->each([&](auto const& adapter) {
            auto const name = utf8(adapter.FriendlyName);
            for (auto const* one = adapter.FirstUnicastAddress; one != nullptr; one = one->Next)
                add_address(found, name, *one);
        });
        return found;
    }

private:
    static constexpr ULONG no_lists = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
};

} // namespace

std::unique_ptr<Network> make_network(Root const& /*root*/) { return std::make_unique<WindowsNetwork>(); }

} // namespace rollcall::platform
