#include "collector/pipeline/offers.hpp"

#include <utility>
#include <vector>

#include "collector/pipeline/limits.hpp"
#include "collector/store/store.hpp"
#include "collector/view/update_facts.hpp"
#include "common/core/text.hpp"
#include "common/log/log.hpp"

namespace rollcall::pipeline
{

namespace
{

constexpr std::size_t update_reason_bytes = 1024;
/// States of an attempt that somebody wants once more: not offered yet, and offered. The second one outlives a
/// connection that ended before the device had it, or it would refuse what failed on it. No device says them.
constexpr std::string_view state_asked = "asked";
constexpr std::string_view state_again = "offered_again";

std::string word_of(Row const& detail, std::string_view column, std::size_t limit)
{
    auto const found = detail.find(column);
    if (found == detail.end()) return {};
    auto const* const text = std::get_if<std::string>(&found->second);
    return text == nullptr ? std::string() : clean_text(*text, limit);
}

} // namespace

Offers::Offers(Works& works, Presence& presence, view::Projection& projection, updates::Board& board,
               Clock const& clock, updates::Pace pace)
    : works_(works)
    , presence_(presence)
    , projection_(projection)
    , board_(board)
    , clock_(clock)
    , pace_(pace)
    , looked_at_(clock.steady())
{
}

Result<> Offers::load(sqlite::Database& db)
{
    auto const policies = store::all_update_policies(db);
    if (!policies) return policies.error();
    auto const attempts = store::all_update_attempts(db);
    if (!attempts) return attempts.error();
    auto const notes = store::all_release_notes(db);
    if (!notes) return notes.error();
    for (auto const& [owner, policy] : *policies)
        board_.put_policy(owner, policy);
    for (auto const& attempt : *attempts)
        board_.put_attempt(attempt);
    for (auto const& note : *notes)
        board_.put_note(note);
    return {};
}

void Offers::look_soon()
{
    std::lock_guard const lock(mutex_);
    look_ = true;
}

void Offers::use_releases(std::shared_ptr<updates::Shelf const> shelf)
{
    board_.put_shelf(shelf);
    auto const job = std::make_shared<Job>();
    job->body = [this, shelf](sqlite::Database& db, Effect& effect) -> Result<> {
        for (auto const& release : shelf->releases) {
            auto const version = to_string(release->version());
            if (board_.note(version)) continue;
            store::ReleaseNote const note{.version = version,
                                          .first_seen_ms = clock_.now_ms(),
                                          .stopped_ms = {},
                                          .stopped_why = {},
                                          .forgiven_ms = 0};
            if (auto kept = store::save_release_note(db, note); !kept) return kept;
            effect.after.push_back([this, note] { board_.put_note(note); });
        }
        effect.after.push_back([this] { look_soon(); });
        effect.change.of_all.updates = true;
        return {};
    };
    works_.enqueue(job, {});
}

void Offers::greeted(std::string const& device_id) { consider(device_id, true); }

void Offers::tick()
{
    {
        std::lock_guard const lock(mutex_);
        auto const steady = clock_.steady();
        if (!look_ && steady - looked_at_ < pace_.look_every) return;
        look_ = false;
        looked_at_ = steady;
    }
    std::vector<std::string> behind;
    projection_.each_device(store::Scope::everything(), {}, [&](api::DeviceRow const& row) {
        if (row.availability == "online" && board_.has_newer(row.agent_version)) behind.push_back(row.id);
    });
    for (auto const& device : behind)
        consider(device, false);
}

void Offers::consider(std::string const& device_id, bool just_connected)
{
    auto const row = projection_.device(store::Scope::everything(), device_id);
    if (!row || row->revoked || !board_.has_newer(row->agent_version)) return;
    auto const facts = view::update_facts(*row);
    std::shared_ptr<updates::Release const> release;
    {
        std::lock_guard const lock(mutex_);
        if (offering_.contains(device_id)) return;
        release = board_.verdict(facts, just_connected, offering_.size()).offer;
        if (release) offering_.insert(device_id);
    }
    if (release) offer(facts, release);
}

/// It is written down before it is sent: a collector that starts anew knows who is under way.
void Offers::offer(updates::Facts const& device, std::shared_ptr<updates::Release const> const& release)
{
    auto const job = std::make_shared<Job>();
    job->body = [this, device, release](sqlite::Database& db, Effect& effect) {
        auto const attempts = board_.attempts(device.id);
        auto const before = attempts.find(to_string(release->version()));
        bool const again =
            before != attempts.end() && (before->second.state == state_asked || before->second.state == state_again);
        store::UpdateAttempt const attempt{.device_id = device.id,
                                           .version = to_string(release->version()),
                                           .from_version = device.version,
                                           .state = std::string(again ? state_again : "offered"),
                                           .reason = {},
                                           .offered_ms = clock_.now_ms(),
                                           .at_ms = clock_.now_ms()};
        auto kept = store::save_update_attempt(db, attempt);
        if (!kept) return kept;
        note(effect.change, device.id, projection_.location_of(device.id)).updates = true;
        effect.after.push_back([this, attempt, release, again] {
            board_.put_attempt(attempt);
            send(attempt.device_id, *release, again);
        });
        return kept;
    };
    job->finish = [this, id = device.id](Result<> const& result, Effect&) {
        if (!result) log::warning("update.not_offered", {{"device", id}, {"error", result.error()}});
        std::lock_guard const lock(mutex_);
        offering_.erase(id);
    };
    works_.enqueue(job, {});
}

void Offers::send(std::string const& device_id, updates::Release const& release, bool again) const
{
    auto const session = presence_.session_of(device_id);
    if (!session) return; // It left; it is offered again when it is back.
    log::info("update.offered", {{"device", device_id}, {"version", to_string(release.version())}});
    wire::Update const update{
        .manifest = release.text, .signature = release.signature, .spread_s = pace_.spread.count(), .again = again};
    session->socket->send(update);
}

Result<> Offers::note_step(sqlite::Database& db, Effect& effect, std::string const& device_id, wire::Event const& event)
{
    store::UpdateAttempt attempt{.device_id = device_id,
                                 .version = word_of(event.detail, "version", word_bytes),
                                 .from_version = word_of(event.detail, "from", word_bytes),
                                 .state = word_of(event.detail, "state", word_bytes),
                                 .reason = word_of(event.detail, "reason", update_reason_bytes),
                                 .offered_ms = event.at_ms,
                                 .at_ms = event.at_ms};
    // The event itself is kept in any case; a newer agent may know more states.
    if (!release::parse_version(attempt.version) || !updates::is_told(attempt.state)) return {};
    if (auto kept = store::save_update_attempt(db, attempt); !kept) return kept;
    if (updates::is_failure(attempt.state))
        if (auto stopped = stop_if_bad(db, effect, attempt.version); !stopped) return stopped;
    note(effect.change, device_id, projection_.location_of(device_id)).updates = true;
    effect.after.push_back([this, attempt] {
        log::write(updates::is_failure(attempt.state) ? log::Level::warning : log::Level::info, "update.step",
                   {{"device", attempt.device_id},
                    {"version", attempt.version},
                    {"state", attempt.state},
                    {"reason", attempt.reason}});
        board_.put_attempt(attempt);
        look_soon(); // A place may be free now.
    });
    return {};
}

Result<> Offers::stop_if_bad(sqlite::Database& db, Effect& effect, std::string const& version)
{
    auto note = board_.note(version);
    if (!note || note->stopped_ms) return {};
    auto const results = store::update_results(db, version, note->forgiven_ms);
    if (!results) return results.error();
    if (!updates::stops(*results)) return {};
    note->stopped_ms = clock_.now_ms();
    note->stopped_why = updates::stopped_words(*results);
    effect.change.of_all.updates = true;
    effect.after.push_back([this, note = *note] {
        log::warning("update.release_stopped", {{"version", note.version}, {"why", note.stopped_why}});
        board_.put_note(note);
    });
    return store::save_release_note(db, *note);
}

Result<> Offers::keep_policy(sqlite::Database& db, Effect& effect, std::string const& owner,
                             std::string const& customer_id, store::UpdatePolicy const& policy)
{
    if (customer_id.empty()) {
        effect.change.of_all.updates = true;
    } else if (owner != customer_id) {
        note(effect.change, owner, projection_.location_of(owner)).updates = true;
    } else {
        auto const places = store::locations_of(db, customer_id);
        if (!places) return places.error();
        for (auto const& where : *places)
            effect.change.places[where].updates = true;
    }
    effect.after.push_back([this, owner, policy] {
        board_.put_policy(owner, policy);
        look_soon();
    });
    return store::set_update_policy(db, owner, policy);
}

Result<std::optional<store::ReleaseNote>> Offers::forgive(sqlite::Database& db, Effect& effect,
                                                          std::string const& version)
{
    auto note = board_.note(version);
    if (!note) return note;
    note->stopped_ms.reset();
    note->stopped_why.clear();
    note->forgiven_ms = clock_.now_ms();
    if (auto kept = store::save_release_note(db, *note); !kept) return kept.error();
    effect.change.of_all.updates = true;
    effect.after.push_back([this, kept = *note] {
        log::info("update.release_goes_on", {{"version", kept.version}});
        board_.put_note(kept);
        look_soon();
    });
    return note;
}

Result<bool> Offers::ask_again(sqlite::Database& db, Effect& effect, store::Device const& device)
{
    bool any = false;
    for (auto const& [version, attempt] : board_.attempts(device.id)) {
        if (!updates::is_failure(attempt.state) && attempt.state != "refused") continue;
        any = true;
        auto wanted = attempt;
        wanted.state = state_asked;
        wanted.reason.clear();
        wanted.at_ms = clock_.now_ms();
        if (auto kept = store::save_update_attempt(db, wanted); !kept) return kept.error();
        effect.after.push_back([this, wanted] {
            board_.put_attempt(wanted);
            look_soon();
        });
    }
    if (any) note(effect.change, device.id, device.location()).updates = true;
    return any;
}

} // namespace rollcall::pipeline
