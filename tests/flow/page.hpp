#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "collector/view/api/json.hpp"
#include "collector/view/api/resources.hpp"

namespace rollcall::gateway::test
{
class Client;
}

namespace rollcall::flow
{

/// What a technician's browser is to the collector: TLS, HTTP, cookie and CSRF token, and nothing that is not public.
/// An answer that does not fit its declaration ends the test.
///
/// Owns: a connection.  Threads: one.  Blocks: yes.
class Page
{
public:
    Page();
    ~Page();
    Page(Page const&) = delete;
    Page& operator=(Page const&) = delete;

    /// Opens a new connection; who is logged in stays it.
    void connect(std::uint16_t port);
    /// Logs in with the first password and changes it, as everybody must.
    void enter(std::string const& first_password);

    /// Logs in again: a session ends with time.
    void enter_again();

    [[nodiscard]] int status(std::string const& path);
    template <class T>
    [[nodiscard]] T get(std::string const& path)
    {
        return fitting<T>(ask("GET", path, {}));
    }
    template <class T, class Body>
    T post(std::string const& path, Body const& body)
    {
        return fitting<T>(ask("POST", path, api::to_json(body)));
    }
    void remove(std::string const& path);

private:
    struct Answer {
        int status = 0;
        boost::json::value body;
    };
    Answer send(std::string_view method, std::string const& path, boost::json::value const& body);
    boost::json::value ask(std::string_view method, std::string const& path, boost::json::value const& body);
    [[noreturn]] static void give_up(std::string const& why);

    template <class T>
    static T fitting(boost::json::value const& answer)
    {
        T made;
        if (auto const bad = api::from_json(answer, made)) give_up(bad->field + " " + bad->expected);
        return made;
    }

    std::unique_ptr<gateway::test::Client> client_;
    std::string cookie_;
    std::string csrf_;
};

} // namespace rollcall::flow
