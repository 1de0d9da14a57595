#include <string>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "platform/macos/plist.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace plist = rollcall::platform::plist;

namespace
{

std::string as_text(std::string_view tag, std::string_view text)
{
    std::string written;
    for (char const c : text) {
        if (c == '<')
            written += "&lt;";
        else if (c == '&')
            written += "&amp;";
        else
            written += c;
    }
    return fmt::format("<{0}>{1}</{0}>", tag, written);
}

bool has_date(plist::Value const& value)
{
    if (value.date_ms()) return true;
    for (auto const& item : value.array())
        if (has_date(item)) return true;
    if (auto const* const entries = value.dictionary())
        for (auto const& item : entries->values())
            if (has_date(item)) return true;
    return false;
}

/// As XML. Data is written as hexadecimal text: what is looked at is the tree.
std::string to_xml(plist::Value const& value)
{
    if (auto const yes = value.boolean()) return *yes ? "<true/>" : "<false/>";
    if (auto const number = value.integer()) return fmt::format("<integer>{}</integer>", *number);
    if (auto const number = value.real()) return fmt::format("<real>{:.17g}</real>", *number);
    if (auto const* const text = value.text()) return as_text("string", *text);
    if (auto const* const bytes = value.data()) {
        std::string digits;
        for (char const c : *bytes)
            digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
        return as_text("string", digits);
    }
    std::string written;
    if (auto const* const entries = value.dictionary()) {
        for (std::size_t i = 0; i < entries->size(); ++i)
            written += as_text("key", entries->keys()[i]) + to_xml(entries->values()[i]);
        return fmt::format("<dict>{}</dict>", written);
    }
    for (auto const& item : value.array())
        written += to_xml(item);
    return fmt::format("<array>{}</array>", written);
}

} // namespace

/// Property lists: files that any user may write, and what tools answer.
FUZZ_TARGET(bytes)
{
    auto const value = plist::parse(bytes);
    if (!value || has_date(*value)) return;
    auto const written = to_xml(*value);
    if (written.size() > plist::most_bytes) return;
    auto const again = plist::parse(written);
    rollcall::fuzz::require(again.has_value(), "what was read is read again");
    rollcall::fuzz::require(to_xml(*again) == written, "and is the same then");
}
