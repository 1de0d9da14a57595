#include <istream>
#include <ostream>

#include <fmt/format.h>

#include "collector/client/api.hpp"
#include "collector/client/columns.hpp"
#include "collector/client/limits.hpp"
#include "collector/client/runs.hpp"
#include "collector/client/settings.hpp"
#include "collector/client/text.hpp"
#include "common/net/address.hpp"

namespace rollcall::client
{

static constexpr std::string_view token_prefix = "rc_";

static Result<std::string> read_token(Invocation const& asked, Surroundings& around)
{
    auto const file = asked.text("token-file");
    auto text = file.empty() ? around.ask_secret("Token (rc_..., from your settings on the page): ")
                             : read_all(file, around.in, limits::small_file_bytes);
    if (!text && text.error().code == errc::not_supported)
        return fail(errc::bad_input,
                    "there is no terminal to ask for the token on; name a file with --token-file, or - for "
                    "standard input");
    if (!text) return text.error();
    auto const begin = text->find_first_not_of(" \t\r\n");
    auto const end = text->find_last_not_of(" \t\r\n");
    auto const token = begin == std::string::npos ? std::string() : text->substr(begin, end - begin + 1);
    if (!token.starts_with(token_prefix) || token.find_first_of(" \t\r\n") != std::string::npos ||
        shown(token) != token)
        return fail(errc::bad_input, "this is no token: one begins with rc_ and is one word");
    return token;
}

static Result<Settings> read_settings(Invocation const& asked, Surroundings& around)
{
    auto const address = net::parse_https_url(asked.arguments[0]);
    if (!address) return address.error();
    if (asked.has("ca") && asked.has("pin")) return fail(errc::bad_input, "--ca and --pin exclude one another");
    Settings settings{.address = net::to_https_url(*address), .token = {}, .ca_pem = {}, .pin = asked.text("pin")};
    if (asked.has("ca")) {
        auto pem = read_all(asked.text("ca"), around.in, limits::small_file_bytes);
        if (!pem) return pem.error();
        settings.ca_pem = *std::move(pem);
        if (settings.ca_pem.empty()) return fail(errc::bad_input, asked.text("ca") + " is empty");
    }
    // What is wrong with them is said before somebody types a token.
    if (auto const connection = Connection::make(settings); !connection) return connection.error();
    auto token = read_token(asked, around);
    if (!token) return token.error();
    settings.token = *std::move(token);
    return settings;
}

Exit run_login(Invocation const& asked, Surroundings& around)
{
    if (around.settings_file.empty())
        return complain(around, fail(errc::bad_input, "there is no place to remember it: set HOME or XDG_CONFIG_HOME"));
    auto const settings = read_settings(asked, around);
    if (!settings) return complain(around, settings.error());
    auto api = Api::with(*settings);
    if (!api) return complain(around, api.error());
    auto const about = api->get("/api/v1/system");
    if (!about) return complain(around, about.error());
    if (auto const kept = save(around.settings_file, *settings); !kept) return complain(around, kept.error());
    around.out << fmt::format("{}: logged in; the collector is of version {}\n", settings->address,
                              shown(text_of(*about, "version")));
    return Exit::done;
}

} // namespace rollcall::client
