#include "collector/client/api.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "collector/client/columns.hpp"
#include "collector/client/limits.hpp"
#include "collector/client/text.hpp"
#include "common/core/ids.hpp"

namespace rollcall::client
{

namespace json = boost::json;

static std::string encoded(std::string_view text)
{
    static constexpr std::string_view plain = "-._~";
    std::string made;
    for (char const c : text) {
        bool const is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              plain.find(c) != std::string_view::npos;
        if (is_plain)
            made += c;
        else
            made += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return made;
}

std::string target_of(std::string_view path, Query const& query)
{
    std::string target(path);
    char between = '?';
    for (auto const& [name, value] : query) {
        target += fmt::format("{}{}={}", between, name, encoded(value));
        between = '&';
    }
    return target;
}

static errc code_of(int status)
{
    switch (status) {
    case 400:
        return errc::bad_input;
    case 401:
        return errc::unauthenticated;
    case 403:
        return errc::permission_denied;
    case 404:
        return errc::not_found;
    case 409:
        return errc::conflict;
    default:
        return errc::refused;
    }
}

Error error_of(Answer const& answer)
{
    boost::system::error_code failed;
    auto const read = json::parse(answer.body, failed);
    auto const* const problem = failed ? nullptr : read.if_object();
    auto const detail = problem == nullptr ? std::string() : text_of(*problem, "detail");
    if (detail.empty())
        return fail(code_of(answer.status), fmt::format("the collector answered with status {}", answer.status));
    auto said = detail;
    if (auto const remedy = text_of(*problem, "remedy"); !remedy.empty()) said += " " + remedy;
    if (auto const id = text_of(*problem, "request_id"); !id.empty()) said += fmt::format(" (request {})", id);
    return fail(code_of(answer.status), std::move(said));
}

Api::Api(std::string token, std::unique_ptr<Connection> connection)
    : token_(std::move(token))
    , connection_(std::move(connection))
{
}

Result<Api> Api::open(Surroundings const& around)
{
    auto const settings = load(around.settings_file);
    if (!settings) return settings.error();
    return with(*settings);
}

Result<Api> Api::with(Settings const& settings)
{
    auto connection = Connection::make(settings);
    if (!connection) return connection.error();
    return Api(settings.token, *std::move(connection));
}

Result<Answer> Api::ask(Request request, Choose const& choose)
{
    request.headers.emplace_back("Authorization", "Bearer " + token_);
    // A write that is sent again is done once.
    if (request.method != "GET" && request.method != "HEAD")
        request.headers.emplace_back("Idempotency-Key", make_secret(16));
    return connection_->ask(request, choose);
}

Result<json::object> Api::object(Request request)
{
    request.silence = limits::answer;
    auto const answer = ask(std::move(request));
    if (!answer) return answer.error();
    if (answer->status < 200 || answer->status > 299) return error_of(*answer);
    boost::system::error_code failed;
    auto read = json::parse(answer->body, failed);
    if (failed || !read.is_object())
        return fail(errc::bad_message, "the collector's answer is no JSON; is there something in between?");
    return std::move(read.get_object());
}

Result<json::object> Api::get(std::string_view path, Query const& query)
{
    return object({.method = "GET", .target = target_of(path, query), .silence = {}});
}

Result<json::object> Api::post(std::string_view path, json::object const& body)
{
    return object({.method = "POST",
                   .target = std::string(path),
                   .headers = {{"Content-Type", "application/json"}},
                   .body = json::serialize(body),
                   .silence = {}});
}

static Result<> take_items(json::object& answer, std::vector<json::object>& into)
{
    auto* const items = answer.if_contains("items");
    if (items == nullptr || !items->is_array()) return fail(errc::bad_message, "the answer is no list");
    for (auto& item : items->get_array()) {
        if (!item.is_object()) return fail(errc::bad_message, "the answer is no list");
        into.push_back(std::move(item.get_object()));
    }
    return {};
}

Result<std::vector<json::object>> list_whole(Api& api, std::string_view path, Query const& query)
{
    auto answer = api.get(path, query);
    if (!answer) return answer.error();
    std::vector<json::object> made;
    if (auto const taken = take_items(*answer, made); !taken) return taken.error();
    return made;
}

Result<Listing> list(Api& api, std::string_view path, Query query, std::optional<std::int64_t> most)
{
    Listing made;
    std::string after;
    auto const own = query.size();
    for (;;) {
        auto const count = static_cast<std::int64_t>(made.items.size());
        query.resize(own);
        auto const left = most ? *most - count : limits::page_lines;
        query.emplace_back("limit", std::to_string(std::min(left, limits::page_lines)));
        if (!after.empty()) query.emplace_back("after", after);
        auto page = api.get(path, query);
        if (!page) return page.error();
        auto const* const total = page->if_contains("total");
        if (total == nullptr || !total->is_int64()) return fail(errc::bad_message, "the answer is no list");
        made.total = total->get_int64();
        if (auto const taken = take_items(*page, made.items); !taken) return taken.error();
        after = text_of(*page, "next");
        if (after.empty() || (most && static_cast<std::int64_t>(made.items.size()) >= *most)) return made;
    }
}

/// ASCII letters alone: names that differ otherwise are different names here.
static bool is_same_name(std::string_view a, std::string_view b)
{
    auto const folded = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, {}, folded, folded);
}

/// The only one of these that has the name.
static Result<std::string> one_called(std::vector<json::object> const& items, std::string const& name,
                                      std::vector<std::string_view> const& fields, std::string_view kind)
{
    std::vector<json::object const*> found;
    for (auto const& item : items)
        if (std::ranges::any_of(fields, [&](auto field) { return is_same_name(text_of(item, field), name); }))
            found.push_back(&item);
    if (found.empty()) return fail(errc::not_found, fmt::format("there is no {} '{}'", kind, shown(name)));
    if (found.size() == 1) return text_of(*found.front(), "id");
    std::string ids;
    for (auto const* const item : found)
        ids += fmt::format("{}{} ({})", ids.empty() ? "" : ", ", text_of(*item, "id"), text_of(*item, "customer_name"));
    return fail(errc::conflict, fmt::format("several are called '{}': {}; give an id", shown(name), ids));
}

Result<std::string> customer_id(Api& api, std::string const& name)
{
    if (is_uuid(name)) return name;
    auto const all = list_whole(api, "/api/v1/customers", {{"search", name}});
    if (!all) return all.error();
    return one_called(*all, name, {"name"}, "customer");
}

Result<std::string> device_id(Api& api, std::string const& name)
{
    if (is_uuid(name)) return name;
    auto all = list(api, "/api/v1/devices",
                    {{"search", name}, {"availability", "online,offline,unreachable,retired,unknown"}}, std::nullopt);
    if (!all) return all.error();
    return one_called(all->items, name, {"name"}, "device");
}

Result<std::string> technician_id(Api& api, std::string const& name)
{
    if (is_uuid(name)) return name;
    auto const all = list_whole(api, "/api/v1/alerts/assignees", {});
    if (!all) return all.error();
    return one_called(*all, name, {"name"}, "technician");
}

} // namespace rollcall::client
