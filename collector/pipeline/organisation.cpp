#include "collector/pipeline/organisation.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "collector/pipeline/arrangement.hpp"
#include "collector/pipeline/asking.hpp"
#include "collector/pipeline/limits.hpp"
#include "collector/store/fold.hpp"
#include "collector/store/store.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"

namespace rollcall::pipeline
{

namespace
{

/// Two people edit at once: the second one sees what the first one did instead of undoing it.
Refusal edited_meanwhile()
{
    return {errc::conflict, "version", "Somebody has changed this meanwhile.",
            "Look at what is there now, and send it again with its version."};
}

/// Nothing: it is not there, or not within the scope.
Result<std::optional<store::Folder>> seen_folder(sqlite::Database& db, store::Scope const& scope, std::string_view id)
{
    auto found = store::find_folder(db, id);
    if (!found) return found.error();
    if (!*found || !scope.sees((*found)->customer_id, id)) return std::optional<store::Folder>();
    return found;
}

Result<std::optional<store::Contact>> seen_contact(sqlite::Database& db, store::Scope const& scope, std::string_view id)
{
    auto found = store::find_contact(db, id);
    if (!found) return found.error();
    if (!*found || !scope.sees((*found)->customer_id)) return std::optional<store::Contact>();
    return found;
}

/// Who sees some folders of a customer only leaves everything within them. Whether there is such a folder is not said.
Result<> need_sight(Effect& effect, store::Scope const& scope, store::Location const& where, std::string_view field)
{
    if (scope.sees(where)) return {};
    return refuse(effect, {errc::refused, std::string(field), "This lies outside the folders that you see.",
                           "Choose one of those, or ask somebody who sees all of the customer."});
}

/// A device's folder is one of its customer's, or none.
Result<> need_folder(sqlite::Database& db, Effect& effect, std::string_view id, std::string_view customer_id)
{
    if (id.empty()) return {};
    auto const folder = store::find_folder(db, id);
    if (!folder) return folder.error();
    if (*folder && (*folder)->customer_id == customer_id) return {};
    return refuse(effect, {errc::bad_input, "folder_id", "The customer has no such folder.",
                           "Give the id of one of its folders, or null for none."});
}

/// "" where there is none.
Result<std::string> folder_name(sqlite::Database& db, std::string_view id)
{
    if (id.empty()) return std::string();
    auto const folder = store::find_folder(db, id);
    if (!folder) return folder.error();
    return *folder ? (*folder)->name : std::string();
}

/// A contact's device is one of its customer's, or none.
Result<> need_device(sqlite::Database& db, Effect& effect, store::Contact const& contact)
{
    if (contact.device_id.empty()) return {};
    auto const device = store::find_device(db, contact.device_id);
    if (!device) return device.error();
    if (*device && !(*device)->purged_ms && (*device)->customer_id == contact.customer_id) return {};
    return refuse(effect, {errc::bad_input, "device_id", "The customer has no such device.",
                           "Give the id of one of its devices, or null for none."});
}

void note_customer(Effect& effect, std::string const& id)
{
    effect.change.places[{.customer_id = id}].customers = true;
}

/// The folder and what lies in it are called otherwise, or lie elsewhere now. `all` are those of its customer.
void note_folder(Effect& effect, store::Folder const& folder, std::vector<store::Folder> const& all)
{
    auto const changed = [&](std::string const& folder_id) {
        auto& happened = effect.change.places[{.customer_id = folder.customer_id, .folder_id = folder_id}];
        happened.customers = happened.all_devices = true;
    };
    effect.change.folders = true;
    changed({});
    changed(folder.parent_id);
    changed(folder.id);
    for (auto const& one : all)
        if (is_below(one, folder.id, all)) changed(one.id);
}

} // namespace

Organisation::Organisation(Works& works, Judge& judge, Roster& roster, view::Projection& projection, Clock const& clock)
    : works_(works)
    , judge_(judge)
    , roster_(roster)
    , projection_(projection)
    , clock_(clock)
{
}

void Organisation::organise(api::Order order, Done<api::Ordered> done)
{
    submit<api::Ordered>(
        works_,
        [this, order = std::move(order)](sqlite::Database& db, Effect& effect, Ordered& made) {
            return std::visit([&](auto const& wish) { return apply(db, effect, order, wish, made); }, order.what);
        },
        std::move(done));
}

// --- folders ---------------------------------------------------------------------------------------------------------

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::AddFolder const& wish,
                             Ordered& made)
{
    auto const customer = store::find_customer(db, wish.customer_id);
    if (!customer) return customer.error();
    if (!*customer || !order.scope.sees_some_of(wish.customer_id))
        return refuse(effect, missing("customer_id", "customer"));
    store::Location const where{.customer_id = wish.customer_id, .folder_id = wish.parent_id};
    if (auto seen = need_sight(effect, order.scope, where, "parent_id"); !seen) return seen;
    auto const at_ms = clock_.now_ms();
    store::Folder folder{.id = make_uuid(at_ms),
                         .customer_id = wish.customer_id,
                         .parent_id = wish.parent_id,
                         .name = wish.name,
                         .created_ms = at_ms};
    if (auto wrong = wrong_with_line(folder.name, "name", folder_name_characters, true))
        return refuse(effect, *std::move(wrong));
    auto const all = store::folders_of(db, folder.customer_id);
    if (!all) return all.error();
    if (auto wrong = wrong_with(folder, *all)) return refuse(effect, *std::move(wrong));
    if (auto added = store::add_folder(db, folder); !added) return added;
    made.id = folder.id;
    note_folder(effect, folder, *all);
    effect.after.push_back([this, folder] { projection_.put_folder(folder); });
    return {};
}

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::EditFolder const& wish,
                             Ordered&)
{
    auto const found = seen_folder(db, order.scope, wish.id);
    if (!found) return found.error();
    if (!*found) return refuse(effect, missing("id", "folder"));
    auto folder = **found;
    if (folder.version != wish.version) return refuse(effect, edited_meanwhile());
    // Where it lies, too: what its name is told from there, and who is limited to it.
    for (auto const& parent_id : {folder.parent_id, wish.parent_id}) {
        store::Location const where{.customer_id = folder.customer_id, .folder_id = parent_id};
        if (auto seen = need_sight(effect, order.scope, where, "parent_id"); !seen) return seen;
    }
    folder.parent_id = wish.parent_id;
    folder.name = wish.name;
    ++folder.version;
    if (auto wrong = wrong_with_line(folder.name, "name", folder_name_characters, true))
        return refuse(effect, *std::move(wrong));
    auto const all = store::folders_of(db, folder.customer_id);
    if (!all) return all.error();
    if (auto wrong = wrong_with(folder, *all)) return refuse(effect, *std::move(wrong));
    if (auto saved = store::save_folder(db, folder); !saved) return saved;
    note_folder(effect, **found, *all);
    note_folder(effect, folder, *all);
    effect.after.push_back([this, folder] { projection_.put_folder(folder); });
    return {};
}

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::DeleteFolder const& wish,
                             Ordered&)
{
    auto const found = seen_folder(db, order.scope, wish.id);
    if (!found) return found.error();
    if (!*found) return refuse(effect, missing("id", "folder"));
    auto const& folder = **found;
    auto const all = store::folders_of(db, folder.customer_id);
    if (!all) return all.error();
    // The limits of others who are limited to it go with it.
    store::Location const above{.customer_id = folder.customer_id, .folder_id = folder.parent_id};
    if (auto seen = need_sight(effect, order.scope, above, "id"); !seen) return seen;
    if (wish.move_up) {
        if (auto wrong = wrong_with_contents(folder, *all)) return refuse(effect, *std::move(wrong));
        if (auto moved = store::move_contents_up(db, folder); !moved) return moved;
    }
    auto const empty = store::is_folder_empty(db, folder.id);
    if (!empty) return empty.error();
    if (!*empty)
        return refuse(effect, {errc::conflict, "contents", "There are devices or folders in it.",
                               "Move them elsewhere, or delete it with contents=move_up: they go into its parent."});
    if (auto deleted = store::delete_folder(db, folder.id); !deleted) return deleted;
    note_folder(effect, folder, *all);
    effect.after.push_back([this, folder] { projection_.remove_folder(folder); });
    return {};
}

