#include "collector/client/output.hpp"

#include <algorithm>
#include <memory>
#include <ostream>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "collector/client/limits.hpp"
#include "collector/client/table.hpp"
#include "collector/client/text.hpp"

namespace rollcall::client
{

namespace json = boost::json;

void print_json(Surroundings& around, json::value const& document)
{
    around.out << shown_json(json::serialize(document)) << '\n';
}

void print_table(Surroundings& around, std::vector<ListColumn> const& columns, std::vector<json::object> const& items)
{
    std::vector<Heading> headings;
    headings.reserve(columns.size());
    for (auto const& column : columns)
        headings.push_back({.label = column.label, .is_number = column.is_number, .is_whole = column.name == "id"});
    std::vector<std::vector<std::string>> lines;
    lines.reserve(items.size());
    for (auto const& item : items) {
        auto& line = lines.emplace_back();
        for (auto const& column : columns)
            line.push_back(column.read(item));
    }
    around.out << table(headings, lines, around.width);
}

void add_options(Query& query, Invocation const& asked, std::vector<std::string_view> const& names)
{
    for (auto const name : names)
        if (asked.has(name)) query.emplace_back(name, asked.text(name));
}

Result<Wanted> wanted_of(Invocation const& asked)
{
    if (asked.has("all") && asked.has("limit")) return fail(errc::bad_input, "--all and --limit exclude one another");
    if (asked.has("all")) return Wanted{};
    if (!asked.has("limit")) return Wanted{.most = limits::shown_lines};
    auto const count = read_count(asked.text("limit"));
    if (!count) return fail(errc::bad_input, "--limit wants a whole number from 1 on");
    return Wanted{.most = *count};
}

/// Bytes at the end that are the beginning of a character.
static std::size_t unfinished(std::string_view text)
{
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        auto const byte = static_cast<unsigned char>(text[text.size() - back]);
        if (byte < 0x80) return 0;
        std::size_t const bytes = byte < 0xC0 ? 0 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        if (bytes > 0) return bytes > back ? back : 0;
    }
    return 0;
}

Take printing(Surroundings& around)
{
    if (!around.is_terminal)
        return [&out = around.out](std::string_view bytes) {
            out << bytes;
            out.flush();
            return static_cast<bool>(out);
        };
    // A character may come in two pieces: what may still become one waits.
    auto const rest = std::make_shared<std::string>();
    return [&out = around.out, rest](std::string_view bytes) {
        *rest += bytes;
        auto const whole = rest->size() - unfinished(*rest);
        out << shown(std::string_view(*rest).substr(0, whole), true);
        rest->erase(0, whole);
        out.flush();
        return static_cast<bool>(out);
    };
}

/// Every line, as the collector writes it.
static Result<> show_csv(Api& api, Invocation const& asked, Surroundings& around, std::string_view path, Query query)
{
    if (asked.has("json") || asked.has("limit") || asked.has("all"))
        return fail(errc::bad_input, "--csv is all lines, and goes neither with --json nor with --limit or --all");
    if (asked.has("columns")) query.emplace_back("columns", asked.text("columns"));
    auto const answer =
        api.ask({.method = "GET", .target = target_of(std::string(path) + ".csv", query), .silence = limits::answer},
                [&](Answer const& head) { return head.status == 200 ? printing(around) : Take(); });
    if (!answer) return answer.error();
    if (answer->status != 200) return error_of(*answer);
    return {};
}

Result<> show_list(Api& api, Invocation const& asked, Surroundings& around, std::string_view path, Query const& query,
                   std::vector<ListColumn> const& all, std::string_view usual)
{
    if (asked.has("csv")) return show_csv(api, asked, around, path, query);
    auto const wanted = wanted_of(asked);
    if (!wanted) return wanted.error();
    auto const columns = choose(all, asked.has("columns") ? asked.text("columns") : usual);
    if (!columns) return columns.error();
    auto const found = list(api, path, query, wanted->most);
    if (!found) return found.error();
    if (asked.has("json")) {
        json::array items(found->items.begin(), found->items.end());
        print_json(around, json::object{{"items", std::move(items)}, {"total", found->total}});
        return {};
    }
    print_table(around, *columns, found->items);
    if (static_cast<std::int64_t>(found->items.size()) < found->total)
        around.error << fmt::format("{} of {} are shown; --all shows all.\n", found->items.size(), found->total);
    return {};
}

} // namespace rollcall::client
