#include <doctest/doctest.h>

#include <map>
#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "collector/collector.hpp"
#include "tests/collector/gateway/client.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

namespace json = boost::json;
using namespace rollcall;

namespace
{

/// A person's requests, with cookie and CSRF token, over a connection of their own.
class Visitor
{
public:
    Visitor(collector::Collector const& running, std::string const& first_password)
        : client_(running.port())
    {
        post("/api/v1/session", {{"name", "admin"}, {"password", first_password}});
        post("/api/v1/session/password",
             {{"current_password", first_password}, {"new_password", "correct horse battery staple"}});
    }
    gateway::test::Answer post(std::string const& path, json::object const& body)
    {
        auto const text = json::serialize(body);
        client_.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\n" + cookie() +
                     "X-CSRF-Token: " + csrf_ + "\r\nContent-Type: application/json\r\nContent-Length: " +
                     std::to_string(text.size()) + "\r\n\r\n" + text);
        auto answer = client_.response();
        CAPTURE(answer.body);
        REQUIRE(answer.status < 300);
        if (auto const set = answer.headers.find("set-cookie"); set != answer.headers.end())
            cookie_ = set->second.substr(0, set->second.find(';'));
        auto const said = json::parse(answer.body);
        if (auto const* const token = said.as_object().if_contains("csrf_token")) csrf_ = token->as_string();
        return answer;
    }
    [[nodiscard]] std::string cookie() const { return cookie_.empty() ? "" : "Cookie: " + cookie_ + "\r\n"; }

private:
    gateway::test::Client client_;
    std::string cookie_;
    std::string csrf_;
};

} // namespace

TEST_CASE("collector: events come over the network as they happen, and their stream ends whole at a stop")
{
    support::TempDir const temp;
    collector::Collector::Options options;
    options.data = temp / "data";
    options.listen = "127.0.0.1";
    options.port = 0;
    options.threads = 1;
    auto const running = collector::Collector::start(options);
    REQUIRE(running);
    Visitor visitor(**running, *(*running)->first_password());

    gateway::test::Client stream((*running)->port());
    stream.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n" + visitor.cookie() + "\r\n");
    auto const head = stream.response(true);
    CHECK(head.status == 200);
    CHECK(head.headers.at("content-type") == "text/event-stream");
    visitor.post("/api/v1/customers", {{"name", "Acme"}});
    auto const happened = stream.chunk();
    CHECK(happened.starts_with("retry: "));
    auto const told = stream.chunk();
    CHECK(told.starts_with("event: changed\nid: "));
    CHECK(told.find("\"customers\":true") != std::string::npos);
    (*running)->stop();
    CHECK(stream.chunk().empty());
    CHECK_FALSE(stream.cut_off);
}
