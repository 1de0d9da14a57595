#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"

/// Property lists, in which macOS keeps its settings and its tools answer: XML and binary, read without macOS.
namespace rollcall::platform::plist
{

struct Data {
    std::string bytes;
    bool operator==(Data const&) const = default;
};

struct Date {
    UnixMs at_ms{};
    bool operator==(Date const&) const = default;
};

class Value;
using Array = std::vector<Value>;

/// Keys and their values, in their order. Of a key that stands there twice the first counts.
class Dictionary
{
public:
    [[nodiscard]] Value const* find(std::string_view key) const;
    [[nodiscard]] std::size_t size() const { return keys_.size(); }
    [[nodiscard]] std::vector<std::string> const& keys() const { return keys_; }
    [[nodiscard]] std::vector<Value> const& values() const { return values_; }
    void add(std::string key, Value value);

private:
    std::vector<std::string> keys_;
    std::vector<Value> values_; ///< As many as keys.
};

/// One value of the tree. Reading it as something else than it is gives nothing, never a guess.
class Value
{
public:
    /// A whole number that 63 bits cannot hold is a real.
    using Content = std::variant<bool, std::int64_t, double, std::string, Data, Date, Array, Dictionary>;

    // NOLINTNEXTLINE(google-explicit-constructor): what it holds is the value.
    Value(Content content)
        : content_(std::move(content))
    {
    }

    [[nodiscard]] Content const& content() const { return content_; }
    [[nodiscard]] std::optional<bool> boolean() const;
    [[nodiscard]] std::optional<std::int64_t> integer() const;
    /// Whole numbers are reals, too.
    [[nodiscard]] std::optional<double> real() const;
    /// nullptr: no text.
    [[nodiscard]] std::string const* text() const;
    /// nullptr: no bytes.
    [[nodiscard]] std::string const* data() const;
    [[nodiscard]] std::optional<UnixMs> date_ms() const;
    /// Empty where it is no array.
    [[nodiscard]] Array const& array() const;
    /// nullptr: no dictionary.
    [[nodiscard]] Dictionary const* dictionary() const;

    /// Of a dictionary: what stands under the key. nullptr where this is none, or has none such.
    [[nodiscard]] Value const* find(std::string_view key) const;
    /// The same, read at once.
    [[nodiscard]] std::optional<bool> boolean(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;
    [[nodiscard]] std::string text(std::string_view key) const; ///< Empty where there is none.
    [[nodiscard]] std::optional<UnixMs> date_ms(std::string_view key) const;
    [[nodiscard]] Array const& array(std::string_view key) const;

private:
    Content content_;
};

/// What a property list may be at most: its bytes, how deep values stand in each other, how many there are (in the
/// binary form one may be named in many places) and how long all texts and data are together.
inline constexpr std::size_t most_bytes = 16UL * 1024 * 1024;
inline constexpr int most_depth = 64;
inline constexpr std::size_t most_values = 500'000;
inline constexpr std::size_t most_content_bytes = 32UL * 1024 * 1024;

/// A whole property list, XML in UTF-8 or binary ("bplist00"), which its first bytes tell. bad_message: it is none, or
/// is torn; limit_exceeded: it is larger than what stands above. Entities beyond XML's five are refused.
[[nodiscard]] Result<Value> parse(std::string_view bytes);

} // namespace rollcall::platform::plist
