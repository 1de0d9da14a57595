#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

namespace rollcall::platform
{

/// What started us and wants to know how we do; where nothing did, every call does nothing.
///
/// Owns: one socket.  Threads: any.  Blocks: no.
class ServiceHost
{
public:
    virtual ~ServiceHost() = default;
    /// We do our work now.
    virtual void ready() = 0;
    /// We are about to end.
    virtual void stopping() = 0;
    /// One line for whoever asks for our status.
    virtual void status(std::string_view line) = 0;
    /// We live. To be called every half of watchdog_period().
    virtual void alive() = 0;
    /// Does what we write to standard error go to the system's journal?
    [[nodiscard]] virtual bool has_journal() const = 0;
    /// From now on `wanted` is called, from a thread of its own and at once, when the system asks us to end by other
    /// means than a signal; where it has asked already, right away. `wanted` must live as long as this.
    virtual void on_stop(std::function<void()> wanted) = 0;
    /// Zero: nobody watches.
    [[nodiscard]] virtual std::chrono::microseconds watchdog_period() const = 0;
};

[[nodiscard]] std::unique_ptr<ServiceHost> make_service_host();

} // namespace rollcall::platform
