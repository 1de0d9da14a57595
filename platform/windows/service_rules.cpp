#include "platform/windows/service_rules.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

// As winsvc.h, winnt.h and winerror.h number them; spelled so that this file needs no Windows.
namespace scm
{
constexpr std::uint32_t stopped = 1;
constexpr std::uint32_t start_pending = 2;
constexpr std::uint32_t stop_pending = 3;
constexpr std::uint32_t running = 4;
constexpr std::uint32_t continue_pending = 5;
constexpr std::uint32_t pause_pending = 6;
constexpr std::uint32_t paused = 7;

constexpr std::uint32_t boot_start = 0;
constexpr std::uint32_t system_start = 1;
constexpr std::uint32_t automatic_start = 2;
constexpr std::uint32_t demand_start = 3;
constexpr std::uint32_t disabled = 4;

constexpr std::uint32_t user_service = 0x40;

constexpr std::uint32_t request_timeout = 1053;
constexpr std::uint32_t specific_error = 1066;
constexpr std::uint32_t process_aborted = 1067;
constexpr std::uint32_t never_started = 1077;
constexpr std::uint32_t shutdown_in_progress = 1115;
} // namespace scm

/// Beginnings of names, in small letters: updaters carry versions in theirs ("GoogleUpdaterService126.0.6462.0").
/// Each is known to be stopped, with 0 or with a number of its own, on machines where all is well.
constexpr std::array<std::string_view, 19> short_workers = {"bits",
                                                            "brave",
                                                            "clr_optimization_",
                                                            "dbupdate",
                                                            "edgeupdate",
                                                            "googleupdater",
                                                            "gpsvc",
                                                            "gupdate",
                                                            "intel(r) tpm provisioning service",
                                                            "mapsbroker",
                                                            "remoteregistry",
                                                            "sgrmbroker",
                                                            "shellhwdetection",
                                                            "sppsvc",
                                                            "stisvc",
                                                            "tiledatamodelsvc",
                                                            "trustedinstaller",
                                                            "uhssvc",
                                                            "wuauserv"};

bool is_automatic(std::uint32_t start)
{
    return start == scm::automatic_start || start == scm::boot_start || start == scm::system_start;
}

Fact<std::string> start_word(Fact<std::uint32_t> const& start)
{
    if (!start) return Result<std::string>(start.error());
    if (is_automatic(*start)) return std::string("automatic");
    if (*start == scm::demand_start) return std::string("manual");
    if (*start == scm::disabled) return std::string("disabled");
    return fail(errc::bad_message, fmt::format("services: start type {}", *start));
}

/// It ended, and not well. Never started in this boot is no end; and at the shutdown of the machine everything ends.
bool ended_badly(ScmFacts const& facts)
{
    return facts.exit_code != 0 && facts.exit_code != scm::never_started &&
           facts.exit_code != scm::shutdown_in_progress;
}

Fact<std::string> state_word(ScmFacts const& facts)
{
    switch (facts.state) {
    case scm::running:
        return std::string("running");
    case scm::start_pending:
    case scm::continue_pending:
        return std::string("starting");
    case scm::stop_pending:
    case scm::pause_pending:
        return std::string("stopping");
    // A paused one has a process and does no work.
    case scm::paused:
        return std::string("stopped");
    case scm::stopped:
        return std::string(ended_badly(facts) ? "failed" : "stopped");
    default:
        return fail(errc::bad_message, fmt::format("services: state {}", facts.state));
    }
}

Fact<std::string> result_word(ScmFacts const& facts)
{
    switch (facts.exit_code) {
    case 0:
        return std::string("success");
    case scm::never_started:
        return fail(errc::not_found, "services: not started in this boot");
    case scm::request_timeout:
        return std::string("timeout");
    case scm::process_aborted:
        return std::string("process-ended");
    case scm::specific_error:
        return fmt::format("exit-code {} (its own)", facts.specific_exit_code);
    default:
        return fmt::format("exit-code {}", facts.exit_code);
    }
}

/// Starts with Windows, stays up, and nothing says that it need not.
Fact<bool> is_expected(ScmFacts const& facts)
{
    if (!facts.start) return Result<bool>(facts.start.error());
    if (!is_automatic(*facts.start)) return false;
    // A template: each user who logs in gets an instance of it, and it never runs itself.
    if ((facts.type & scm::user_service) != 0) return false;
    if (is_short_worker(facts.name)) return false;
    if (!facts.triggered) return Result<bool>(facts.triggered.error());
    if (*facts.triggered) return false;
    if (facts.state != scm::stopped || ended_badly(facts)) return true;
    // Its turn has not come since the boot, or it was installed after it.
    if (facts.exit_code == scm::never_started) return false;
    // The manager does not tell whether one that ended with 0 was stopped or ended by itself. Those whose start may
    // wait are there for work that waits, and most of them end when it is done; what others need is not started late.
    if (!facts.delayed) return Result<bool>(facts.delayed.error());
    return !*facts.delayed;
}

} // namespace

bool is_short_worker(std::string_view name)
{
    auto const same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; };
    return std::any_of(short_workers.begin(), short_workers.end(), [&](std::string_view start) {
        return name.size() >= start.size() &&
               std::equal(start.begin(), start.end(), name.begin(), [&](char b, char a) { return same(a, b); });
    });
}

Service judge_service(ScmFacts const& facts)
{
    Service service;
    service.name = facts.name;
    service.label = facts.label;
    service.state = state_word(facts);
    service.start_type = start_word(facts.start);
    service.expected = is_expected(facts);
    service.since_ms = facts.since_ms;
    service.result = result_word(facts);
    return service;
}

} // namespace rollcall::platform
