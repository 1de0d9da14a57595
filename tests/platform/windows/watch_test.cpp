#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

#include <windows.h>

#include "platform/watch.hpp"
#include "platform/windows/service_state.hpp"
#include "tests/platform/printers.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using namespace std::chrono_literals;

namespace
{

/// What was told so far.
class Heard
{
public:
    Changes::Callback callback()
    {
        return [this](std::string_view probe) {
            std::lock_guard const lock(mutex_);
            probes_.emplace(probe);
            changed_.notify_all();
        };
    }
    bool wait_for(std::string const& probe)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 5s, [&] { return probes_.contains(probe); });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string> probes_;
};

/// A key among the installed programs of the machine; false where we may not write there.
bool plant_program(bool add)
{
    static constexpr auto path = L"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\RollcallTest";
    if (!add) return ::RegDeleteKeyExW(HKEY_LOCAL_MACHINE, path, KEY_WOW64_64KEY, 0) == ERROR_SUCCESS;
    HKEY key = nullptr;
    if (::RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, nullptr, REG_OPTION_VOLATILE, KEY_WRITE | KEY_WOW64_64KEY,
                          nullptr, &key, nullptr) != ERROR_SUCCESS)
        return false;
    ::RegCloseKey(key);
    return true;
}

} // namespace

TEST_CASE("watch: an installed program is told of at once, and a removed one")
{
    Heard heard;
    auto const changes = make_changes();
    REQUIRE(changes->start(heard.callback()));
    if (plant_program(true)) {
        CHECK(heard.wait_for("software"));
        CHECK(plant_program(false));
    }
    changes->stop();
}

TEST_CASE("watch: it stops at once, twice if need be, and starts once only")
{
    Heard heard;
    auto const changes = make_changes();
    REQUIRE(changes->start(heard.callback()));
    CHECK_FALSE(changes->start(heard.callback()));
    auto const begun = std::chrono::steady_clock::now();
    changes->stop();
    changes->stop();
    CHECK(std::chrono::steady_clock::now() - begun < 2s);
}

TEST_CASE("watch: a session that changes is told when the service manager says so, and not after the end")
{
    Heard heard;
    auto const changes = make_changes();
    REQUIRE(changes->start(heard.callback()));
    CHECK(ServiceState::instance().control(SERVICE_CONTROL_SESSIONCHANGE) == NO_ERROR);
    CHECK(heard.wait_for("sessions"));
    CHECK(heard.wait_for("last_login"));
    changes->stop();
    CHECK(ServiceState::instance().control(SERVICE_CONTROL_SESSIONCHANGE) == NO_ERROR);
}
