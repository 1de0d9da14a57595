#include "collector/pipeline/arrangement.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "collector/pipeline/asking.hpp"
#include "collector/pipeline/limits.hpp"
#include "collector/store/fold.hpp"
#include "common/core/text.hpp"

namespace rollcall::pipeline
{

namespace
{

constexpr std::size_t address_characters = 1000;
constexpr std::size_t domain_characters = 253;
constexpr std::size_t web_address_characters = 2000;
constexpr std::size_t email_characters = 254;
constexpr std::string_view custom = "custom:";

/// Several lines of a person.
std::optional<Refusal> wrong_with_lines(std::string& text, std::string_view field, std::size_t most)
{
    std::erase(text, '\r');
    text = trimmed(text);
    if (is_utf8(text) && count_characters(text) <= most && clean_text(text, text.size()) == text) return std::nullopt;
    return Refusal{errc::bad_input, std::string(field),
                   fmt::format("'{}' has at most {} characters, and no control characters.", field, most),
                   "Shorten it, or take the control characters out."};
}

std::optional<Refusal> wrong_with_number(std::string_view field, std::size_t count, std::size_t most)
{
    if (count <= most) return std::nullopt;
    return Refusal{errc::limit_exceeded, std::string(field),
                   fmt::format("'{}' has {} entries; at most {} are kept.", field, count, most),
                   "Take some of them out."};
}

/// Whoever presses it must come to a page, and not run something.
std::optional<Refusal> wrong_with_website(std::string_view website)
{
    if (website.empty() || website.starts_with("https://") || website.starts_with("http://")) return std::nullopt;
    return Refusal{errc::bad_input, "website", "A website begins with https:// or http://.",
                   "Put https:// in front of it."};
}

std::optional<Refusal> wrong_with_email(std::string_view email)
{
    auto const at = email.find('@');
    bool const good = at != std::string_view::npos && at > 0 && at + 1 < email.size() &&
                      email.find('@', at + 1) == std::string_view::npos && email.find(' ') == std::string_view::npos;
    if (email.empty() || good) return std::nullopt;
    return Refusal{errc::bad_input, "email", "This is no address of e-mail.", "Give one as in name@example.com."};
}

store::Folder const* find_in(std::vector<store::Folder> const& all, std::string_view id)
{
    auto const found = std::ranges::find(all, id, &store::Folder::id);
    return found == all.end() ? nullptr : &*found;
}

/// 1 at the top.
std::size_t depth_of(store::Folder const& folder, std::vector<store::Folder> const& all)
{
    std::size_t depth = 1;
    auto const* parent = find_in(all, folder.parent_id);
    for (; parent != nullptr && depth <= all.size(); parent = find_in(all, parent->parent_id))
        ++depth;
    return depth;
}

/// Levels from the folder down, itself included.
std::size_t height_of(std::string_view id, std::vector<store::Folder> const& all)
{
    std::size_t height = 0;
    for (auto const& one : all)
        if (one.parent_id == id) height = std::max(height, height_of(one.id, all));
    return height + 1;
}

bool has_namesake(std::string_view name, std::string_view parent_id, std::string_view but,
                  std::vector<store::Folder> const& all)
{
    auto const folded = store::fold(name);
    return std::ranges::any_of(all, [&](store::Folder const& one) {
        return one.id != but && one.parent_id == parent_id && store::fold(one.name) == folded;
    });
}

} // namespace

bool is_below(store::Folder const& folder, std::string_view id, std::vector<store::Folder> const& all)
{
    auto const* at = find_in(all, folder.parent_id);
    for (std::size_t steps = 0; at != nullptr && steps <= all.size(); ++steps, at = find_in(all, at->parent_id))
        if (at->id == id) return true;
    return false;
}

std::optional<Refusal> wrong_with_line(std::string& text, std::string_view field, std::size_t most, bool required)
{
    text = trimmed(text);
    if (is_line(text, most) && !(required && text.empty())) return std::nullopt;
    return Refusal{errc::bad_input, std::string(field),
                   fmt::format("'{}' has {} to {} characters on one line, and no control characters.", field,
                               required ? 1 : 0, most),
                   "Give it so."};
}

std::optional<Refusal> wrong_with(store::Customer& customer)
{
    static std::set<std::string, std::less<>> const ranks{"", "A", "B", "C", "D"};
    if (auto wrong = wrong_with_line(customer.name, "name", name_characters, true)) return wrong;
    if (!ranks.contains(customer.rank))
        return Refusal{errc::bad_input, "rank", "There is no such rank.", "Give A, B, C, D, or \"\" for none."};
    if (auto wrong = wrong_with_line(customer.phone, "phone", line_characters, false)) return wrong;
    if (auto wrong = wrong_with_lines(customer.address, "address", address_characters)) return wrong;
    if (auto wrong = wrong_with_line(customer.postal_code, "postal_code", line_characters, false)) return wrong;
    if (auto wrong = wrong_with_line(customer.fax, "fax", line_characters, false)) return wrong;
    if (auto wrong = wrong_with_number("domains", customer.domains.size(), domains_per_customer)) return wrong;
    for (auto& domain : customer.domains)
        if (auto wrong = wrong_with_line(domain, "domains", domain_characters, true)) return wrong;
    if (auto wrong = wrong_with_line(customer.website, "website", web_address_characters, false)) return wrong;
    if (auto wrong = wrong_with_website(customer.website)) return wrong;
    if (auto wrong = wrong_with_line(customer.business_id, "business_id", line_characters, false)) return wrong;
    if (auto wrong = wrong_with_lines(customer.notes, "notes", notes_characters)) return wrong;
    auto const fields = customer.custom_fields.size();
    if (auto wrong = wrong_with_number("custom_fields", fields, custom_fields_per_customer)) return wrong;
    std::set<std::string> names;
    for (auto& field : customer.custom_fields) {
        if (auto wrong = wrong_with_line(field.name, "custom_fields", line_characters, true)) return wrong;
        if (auto wrong = wrong_with_lines(field.value, "custom_fields", address_characters)) return wrong;
        if (!names.insert(store::fold(field.name)).second)
            return Refusal{errc::bad_input, "custom_fields", "Two fields have the same name: " + field.name + ".",
                           "Give each a name of its own."};
    }
    return std::nullopt;
}

std::optional<Refusal> wrong_with(store::Contact& contact)
{
    if (auto wrong = wrong_with_line(contact.name, "name", line_characters, true)) return wrong;
    if (auto wrong = wrong_with_line(contact.job_title, "job_title", line_characters, false)) return wrong;
    if (auto wrong = wrong_with_line(contact.email, "email", email_characters, false)) return wrong;
    if (auto wrong = wrong_with_email(contact.email)) return wrong;
    if (auto wrong = wrong_with_line(contact.phone, "phone", line_characters, false)) return wrong;
    return wrong_with_line(contact.mobile, "mobile", line_characters, false);
}

std::optional<Refusal> wrong_with(store::PinnedFields const& pinned)
{
    auto const refusal = [](std::string detail, std::string remedy) {
        return Refusal{errc::bad_input, "fields", std::move(detail), std::move(remedy)};
    };
    auto const& fields = pinned.fields;
    if (fields.size() < pinned_fields_least || fields.size() > pinned_fields_most)
        return refusal(
            fmt::format("{} to {} fields are pinned, not {}.", pinned_fields_least, pinned_fields_most, fields.size()),
            "Add or remove some.");
    std::set<std::string, std::less<>> seen;
    for (auto const& field : fields) {
        auto const own = std::string_view(field).substr(0, custom.size()) == custom;
        bool const known = own ? field.size() > custom.size() && is_line(field, custom.size() + line_characters)
                               : std::ranges::find(pinnable_fields(), field) != pinnable_fields().end();
        if (!known)
            return refusal("There is no field '" + clean_text(field, line_characters) + "'.",
                           fmt::format("Give some of: {}, or custom:NAME for a field of your own.",
                                       fmt::join(pinnable_fields(), ", ")));
        if (!seen.insert(field).second) return refusal("'" + field + "' is named twice.", "Take one of them out.");
    }
    return std::nullopt;
}

std::optional<Refusal> wrong_with(store::Folder const& folder, std::vector<store::Folder> const& all)
{
    bool const fresh = find_in(all, folder.id) == nullptr;
    if (fresh && all.size() >= folders_per_customer)
        return Refusal{errc::limit_exceeded, "customer_id",
                       fmt::format("A customer has at most {} folders.", folders_per_customer),
                       "Delete some that are empty."};
    if (!folder.parent_id.empty() && find_in(all, folder.parent_id) == nullptr)
        return Refusal{errc::bad_input, "parent_id", "The customer has no such folder.",
                       "Give the id of one of its folders, or null for the top."};
    if (!fresh && (folder.parent_id == folder.id || is_below(folder, folder.id, all)))
        return Refusal{errc::bad_input, "parent_id", "A folder cannot lie in itself.", "Choose another one."};
    auto const below = fresh ? 1 : height_of(folder.id, all);
    if (depth_of(folder, all) + below - 1 > folder_depth)
        return Refusal{errc::limit_exceeded, "parent_id",
                       fmt::format("Folders lie at most {} deep in each other.", folder_depth),
                       "Choose one that lies higher."};
    if (has_namesake(folder.name, folder.parent_id, folder.id, all))
        return Refusal{errc::conflict, "name", "There is a folder of this name already.", "Choose another name."};
    return std::nullopt;
}

std::optional<Refusal> wrong_with_contents(store::Folder const& folder, std::vector<store::Folder> const& all)
{
    for (auto const& one : all)
        if (one.parent_id == folder.id && has_namesake(one.name, folder.parent_id, folder.id, all))
            return Refusal{errc::conflict, "contents",
                           "There is a folder '" + one.name + "' where it would go to already.",
                           "Rename one of the two."};
    return std::nullopt;
}

std::vector<std::string> const& pinnable_fields()
{
    static std::vector<std::string> const fields{"rank",    "phone",   "address",     "postal_code", "fax",
                                                 "domains", "website", "business_id", "created",     "modified",
                                                 "devices", "online",  "alerts",      "patches"};
    return fields;
}

} // namespace rollcall::pipeline