// --- devices ---------------------------------------------------------------------------------------------------------

Result<> Organisation::note_action(sqlite::Database& db, Order const& order, store::Device const& device,
                                   std::string what, std::string was, std::string became) const
{
    return store::add_device_action(db, {.device_id = device.id,
                                         .at_ms = clock_.now_ms(),
                                         .technician_id = order.technician_id,
                                         .technician = order.technician,
                                         .what = std::move(what),
                                         .was = std::move(was),
                                         .became = std::move(became)});
}

Result<> Organisation::note_actions(sqlite::Database& db, Order const& order, store::Device const& before,
                                    store::Device const& after) const
{
    if (before.shown_name() != after.shown_name())
        if (auto noted = note_action(db, order, after, "renamed", before.shown_name(), after.shown_name()); !noted)
            return noted;
    if (before.monitored != after.monitored)
        if (auto noted = note_action(db, order, after, after.monitored ? "monitored" : "unmonitored"); !noted)
            return noted;
    // Folders of another customer are not for everybody who sees the device now.
    if (before.customer_id != after.customer_id)
        return note_action(db, order, after, "customer_changed", before.customer_id, after.customer_id);
    if (before.folder_id == after.folder_id) return {};
    auto const was = folder_name(db, before.folder_id);
    if (!was) return was.error();
    auto const became = folder_name(db, after.folder_id);
    if (!became) return became.error();
    return note_action(db, order, after, "moved", *was, *became);
}

