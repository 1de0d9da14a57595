#include "tests/flow/page.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tests/collector/gateway/client.hpp"

namespace rollcall::flow
{

static constexpr auto chosen_password = "correct horse battery staple";

Page::Page() = default;
Page::~Page() = default;

void Page::give_up(std::string const& why)
{
    FAIL(why);
    throw why; // Not reached; tells the compiler so.
}

void Page::connect(std::uint16_t port)
{
    client_ = std::make_unique<gateway::test::Client>(port);
    REQUIRE(client_->connected);
}

void Page::enter(std::string const& first_password)
{
    std::string const path = "/api/v1/session";
    csrf_ = post<api::Session>(path, api::LogIn{.name = "admin", .password = first_password}).csrf_token;
    api::NewPassword const change{.current_password = first_password, .new_password = chosen_password};
    csrf_ = post<api::Session>(path + "/password", change).csrf_token;
}

void Page::enter_again()
{
    cookie_.clear();
    csrf_ = post<api::Session>("/api/v1/session", api::LogIn{.name = "admin", .password = chosen_password}).csrf_token;
}

Page::Answer Page::send(std::string_view method, std::string const& path, boost::json::value const& body)
{
    auto text = body.is_null() ? std::string() : boost::json::serialize(body);
    std::string request(method);
    request += " " + path + " HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\n";
    if (!cookie_.empty()) request += "Cookie: " + cookie_ + "\r\nX-CSRF-Token: " + csrf_ + "\r\n";
    if (!text.empty()) request += "Content-Type: application/json\r\n";
    if (method != "GET") request += "Content-Length: " + std::to_string(text.size()) + "\r\n";
    client_->send(request + "\r\n" + text);
    auto const answer = client_->response();
    if (auto const cookie = answer.headers.find("set-cookie"); cookie != answer.headers.end())
        cookie_ = cookie->second.substr(0, cookie->second.find(';'));
    boost::system::error_code failed;
    auto json = boost::json::parse(answer.body, failed);
    return {.status = answer.status, .body = failed ? boost::json::value() : std::move(json)};
}

boost::json::value Page::ask(std::string_view method, std::string const& path, boost::json::value const& body)
{
    auto answer = send(method, path, body);
    if (answer.status < 200 || answer.status > 299)
        give_up(std::string(method) + " " + path + ": " + std::to_string(answer.status) + " " +
                boost::json::serialize(answer.body));
    return std::move(answer.body);
}

int Page::status(std::string const& path) { return send("GET", path, {}).status; }
void Page::remove(std::string const& path) { ask("DELETE", path, {}); }

} // namespace rollcall::flow
