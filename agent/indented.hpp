#pragma once

#include <string>

#include <boost/json/value.hpp>

namespace rollcall::agent
{

/// JSON as people read it: a member a line, and a line's end at the end.
[[nodiscard]] std::string indented(boost::json::value const& value);

} // namespace rollcall::agent
