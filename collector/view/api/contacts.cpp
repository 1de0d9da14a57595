#include <algorithm>
#include <map>

#include "collector/store/fold.hpp"
#include "collector/view/api/arranging.hpp"
#include "collector/view/api/contact_csv.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/routes.hpp"
#include "common/core/text.hpp"

namespace rollcall::api
{

static constexpr std::string_view active_word = "active";
static constexpr std::string_view deactivated_word = "deactivated";

static ContactRow shown(Services& services, Call const& call, store::Contact const& contact)
{
    ContactRow row{.id = contact.id,
                   .customer_id = contact.customer_id,
                   .name = contact.name,
                   .job_title = contact.job_title,
                   .email = contact.email,
                   .phone = contact.phone,
                   .mobile = contact.mobile,
                   .device_id = {},
                   .device_name = {},
                   .status = std::string(contact.active ? active_word : deactivated_word),
                   .created_ms = contact.created_ms,
                   .modified_ms = contact.modified_ms,
                   .version = contact.version};
    if (contact.device_id.empty() || !call.identity->may(access::Permission::devices_read)) return row;
    // A device that was moved to another customer may be out of sight.
    if (auto const device = services.projection.device(call.scope(), contact.device_id)) {
        row.device_id = device->id;
        row.device_name = device->name;
    }
    return row;
}

/// nullopt: it is not there, or may not be seen.
static Outcome<std::optional<ContactRow>> look_up(Services& services, Call const& call, std::string const& id)
{
    std::optional<store::Contact> found;
    auto const read = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto contact = store::find_contact(db, id);
        if (!contact) return contact.error();
        found = *std::move(contact);
        return {};
    });
    if (!read) return from_error(read.error());
    if (!found || !call.scope().sees(found->customer_id)) return std::optional<ContactRow>();
    return std::optional(shown(services, call, *found));
}

static Outcome<ContactRow> contact(Services& services, Call const& call, std::string const& id)
{
    auto found = look_up(services, call, id);
    if (!found) return found.error();
    if (!*found) return not_found("contact");
    return **std::move(found);
}

static Outcome<ContactList> list_contacts(Services& services, Call& call, Nothing const&)
{
    auto const& given = call.arguments;
    auto const& customer = call.path[0];
    if (!services.projection.customer_record(call.scope(), customer)) return not_found("customer");
    std::vector<store::Contact> contacts;
    auto const read = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto all = store::contacts_of(db, customer);
        if (!all) return all.error();
        contacts = *std::move(all);
        return {};
    });
    if (!read) return from_error(read.error());
    auto const sought = store::fold(given.text("search"));
    auto const statuses = given.choices("status");
    std::vector<std::pair<std::string, store::Contact const*>> found;
    for (auto const& one : contacts) {
        if (!statuses.empty() && !statuses.contains(one.active ? active_word : deactivated_word)) continue;
        if (store::contains_folded(one.name, sought)) found.emplace_back(store::natural_key(one.name), &one);
    }
    std::ranges::sort(found, [](auto const& a, auto const& b) {
        return std::tie(a.first, a.second->id) < std::tie(b.first, b.second->id);
    });
    ContactList list{.items = {}, .total = static_cast<std::int64_t>(found.size())};
    auto const from = std::min(given.integer("offset"), list.total);
    auto const to = from + std::min(given.integer("limit"), list.total - from);
    for (auto place = from; place < to; ++place)
        list.items.push_back(shown(services, call, *found[static_cast<std::size_t>(place)].second));
    return list;
}

/// What stands in a body; the rest is the pipeline's to check.
template <class Body>
static Outcome<store::Contact> contact_from(Body const& body)
{
    if (body.status != active_word && body.status != deactivated_word)
        return bad_input("status", "There is no such status.", "Give active or deactivated.");
    return store::Contact{.id = {},
                          .customer_id = {},
                          .name = body.name,
                          .job_title = body.job_title,
                          .email = body.email,
                          .phone = body.phone,
                          .mobile = body.mobile,
                          .device_id = body.device_id.value_or(""),
                          .active = body.status == active_word};
}

static Outcome<ContactRow> add_contact(Services& services, Call& call, NewContact const& body)
{
    auto wish = contact_from(body);
    if (!wish) return wish.error();
    wish->customer_id = call.path[0];
    auto const made = organise(services, call, AddContact{*std::move(wish)});
    if (!made) return made.error();
    return contact(services, call, made->id);
}

