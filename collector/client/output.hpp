#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "collector/client/api.hpp"
#include "collector/client/columns.hpp"
#include "collector/client/commands.hpp"
#include "collector/client/surroundings.hpp"

/// What commands print on standard output.
namespace rollcall::client
{

/// One document, on a line of its own.
void print_json(Surroundings& around, boost::json::value const& document);
void print_table(Surroundings& around, std::vector<ListColumn> const& columns,
                 std::vector<boost::json::object> const& items);

/// Which lines of a list are wanted: --limit, --all, or the usual number. errc::bad_input.
struct Wanted {
    std::optional<std::int64_t> most; ///< nullopt: all.
};
[[nodiscard]] Result<Wanted> wanted_of(Invocation const& asked);

/// A list as it was asked for: table, --json or --csv. `query` is without a place.
[[nodiscard]] Result<> show_list(Api& api, Invocation const& asked, Surroundings& around, std::string_view path,
                                 Query const& query, std::vector<ListColumn> const& all, std::string_view usual);

/// Options that are parameters of the API as they are, where they are given.
void add_options(Query& query, Invocation const& asked, std::vector<std::string_view> const& names);

/// An answer as it comes; a terminal gets it without what it would obey.
[[nodiscard]] Take printing(Surroundings& around);

} // namespace rollcall::client
