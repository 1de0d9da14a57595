#include "common/wire/codec.hpp"

#include <cmath>
#include <type_traits>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <fmt/format.h>

#include "common/core/ids.hpp"
#include "common/wire/reader.hpp"

namespace json = boost::json;

namespace rollcall::wire
{

std::string_view to_string(Lane lane)
{
    switch (lane) {
    case Lane::event:
        return "event";
    case Lane::state:
        return "state";
    case Lane::series:
        return "series";
    }
    return "event";
}

static Result<json::value> parse(std::string_view text, std::string_view what)
{
    if (text.size() > limits::message_bytes)
        return fail(errc::limit_exceeded, fmt::format("{}: longer than {} bytes", what, limits::message_bytes));
    json::parse_options options;
    options.max_depth = limits::message_depth;
    json::error_code code;
    auto value = json::parse(text, code, json::storage_ptr(), options);
    if (code) return fail(errc::bad_message, fmt::format("{}: not JSON: {}", what, code.message()));
    return value;
}

template <class Message>
static Result<Message> read_message(json::value const& value)
{
    Message message;
    detail::Path path(Message::type);
    detail::read(value, message, path);
    if (!path.ok()) return fail(errc::bad_message, path.problem());
    return message;
}

template <class Message>
static Result<Message> decode_one(std::string_view text)
{
    auto const value = parse(text, Message::type);
    if (!value) return value.error();
    return read_message<Message>(*value);
}

/// Has a kind of its own in `type`. Readings have not: they are the only array.
template <class Message>
static constexpr bool described = !std::is_same_v<Message, Readings>;

template <class Variant>
static Result<Variant> decode_any(std::string_view text)
{
    auto const value = parse(text, "message");
    if (!value) return value.error();
    if constexpr (std::is_constructible_v<Variant, Readings>) {
        if (value->is_array()) {
            auto message = detail::read_readings(value->get_array());
            if (!message) return message.error();
            return Variant(std::move(*message));
        }
    }
    auto const* const object = value->if_object();
    auto const* const type = object == nullptr ? nullptr : object->if_contains("type");
    if (type == nullptr || !type->is_string()) return fail(errc::bad_message, "message.type: is missing");

    std::string_view const name(type->get_string());
    Result<Variant> result = fail(errc::not_supported, fmt::format("message.type: unknown: {}", clean_text(name, 64)));
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, Variant>>([&](auto identity) {
        using Message = typename decltype(identity)::type;
        if constexpr (described<Message>) {
            if (name != Message::type) return;
            auto message = read_message<Message>(*value);
            if (message) {
                result = Variant(std::move(*message));
            } else {
                result = message.error();
            }
        }
    });
    return result;
}

template <class Message>
static std::string encode_one(Message const& message)
{
    auto value = detail::write(message);
    value.as_object().emplace("type", Message::type);
    return json::serialize(value);
}

static std::string encode_one(Readings const& readings) { return detail::write_readings(readings); }

template <class Variant>
static std::string encode_any(Variant const& message)
{
    return std::visit([](auto const& one) { return encode_one(one); }, message);
}

std::string encode(FromAgent const& message) { return encode_any(message); }
std::string encode(FromCollector const& message) { return encode_any(message); }
std::string encode(EnrolRequest const& message) { return json::serialize(detail::write(message)); }
std::string encode(EnrolAnswer const& message) { return json::serialize(detail::write(message)); }

Result<FromAgent> decode_from_agent(std::string_view text) { return decode_any<FromAgent>(text); }
Result<FromCollector> decode_from_collector(std::string_view text) { return decode_any<FromCollector>(text); }
Result<EnrolRequest> decode_enrol_request(std::string_view text) { return decode_one<EnrolRequest>(text); }
Result<EnrolAnswer> decode_enrol_answer(std::string_view text) { return decode_one<EnrolAnswer>(text); }

static constexpr std::string_view token_prefix = "rc1.";

std::string encode_token(TokenContent const& content)
{
    return std::string(token_prefix) + base64url_encode(json::serialize(detail::write(content)));
}

Result<TokenContent> decode_token(std::string_view word)
{
    while (!word.empty() && (word.back() == '\n' || word.back() == '\r' || word.back() == ' '))
        word.remove_suffix(1);
    while (!word.empty() && word.front() == ' ')
        word.remove_prefix(1);
    if (!word.starts_with(token_prefix))
        return fail(errc::bad_input,
                    "token: does not begin with rc1. ; copy the whole word from the Add device dialog");
    bool ok = false;
    auto const text = base64url_decode(word.substr(token_prefix.size()), ok);
    if (!ok) return fail(errc::bad_input, "token: has characters that do not belong there; copy it again");
    auto content = decode_one<TokenContent>(text);
    if (!content) return fail(errc::bad_input, "token: is cut off or damaged; copy the whole word again");
    return content;
}

json::value to_json(Value const& value)
{
    return std::visit(
        [](auto const& one) -> json::value {
            using T = std::decay_t<decltype(one)>;
            if constexpr (std::is_same_v<T, Unknown>) {
                return json::object{{"unknown", one.reason}};
            } else if constexpr (std::is_same_v<T, double>) {
                // JSON knows no infinity and no NaN (RFC 8259 §6); neither is a reading.
                if (!std::isfinite(one)) return json::object{{"unknown", to_string(errc::io)}};
                // 0 instead of 0E0: most readings are whole, and each byte counts (exact up to here).
                if (std::trunc(one) == one && std::fabs(one) <= detail::exact_whole)
                    return json::value(static_cast<std::int64_t>(one));
                return json::value(one);
            } else {
                return json::value(one);
            }
        },
        value);
}

json::object to_json(Row const& row) { return detail::write(row).as_object(); }
json::object to_json(Snapshot const& snapshot) { return detail::write(snapshot).as_object(); }

Result<Row> row_from_json(json::value const& value)
{
    Row row;
    detail::Path path("row");
    detail::read(value, row, path);
    if (!path.ok()) return fail(errc::bad_message, path.problem());
    return row;
}

Result<Snapshot> snapshot_from_json(json::value const& value)
{
    Snapshot snapshot;
    detail::Path path("rows");
    detail::read(value, snapshot, path);
    if (!path.ok()) return fail(errc::bad_message, path.problem());
    return snapshot;
}

} // namespace rollcall::wire
