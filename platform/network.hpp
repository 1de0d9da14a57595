#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/fact.hpp"

namespace rollcall::platform
{

struct NetworkInterface {
    std::string name;
    Fact<std::string> mac;
    Fact<bool> up;
    Fact<std::int64_t> mtu;
    Fact<std::int64_t> speed_mbit_per_s; ///< not_found where the link has none (down, virtual).
    Fact<bool> is_virtual;
};

struct Address {
    std::string text;           ///< "192.0.2.7", "2001:db8::7".
    std::string interface_name; ///< Not "interface": headers of Windows make that word "struct".
    bool v6{};
    int prefix_length{};
};

/// Network cards and addresses, without loopback; addresses also without link-local ones.
///
/// Owns: nothing.  Threads: any.  Blocks: for file reads and one system call.
class Network
{
public:
    virtual ~Network() = default;
    [[nodiscard]] virtual Result<std::vector<NetworkInterface>> interfaces() const = 0;
    [[nodiscard]] virtual Result<std::vector<Address>> addresses() const = 0;
};

[[nodiscard]] std::unique_ptr<Network> make_network(Root const& root = {});

} // namespace rollcall::platform
