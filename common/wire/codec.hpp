#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "common/core/result.hpp"
#include "common/wire/catalogue.hpp"
#include "common/wire/messages.hpp"

/// Messages to and from JSON text. Pure; throws only for want of memory. Reading checks depth, size, UTF-8
/// (RFC 8259 §8.1) and every field, and names the one that is wrong.
namespace rollcall::wire
{

[[nodiscard]] std::string encode(FromAgent const& message);
[[nodiscard]] std::string encode(FromCollector const& message);
[[nodiscard]] std::string encode(EnrolRequest const& message);
[[nodiscard]] std::string encode(EnrolAnswer const& message);

/// errc::bad_message with the path; errc::not_supported where `type` is none we know (a newer peer).
[[nodiscard]] Result<FromAgent> decode_from_agent(std::string_view text);
[[nodiscard]] Result<FromCollector> decode_from_collector(std::string_view text);
[[nodiscard]] Result<EnrolRequest> decode_enrol_request(std::string_view text);
[[nodiscard]] Result<EnrolAnswer> decode_enrol_answer(std::string_view text);

/// Series whose sequences follow one another, as one message; at least one.
[[nodiscard]] Readings pack(std::vector<Series> series);
/// The records of it. errc::bad_message where there are none, too many, or where numbers leave their range.
[[nodiscard]] Result<std::vector<Series>> unpack(Readings readings);

/// The one word a person carries from the page to the machine.
[[nodiscard]] std::string encode_token(TokenContent const& content);
[[nodiscard]] Result<TokenContent> decode_token(std::string_view word);

/// Row and snapshot as the API shows them: {"mac": "…", "up": true, "mtu": {"unknown": "permission_denied"}}.
[[nodiscard]] boost::json::value to_json(Value const& value);
[[nodiscard]] boost::json::object to_json(Row const& row);
[[nodiscard]] Result<Row> row_from_json(boost::json::value const& json);
[[nodiscard]] boost::json::object to_json(Snapshot const& snapshot);
[[nodiscard]] Result<Snapshot> snapshot_from_json(boost::json::value const& json);

/// SHA-256 over a canonical form of the snapshot: equal on both sides if and only if what they hold is equal.
/// 32 hexadecimal digits (128 bits suffice: nobody gains by a collision with his own state).
[[nodiscard]] std::string digest(Snapshot const& snapshot);

/// Does it fit the probe's declaration (names known, types right, texts within limits)? Columns we do not know are
/// a newer agent's and are dropped; a cell of a wrong type is an error that names it.
[[nodiscard]] Result<> check(Snapshot& rows, Probe const& probe);

} // namespace rollcall::wire
