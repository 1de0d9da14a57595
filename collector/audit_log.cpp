#include "collector/audit_log.hpp"

#include <fstream>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "collector/data_folder.hpp"
#include "common/core/clock.hpp"
#include "common/sqlite/transaction.hpp"

namespace rollcall::collector
{

/// The folder's key and its database at one moment.
static Result<> with_log(std::filesystem::path const& data,
                         std::function<Result<>(sqlite::Database&, access::Keys const&)> const& work)
{
    auto const folder = DataFolder::visit(data);
    if (!folder) return folder.error();
    auto const keys = access::Keys::open(folder->path(), false);
    if (!keys) return keys.error();
    auto db = sqlite::Database::open({.path = folder->database(), .read_only = true});
    if (!db) return fail(db.error(), "Database " + folder->database().string());
    auto const moment = sqlite::Transaction::begin(*db, sqlite::Transaction::Mode::read);
    if (!moment) return fail(moment.error(), "Database " + folder->database().string());
    return work(*db, *keys);
}

static Result<std::vector<access::SignedHead>> heads_of(std::filesystem::path const& path)
{
    std::ifstream stream(path, std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (!stream)
        return fail(errc::not_found, path.string() + ": it cannot be read. Name a copy of it that was kept elsewhere "
                                                     "with --heads");
    auto heads = access::read_heads(text);
    if (!heads) return fail(heads.error(), path.string());
    return heads;
}

Result<access::AuditReport> verify_audit_log(std::filesystem::path const& data, std::filesystem::path const& heads)
{
    access::AuditReport report;
    auto const done = with_log(data, [&](sqlite::Database& db, access::Keys const& keys) -> Result<> {
        auto const known = heads_of(heads.empty() ? data / access::Auditor::file : heads);
        if (!known) return known.error();
        auto found = access::verify_audit(db, keys, *known);
        if (!found) return fail(found.error(), "The audit log does not fit");
        report = *found;
        return {};
    });
    if (!done) return done.error();
    return report;
}

std::string to_string(access::AuditReport const& report)
{
    auto text = report.first == 0 ? std::string("there are no rows")
                                  : fmt::format("rows {} to {} are whole", report.first, report.last);
    if (report.pruned_through > 0)
        text += fmt::format("; those up to {} were deleted for their age", report.pruned_through);
    return text + fmt::format("; {} exported heads fit", report.heads);
}

Result<> export_audit_log(std::filesystem::path const& data, std::function<void(std::string const&)> const& take)
{
    return with_log(data, [&](sqlite::Database& db, access::Keys const& keys) -> Result<> {
        std::int64_t last = 0;
        for (;;) {
            static constexpr std::int64_t at_once = 1000;
            auto const rows = store::audit_rows(db, last, at_once);
            if (!rows) return rows.error();
            if (rows->empty()) break;
            for (auto const& row : *rows)
                take(access::to_line(row));
            last = rows->back().id;
        }
        auto const head = store::audit_head(db);
        if (!head) return head.error();
        take(access::to_line(access::sign_head(keys, *head, SystemClock().now_ms())));
        return {};
    });
}

} // namespace rollcall::collector
