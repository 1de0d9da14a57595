#include <cstdlib>
#include <string>

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/service_host.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace rollcall::platform;

TEST_CASE("service_host: without anybody who listens every call does nothing")
{
    ::unsetenv("NOTIFY_SOCKET");
    auto const host = make_service_host();
    host->ready();
    host->status("fine");
    host->alive();
    host->stopping();
    CHECK(host->watchdog_period().count() == 0);
}

TEST_CASE("service_host: the service manager hears what sd_notify(3) says")
{
    support::TempDir const folder;
    auto const path = (folder / "s").string();
    int const listener = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof address.sun_path);
    path.copy(address.sun_path, path.size());
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    ::setenv("WATCHDOG_USEC", "30000000", 1);
    auto const host = make_service_host();
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");

    auto const heard = [&] {
        std::array<char, 256> buffer{};
        auto const size = ::recv(listener, buffer.data(), buffer.size(), 0);
        return size < 0 ? std::string("nothing") : std::string(buffer.data(), static_cast<std::size_t>(size));
    };
    CHECK(host->watchdog_period() == std::chrono::seconds(30));
    host->ready();
    CHECK(heard() == "READY=1");
    host->status("connected\nREADY=0");
    CHECK(heard() == "STATUS=connected");
    host->alive();
    CHECK(heard() == "WATCHDOG=1");
    host->stopping();
    CHECK(heard() == "STOPPING=1");
    ::close(listener);
    host->alive(); // Nobody listens any more: no harm.
}

TEST_CASE("service_host: a socket name that is too long or relative is nobody")
{
    for (auto const& name : {std::string("relative"), std::string(500, '/'), std::string()}) {
        ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
        make_service_host()->ready();
    }
    ::unsetenv("NOTIFY_SOCKET");
}

TEST_CASE("service_host: standard error goes to the journal only where it is the very stream that was opened for us")
{
    struct stat facts {
    };
    REQUIRE(::fstat(STDERR_FILENO, &facts) == 0);
    auto const host = make_service_host();
    ::unsetenv("JOURNAL_STREAM");
    CHECK_FALSE(host->has_journal());
    auto const stream = std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino);
    ::setenv("JOURNAL_STREAM", stream.c_str(), 1);
    CHECK(host->has_journal());
    ::setenv("JOURNAL_STREAM", (stream + "0").c_str(), 1);
    CHECK_FALSE(host->has_journal());
    ::unsetenv("JOURNAL_STREAM");
}
