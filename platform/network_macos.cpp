#include "platform/network.hpp"

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include "platform/macos/interfaces.hpp"

namespace rollcall::platform
{

namespace
{

struct FreeAddresses {
    void operator()(ifaddrs* list) const { ::freeifaddrs(list); }
};

/// Cards are en0, en1 …, those of USB and Thunderbolt too; all else the system makes up (utun, bridge, awdl, llw …).
bool is_card(std::string_view name)
{
    return name.starts_with("en") && name.size() > 2 &&
           name.find_first_not_of("0123456789", 2) == std::string_view::npos;
}

template <class Raw>
Raw copy_of(sockaddr const* address)
{
    Raw raw{};
    std::memcpy(&raw, address, std::min(sizeof raw, std::size_t{address->sa_len}));
    return raw;
}

/// The bits of a mask, which may be cut short behind its last byte that is not zero.
template <class Bytes>
int count_bits(Bytes const& bytes)
{
    std::array<unsigned char, sizeof bytes> raw{};
    std::memcpy(raw.data(), &bytes, raw.size());
    int bits = 0;
    for (auto const byte : raw)
        bits += std::popcount(byte);
    return bits;
}

std::string text_of(int family, void const* address)
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (::inet_ntop(family, address, text.data(), text.size()) == nullptr) return {};
    return text.data();
}

class MacNetwork final : public Network
{
public:
    [[nodiscard]] Result<std::vector<NetworkInterface>> interfaces() const override
    {
        auto const seen = read_interfaces();
        if (!seen) return seen.error();
        static constexpr std::int64_t mbit = 1'000'000;
        std::vector<NetworkInterface> found;
        for (auto const& one : *seen) {
            if (one.is_loopback) continue;
            NetworkInterface card;
            card.name = one.name;
            if (one.mac.empty())
                card.mac = fail(errc::not_found, "network: it has no hardware address");
            else
                card.mac = one.mac;
            card.up = one.up;
            card.mtu = one.mtu;
            if (one.up && is_card(one.name) && one.bit_per_s >= mbit)
                card.speed_mbit_per_s = one.bit_per_s / mbit;
            else
                card.speed_mbit_per_s = fail(errc::not_found, "network: it tells no speed");
            card.is_virtual = !is_card(one.name);
            found.push_back(std::move(card));
        }
        return found;
    }

    [[nodiscard]] Result<std::vector<Address>> addresses() const override
    {
        ifaddrs* list = nullptr;
        if (::getifaddrs(&list) != 0) return fail_errno(errno, "network: getifaddrs");
        std::unique_ptr<ifaddrs, FreeAddresses> const keep(list);
        std::vector<Address> found;
        for (auto const* one = list; one != nullptr; one = one->ifa_next) {
            if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_LOOPBACK) != 0) continue;
            Address address;
            address.interface_name = one->ifa_name;
            if (one->ifa_addr->sa_family == AF_INET) {
                auto const raw = copy_of<sockaddr_in>(one->ifa_addr);
                static constexpr std::uint32_t link_local = 0xa9fe; // 169.254.0.0/16, RFC 3927.
                if (ntohl(raw.sin_addr.s_addr) >> 16 == link_local) continue;
                address.text = text_of(AF_INET, &raw.sin_addr);
                if (one->ifa_netmask != nullptr)
                    address.prefix_length = count_bits(copy_of<sockaddr_in>(one->ifa_netmask).sin_addr);
            } else if (one->ifa_addr->sa_family == AF_INET6) {
                auto const raw = copy_of<sockaddr_in6>(one->ifa_addr);
                if (IN6_IS_ADDR_LINKLOCAL(&raw.sin6_addr)) continue;
                address.v6 = true;
                address.text = text_of(AF_INET6, &raw.sin6_addr);
                if (one->ifa_netmask != nullptr)
                    address.prefix_length = count_bits(copy_of<sockaddr_in6>(one->ifa_netmask).sin6_addr);
            }
            if (!address.text.empty()) found.push_back(std::move(address));
        }
        return found;
    }
};

} // namespace

std::unique_ptr<Network> make_network(Root const& /*root*/) { return std::make_unique<MacNetwork>(); }

} // namespace rollcall::platform
