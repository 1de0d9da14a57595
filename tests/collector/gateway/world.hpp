#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "client.hpp"
#include "collector/gateway/ca.hpp"
#include "collector/gateway/gateway.hpp"
#include "common/core/ids.hpp"
#include "common/wire/codec.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

namespace rollcall::gateway::test
{

inline UnixMs real_now() { return SystemClock().now_ms(); }

inline Identity make_identity(Authority const& authority, std::string const& device_id)
{
    auto const key = net::make_key();
    auto const request = net::make_request(**key, "ignored");
    auto const signed_one = authority.sign(*net::to_pem(**request), device_id, real_now());
    return {.key_pem = *net::to_pem(**key), .certificate_pem = signed_one->pem};
}

/// A gateway on a free port, and handlers that write down what they are told.
class World : public HttpHandler, public LiveHandler, public AgentHandler
{
public:
    World()
        : authority(*Authority::open(dir.path(), {}, real_now()))
        , device_id(make_uuid(real_now()))
        , identity(make_identity(*authority, device_id))
    {
        options.address = "127.0.0.1";
        options.port = 0;
        options.threads = 2;
        options.tls = authority->material();
        options.limits.closing = std::chrono::milliseconds(300);
    }
    ~World() override
    {
        if (gateway) gateway->stop();
    }

    void start()
    {
        auto started = Gateway::start(options, *this, *this, *this);
        REQUIRE(started);
        gateway = std::move(*started);
        port = gateway->port();
    }

