#pragma once

#include <cstdint>
#include <memory>

namespace rollcall::flow
{

/// The network between agents and collector, as one port on loopback: what comes in goes on to the collector, until the
/// cable is pulled. The port stays the same when the collector comes back on another one.
///
/// Owns: a thread and its sockets.  Threads: any.  Blocks: no.
class Relay
{
public:
    Relay();
    ~Relay();
    Relay(Relay const&) = delete;
    Relay& operator=(Relay const&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    /// Where the collector listens.
    void lead_to(std::uint16_t port);
    /// Every connection ends, and new ones end at once.
    void cut();
    void restore();
    /// Every connection stays open and carries nothing more, not even its end; new ones work. As where a router forgot
    /// them.
    void forget();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace rollcall::flow
