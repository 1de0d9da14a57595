#include "platform/network.hpp"

#include <array>
#include <bit>
#include <cerrno>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

int prefix_of(unsigned char const* mask, std::size_t size)
{
    int bits = 0;
    for (std::size_t i = 0; i < size; ++i)
        bits += std::popcount(mask[i]);
    return bits;
}

class LinuxNetwork final : public Network
{
public:
    explicit LinuxNetwork(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<NetworkInterface>> interfaces() const override
    {
        auto const names = procfs::list_folder(root_ / "/sys/class/net");
        if (!names) return fail(names.error(), "network");
        std::vector<NetworkInterface> found;
        for (auto const& name : *names) {
            auto const folder = root_ / ("/sys/class/net/" + name);
            // bonding_masters and the like are files.
            if (name == "lo" || !procfs::exists(folder + "/mtu")) continue;
            NetworkInterface one;
            one.name = name;
            one.mac = procfs::read_word(folder + "/address");
            one.mtu = procfs::read_integer(folder + "/mtu");
            one.up = is_up(folder);
            one.speed_mbit_per_s = speed(folder);
            auto const path = procfs::real_path(folder);
            if (path)
                one.is_virtual = path->find("/devices/virtual/") != std::string::npos;
            else
                one.is_virtual = Result<bool>(path.error());
            found.push_back(std::move(one));
        }
        return found;
    }

    [[nodiscard]] Result<std::vector<Address>> addresses() const override
    {
        if (!root_.live()) return fail(errc::not_supported, "network: a recorded tree has no addresses");
        ifaddrs* raw = nullptr;
        if (::getifaddrs(&raw) != 0) return fail_errno(errno, "network: getifaddrs");
        std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> const list(raw, &::freeifaddrs);
        std::vector<Address> found;
        for (auto const* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
            if (entry->ifa_addr == nullptr || (entry->ifa_flags & IFF_LOOPBACK) != 0) continue;
            if (entry->ifa_addr->sa_family == AF_INET) add_v4(found, *entry);
            if (entry->ifa_addr->sa_family == AF_INET6) add_v6(found, *entry);
        }
        return found;
    }

private:
    [[nodiscard]] static Fact<bool> is_up(std::string const& folder)
    {
        auto const state = procfs::read_word(folder + "/operstate");
        if (!state) return Result<bool>(state.error());
        if (*state != "unknown") return *state == "up";
        // Drivers that do not tell, such as tunnels: the carrier decides (EINVAL while it is switched off).
        auto const carrier = procfs::read_integer(folder + "/carrier");
        return carrier && *carrier == 1;
    }

    [[nodiscard]] static Fact<std::int64_t> speed(std::string const& folder)
    {
        auto const value = procfs::read_integer(folder + "/speed");
        if (!value || *value <= 0) return fail(errc::not_found, "network: the link has no speed");
        return value;
    }

    static void add_v4(std::vector<Address>& found, ifaddrs const& entry)
    {
        auto const* const address = reinterpret_cast<sockaddr_in const*>(entry.ifa_addr);
        auto const* const mask = reinterpret_cast<sockaddr_in const*>(entry.ifa_netmask);
        if ((ntohl(address->sin_addr.s_addr) >> 16) == 0xA9FE) return; // 169.254/16, RFC 3927
        std::array<char, INET_ADDRSTRLEN> text{};
        if (::inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size()) == nullptr) return;
        int const prefix = mask == nullptr ? 32 : std::popcount(mask->sin_addr.s_addr);
        found.push_back({.text = text.data(), .interface_name = entry.ifa_name, .v6 = false, .prefix_length = prefix});
    }

    static void add_v6(std::vector<Address>& found, ifaddrs const& entry)
    {
        auto const* const address = reinterpret_cast<sockaddr_in6 const*>(entry.ifa_addr);
        auto const* const mask = reinterpret_cast<sockaddr_in6 const*>(entry.ifa_netmask);
        if (IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr)) return;
        std::array<char, INET6_ADDRSTRLEN> text{};
        if (::inet_ntop(AF_INET6, &address->sin6_addr, text.data(), text.size()) == nullptr) return;
        int const prefix = mask == nullptr ? 128 : prefix_of(mask->sin6_addr.s6_addr, 16);
        found.push_back({.text = text.data(), .interface_name = entry.ifa_name, .v6 = true, .prefix_length = prefix});
    }

    Root root_;
};

} // namespace

std::unique_ptr<Network> make_network(Root const& root) { return std::make_unique<LinuxNetwork>(root); }

} // namespace rollcall::platform
