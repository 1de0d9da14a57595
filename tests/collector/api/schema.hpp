#pragma once

#include <string>

#include <boost/json/value.hpp>

namespace rollcall::api::testing
{

/// Checks a value against as much of JSON Schema as the API's document uses. "" = it fits; otherwise where it does not.
std::string mismatch(boost::json::value const& value, boost::json::object const& schema,
                     boost::json::object const& document, std::string const& path = "$");

} // namespace rollcall::api::testing