static Outcome<ContactRow> edit_contact(Services& services, Call& call, ContactEdit const& body)
{
    auto wish = contact_from(body);
    if (!wish) return wish.error();
    wish->id = call.path[0];
    wish->version = body.version;
    auto const done = organise(services, call, EditContact{*std::move(wish)});
    if (!done)
        return refusal(done.error(), [&]() -> std::optional<ContactRow> {
            auto found = look_up(services, call, call.path[0]);
            return found ? *std::move(found) : std::nullopt;
        });
    return contact(services, call, call.path[0]);
}

static Outcome<Nothing> delete_contact(Services& services, Call& call, Nothing const&)
{
    auto const done = organise(services, call, DeleteContact{call.path[0]});
    if (!done) return done.error();
    return Nothing{};
}

/// Finds the devices that lines name; a name that several have says nothing.
static void find_devices(Services& services, Call const& call, std::string const& customer_id,
                         std::vector<CsvContact>& lines)
{
    std::multimap<std::string, std::string> ids;
    services.projection.each_device(call.scope(), customer_id, [&](DeviceRow const& row) {
        if (!row.revoked) ids.emplace(store::fold(row.name), row.id);
    });
    for (auto& line : lines) {
        if (line.device.empty() || !line.wrong.empty()) continue;
        auto const name = store::fold(line.device);
        if (ids.count(name) == 1)
            line.contact.device_id = ids.find(name)->second;
        else
            line.wrong = ids.count(name) == 0 ? "The customer has no device of this name."
                                              : "Several devices of the customer have this name.";
    }
}

static Outcome<ContactImported> import_contacts(Services& services, Call& call, ContactImport const& body)
{
    auto const& customer = call.path[0];
    if (!services.projection.customer_record(call.scope(), customer)) return not_found("customer");
    auto lines = read_contacts(body.csv);
    if (!lines)
        return from_code(static_cast<errc>(lines.error().code.value()),
                         "This cannot be read: " + lines.error().trace + ".", "csv",
                         "Save it as CSV in UTF-8, with the names of the columns in the first line.");
    find_devices(services, call, customer, *lines);
    ImportContacts wish{.customer_id = customer, .contacts = {}, .dry_run = body.dry_run};
    for (auto const& line : *lines)
        if (line.wrong.empty()) wish.contacts.push_back(line.contact);
    auto const done = organise(services, call, std::move(wish));
    if (!done) return done.error();
    ContactImported report{.dry_run = body.dry_run, .added = 0, .lines = {}};
    auto verdict = done->verdicts.begin();
    for (auto const& line : *lines) {
        auto& shown_line = report.lines.emplace_back();
        shown_line.line = line.line;
        shown_line.name = clean_text(line.contact.name, limits::csv_cell_bytes);
        shown_line.reason = line.wrong.empty() ? (verdict++)->refused : line.wrong;
        shown_line.added = shown_line.reason.empty();
        report.added += shown_line.added ? 1 : 0;
    }
    return report;
}

std::vector<Route> contact_routes()
{
    static constexpr auto of_customer = "/api/v1/customers/{id}/contacts";
    static constexpr auto one = "/api/v1/contacts/{id}";
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = of_customer,
                               .summary = "People of a customer, by name",
                               .parameters = {text("search", "The name contains it, whatever the case."),
                                              choices("status", {"active", "deactivated"}, "Active or not."),
                                              integer("offset", 0, limits::offset, "0", "Rows to skip."),
                                              integer("limit", 0, limits::list_rows, "100", "Rows to return.")},
                               .needs = access::Permission::customers_read},
                   &list_contacts),
        make_route(Declaration{.method = "POST",
                               .pattern = of_customer,
                               .summary = "Add a contact",
                               .success = 201,
                               .needs = access::Permission::customers_write},
                   &add_contact),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/customers/{id}/contacts/import",
                               .summary = "Add contacts from CSV, or say what would happen",
                               .needs = access::Permission::customers_write},
                   &import_contacts),
        make_route(Declaration{.method = "PUT",
                               .pattern = one,
                               .summary = "Change a contact",
                               .needs = access::Permission::customers_write},
                   &edit_contact),
        make_route(Declaration{.method = "DELETE",
                               .pattern = one,
                               .summary = "Delete a contact",
                               .success = 204,
                               .needs = access::Permission::customers_write},
                   &delete_contact),
    };
}

} // namespace rollcall::api
