// A test device: takes events from the ledger's socket into the agent's own spool, which the agent's own uplink
// empties. Ends with 0 when it was told that there is no more and the collector has acknowledged all of it.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include <sys/un.h>

#include "agent/spool/spool_thread.hpp"
#include "agent/uplink/identity.hpp"
#include "agent/uplink/uplink.hpp"
#include "common/log/log.hpp"
#include "tests/kill/lines.hpp"

namespace
{

using namespace rollcall;
using namespace std::chrono_literals;
using kill_test::Lines;

int complain(Error const& error)
{
    log::error("kill_device", {{"error", error}});
    return 1;
}

wire::Event event_of(std::string const& line, UnixMs now_ms)
{
    auto const space = line.find(' ');
    wire::Event event;
    event.name = "log_in";
    event.at_ms = now_ms;
    event.detail["session"] = line.substr(0, space);
    event.detail["user"] = space == std::string::npos ? std::string() : line.substr(space + 1);
    return event;
}

/// Nothing of the lane waits any more: the collector has it.
bool delivered(spool::SpoolThread& spool)
{
    return spool.call<bool>([](spool::Spool& it) {
        auto const waiting = it.count(wire::Lane::event);
        return waiting && *waiting == 0;
    });
}

int work(spool::SpoolThread& spool, uplink::Uplink& uplink, Clock const& clock, Lines& ledger)
{
    auto const held = spool.call<Result<wire::LaneRange>>([](spool::Spool& it) { return it.range(wire::Lane::event); });
    if (!held) return complain(held.error());
    // Numbers of the spool and of the ledger are the same as long as nothing else is told.
    auto taken = held->next - 1;
    if (!ledger.send("have " + std::to_string(taken) + "\n")) return 1;
    for (;;) {
        auto const line = ledger.next();
        if (!line) {
            if (!ledger.read_some()) return 1;
            continue;
        }
        if (*line == "end") break;
        auto const event = event_of(*line, clock.now_ms());
        auto const kept = spool.call<Result<std::uint64_t>>([&](spool::Spool& it) { return it.append(event); });
        if (!kept) return complain(kept.error());
        uplink.appended(wire::Lane::event);
        if (*kept != ++taken || *kept != std::strtoull(line->c_str(), nullptr, 10)) {
            log::error("kill_device", {{"line", *line}, {"sequence", *kept}});
            return 1;
        }
        if (!ledger.send("kept " + std::to_string(taken) + "\n")) return 1;
    }
    while (!delivered(spool))
        std::this_thread::sleep_for(10ms);
    return 0;
}

} // namespace

int main(int count, char** words)
{
    if (count != 3) return 2;
    SystemClock const clock;
    auto identity = uplink::load_identity(words[1]);
    if (!identity) return complain(identity.error());
    spool::Options const options{.folder = words[1], .clock = &clock, .limits = {}};
    auto opened = spool::Spool::open(options);
    if (!opened) return complain(opened.error());
    spool::SpoolThread spool(std::move(*opened), options);

    int const file = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "%s", words[2]);
    Lines ledger(file);
    if (::connect(file, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return complain(fail_errno(errno, words[2]));

    auto uplink = uplink::Uplink::start({.identity = std::move(*identity),
                                         .boot_id = "kill",
                                         .clock = &clock,
                                         .backoff = {.least = 10ms, .first = 50ms, .most = 200ms, .refused = 200ms},
                                         .folder = words[1],
                                         .renew_check = 100ms,
                                         .renew_due = [](std::string const&) { return Result<UnixMs>(0); }},
                                        spool);
    if (!uplink) return complain(uplink.error());
    int const done = work(spool, **uplink, clock, ledger);
    (*uplink)->stop("end");
    return done;
}