    /// Waits until it is so; false after a time no sound machine needs.
    template <class Condition>
    bool until(Condition condition)
    {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, support::patience, condition);
    }
    /// The same for the gateway's own counters.
    template <class Condition>
    bool until_counters(Condition condition)
    {
        auto const end = std::chrono::steady_clock::now() + support::patience;
        while (!condition(gateway->counters())) {
            if (std::chrono::steady_clock::now() > end) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return true;
    }

    [[nodiscard]] std::uint64_t failures(std::string_view word) const
    {
        for (auto const& [name, count] : gateway->counters().handshakes_failed)
            if (name == word) return count;
        return 0;
    }

    /// Pieces of 64 KiB, 8 MiB in all. "/stream-broken" ends in an error half-way, "/stream-late" takes its time,
    /// of "/stream-unsized" nobody knows the size.
    struct Stream final : HttpBody {
        static constexpr std::uint64_t bytes = 8UL * 1024 * 1024;
        static constexpr std::uint64_t piece = 64UL * 1024;
        [[nodiscard]] std::optional<std::uint64_t> size() const override
        {
            return unsized ? std::nullopt : std::optional(bytes);
        }
        void next(std::function<void(Result<std::string>)> done) override
        {
            auto const number = ++asked;
            if (unsized && number * piece > bytes) return done(std::string());
            if (broken && number * piece > bytes / 2) return done(fail(errc::io, "the disk is gone"));
            std::thread([done = std::move(done), number, wait = late] {
                if (wait) std::this_thread::sleep_for(std::chrono::milliseconds(2));
                done(std::string(piece, static_cast<char>('a' + number % 26)));
            }).detach();
        }
        std::atomic<std::uint64_t> asked = 0;
        bool broken = false;
        bool late = false;
        bool unsized = false;
    };
    std::shared_ptr<Stream> make_stream(std::string const& path)
    {
        auto made = std::make_shared<Stream>();
        made->broken = path.ends_with("-broken");
        made->late = path == "/stream-late";
        made->unsized = path.starts_with("/stream-unsized");
        std::lock_guard const lock(mutex);
        stream = made;
        changed.notify_all();
        return made;
    }
    std::shared_ptr<Stream> stream; ///< The last one.

    // HttpHandler:
    void handle(HttpRequest request, std::function<void(HttpResponse)> done) override
    {
        HttpResponse response;
        {
            std::lock_guard const lock(mutex);
            requests.push_back(request);
            changed.notify_all();
            if (request.path == "/never") return kept.push_back(std::move(done));
        }
        if (request.path.starts_with("/stream")) response.stream = make_stream(request.path);
        if (request.path == "/big")
            response.shared_body = std::make_shared<std::string>(3'000'000, 'x');
        else
            response.body = request.method + " " + request.path + " " + request.body;
        if (request.path == "/split") response.headers.emplace_back("X-Evil", "a\r\nSet-Cookie: b");
        response.headers.emplace_back("Content-Type", "text/plain");
        std::thread([done = std::move(done), response = std::move(response)]() mutable {
            done(std::move(response));
        }).detach();
    }

    // LiveHandler:
    void upgrade(HttpRequest request, Decision decision) override
    {
        if (request.headers["cookie"] != "good") {
            HttpResponse no;
            no.status = 401;
            return decision.refuse(std::move(no));
        }
        decision.accept([this](std::shared_ptr<LiveSocket> socket) {
            struct Listener final : LiveClient {
                World* world;
                explicit Listener(World* owner)
                    : world(owner)
                {
                }
                ~Listener() override
                {
                    std::lock_guard const lock(world->mutex);
                    ++world->live_gone;
                    world->changed.notify_all();
                }
                void receive(std::string_view text) override
                {
                    std::lock_guard const lock(world->mutex);
                    world->live_texts.emplace_back(text);
                    world->changed.notify_all();
                }
            };
            std::lock_guard const lock(mutex);
            live_sockets.push_back(std::move(socket));
            changed.notify_all();
            return std::make_unique<Listener>(this);
        });
    }

    // AgentHandler:
    void connected(AgentPeer const& peer, wire::Hello hello, std::shared_ptr<AgentSocket> socket) override
    {
        std::lock_guard const lock(mutex);
        peers.push_back(peer);
        hellos.push_back(std::move(hello));
        agent_sockets.push_back(std::move(socket));
        changed.notify_all();
    }
    void renew(AgentPeer const& peer, wire::Renew asked, std::shared_ptr<AgentSocket> socket) override
    {
        std::lock_guard const lock(mutex);
        peers.push_back(peer);
        renewals.push_back(std::move(asked));
        agent_sockets.push_back(std::move(socket));
        changed.notify_all();
    }
    void separate(AgentPeer const& peer, wire::Separate asked, std::shared_ptr<AgentSocket> socket) override
    {
        std::lock_guard const lock(mutex);
        peers.push_back(peer);
        separations.push_back(std::move(asked));
        agent_sockets.push_back(std::move(socket));
        changed.notify_all();
    }
    bool received(AgentPeer const&, wire::FromAgent message, std::function<void()> go_on) override
    {
        std::lock_guard const lock(mutex);
        messages.push_back(std::move(message));
        resume = std::move(go_on);
        changed.notify_all();
        return !full;
    }
    void heard(AgentPeer const&, UnixMs clock) override
    {
        std::lock_guard const lock(mutex);
        clocks.push_back(clock);
        changed.notify_all();
    }
    void closed(AgentPeer const&, std::string_view reason) override
    {
        std::lock_guard const lock(mutex);
        closings.emplace_back(reason);
        changed.notify_all();
    }

    [[nodiscard]] wire::Hello hello() const
    {
        wire::Hello said;
        said.protocol = wire::protocol;
        said.agent_version = "0.1.0";
        said.device_id = device_id;
        said.boot_id = "boot";
        said.epoch = "epoch";
        said.event = said.state = said.series = {1, 1};
        return said;
    }
    [[nodiscard]] static std::string event(std::uint64_t sequence)
    {
        wire::Event record;
        record.sequence = sequence;
        record.name = "agent_started";
        return wire::encode(wire::FromAgent(record));
    }

    support::TempDir dir;
    std::unique_ptr<Authority> authority;
    std::string device_id;
    Identity identity;
    Options options;
    std::unique_ptr<Gateway> gateway;
    std::uint16_t port = 0;

    std::mutex mutex;
    std::condition_variable changed;
    std::vector<HttpRequest> requests;
    std::vector<std::function<void(HttpResponse)>> kept;
    std::vector<std::shared_ptr<LiveSocket>> live_sockets;
    std::vector<std::string> live_texts;
    int live_gone = 0;
    std::vector<AgentPeer> peers;
    std::vector<wire::Hello> hellos;
    std::vector<wire::Renew> renewals;
    std::vector<wire::Separate> separations;
    std::vector<std::shared_ptr<AgentSocket>> agent_sockets;
    std::vector<wire::FromAgent> messages;
    std::vector<UnixMs> clocks;
    std::vector<std::string> closings;
    std::function<void()> resume;
    bool full = false;
};

/// A device's connection that has said hello.
class AgentClient : public Client
{
public:
    explicit AgentClient(World& world)
        : Client(world.port, {"rollcall-agent/1"}, &world.identity)
    {
        REQUIRE(connected);
        REQUIRE(upgrade("/agent", "rollcall.v1").status == 101);
    }
};

} // namespace rollcall::gateway::test