Result<> Organisation::place(sqlite::Database& db, Effect& effect, Order const& order, store::Device const& before,
                             store::Device after)
{
    after.version = before.version + 1;
    if (auto saved = store::set_place(db, after); !saved) return saved;
    if (auto noted = note_actions(db, order, before, after); !noted) return noted;
    bool const moved = before.customer_id != after.customer_id;
    if (moved) {
        if (auto told = store::move_alerts(db, after.id, after.customer_id); !told) return told;
        if (auto parted = store::part_from_contacts(db, after.id); !parted) return parted;
        if (auto forgotten = store::forget_moves(db, after.id); !forgotten) return forgotten;
    }
    if (!after.revoked_ms && before.monitored && !after.monitored) {
        auto judged = judge_.about(effect, after.id);
        if (auto fresh = judge_.refresh(db, effect, after.id); !fresh) return fresh;
        judged.retire("not monitored any more", judge_.now());
    } else if (!after.revoked_ms && after.monitored && (moved || !before.monitored)) {
        if (auto learnt = judge_.learn(db, effect, after.id); !learnt) return learnt;
    }
    bool const elsewhere = before.location() != after.location();
    for (auto const& where : {before.location(), after.location()}) {
        auto& happened = note(effect.change, after.id, where);
        happened.customers = true;
        happened.alerts = happened.alerts || elsewhere;
    }
    effect.after.push_back([this, after] { roster_.place(after); });
    return {};
}

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::EditDevice const& wish,
                             Ordered&)
{
    auto const found = seen_device(db, order.scope, wish.id);
    if (!found) return found.error();
    if (!*found) return refuse(effect, missing("id", "device"));
    auto after = **found;
    if (after.version != wish.version) return refuse(effect, edited_meanwhile());
    after.assigned_name = wish.assigned_name;
    after.folder_id = wish.folder_id;
    after.monitored = wish.monitored;
    if (auto wrong = wrong_with_line(after.assigned_name, "assigned_name", name_characters, false))
        return refuse(effect, *std::move(wrong));
    if (auto seen = need_sight(effect, order.scope, after.location(), "folder_id"); !seen) return seen;
    if (auto fits = need_folder(db, effect, after.folder_id, after.customer_id); !fits) return fits;
    return place(db, effect, order, **found, after);
}

