#include <algorithm>
#include <ostream>

#include <fmt/format.h>

#include "collector/client/api.hpp"
#include "collector/client/limits.hpp"
#include "collector/client/output.hpp"
#include "collector/client/runs.hpp"
#include "collector/client/settings.hpp"
#include "collector/client/text.hpp"

namespace rollcall::client
{

/// Nothing that would be a second line of the request, or another one.
static bool is_word(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

Exit run_api(Invocation const& asked, Surroundings& around)
{
    auto method = asked.arguments[0];
    std::ranges::transform(method, method.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    auto path = asked.arguments[1];
    if (!path.starts_with('/')) path = "/api/v1/" + path;
    if (!std::ranges::all_of(method, [](char c) { return c >= 'A' && c <= 'Z'; }) || method.empty())
        return complain(around, fail(errc::bad_input, "METHOD is a word such as GET or POST"));
    if (!is_word(path))
        return complain(around, fail(errc::bad_input, "PATH holds what has to be encoded, as %20 for a blank"));
    auto api = Api::open(around);
    if (!api) return complain(around, api.error());
    Request request{.method = method, .target = path, .silence = limits::answer};
    if (asked.has("data")) {
        auto data = read_all(asked.text("data"), around.in, limits::data_bytes);
        if (!data) return complain(around, data.error());
        request.body = *std::move(data);
        request.headers.emplace_back("Content-Type", "application/json");
    }
    auto const answer = api->ask(std::move(request), [&](Answer const& head) {
        return head.status >= 200 && head.status <= 299 ? printing(around) : Take();
    });
    if (!answer) return complain(around, answer.error());
    if (answer->status < 200 || answer->status > 299) return complain(around, error_of(*answer));
    if (answer->header("content-type").starts_with("application/json")) around.out << '\n';
    return Exit::done;
}

} // namespace rollcall::client
