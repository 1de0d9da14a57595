#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "collector/gateway/ca.hpp"
#include "collector/gateway/gateway.hpp"
#include "common/core/clock.hpp"
#include "common/net/tls.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

namespace rollcall::client::testing
{

/// What was said so far, then either the end, or silence until the peer goes or the test says more.
class Script final : public gateway::HttpBody
{
public:
    void say(std::string bytes)
    {
        std::lock_guard const lock(mutex_);
        said_.push_back(std::move(bytes));
        hand_over();
    }
    void end() { say({}); }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return std::nullopt; }
    void next(std::function<void(Result<std::string>)> done) override
    {
        std::lock_guard const lock(mutex_);
        waiting_ = std::move(done);
        hand_over();
    }

private:
    void hand_over()
    {
        if (!waiting_ || said_.empty()) return;
        auto const done = std::exchange(waiting_, nullptr);
        auto bytes = std::move(said_.front());
        said_.erase(said_.begin());
        done(std::move(bytes));
    }

    std::mutex mutex_;
    std::vector<std::string> said_;
    std::function<void(Result<std::string>)> waiting_;
};

/// The collector's own TLS end, and answers that the test gives: what stands behind "METHOD /path".
class FakeCollector : gateway::HttpHandler, gateway::LiveHandler, gateway::AgentHandler
{
public:
    using Answerer = std::function<gateway::HttpResponse(gateway::HttpRequest const&)>;

    FakeCollector()
        : authority(*gateway::Authority::open(folder.path(), {}, SystemClock().now_ms()))
    {
        gateway::Options options;
        options.address = "127.0.0.1";
        options.port = 0;
        options.threads = 1;
        options.tls = authority->material();
        options.limits.closing = std::chrono::milliseconds(300);
        auto started = gateway::Gateway::start(options, *this, *this, *this);
        REQUIRE(started);
        gateway_ = *std::move(started);
    }
    ~FakeCollector() override { gateway_->stop(); }

    [[nodiscard]] std::string address() const { return "https://localhost:" + std::to_string(gateway_->port()); }
    [[nodiscard]] std::string pin() const
    {
        auto const shown = net::certificate_from_pem(authority->material().chain_pem);
        return "sha256//" + *net::key_pin(**shown);
    }

    void on(std::string const& what, Answerer answer)
    {
        std::lock_guard const lock(mutex_);
        answers_[what] = std::move(answer);
    }
    void on(std::string const& what, int status, std::string body)
    {
        on(what, [status, body = std::move(body)](auto const&) { return json(status, body); });
    }
    static gateway::HttpResponse json(int status, std::string body)
    {
        gateway::HttpResponse response;
        response.status = status;
        response.headers = {{"Content-Type", status < 400 ? "application/json" : "application/problem+json"}};
        response.body = std::move(body);
        return response;
    }
    static gateway::HttpResponse stream(std::shared_ptr<Script> script, std::string const& media)
    {
        gateway::HttpResponse response;
        response.headers = {{"Content-Type", media}};
        response.stream = std::move(script);
        return response;
    }
    std::vector<gateway::HttpRequest> requests()
    {
        std::lock_guard const lock(mutex_);
        return requests_;
    }
    /// Waits until there were so many requests for it.
    void wait_for(std::string const& what, std::size_t count)
    {
        for (int turn = 0; turn < 2000; ++turn) {
            std::size_t found = 0;
            for (auto const& one : requests())
                found += one.method + " " + one.path == what ? 1 : 0;
            if (found >= count) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        FAIL("no request came: " << what);
    }

    support::TempDir folder;
    std::unique_ptr<gateway::Authority> authority;

private:
    void handle(gateway::HttpRequest request, std::function<void(gateway::HttpResponse)> done) override
    {
        Answerer answer;
        {
            std::lock_guard const lock(mutex_);
            requests_.push_back(request);
            if (auto const found = answers_.find(request.method + " " + request.path); found != answers_.end())
                answer = found->second;
        }
        done(answer ? answer(request)
                    : json(404, R"({"detail":"There is no such route.","remedy":"","request_id":"r"})"));
    }
    void upgrade(gateway::HttpRequest, Decision decision) override { decision.refuse(json(404, "{}")); }
    void connected(gateway::AgentPeer const&, wire::Hello, std::shared_ptr<gateway::AgentSocket>) override {}
    void renew(gateway::AgentPeer const&, wire::Renew, std::shared_ptr<gateway::AgentSocket>) override {}
    void separate(gateway::AgentPeer const&, wire::Separate, std::shared_ptr<gateway::AgentSocket>) override {}
    bool received(gateway::AgentPeer const&, wire::FromAgent, std::function<void()>) override { return true; }
    void heard(gateway::AgentPeer const&, UnixMs) override {}
    void closed(gateway::AgentPeer const&, std::string_view) override {}

    std::mutex mutex_;
    std::map<std::string, Answerer> answers_;
    std::vector<gateway::HttpRequest> requests_;
    std::unique_ptr<gateway::Gateway> gateway_;
};

} // namespace rollcall::client::testing
