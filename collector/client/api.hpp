#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "collector/client/connection.hpp"
#include "collector/client/settings.hpp"
#include "collector/client/surroundings.hpp"
#include "common/core/result.hpp"

namespace rollcall::client
{

/// Of a query, not yet encoded.
using Query = std::vector<std::pair<std::string, std::string>>;

/// "/api/v1/devices?search=a%20b".
[[nodiscard]] std::string target_of(std::string_view path, Query const& query);

/// What the collector said no with, as one line for people with the request's id. Its code becomes the program's end.
[[nodiscard]] Error error_of(Answer const& answer);

/// The collector's API, in the name of who has logged in.
///
/// Owns: a connection.  Threads: one.  Blocks: yes, until there is an answer.
class Api
{
public:
    [[nodiscard]] static Result<Api> open(Surroundings const& around);
    [[nodiscard]] static Result<Api> with(Settings const& settings);

    /// An answer of 2xx that is one object; everything else is an error.
    [[nodiscard]] Result<boost::json::object> get(std::string_view path, Query const& query = {});
    [[nodiscard]] Result<boost::json::object> post(std::string_view path, boost::json::object const& body);
    /// Whatever it is. The token is added.
    [[nodiscard]] Result<Answer> ask(Request request, Choose const& choose = nullptr);

private:
    Api(std::string token, std::unique_ptr<Connection> connection);
    [[nodiscard]] Result<boost::json::object> object(Request request);

    std::string token_;
    std::unique_ptr<Connection> connection_;
};

/// Lines of a list, asked for page by page behind one another.
struct Listing {
    std::vector<boost::json::object> items;
    std::int64_t total = 0; ///< That match, not that are here.
};
/// At most `most` of them; nullopt: all.
[[nodiscard]] Result<Listing> list(Api& api, std::string_view path, Query query, std::optional<std::int64_t> most);

/// The lines of a list that comes as a whole.
[[nodiscard]] Result<std::vector<boost::json::object>> list_whole(Api& api, std::string_view path, Query const& query);

/// The id of what is called so, or has this id. errc::not_found; errc::conflict: several are called so, and which.
[[nodiscard]] Result<std::string> customer_id(Api& api, std::string const& name);
[[nodiscard]] Result<std::string> device_id(Api& api, std::string const& name);
[[nodiscard]] Result<std::string> technician_id(Api& api, std::string const& name);

} // namespace rollcall::client