Result<> Organisation::each_device(sqlite::Database& db, Effect& effect, Order const& order,
                                   std::vector<std::string> const& ids, Ordered& made, EachDevice const& each)
{
    if (ids.empty() || ids.size() > bulk_devices)
        return refuse(effect,
                      {ids.empty() ? errc::bad_input : errc::limit_exceeded, "ids",
                       fmt::format("{} devices are named; one request takes 1 to {}.", ids.size(), bulk_devices),
                       "Send several requests."});
    std::set<std::string_view> seen;
    for (auto const& id : ids) {
        auto& verdict = made.verdicts.emplace_back(api::Verdict{.id = id, .refused = {}});
        if (!seen.insert(id).second) {
            verdict.refused = "It is named twice.";
            continue;
        }
        auto const device = seen_device(db, order.scope, id);
        if (!device) return device.error();
        if (!*device) {
            verdict.refused = "There is no such device.";
            continue;
        }
        auto refused = each(**device);
        if (!refused) return refused.error();
        verdict.refused = *std::move(refused);
    }
    return {};
}

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::MoveDevices const& wish,
                             Ordered& made)
{
    auto const customer = store::find_customer(db, wish.customer_id);
    if (!customer) return customer.error();
    if (!*customer || !order.scope.sees_some_of(wish.customer_id))
        return refuse(effect, missing("customer_id", "customer"));
    store::Location const where{.customer_id = wish.customer_id, .folder_id = wish.folder_id};
    if (auto seen = need_sight(effect, order.scope, where, "folder_id"); !seen) return seen;
    if (auto fits = need_folder(db, effect, wish.folder_id, wish.customer_id); !fits) return fits;
    return each_device(db, effect, order, wish.ids, made, [&](store::Device const& device) -> Result<std::string> {
        if (device.customer_id == wish.customer_id && device.folder_id == wish.folder_id)
            return std::string("It is there already.");
        auto after = device;
        after.customer_id = wish.customer_id;
        after.folder_id = wish.folder_id;
        if (auto placed = place(db, effect, order, device, after); !placed) return placed.error();
        return std::string();
    });
}

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::MonitorDevices const& wish,
                             Ordered& made)
{
    return each_device(db, effect, order, wish.ids, made, [&](store::Device const& device) -> Result<std::string> {
        if (device.monitored == wish.monitored)
            return std::string(wish.monitored ? "It is monitored already." : "It is not monitored.");
        auto after = device;
        after.monitored = wish.monitored;
        if (auto placed = place(db, effect, order, device, after); !placed) return placed.error();
        return std::string();
    });
}

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::RetireDevices const& wish,
                             Ordered& made)
{
    return each_device(db, effect, order, wish.ids, made, [&](store::Device const& device) -> Result<std::string> {
        if (device.revoked_ms) return std::string("It is retired already.");
        if (auto done = retire(db, effect, order, device); !done) return done.error();
        return std::string();
    });
}

Result<> Organisation::retire(sqlite::Database& db, Effect& effect, Order const& order, store::Device const& device)
{
    auto const at = judge_.now();
    if (auto revoked = store::revoke_device(db, device.id, at.wall_ms); !revoked) return revoked;
    if (auto noted = note_action(db, order, device, "retired"); !noted) return noted;
    auto judged = judge_.about(effect, device.id);
    if (auto fresh = judge_.refresh(db, effect, device.id); !fresh) return fresh;
    judged.retire("device retired", at);
    note(effect.change, device.id, device.location()).customers = true;
    effect.after.push_back([this, id = device.id] {
        log::info("device.retired", {{"device", id}});
        roster_.retire(id);
    });
    return {};
}

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::RestoreDevices const& wish,
                             Ordered& made)
{
    return each_device(db, effect, order, wish.ids, made, [&](store::Device const& device) -> Result<std::string> {
        if (!device.revoked_ms) return std::string("It is not retired.");
        if (auto done = restore(db, effect, order, device); !done) return done.error();
        return std::string();
    });
}

