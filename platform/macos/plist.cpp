#include "platform/macos/plist.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <locale>
#include <sstream>

#include <fmt/format.h>

#include "platform/texts.hpp"

namespace rollcall::platform::plist
{

namespace
{

constexpr std::string_view binary_magic = "bplist";

/// What is left of the limits while one list is read.
class Budget
{
public:
    [[nodiscard]] Result<> take_value(int depth)
    {
        if (depth > most_depth)
            return fail(errc::limit_exceeded, fmt::format("plist: more than {} values in each other", most_depth));
        if (values_ == 0) return fail(errc::limit_exceeded, fmt::format("plist: more than {} values", most_values));
        --values_;
        return {};
    }
    [[nodiscard]] Result<> take_bytes(std::size_t count)
    {
        if (count > bytes_)
            return fail(errc::limit_exceeded,
                        fmt::format("plist: texts and data of more than {} bytes", most_content_bytes));
        bytes_ -= count;
        return {};
    }

private:
    std::size_t values_{most_values};
    std::size_t bytes_{most_content_bytes};
};

void append_utf8(std::string& to, std::uint32_t point)
{
    static constexpr std::uint32_t replacement = 0xFFFD;
    if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) point = replacement;
    auto const tail = [](std::uint32_t bits) { return static_cast<char>(0x80U | (bits & 0x3FU)); };
    if (point < 0x80) {
        to += static_cast<char>(point);
    } else if (point < 0x800) {
        to += static_cast<char>(0xC0U | point >> 6U);
        to += tail(point);
    } else if (point < 0x10000) {
        to += static_cast<char>(0xE0U | point >> 12U);
        to += tail(point >> 6U);
        to += tail(point);
    } else {
        to += static_cast<char>(0xF0U | point >> 18U);
        to += tail(point >> 12U);
        to += tail(point >> 6U);
        to += tail(point);
    }
}

/// Seconds to Unix milliseconds; nothing for what is no time of this age of the world (years 1 to 9999).
std::optional<UnixMs> to_ms(double unix_s)
{
    static constexpr double first_s = -62'135'596'800.0;
    static constexpr double last_s = 253'402'300'799.0;
    static constexpr double ms_per_s = 1'000.0;
    if (!(unix_s >= first_s && unix_s <= last_s)) return std::nullopt;
    return static_cast<UnixMs>(std::floor(unix_s * ms_per_s));
}

/// A whole number, decimal or, as XML lists may write it, hexadecimal. What 63 bits cannot hold is a real.
std::optional<Value::Content> whole_number(std::string_view text)
{
    if (auto const number = texts::to_integer(text)) return Value::Content(*number);
    if (auto const large = texts::to_number(text)) return Value::Content(static_cast<double>(*large));
    bool const negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (!negative && !text.empty() && text.front() != '0')
        if (auto const number = texts::to_integer(text)) return Value::Content(*number);
    if (!text.starts_with("0x") && !text.starts_with("0X")) return std::nullopt;
    text.remove_prefix(2);
    static constexpr std::size_t most_digits = 15;
    static constexpr int base = 16;
    if (text.empty() || text.size() > most_digits) return std::nullopt;
    std::int64_t value = 0;
    for (char const c : text) {
        int const digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) return std::nullopt;
        value = value * base + digit;
    }
    return Value::Content(negative ? -value : value);
}

