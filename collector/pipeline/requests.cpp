#include "collector/pipeline/requests.hpp"

#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "collector/pipeline/asking.hpp"
#include "collector/pipeline/limits.hpp"
#include "collector/store/store.hpp"
#include "common/core/ids.hpp"
#include "common/core/text.hpp"
#include "common/log/log.hpp"

namespace rollcall::pipeline
{

namespace
{

constexpr std::size_t hardware_id_bytes = 256;
constexpr std::int64_t token_uses_limit = 10'000;
constexpr std::int64_t token_seconds_least = 60;
constexpr std::int64_t token_seconds_limit = 365L * 24 * 3600;
constexpr std::size_t secret_bytes = 24;

} // namespace

Requests::Requests(Works& works, Roster& roster, Offers& offers, AlertWork& alert_work, view::Projection& projection,
                   Sign const& sign, Clock const& clock)
    : works_(works)
    , roster_(roster)
    , offers_(offers)
    , alert_work_(alert_work)
    , projection_(projection)
    , sign_(sign)
    , clock_(clock)
{
}

// --- enrolment -------------------------------------------------------------------------------------------------------

void Requests::enrol(wire::EnrolRequest asked, std::string remote, Done<wire::EnrolAnswer> done)
{
    auto const bad = [&](std::string field, std::string detail) {
        done(Refusal{errc::bad_input, std::move(field), std::move(detail), "Enrol with the agent's own command."});
    };
    if (asked.token.empty()) return bad("token", "There is no token.");
    if (asked.host_name.empty() || !is_utf8(asked.host_name) || count_characters(asked.host_name) > name_characters)
        return bad("host_name", fmt::format("The host name must be 1 to {} characters of UTF-8.", name_characters));
    if (asked.hardware_id.size() > hardware_id_bytes || !is_utf8(asked.hardware_id))
        return bad("hardware_id", fmt::format("The hardware id must be at most {} bytes of UTF-8.", hardware_id_bytes));
    submit<wire::EnrolAnswer>(
        works_,
        [this, asked = std::move(asked), remote = std::move(remote)](sqlite::Database& db, Effect& effect,
                                                                     wire::EnrolAnswer& answer) {
            return enrol_device(db, effect, asked, remote, answer);
        },
        std::move(done));
}

Result<> Requests::enrol_device(sqlite::Database& db, Effect& effect, wire::EnrolRequest const& asked,
                                std::string const& remote, wire::EnrolAnswer& answer)
{
    auto const at_ms = clock_.now_ms();
    store::EnrolmentToken token;
    if (auto usable = use_token(db, effect, asked.token, at_ms, token); !usable) return usable;
    auto const alike = store::has_look_alikes(db, token.customer_id, asked.hardware_id);
    if (!alike) return alike.error();
    auto const known = store::find_device_by_hardware(db, token.customer_id, asked.hardware_id);
    if (!known) return known.error();
    // Of machines that look alike nobody knows which one this is: better a second device than somebody else's.
    bool const again = known->has_value() && !*alike;
    auto const id = again ? (*known)->id : make_uuid(at_ms);
    auto certificate = sign_(asked.request_pem, id);
    if (!certificate && code_of(certificate.error()) == errc::refused)
        return refuse(effect, {errc::refused, "", certificate.error().trace + ".",
                               "Look at the clock of the collector's machine (timedatectl), then enrol again."});
    if (!certificate)
        return refuse(effect, {errc::bad_input, "request_pem",
                               "The certificate request cannot be signed: " + certificate.error().trace + ".",
                               "Enrol with the agent's own command; it makes the request."});
    auto const version = clean_text(asked.agent_version, word_bytes);
    store::Device device;
    if (again) {
        device = **known;
        device.agent_version = version;
        device.enrolled_ms = at_ms;
        auto replaced = store::replace_certificate(db, id, certificate->fingerprint, certificate->issued_ms, token.id,
                                                   version, at_ms);
        if (!replaced) return replaced;
    } else {
        device = {.id = id,
                  .customer_id = token.customer_id,
                  .name = clean_text(asked.host_name, name_characters),
                  .hardware_id = asked.hardware_id,
                  .fingerprint = certificate->fingerprint,
                  .agent_version = version,
                  .token_id = token.id,
                  .enrolled_ms = at_ms,
                  .last_seen_ms = {},
                  .revoked_ms = {},
                  .issued_ms = certificate->issued_ms,
                  .disk_ids = {},
                  .copied_from = {},
                  .has_look_alikes = *alike};
        if (auto added = store::add_device(db, device); !added) return added;
    }
    answer = {.device_id = id,
              .certificate_pem = std::move(certificate->certificate_pem),
              .ca_pem = std::move(certificate->ca_pem)};
    note(effect.change, id, device.location()).customers = true;
    effect.change.places[{.customer_id = device.customer_id}].tokens = true;
    effect.after.push_back([this, device, again, remote, token_id = token.id] {
        log::info("device.enrolled", {{"device", device.id},
                                      {"customer", device.customer_id},
                                      {"token", token_id},
                                      {"again", again},
                                      {"remote", remote}});
        roster_.install(device, again, remote);
    });
    return {};
}

/// Takes one use of the token with this secret.
Result<> Requests::use_token(sqlite::Database& db, Effect& effect, std::string const& secret, UnixMs at_ms,
                             store::EnrolmentToken& token)
{
    auto const hash = sha256_hex(secret);
    auto const found = store::find_token_by_secret(db, hash);
    if (!found) return found.error();
    if (!*found || !equal_constant_time((*found)->secret_sha256, hash))
        return refuse(effect, {errc::unauthenticated, "token", "The token is not known here.",
                               "Copy it whole, or make a new one with \"Add device\" on the customer's page."});
    token = **found;
    auto used = store::use_token(db, token.id, at_ms);
    if (!used && code_of(used.error()) == errc::refused)
        return refuse(effect, {errc::refused, "token", "This cannot be used: " + used.error().trace + ".",
                               "Make a new one with \"Add device\" on the customer's page."});
    return used;
}

// --- customers -------------------------------------------------------------------------------------------------------

void Requests::add_customer(std::string const& name, Done<store::Customer> done)
{
    auto const typed = trimmed(name);
    if (typed.empty() || !is_line(typed, name_characters)) {
        done(
            Refusal{errc::bad_input, "name",
                    fmt::format("A customer's name has 1 to {} characters and no control characters.", name_characters),
                    "Choose another name."});
        return;
    }
    submit<store::Customer>(
        works_,
        [this, typed](sqlite::Database& db, Effect& effect, store::Customer& customer) {
            return save_customer(db, effect, typed, customer);
        },
        std::move(done));
}

Result<> Requests::save_customer(sqlite::Database& db, Effect& effect, std::string const& name,
                                 store::Customer& customer)
{
    auto const at_ms = clock_.now_ms();
    customer = {.id = make_uuid(at_ms), .name = name, .created_ms = at_ms, .modified_ms = at_ms};
    auto added = store::add_customer(db, customer);
    if (!added && code_of(added.error()) == errc::conflict)
        return refuse(effect,
                      {errc::conflict, "name", "There is a customer of this name already.", "Choose another name."});
    if (!added) return added;
    effect.change.places[{.customer_id = customer.id}].customers = true;
    effect.after.push_back([this, customer] { projection_.put_customer(customer); });
    return {};
}

// --- tokens ----------------------------------------------------------------------------------------------------------

void Requests::add_token(std::string customer_id, std::int64_t uses, std::int64_t expires_in_s, Done<MadeToken> done)
{
    if (uses < 1 || uses > token_uses_limit) {
        done(Refusal{errc::bad_input, "uses", fmt::format("A token has 1 to {} uses.", token_uses_limit),
                     "Choose a number between them."});
        return;
    }
    if (expires_in_s < token_seconds_least || expires_in_s > token_seconds_limit) {
        done(Refusal{errc::bad_input, "expires_in_s",
                     fmt::format("A token lives {} to {} seconds.", token_seconds_least, token_seconds_limit),
                     "Choose a number between them."});
        return;
    }
    TokenWish wish{.customer_id = std::move(customer_id), .uses = uses, .expires_in_s = expires_in_s};
    submit<MadeToken>(
        works_,
        [this, wish = std::move(wish)](sqlite::Database& db, Effect& effect, MadeToken& made) {
            return save_token(db, effect, wish, made);
        },
        std::move(done));
}

Result<> Requests::save_token(sqlite::Database& db, Effect& effect, TokenWish const& wish, MadeToken& made) const
{
    auto const customer = store::find_customer(db, wish.customer_id);
    if (!customer) return customer.error();
    if (!*customer)
        return refuse(effect,
                      {errc::not_found, "customer_id", "There is no such customer.", "Look at the list of customers."});
    auto const at_ms = clock_.now_ms();
    made.secret = make_secret(secret_bytes);
    made.token = {.id = make_uuid(at_ms),
                  .customer_id = wish.customer_id,
                  .secret_sha256 = sha256_hex(made.secret),
                  .created_ms = at_ms,
                  .expires_ms = at_ms + wish.expires_in_s * 1000,
                  .uses = wish.uses,
                  .uses_left = wish.uses,
                  .revoked_ms = {}};
    effect.change.places[{.customer_id = wish.customer_id}].tokens = true;
    return store::add_token(db, made.token);
}

void Requests::revoke_token(std::string id, Done<store::EnrolmentToken> done)
{
    submit<store::EnrolmentToken>(
        works_,
        [this, id = std::move(id)](sqlite::Database& db, Effect& effect, store::EnrolmentToken& token) {
            return end_token(db, effect, id, token);
        },
        std::move(done));
}

Result<> Requests::end_token(sqlite::Database& db, Effect& effect, std::string const& id,
                             store::EnrolmentToken& token) const
{
    if (auto revoked = store::revoke_token(db, id, clock_.now_ms()); !revoked) return revoked;
    auto const found = store::find_token(db, id);
    if (!found) return found.error();
    if (!*found)
        return refuse(effect,
                      {errc::not_found, "id", "There is no such token.", "Look at the customer's list of tokens."});
    token = **found;
    effect.change.places[{.customer_id = token.customer_id}].tokens = true;
    return {};
}

// --- updates ---------------------------------------------------------------------------------------------------------

void Requests::set_update_policy(store::Scope scope, std::string owner, store::UpdatePolicy policy,
                                 Done<store::UpdatePolicy> done)
{
    submit<store::UpdatePolicy>(
        works_,
        [this, scope = std::move(scope), owner = std::move(owner),
         policy = std::move(policy)](sqlite::Database& db, Effect& effect, store::UpdatePolicy& kept) {
            kept = policy;
            return keep_policy(db, effect, scope, owner, policy);
        },
        std::move(done));
}

/// `owner` is all, a customer or a device; it concerns the customer to which the device belongs by now.
Result<> Requests::keep_policy(sqlite::Database& db, Effect& effect, store::Scope const& scope,
                               std::string const& owner, store::UpdatePolicy const& policy)
{
    if (owner.empty()) return offers_.keep_policy(db, effect, owner, {}, policy);
    auto const customer = seen_customer(db, scope, owner);
    if (!customer) return customer.error();
    if (*customer) return offers_.keep_policy(db, effect, owner, owner, policy);
    auto const device = seen_device(db, scope, owner);
    if (!device) return device.error();
    if (!*device) return refuse(effect, missing("id", "customer or device"));
    return offers_.keep_policy(db, effect, owner, (*device)->customer_id, policy);
}

void Requests::let_release_go_on(std::string version, Done<store::ReleaseNote> done)
{
    submit<store::ReleaseNote>(
        works_,
        [this, version = std::move(version)](sqlite::Database& db, Effect& effect,
                                             store::ReleaseNote& kept) -> Result<> {
            auto const note = offers_.forgive(db, effect, version);
            if (!note) return note.error();
            if (!*note)
                return refuse(
                    effect, {errc::not_found, "version", "There is no such release.", "Look at the list of releases."});
            kept = **note;
            return {};
        },
        std::move(done));
}

void Requests::retry_update(store::Scope scope, std::string device_id, Done<store::Device> done)
{
    submit<store::Device>(
        works_,
        [this, scope = std::move(scope), device_id = std::move(device_id)](sqlite::Database& db, Effect& effect,
                                                                           store::Device& device) -> Result<> {
            auto const found = seen_device(db, scope, device_id);
            if (!found) return found.error();
            if (!*found) return refuse(effect, missing("id", "device"));
            device = **found;
            auto const asked = offers_.ask_again(db, effect, device);
            if (!asked) return asked.error();
            if (!*asked)
                return refuse(effect, {errc::conflict, "", "Nothing failed on this device and nothing was refused.",
                                       "There is nothing to try again."});
            return {};
        },
        std::move(done));
}

// --- alerts ----------------------------------------------------------------------------------------------------------

/// The name is read here, on the writer's thread: of two changes the later one is shown, whoever tells of it first.
void Requests::look_at_name(std::string technician_id)
{
    auto const job = std::make_shared<Job>();
    job->body = [this, technician_id = std::move(technician_id)](sqlite::Database& db, Effect& effect) -> Result<> {
        auto const technician = store::find_technician(db, technician_id);
        if (!technician) return technician.error();
        if (!*technician) return {};
        effect.after.push_back([this, id = technician_id, name = (*technician)->name] {
            view::Change change;
            for (auto const& where : projection_.rename_technician(id, name))
                change.places[where].alerts = true;
            if (!change.places.empty()) projection_.announce(change);
        });
        return {};
    };
    works_.enqueue(job, {});
}

void Requests::work_on_alerts(std::vector<rules::AlertTarget> targets, rules::AlertWish wish, rules::AlertWorker worker,
                              Done<std::vector<rules::AlertResult>> done)
{
    submit<std::vector<rules::AlertResult>>(
        works_,
        [this, targets = std::move(targets), wish = std::move(wish),
         worker = std::move(worker)](sqlite::Database& db, Effect& effect, std::vector<rules::AlertResult>& results) {
            return alert_work_.run(db, effect, targets, wish, worker, results);
        },
        std::move(done));
}

} // namespace rollcall::pipeline
