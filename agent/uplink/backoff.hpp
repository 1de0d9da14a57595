#pragma once

#include <chrono>
#include <functional>

namespace rollcall::uplink
{

using namespace std::chrono_literals;

/// How long to wait before the next try: twice as long each time, and somewhere between the least and that, so that a
/// thousand agents do not come back at the same moment.
///
/// Owns: the count of failures.  Threads: one.  Blocks: no.
class Backoff
{
public:
    struct Settings {
        std::chrono::milliseconds least = 500ms;
        std::chrono::milliseconds first = 8s; ///< Upper end of the first pause.
        std::chrono::milliseconds most = 40s; ///< Upper end of any pause.
        std::chrono::milliseconds refused =
            5min; ///< Upper end where the collector said no: only a person can change that.
    };

    /// `random` yields numbers from 0 to 1, without 1.
    Backoff(Settings settings, std::function<double()> random);

    /// The pause before the next try.
    [[nodiscard]] std::chrono::milliseconds next();
    /// The same, after the collector refused us: half of the longest pause at least.
    [[nodiscard]] std::chrono::milliseconds next_after_refusal();
    /// Something was acknowledged: the connection works, and not just the handshake.
    void acknowledged();

private:
    [[nodiscard]] std::chrono::milliseconds between(std::chrono::milliseconds low, std::chrono::milliseconds high);

    Settings settings_;
    std::function<double()> random_;
    int failures_ = 0;
};

} // namespace rollcall::uplink