Result<> Organisation::restore(sqlite::Database& db, Effect& effect, Order const& order, store::Device const& device)
{
    if (auto restored = store::restore_device(db, device.id); !restored) return restored;
    if (auto noted = note_action(db, order, device, "taken_back"); !noted) return noted;
    if (auto learnt = judge_.learn(db, effect, device.id); !learnt) return learnt;
    note(effect.change, device.id, device.location()).customers = true;
    effect.after.push_back([this, id = device.id] {
        log::info("device.taken_back", {{"device", id}});
        roster_.restore(id);
    });
    return {};
}

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::PurgeDevices const& wish,
                             Ordered& made)
{
    return each_device(db, effect, order, wish.ids, made, [&](store::Device const& device) -> Result<std::string> {
        if (!device.revoked_ms) return std::string("Retire it first.");
        if (auto done = purge(db, effect, device); !done) return done.error();
        return std::string();
    });
}

Result<> Organisation::purge(sqlite::Database& db, Effect& effect, store::Device const& device)
{
    if (auto begun = store::begin_purge(db, device.id, clock_.now_ms()); !begun) return begun;
    auto& happened = note(effect.change, device.id, device.location());
    happened.customers = happened.alerts = true;
    effect.after.push_back([this, id = device.id] {
        log::info("device.purge", {{"device", id}});
        roster_.remove(id);
    });
    return {};
}

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::StarDevice const& wish,
                             Ordered&)
{
    auto const device = seen_device(db, order.scope, wish.favourite.id);
    if (!device) return device.error();
    if (!*device) return refuse(effect, missing("id", "device"));
    if (auto saved = store::set_favourite_device(db, wish.favourite, wish.starred); !saved) return saved;
    note(effect.change, wish.favourite.id, (*device)->location());
    effect.after.push_back([this, wish] { projection_.set_favourite_device(wish.favourite, wish.starred); });
    return {};
}

// --- customers -------------------------------------------------------------------------------------------------------

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::StarCustomer const& wish,
                             Ordered&)
{
    auto const customer = store::find_customer(db, wish.favourite.id);
    if (!customer) return customer.error();
    if (!*customer || !order.scope.sees_some_of(wish.favourite.id)) return refuse(effect, missing("id", "customer"));
    if (auto saved = store::set_favourite_customer(db, wish.favourite, wish.starred); !saved) return saved;
    note_customer(effect, wish.favourite.id);
    effect.after.push_back([this, wish] { projection_.set_favourite_customer(wish.favourite, wish.starred); });
    return {};
}

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::EditCustomer const& wish,
                             Ordered&)
{
    auto customer = wish.customer;
    auto const found = seen_customer(db, order.scope, customer.id);
    if (!found) return found.error();
    if (!*found) return refuse(effect, missing("id", "customer"));
    if ((*found)->version != customer.version) return refuse(effect, edited_meanwhile());
    if (auto wrong = wrong_with(customer)) return refuse(effect, *std::move(wrong));
    customer.created_ms = (*found)->created_ms;
    customer.modified_ms = clock_.now_ms();
    ++customer.version;
    auto saved = store::save_customer(db, customer);
    if (!saved && code_of(saved.error()) == errc::conflict)
        return refuse(effect,
                      {errc::conflict, "name", "There is a customer of this name already.", "Choose another name."});
    if (!saved) return saved;
    note_customer(effect, customer.id);
    if (customer.name != (*found)->name) {
        auto const places = store::locations_of(db, customer.id);
        if (!places) return places.error();
        for (auto const& where : *places) {
            auto& happened = effect.change.places[where];
            happened.customers = happened.all_devices = happened.alerts = true;
        }
    }
    effect.after.push_back([this, customer] { projection_.put_customer(customer); });
    return {};
}

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::PinFields const& wish,
                             Ordered&)
{
    if (!order.scope.all)
        return refuse(effect, {errc::refused, "", "You see some customers only, and this is for all.",
                               "Ask somebody who sees all of them."});
    auto pinned = wish.pinned;
    auto const found = store::pinned_fields(db);
    if (!found) return found.error();
    if (found->version != pinned.version) return refuse(effect, edited_meanwhile());
    if (auto wrong = wrong_with(pinned)) return refuse(effect, *std::move(wrong));
    ++pinned.version;
    if (auto saved = store::save_pinned_fields(db, pinned); !saved) return saved;
    effect.change.of_all.customers = true;
    return {};
}

