#include "collector/access/auditor.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "common/log/log.hpp"
#include "platform/secret_file.hpp"

namespace rollcall::access
{

static std::string text_of_head(std::int64_t id, std::string_view hash, UnixMs at_ms)
{
    return fmt::format("rollcall audit head\n{}\n{}\n{}\n", id, hash, at_ms);
}

static std::string text_of_checkpoint(store::AuditCheckpoint const& checkpoint)
{
    return fmt::format("rollcall audit checkpoint\n{}\n{}\n{}\n", checkpoint.id, checkpoint.hash, checkpoint.at_ms);
}

SignedHead sign_head(Keys const& keys, store::AuditHead const& head, UnixMs at_ms)
{
    return {.id = head.id,
            .hash = head.hash,
            .at_ms = at_ms,
            .signature = keys.sign(text_of_head(head.id, head.hash, at_ms))};
}

std::string to_line(SignedHead const& head)
{
    return boost::json::serialize(boost::json::object{
        {"id", head.id}, {"hash", head.hash}, {"at_ms", head.at_ms}, {"signature", head.signature}});
}

static std::optional<SignedHead> head_from(std::string_view line)
{
    boost::system::error_code failure;
    auto const json = boost::json::parse(boost::json::string_view(line.data(), line.size()), failure);
    if (failure || !json.is_object()) return std::nullopt;
    auto const& object = json.get_object();
    auto const* const id = object.if_contains("id");
    auto const* const hash = object.if_contains("hash");
    auto const* const at_ms = object.if_contains("at_ms");
    auto const* const signature = object.if_contains("signature");
    if (id == nullptr || !id->is_int64() || hash == nullptr || !hash->is_string() || at_ms == nullptr ||
        !at_ms->is_int64() || signature == nullptr || !signature->is_string())
        return std::nullopt;
    return SignedHead{.id = id->get_int64(),
                      .hash = std::string(hash->get_string()),
                      .at_ms = at_ms->get_int64(),
                      .signature = std::string(signature->get_string())};
}

Result<std::vector<SignedHead>> read_heads(std::string_view text)
{
    std::vector<SignedHead> heads;
    for (std::size_t number = 1; !text.empty(); ++number) {
        auto const end = text.find('\n');
        auto const line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (line.empty()) continue;
        auto head = head_from(line);
        if (!head) return fail(errc::corrupt, fmt::format("line {} of the heads is none", number));
        heads.push_back(*std::move(head));
    }
    return heads;
}

std::string to_line(store::AuditRow const& row)
{
    boost::json::array devices(row.devices.begin(), row.devices.end());
    boost::json::array customers(row.customers.begin(), row.customers.end());
    return boost::json::serialize(boost::json::object{{"id", row.id},
                                                      {"at_ms", row.at_ms},
                                                      {"actor_kind", row.actor_kind},
                                                      {"actor_id", row.actor_id},
                                                      {"actor_name", row.actor_name},
                                                      {"via", row.via},
                                                      {"remote", row.remote},
                                                      {"action", row.action},
                                                      {"detail", row.detail},
                                                      {"devices", std::move(devices)},
                                                      {"customers", std::move(customers)},
                                                      {"result", row.result},
                                                      {"hash", row.hash}});
}

static Error broken(std::string what) { return fail(errc::corrupt, std::move(what)); }

/// What the heads say about the row of this id, if they say something.
static Result<std::size_t> compare_heads(std::vector<SignedHead> const& heads, std::int64_t id, std::string_view hash)
{
    std::size_t fit = 0;
    for (auto const& head : heads) {
        if (head.id != id) continue;
        if (head.hash != hash)
            return broken(fmt::format("row {} is not the one whose hash was exported: it, or one before it, was "
                                      "rewritten",
                                      id));
        ++fit;
    }
    return fit;
}

static Result<> check_signature(Keys const& keys, SignedHead const& head)
{
    if (keys.has_signed(text_of_head(head.id, head.hash, head.at_ms), head.signature)) return {};
    return broken(fmt::format("the exported head of row {} was not signed by this collector", head.id));
}

/// What the first row follows: nothing, or the checkpoint.
static Result<store::AuditHead> begin_of_chain(sqlite::Database& db, Keys const& keys)
{
    auto const checkpoint = store::audit_checkpoint(db);
    if (!checkpoint) return checkpoint.error();
    if (!*checkpoint) return store::AuditHead{};
    if (!keys.has_signed(text_of_checkpoint(**checkpoint), (*checkpoint)->signature))
        return broken("the checkpoint that stands for what was deleted was not signed by this collector");
    return store::AuditHead{(*checkpoint)->id, (*checkpoint)->hash};
}

/// Goes along the chain, from the row after `place` to that of the id `through` or the last one, and takes `place` with
/// it. errc::corrupt: what does not fit.
static Result<> follow_chain(sqlite::Database& db, store::AuditHead& place, std::int64_t through,
                             std::function<Result<>(store::AuditRow const&)> const& take)
{
    while (place.id < through) {
        static constexpr std::int64_t at_once = 1000;
        auto const rows = store::audit_rows(db, place.id, std::min(at_once, through - place.id));
        if (!rows) return rows.error();
        if (rows->empty()) return {};
        for (auto const& row : *rows) {
            if (row.id != place.id + 1)
                return broken(fmt::format("rows {} to {} are missing", place.id + 1, row.id - 1));
            if (row.hash != store::audit_hash(row, place.hash))
                return broken(fmt::format("row {} does not have the hash of what it says: it, or one before it, was "
                                          "changed",
                                          row.id));
            place = {row.id, row.hash};
            if (auto taken = take(row); !taken) return taken;
        }
    }
    return {};
}

Result<AuditReport> verify_audit(sqlite::Database& db, Keys const& keys, std::vector<SignedHead> const& heads)
{
    AuditReport report;
    for (auto const& head : heads)
        if (auto const ours = check_signature(keys, head); !ours) return ours.error();
    auto place = begin_of_chain(db, keys);
    if (!place) return place.error();
    report.pruned_through = place->id;
    auto const at_begin = compare_heads(heads, place->id, place->hash);
    if (!at_begin) return at_begin.error();
    report.heads = *at_begin;
    auto const take = [&](store::AuditRow const& row) -> Result<> {
        auto const fit = compare_heads(heads, row.id, row.hash);
        if (!fit) return fit.error();
        report.heads += *fit;
        if (report.first == 0) report.first = row.id;
        report.last = row.id;
        return {};
    };
    auto const followed = follow_chain(db, *place, std::numeric_limits<std::int64_t>::max(), take);
    if (!followed) return followed.error();
    for (auto const& head : heads)
        if (head.id > place->id)
            return broken(fmt::format("rows {} to {}, at the end, are missing", place->id + 1, head.id));
    if (report.first != 0 && report.heads == 0)
        return broken("there are rows, and none of the exported heads speaks of them");
    return report;
}

/// The newest head is ours, and its row is there with the hash that was exported, unless that was deleted for its age.
static Result<> check_newest(sqlite::Database& db, Keys const& keys, std::vector<SignedHead> const& heads)
{
    auto const place = begin_of_chain(db, keys);
    if (!place) return place.error();
    auto const head = store::audit_head(db);
    if (!head) return head.error();
    if (heads.empty()) {
        if (head->id == 0) return {};
        return broken("there are rows, and the file of exported heads is missing or empty");
    }
    auto const& newest = heads.back();
    if (auto const ours = check_signature(keys, newest); !ours) return ours.error();
    if (newest.id < place->id) return {};
    if (newest.id > head->id)
        return broken(fmt::format("rows {} to {}, at the end, are missing", head->id + 1, newest.id));
    auto hash = place->hash;
    if (newest.id > place->id) {
        auto const rows = store::audit_rows(db, newest.id - 1, 1);
        if (!rows) return rows.error();
        // Of one that is missing in the middle there is no hash.
        hash = rows->empty() || rows->front().id != newest.id ? std::string() : rows->front().hash;
    }
    auto const fit = compare_heads({newest}, newest.id, hash);
    if (!fit) return fit.error();
    return {};
}

/// The rows up to `last` are those that were written, as far as the one behind them and the heads tell.
static Result<> check_prunable(sqlite::Database& db, Keys const& keys, std::vector<SignedHead> const& heads,
                               store::AuditHead const& last)
{
    if (auto newest = check_newest(db, keys, heads); !newest) return newest;
    auto place = begin_of_chain(db, keys);
    if (!place) return place.error();
    return follow_chain(db, *place, last.id + 1, [&](store::AuditRow const& row) -> Result<> {
        auto const fit = compare_heads(heads, row.id, row.hash);
        if (!fit) return fit.error();
        return {};
    });
}

/// Says what is wrong with the chain, once it is known that something is.
static void tell_broken(std::string_view what)
{
    log::error("audit.broken",
               {{"what", what},
                {"remedy", "Look who changed it: 'audit verify --heads' compares with heads that were kept elsewhere. "
                           "Until then no head is exported and no row deleted."}});
}

Auditor::Auditor(Options options)
    : options_(std::move(options))
{
}

Result<std::vector<SignedHead>> Auditor::known_heads() const
{
    auto const path = (options_.folder / file).string();
    auto const text = platform::read_secret_file(path);
    if (!text && reason(text.error()) == to_string(errc::not_found)) return std::vector<SignedHead>();
    if (!text) return fail(text.error(), path);
    auto heads = read_heads(*text);
    if (!heads) return fail(heads.error(), path);
    return heads;
}

Result<> Auditor::export_head()
{
    auto known = known_heads();
    if (!known) return known.error();
    auto heads = *std::move(known);
    store::AuditHead head;
    std::string fault;
    auto const read = options_.store.read([&](sqlite::Database& db) -> Result<> {
        auto fits = check_newest(db, options_.keys, heads);
        // It is no damage of the database.
        if (!fits && fits.error().code == errc::corrupt) {
            fault = fits.error().trace;
            return {};
        }
        if (!fits) return fits;
        auto found = store::audit_head(db);
        if (!found) return found.error();
        head = *std::move(found);
        return {};
    });
    if (!read) return fail(read.error(), "audit");
    if (!fault.empty()) {
        tell_broken(fault);
        return {};
    }
    if (!heads.empty() && heads.back().id == head.id && heads.back().hash == head.hash) return {};
    heads.push_back(sign_head(options_.keys, head, options_.clock.now_ms()));
    if (heads.size() > heads_kept) heads.erase(heads.begin(), heads.end() - static_cast<std::ptrdiff_t>(heads_kept));
    std::string text;
    for (auto const& one : heads)
        text.append(to_line(one)).append("\n");
    auto const path = (options_.folder / file).string();
    if (auto const written = platform::write_secret_file(path, text); !written) return fail(written.error(), path);
    // In the log, too, which often ends up on another machine: the more places know it, the less can be cut off.
    log::info("audit.head",
              {{"row", heads.back().id}, {"hash", heads.back().hash}, {"signature", heads.back().signature}});
    return {};
}

Result<> Auditor::prune()
{
    auto const now_ms = options_.clock.now_ms();
    UnixMs before_ms = 0;
    auto const aged = options_.store.read([&](sqlite::Database& db) -> Result<> {
        auto const age = store::look_at_age(db, now_ms);
        if (!age) return age.error();
        before_ms = age->trusted_ms - std::chrono::milliseconds(options_.kept).count();
        return {};
    });
    if (!aged) return fail(aged.error(), "audit");
    auto const heads = known_heads();
    if (!heads) return heads.error();
    std::string fault;
    for (bool more = true; more;) {
        auto const done = options_.store.write([&](sqlite::Database& db) -> Result<> {
            more = false;
            auto const last = store::audit_prunable(db, before_ms);
            if (!last) return last.error();
            if (!*last) return {};
            auto whole = check_prunable(db, options_.keys, *heads, **last);
            if (!whole && whole.error().code == errc::corrupt) {
                fault = whole.error().trace;
                return {};
            }
            if (!whole) return whole;
            more = true;
            store::AuditCheckpoint checkpoint{
                .id = (*last)->id, .hash = (*last)->hash, .at_ms = now_ms, .signature = {}};
            checkpoint.signature = options_.keys.sign(text_of_checkpoint(checkpoint));
            return store::prune_audit(db, checkpoint);
        });
        if (!done) return fail(done.error(), "audit");
    }
    if (!fault.empty()) tell_broken(fault);
    auto const forgotten = options_.store.write(
        [&](sqlite::Database& db) { return store::delete_idempotency(db, now_ms - idempotency_life.count()); });
    if (!forgotten) return fail(forgotten.error(), "audit");
    return {};
}

void Auditor::tick()
{
    auto const now = options_.clock.steady();
    if (looked_ && now - *looked_ < heads_every) return;
    looked_ = now;
    if (auto const pruned = prune(); !pruned) log::warning("audit.not_pruned", {{"error", pruned.error()}});
    if (auto const exported = export_head(); !exported) log::error("audit.not_exported", {{"error", exported.error()}});
}

} // namespace rollcall::access