/// libc++ of macOS has no from_chars for these; a stream with its own locale hears no one else's.
std::optional<double> real_number(std::string_view text)
{
    static constexpr std::size_t most_digits = 400;
    if (text.empty() || text.size() > most_digits) return std::nullopt;
    std::istringstream stream{std::string(text)};
    stream.imbue(std::locale::classic());
    double value = 0;
    stream >> value;
    if (stream.fail() || stream.peek() != std::istringstream::traits_type::eof() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

/// "2026-11-22T10:20:30Z", the one form Apple's DTD allows.
std::optional<UnixMs> xml_date(std::string_view text)
{
    static constexpr std::string_view form = "dddd-dd-ddTdd:dd:ddZ";
    if (text.size() != form.size()) return std::nullopt;
    for (std::size_t i = 0; i < form.size(); ++i)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return std::nullopt;
    auto const number = [&](std::size_t at, std::size_t size) {
        return static_cast<int>(texts::to_integer(text.substr(at, size)).value_or(-1));
    };
    using namespace std::chrono;
    year_month_day const day{year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                             std::chrono::day(static_cast<unsigned>(number(8, 2)))};
    int const hour = number(11, 2);
    int const minute = number(14, 2);
    int const second = number(17, 2);
    if (!day.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    auto const at = sys_days(day) + hours(hour) + minutes(minute) + seconds(second);
    return duration_cast<milliseconds>(at.time_since_epoch()).count();
}

std::optional<std::string> base64_bytes(std::string_view text)
{
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    int held = 0;
    bool ended = false;
    for (char const c : text) {
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
        if (c == '=') {
            ended = true;
            continue;
        }
        static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        auto const digit = alphabet.find(c);
        if (ended || digit == std::string_view::npos) return std::nullopt;
        bits = bits << 6U | static_cast<std::uint32_t>(digit);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes += static_cast<char>(bits >> static_cast<unsigned>(held) & 0xFFU);
    }
    // Six bits alone make no byte.
    if (held == 6) return std::nullopt;
    return bytes;
}

/// A reader of the few things that XML property lists are made of (Apple's PropertyList-1.0.dtd).
class XmlReader
{
public:
    explicit XmlReader(std::string_view text)
        : text_(text)
    {
    }

    Result<Value> read()
    {
        if (text_.starts_with("\xEF\xBB\xBF")) skip(3);
        auto root = next_tag();
        if (!root) return root.error();
        // Old tools left the frame out.
        bool const framed = root->name == "plist" && root->kind == Tag::Kind::opens;
        if (framed) root = next_tag();
        if (!root) return root.error();
        auto value = value_of(*root, 1);
        if (!value) return value;
        if (framed)
            if (auto const closed = expect_end("plist"); !closed) return closed.error();
        if (!skip_unread() || at_ < text_.size()) return bad("something after its end");
        return value;
    }

private:
    struct Tag {
        enum class Kind { opens, closes, empty };
        Kind kind{};
        std::string_view name;
    };

    [[nodiscard]] Error bad(std::string_view what) const
    {
        return fail(errc::bad_message, fmt::format("plist: XML, byte {}: {}", at_, what));
    }
    [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
    void skip(std::size_t count) { at_ = std::min(text_.size(), at_ + count); }

    /// Passes over everything up to and with `end`. False where it never comes.
    bool skip_past(std::string_view end)
    {
        auto const found = text_.find(end, at_);
        at_ = found == std::string_view::npos ? text_.size() : found + end.size();
        return found != std::string_view::npos;
    }

    /// White space, comments, instructions and the document's type. False where one of them is torn, or declares
    /// entities of its own.
    bool skip_unread()
    {
        for (;;) {
            auto const first = text_.find_first_not_of(" \t\r\n", at_);
            at_ = first == std::string_view::npos ? text_.size() : first;
            if (rest().starts_with("<!--")) {
                skip(4);
                if (!skip_past("-->")) return false;
            } else if (rest().starts_with("<?")) {
                if (!skip_past("?>")) return false;
            } else if (rest().starts_with("<!DOCTYPE")) {
                auto const end = text_.find_first_of("[>", at_);
                if (end == std::string_view::npos || text_[end] == '[') return false;
                at_ = end + 1;
            } else {
                return true;
            }
        }
    }

    Result<Tag> next_tag()
    {
        if (!skip_unread()) return bad("a comment, an instruction or a document type that is torn or not allowed");
        if (!rest().starts_with('<')) return bad("a tag was expected");
        skip(1);
        auto const end = text_.find('>', at_);
        if (end == std::string_view::npos) return bad("a torn tag");
        auto inner = text_.substr(at_, end - at_);
        Tag tag;
        tag.kind = Tag::Kind::opens;
        if (inner.starts_with('/')) {
            tag.kind = Tag::Kind::closes;
            inner.remove_prefix(1);
        } else if (inner.ends_with('/')) {
            tag.kind = Tag::Kind::empty;
            inner.remove_suffix(1);
        }
        tag.name = inner.substr(0, inner.find_first_of(" \t\r\n"));
        if (tag.name.empty() || inner.find('<') != std::string_view::npos) return bad("a tag without a name");
        at_ = end + 1;
        return tag;
    }

    Result<> expect_end(std::string_view name)
    {
        auto const tag = next_tag();
        if (!tag) return tag.error();
        if (tag->kind != Tag::Kind::closes || tag->name != name) return bad(fmt::format("</{}> was expected", name));
        return {};
    }

    /// What stands between a tag and its end, entities resolved.
    Result<std::string> content_of(Tag const& tag)
    {
        std::string content;
        if (tag.kind == Tag::Kind::empty) return content;
        for (;;) {
            auto const end = text_.find_first_of("<&", at_);
            if (end == std::string_view::npos) return bad("a torn text");
            content += text_.substr(at_, end - at_);
            at_ = end;
            static constexpr std::string_view cdata = "<![CDATA[";
            if (rest().starts_with(cdata)) {
                skip(cdata.size());
                auto const from = at_;
                if (!skip_past("]]>")) return bad("a torn CDATA section");
                content += text_.substr(from, at_ - from - 3);
            } else if (rest().starts_with("<!--")) {
                if (!skip_past("-->")) return bad("a torn comment");
            } else if (rest().starts_with('<')) {
                break;
            } else if (auto const read = entity(content); !read) {
                return read.error();
            }
        }
        if (auto const closed = expect_end(tag.name); !closed) return closed.error();
        if (auto const taken = budget_.take_bytes(content.size()); !taken) return taken.error();
        return content;
    }

    Result<> entity(std::string& to)
    {
        static constexpr std::size_t longest = 10;
        auto const end = rest().substr(0, longest + 2).find(';');
        if (end == std::string_view::npos) return bad("a torn entity");
        auto const name = rest().substr(1, end - 1);
        struct Named {
            std::string_view name;
            char character;
        };
        static constexpr std::array<Named, 5> known = {
            {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
        auto const found = std::find_if(known.begin(), known.end(), [&](Named const& one) { return one.name == name; });
        if (found != known.end()) {
            to += found->character;
        } else {
            auto const point = character_number(name);
            if (!point) return bad("an entity that XML does not know by itself");
            append_utf8(to, *point);
        }
        skip(end + 1);
        return {};
    }

    static std::optional<std::uint32_t> character_number(std::string_view name)
    {
        if (!name.starts_with('#')) return std::nullopt;
        name.remove_prefix(1);
        std::optional<Value::Content> number;
        if (name.starts_with('x'))
            number = whole_number(fmt::format("0{}", name));
        else if (auto const decimal = texts::to_number(name); decimal && *decimal <= 0x10FFFF)
            number = static_cast<std::int64_t>(*decimal);
        auto const* const value = number ? std::get_if<std::int64_t>(&*number) : nullptr;
        if (value == nullptr || *value <= 0 || *value > 0x10FFFF) return std::nullopt;
        return static_cast<std::uint32_t>(*value);
    }

    Result<Value> value_of(Tag const& tag, int depth)
    {
        if (auto const taken = budget_.take_value(depth); !taken) return taken.error();
        if (tag.kind == Tag::Kind::closes) return bad(fmt::format("</{}> without its beginning", tag.name));
        if (tag.name == "dict") return dictionary(tag, depth);
        if (tag.name == "array") return array(tag, depth);
        auto content = content_of(tag);
        if (!content) return content.error();
        if (tag.name == "string") return Value(*std::move(content));
        auto const word = texts::trim(*content);
        if (tag.name == "true" && word.empty()) return Value(true);
        if (tag.name == "false" && word.empty()) return Value(false);
        if (tag.name == "integer") {
            if (auto number = whole_number(word)) return Value(*std::move(number));
        } else if (tag.name == "real") {
            if (auto const number = real_number(word)) return Value(*number);
        } else if (tag.name == "date") {
            if (auto const at_ms = xml_date(word)) return Value(Date{*at_ms});
        } else if (tag.name == "data") {
            if (auto bytes = base64_bytes(word)) return Value(Data{*std::move(bytes)});
        }
        return bad(fmt::format("no value of <{}>", tag.name.substr(0, 40)));
    }

    Result<Value> array(Tag const& tag, int depth)
    {
        Array items;
        while (tag.kind == Tag::Kind::opens) {
            auto const next = next_tag();
            if (!next) return next.error();
            if (next->kind == Tag::Kind::closes && next->name == "array") break;
            auto item = value_of(*next, depth + 1);
            if (!item) return item;
            items.push_back(*std::move(item));
        }
        return Value(std::move(items));
    }

    Result<Value> dictionary(Tag const& tag, int depth)
    {
        Dictionary entries;
        while (tag.kind == Tag::Kind::opens) {
            auto const next = next_tag();
            if (!next) return next.error();
            if (next->kind == Tag::Kind::closes && next->name == "dict") break;
            if (next->name != "key" || next->kind == Tag::Kind::closes) return bad("<key> was expected");
            auto key = content_of(*next);
            if (!key) return key.error();
            auto const of_value = next_tag();
            if (!of_value) return of_value.error();
            auto value = value_of(*of_value, depth + 1);
            if (!value) return value;
            entries.add(*std::move(key), *std::move(value));
        }
        return Value(std::move(entries));
    }

    std::string_view text_;
    std::size_t at_{};
    Budget budget_;
};

/// The binary form: a table of offsets, and objects that name each other by number (CFBinaryPList.c of Apple's open
/// CoreFoundation describes it at its head).
class BinaryReader
{
public:
    explicit BinaryReader(std::string_view bytes)
        : bytes_(bytes)
    {
    }

    Result<Value> read()
    {
        static constexpr std::size_t header_bytes = 8;
        static constexpr std::size_t trailer_bytes = 32;
        static constexpr std::size_t sizes_at = 6; // After five unused bytes and the sort version.
        if (bytes_.size() < header_bytes + trailer_bytes + 1) return bad("torn");
        if (bytes_.substr(binary_magic.size(), 1) != "0") return bad("a version that nobody uses");
        auto const trailer = bytes_.size() - trailer_bytes;
        offset_bytes_ = byte(trailer + sizes_at);
        reference_bytes_ = byte(trailer + sizes_at + 1);
        count_ = number(trailer + 8, 8);
        auto const top = number(trailer + 16, 8);
        table_ = number(trailer + 24, 8);
        if (offset_bytes_ < 1 || offset_bytes_ > 8 || reference_bytes_ < 1 || reference_bytes_ > 8)
            return bad("sizes of numbers");
        // Objects stand between header and table: what is outside would be read from the trailer.
        if (table_ < header_bytes || table_ > trailer || count_ == 0 || count_ > (trailer - table_) / offset_bytes_)
            return bad("a table of offsets outside of it");
        objects_end_ = table_;
        return object(top, 1);
    }

private:
    [[nodiscard]] static Error bad(std::string_view what)
    {
        return fail(errc::bad_message, fmt::format("plist: binary: {}", what));
    }
    [[nodiscard]] std::size_t byte(std::size_t at) const { return static_cast<unsigned char>(bytes_[at]); }
    /// The caller knows that it is inside.
    [[nodiscard]] std::uint64_t number(std::size_t at, std::size_t size) const
    {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i)
            value = value << 8U | byte(at + i);
        return value;
    }
    [[nodiscard]] bool inside(std::uint64_t at, std::uint64_t size) const
    {
        return at <= objects_end_ && size <= objects_end_ - at;
    }

    Result<Value> object(std::uint64_t index, int depth)
    {
        // Cycles end here, too.
        if (auto const taken = budget_.take_value(depth); !taken) return taken.error();
        if (index >= count_) return bad("an object that is not in the table");
        auto const at = number(table_ + index * offset_bytes_, offset_bytes_);
        static constexpr std::uint64_t first_object = 8;
        if (at < first_object || !inside(at, 1)) return bad("an object outside of it");
        auto const marker = byte(at);
        auto const low = marker & 0x0FU;
        switch (marker >> 4U) {
        case 0x0:
            if (marker == 0x08) return Value(false);
            if (marker == 0x09) return Value(true);
            break;
        case 0x1:
            return whole(at + 1, std::size_t{1} << low);
        case 0x2:
            return real(at + 1, std::size_t{1} << low);
        case 0x3:
            if (marker == 0x33) return date(at + 1);
            break;
        case 0x8: // A number that archives use to name objects.
            return whole(at + 1, low + 1);
        case 0x4:
        case 0x5:
        case 0x6:
        case 0xA:
        case 0xC: // A set: an array without an order.
        case 0xD:
            return sized(marker, at + 1, depth);
        default:
            break;
        }
        return bad(fmt::format("an object of the unknown kind {:02x}", marker));
    }

    Result<Value> whole(std::uint64_t at, std::size_t size)
    {
        static constexpr std::size_t largest = 16;
        if (size > largest || !inside(at, size)) return bad("a torn number");
        if (size < 8) return Value(static_cast<std::int64_t>(number(at, size)));
        auto const low = number(at + size - 8, 8);
        // Eight bytes have a sign; sixteen are written for what needs none and does not fit.
        if (size == 8) return Value(std::bit_cast<std::int64_t>(low));
        auto const high = number(at, size - 8);
        if (high == 0 && low <= static_cast<std::uint64_t>(INT64_MAX)) return Value(static_cast<std::int64_t>(low));
        return Value(std::ldexp(static_cast<double>(high), 64) + static_cast<double>(low));
    }

    Result<Value> real(std::uint64_t at, std::size_t size)
    {
        if ((size != 4 && size != 8) || !inside(at, size)) return bad("a torn real number");
        auto const bits = number(at, size);
        double const value =
            size == 4 ? double{std::bit_cast<float>(static_cast<std::uint32_t>(bits))} : std::bit_cast<double>(bits);
        if (!std::isfinite(value)) return bad("a real number that is none");
        return Value(value);
    }

    Result<Value> date(std::uint64_t at)
    {
        static constexpr double unix_s_of_2001 = 978'307'200.0;
        if (!inside(at, 8)) return bad("a torn date");
        auto const at_ms = to_ms(std::bit_cast<double>(number(at, 8)) + unix_s_of_2001);
        if (!at_ms) return bad("a date outside of the years 1 to 9999");
        return Value(Date{*at_ms});
    }

    /// What has a length: fifteen means that the length follows as a number of its own.
    Result<Value> sized(std::size_t marker, std::uint64_t at, int depth)
    {
        static constexpr std::size_t length_follows = 0x0F;
        std::uint64_t length = marker & 0x0FU;
        if (length == length_follows) {
            if (!inside(at, 1) || byte(at) >> 4U != 1 || (byte(at) & 0x0FU) > 3) return bad("a length that is none");
            auto const size = std::size_t{1} << (byte(at) & 0x0FU);
            if (!inside(at + 1, size)) return bad("a torn length");
            length = number(at + 1, size);
            at += 1 + size;
        }
        auto const kind = marker >> 4U;
        std::uint64_t const unit = kind == 0x6   ? 2
                                   : kind == 0xD ? 2 * reference_bytes_
                                   : kind >= 0xA ? reference_bytes_
                                                 : 1;
        if (!inside(at, 0) || length > (objects_end_ - at) / unit) return bad("a length beyond its end");
        auto const size = static_cast<std::size_t>(length * unit);
        if (kind == 0x4 || kind == 0x5) {
            if (auto const taken = budget_.take_bytes(size); !taken) return taken.error();
            std::string content(bytes_.substr(static_cast<std::size_t>(at), size));
            if (kind == 0x4) return Value(Data{std::move(content)});
            return Value(std::move(content));
        }
        if (kind == 0x6) return text16(at, size);
        if (kind == 0xD) return dictionary(at, length, depth);
        Array items;
        for (std::uint64_t i = 0; i < length; ++i) {
            auto item = object(number(at + i * reference_bytes_, reference_bytes_), depth + 1);
            if (!item) return item;
            items.push_back(*std::move(item));
        }
        return Value(std::move(items));
    }

    /// UTF-16, the higher byte first. A lone surrogate becomes U+FFFD.
    Result<Value> text16(std::uint64_t at, std::size_t size)
    {
        // As UTF-8 two bytes may become three.
        if (auto const taken = budget_.take_bytes(size + size / 2); !taken) return taken.error();
        std::string text;
        for (std::size_t i = 0; i < size; i += 2) {
            auto point = static_cast<std::uint32_t>(number(at + i, 2));
            if (point >= 0xD800 && point < 0xDC00 && i + 4 <= size) {
                auto const low = static_cast<std::uint32_t>(number(at + i + 2, 2));
                if (low >= 0xDC00 && low < 0xE000) {
                    point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
                    i += 2;
                }
            }
            append_utf8(text, point);
        }
        return Value(std::move(text));
    }

    Result<Value> dictionary(std::uint64_t at, std::uint64_t length, int depth)
    {
        Dictionary entries;
        for (std::uint64_t i = 0; i < length; ++i) {
            auto key = object(number(at + i * reference_bytes_, reference_bytes_), depth + 1);
            if (!key) return key;
            if (key->text() == nullptr) return bad("a key that is no text");
            auto value = object(number(at + (length + i) * reference_bytes_, reference_bytes_), depth + 1);
            if (!value) return value;
            entries.add(*key->text(), *std::move(value));
        }
        return Value(std::move(entries));
    }

    std::string_view bytes_;
    std::size_t offset_bytes_{};
    std::size_t reference_bytes_{};
    std::uint64_t count_{};
    std::uint64_t table_{};
    std::uint64_t objects_end_{};
    Budget budget_;
};

template <class T>
T const* held(Value const* value)
{
    return value == nullptr ? nullptr : std::get_if<T>(&value->content());
}

template <class T>
std::optional<T> copied(Value const* value)
{
    auto const* const found = held<T>(value);
    return found == nullptr ? std::nullopt : std::optional<T>(*found);
}

Array const& no_items()
{
    static Array const none;
    return none;
}

} // namespace

Value const* Dictionary::find(std::string_view key) const
{
    auto const found = std::find(keys_.begin(), keys_.end(), key);
    return found == keys_.end() ? nullptr : &values_[static_cast<std::size_t>(found - keys_.begin())];
}

void Dictionary::add(std::string key, Value value)
{
    keys_.push_back(std::move(key));
    values_.push_back(std::move(value));
}

std::optional<bool> Value::boolean() const { return copied<bool>(this); }
std::optional<std::int64_t> Value::integer() const { return copied<std::int64_t>(this); }
std::optional<double> Value::real() const
{
    if (auto const number = integer()) return static_cast<double>(*number);
    return copied<double>(this);
}
std::string const* Value::text() const { return held<std::string>(this); }
std::string const* Value::data() const
{
    auto const* const found = held<Data>(this);
    return found == nullptr ? nullptr : &found->bytes;
}
std::optional<UnixMs> Value::date_ms() const
{
    auto const* const found = held<Date>(this);
    return found == nullptr ? std::nullopt : std::optional<UnixMs>(found->at_ms);
}
Array const& Value::array() const
{
    auto const* const found = held<Array>(this);
    return found == nullptr ? no_items() : *found;
}
Dictionary const* Value::dictionary() const { return held<Dictionary>(this); }

Value const* Value::find(std::string_view key) const
{
    auto const* const entries = dictionary();
    return entries == nullptr ? nullptr : entries->find(key);
}
std::optional<bool> Value::boolean(std::string_view key) const { return copied<bool>(find(key)); }
std::optional<std::int64_t> Value::integer(std::string_view key) const { return copied<std::int64_t>(find(key)); }
std::string Value::text(std::string_view key) const { return copied<std::string>(find(key)).value_or(std::string()); }
std::optional<UnixMs> Value::date_ms(std::string_view key) const
{
    auto const* const found = find(key);
    return found == nullptr ? std::nullopt : found->date_ms();
}
Array const& Value::array(std::string_view key) const
{
    auto const* const found = find(key);
    return found == nullptr ? no_items() : found->array();
}

Result<Value> parse(std::string_view bytes)
{
    if (bytes.size() > most_bytes)
        return fail(errc::limit_exceeded, fmt::format("plist: more than {} bytes", most_bytes));
    if (bytes.starts_with(binary_magic)) return BinaryReader(bytes).read();
    return XmlReader(bytes).read();
}

} // namespace rollcall::platform::plist