// --- contacts --------------------------------------------------------------------------------------------------------

namespace
{

Refusal too_many_contacts()
{
    return {errc::limit_exceeded, "customer_id",
            fmt::format("A customer has at most {} contacts.", contacts_per_customer), "Delete some of them."};
}

/// By their e-mail, or where one has none by the name: what a file brings a second time is not added again.
std::string identity_of(store::Contact const& contact)
{
    return contact.email.empty() ? "name " + store::fold(contact.name) : "email " + store::fold(contact.email);
}

} // namespace

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::AddContact const& wish,
                             Ordered& made)
{
    auto contact = wish.contact;
    auto const customer = seen_customer(db, order.scope, contact.customer_id);
    if (!customer) return customer.error();
    if (!*customer) return refuse(effect, missing("customer_id", "customer"));
    if (auto wrong = wrong_with(contact)) return refuse(effect, *std::move(wrong));
    if (auto fits = need_device(db, effect, contact); !fits) return fits;
    auto const others = store::contacts_of(db, contact.customer_id);
    if (!others) return others.error();
    if (others->size() >= contacts_per_customer) return refuse(effect, too_many_contacts());
    contact.created_ms = contact.modified_ms = clock_.now_ms();
    contact.id = made.id = make_uuid(contact.created_ms);
    contact.version = 1;
    note_customer(effect, contact.customer_id);
    return store::add_contact(db, contact);
}

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::EditContact const& wish,
                             Ordered&)
{
    auto contact = wish.contact;
    auto const found = seen_contact(db, order.scope, contact.id);
    if (!found) return found.error();
    if (!*found) return refuse(effect, missing("id", "contact"));
    if ((*found)->version != contact.version) return refuse(effect, edited_meanwhile());
    contact.customer_id = (*found)->customer_id;
    if (auto wrong = wrong_with(contact)) return refuse(effect, *std::move(wrong));
    if (auto fits = need_device(db, effect, contact); !fits) return fits;
    contact.modified_ms = clock_.now_ms();
    ++contact.version;
    note_customer(effect, contact.customer_id);
    return store::save_contact(db, contact);
}

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::DeleteContact const& wish,
                             Ordered&)
{
    auto const found = seen_contact(db, order.scope, wish.id);
    if (!found) return found.error();
    if (!*found) return refuse(effect, missing("id", "contact"));
    note_customer(effect, (*found)->customer_id);
    return store::delete_contact(db, wish.id);
}

Result<> Organisation::apply(sqlite::Database& db, Effect& effect, Order const& order, api::ImportContacts const& wish,
                             Ordered& made)
{
    auto const customer = seen_customer(db, order.scope, wish.customer_id);
    if (!customer) return customer.error();
    if (!*customer) return refuse(effect, missing("customer_id", "customer"));
    auto const others = store::contacts_of(db, wish.customer_id);
    if (!others) return others.error();
    std::set<std::string> known;
    for (auto const& one : *others)
        known.insert(identity_of(one));
    auto count = others->size();
    auto const at_ms = clock_.now_ms();
    for (auto contact : wish.contacts) {
        auto& verdict = made.verdicts.emplace_back();
        if (auto const wrong = wrong_with(contact)) {
            verdict.refused = wrong->detail;
        } else if (known.contains(identity_of(contact))) {
            verdict.refused = "There is such a contact already.";
        } else if (count >= contacts_per_customer) {
            verdict.refused = too_many_contacts().detail;
        } else {
            known.insert(identity_of(contact));
            ++count;
            if (wish.dry_run) continue;
            contact.id = verdict.id = make_uuid(at_ms);
            contact.customer_id = wish.customer_id;
            contact.created_ms = contact.modified_ms = at_ms;
            if (auto added = store::add_contact(db, contact); !added) return added;
        }
    }
    if (!wish.dry_run) note_customer(effect, wish.customer_id);
    return {};
}

} // namespace rollcall::pipeline
