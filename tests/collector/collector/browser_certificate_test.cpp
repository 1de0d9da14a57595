#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "collector/browser_files.hpp"
#include "collector/collector.hpp"
#include "collector/gateway/ca.hpp"
#include "common/log/log.hpp"
#include "tests/collector/gateway/client.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using collector::BrowserFiles;
using collector::Collector;
using gateway::test::Client;

namespace fs = std::filesystem;

namespace
{

/// As if somebody else's authority had made and renewed a certificate.
struct Files {
    support::TempDir temp;
    fs::path certificate = temp / "fullchain.pem";
    fs::path key = temp / "privkey.pem";
    int made = 0;

    /// The fingerprint of the new one.
    std::string renew(UnixMs now = SystemClock().now_ms())
    {
        auto const authority = gateway::Authority::open(folder(), {}, now);
        REQUIRE(authority);
        auto const& material = (*authority)->material();
        write(key, material.key_pem);
        write(certificate, material.chain_pem);
        return net::fingerprint(**net::certificate_from_pem(material.chain_pem));
    }
    [[nodiscard]] fs::path folder()
    {
        auto path = temp / ("authority" + std::to_string(made++));
        fs::create_directory(path);
        return path;
    }
    /// As those who renew certificates do: never half a file.
    static void write(fs::path const& path, std::string const& text)
    {
        auto const fresh = path.string() + ".new";
        std::ofstream(fresh, std::ios::binary) << text;
        fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write);
        fs::rename(fresh, path);
    }
};

std::string shown_by(std::uint16_t port)
{
    Client const client(port);
    REQUIRE(client.connected);
    net::Certificate const shown(SSL_get1_peer_certificate(client.ssl()));
    REQUIRE(shown);
    return net::fingerprint(*shown);
}

template <class Condition>
bool eventually(Condition condition)
{
    for (int i = 0; i < 3000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

bool tells(Error const& error, std::string_view what) { return error.trace.find(what) != std::string::npos; }

} // namespace

TEST_CASE("browser certificate: new files are used at once, bad ones are told and change nothing")
{
    Files files;
    log::Capture const capture;
    auto const first = files.renew();
    Collector::Options options;
    options.data = files.temp / "data";
    options.listen = "127.0.0.1";
    options.port = 0;
    options.threads = 1;
    options.browser_certificate = files.certificate;
    options.browser_key = files.key;
    auto const running = Collector::start(options);
    REQUIRE(running);
    auto const port = (*running)->port();
    CHECK(shown_by(port) == first);
    auto const end = [port] {
        Client client(port);
        auto const body = client.get("/metrics").body;
        auto const place = body.find("\nrollcall_browser_certificate_expires_seconds ");
        return place == std::string::npos ? std::string() : body.substr(place, body.find('\n', place + 1) - place);
    };
    CHECK_FALSE(end().empty());

    Files::write(files.certificate, "half of a file");
    CHECK(eventually([&] { return capture.has("collector.browser_certificate_refused"); }));
    CHECK(shown_by(port) == first);

    auto const second = files.renew();
    CHECK(second != first);
    CHECK(eventually([&] { return shown_by(port) == second; }));
    fs::remove(files.key);
    fs::remove(files.certificate);
    auto const third = files.renew();
    CHECK(eventually([&] { return shown_by(port) == third; }));

    // Made more than 397 days ago.
    auto const refusals = [&] {
        std::size_t count = 0;
        for (auto const& line : capture.lines())
            if (line.find("it has ended already") != std::string::npos) ++count;
        return count;
    };
    files.renew(SystemClock().now_ms() - 500LL * 86'400'000);
    CHECK(eventually([&] { return refusals() == 1; }));
    CHECK(shown_by(port) == third);
}

TEST_CASE("browser certificate: files that are missing, of others, or half given are told before the start")
{
    Files files;
    files.renew();
    CHECK(BrowserFiles(files.certificate, files.key).read());
    auto const wrong = [](fs::path const& certificate, fs::path const& key, std::string_view what) {
        auto const read = BrowserFiles(certificate, key).read();
        REQUIRE_FALSE(read);
        CAPTURE(read.error().trace);
        CHECK(tells(read.error(), what));
    };
    wrong(files.temp / "none", files.key, "browser_certificate: " + (files.temp / "none").string());
    wrong(files.certificate, files.temp / "none", "there is no such file");
    wrong(files.key, files.key, "browser_certificate: ");
    wrong(files.certificate, files.certificate, "browser_key: ");
    fs::permissions(files.key, fs::perms::others_read, fs::perm_options::add);
    wrong(files.certificate, files.key, "everybody can read it");
    fs::permissions(files.key, fs::perms::others_read, fs::perm_options::remove);
    std::ofstream(files.temp / "large") << std::string(BrowserFiles::file_bytes + 1, 'x');
    wrong(files.temp / "large", files.key, "is larger than");

    Collector::Options options;
    options.data = files.temp / "data";
    options.browser_certificate = files.certificate;
    CHECK(tells(Collector::start(options).error(), "Give both or none"));
    REQUIRE(Collector::check(options).size() == 1);
    CHECK(tells(Collector::check(options).front(), "Give both or none"));
    options.browser_key = files.certificate;
    CHECK(tells(Collector::start(options).error(), "browser_key: "));
    CHECK_FALSE(fs::exists(files.temp / "data"));
}
