// Appends events and tells each one's sequence on its output once append() has returned, until it is killed.
#include <cstdio>

#include "agent/spool/spool.hpp"

int main(int count, char** words)
{
    using namespace rollcall;
    if (count != 2) return 2;
    SystemClock const clock;
    auto spool = spool::Spool::open({.folder = words[1], .clock = &clock, .limits = {}});
    if (!spool) return 1;
    for (;;) {
        wire::Event event;
        event.name = "log_in";
        event.at_ms = clock.now_ms();
        event.detail["user"] = std::string("anna");
        auto const sequence = spool->append(event);
        if (!sequence) return 1;
        wire::Series series;
        series.probe = "cpu";
        if (!spool->append(series)) return 1;
        std::printf("%llu\n", static_cast<unsigned long long>(*sequence));
        std::fflush(stdout);
    }
}
