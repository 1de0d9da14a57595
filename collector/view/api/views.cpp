#include <algorithm>
#include <set>
#include <utility>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include "collector/view/api/filters.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/routes.hpp"
#include "collector/view/filter/limits.hpp"
#include "collector/view/list_columns.hpp"
#include "common/core/ids.hpp"
#include "common/core/text.hpp"

namespace rollcall::api
{

static std::vector<std::string> lists() { return {"devices", "alerts"}; }

static filter::Subject const& subject_of_list(std::string_view list)
{
    return list == "alerts" ? view::alert_subject() : view::device_subject();
}

static bool is_sort_key(std::string_view list, std::string_view sort)
{
    if (sort.starts_with('-')) sort.remove_prefix(1);
    auto const& keys = list == "alerts" ? view::alert_sort_keys() : view::device_sort_keys();
    return sort.empty() || keys.contains(sort);
}

/// What of a view there is no more. The columns themselves are the page's to know.
static std::vector<std::string> problems_of(store::SavedView const& view)
{
    std::vector<std::string> problems;
    if (!view.filter.empty()) {
        auto const parsed = filter::parse(view.filter, subject_of_list(view.list));
        if (auto const* const fault = std::get_if<filter::Fault>(&parsed)) {
            auto const problem = problem_of(*fault);
            problems.push_back("The filter no longer fits: " + problem.detail + " " + problem.remedy);
        }
    }
    if (!is_sort_key(view.list, view.sort))
        problems.push_back("There is no column '" + view.sort + "' to sort by any more.");
    return problems;
}

static SavedView shown(store::SavedView const& view, std::string_view technician_id)
{
    SavedView made{.id = view.id,
                   .list = view.list,
                   .name = view.name,
                   .owner = view.owner,
                   .mine = view.technician_id == technician_id,
                   .shared = view.shared,
                   .filter = view.filter,
                   .choices = view.choices,
                   .sort = view.sort,
                   .columns = {},
                   .density = view.density,
                   .version = view.version,
                   .changed_ms = view.changed_ms,
                   .problems = problems_of(view)};
    boost::system::error_code bad;
    auto const columns = boost::json::parse(view.columns, bad);
    if (bad || from_json(columns, made.columns)) made.columns.clear();
    return made;
}

static std::optional<Problem> wrong_with_columns(std::vector<ViewColumn> const& columns)
{
    if (columns.size() > limits::columns)
        return bad_input("columns", fmt::format("There are more than {} columns.", limits::columns), "Choose fewer.");
    for (auto const& column : columns) {
        if (column.id.empty() || column.id.size() > parameter_bytes || clean_text(column.id) != column.id)
            return bad_input("columns", "This cannot be a column's id.",
                             fmt::format("Give 1 to {} bytes without line breaks.", parameter_bytes));
        if (column.width_px &&
            (*column.width_px < limits::column_least_px || *column.width_px > limits::column_most_px))
            return bad_input(
                "columns",
                fmt::format("A column is {} to {} px wide.", limits::column_least_px, limits::column_most_px),
                "Give a width between them, or null.");
    }
    return std::nullopt;
}

static std::optional<Problem> wrong_with(ViewWish const& wish)
{
    auto const known = lists();
    if (std::ranges::find(known, wish.list) == known.end())
        return bad_input("list", "There is no list of this name.", "Give devices or alerts.");
    auto const characters = count_characters(wish.name);
    bool const is_name = characters > 0 && characters <= limits::view_name_characters &&
                         wish.name.find_first_not_of(' ') != std::string::npos && clean_text(wish.name) == wish.name &&
                         wish.name.find_first_of("\n\t") == std::string::npos;
    if (!is_name)
        return bad_input("name", "This cannot be a view's name.",
                         fmt::format("Give 1 to {} characters, no line breaks.", limits::view_name_characters));
    if (wish.choices.size() > limits::view_choices_bytes)
        return bad_input("choices", fmt::format("It is longer than {} bytes.", limits::view_choices_bytes),
                         "Choose less above the list, or write a filter.");
    if (!is_sort_key(wish.list, wish.sort))
        return bad_input("sort", "It names no column to sort by.",
                         "Give a key of the list's parameter 'sort', or \"\".");
    if (wish.density != "detailed" && wish.density != "compact")
        return bad_input("density", "There is no such density.", "Give detailed or compact.");
    if (auto bad = wrong_with_columns(wish.columns)) return bad;
    if (wish.filter.empty()) return std::nullopt;
    auto const parsed = filter::parse(wish.filter, subject_of_list(wish.list));
    auto const* const fault = std::get_if<filter::Fault>(&parsed);
    return fault == nullptr ? std::nullopt : std::optional(problem_of(*fault));
}

static void take(store::SavedView& view, ViewWish const& wish, UnixMs now_ms)
{
    view.name = wish.name;
    view.shared = wish.shared;
    view.filter = wish.filter;
    view.choices = wish.choices;
    view.sort = wish.sort;
    view.columns = boost::json::serialize(to_json(wish.columns));
    view.density = wish.density;
    view.changed_ms = now_ms;
}

static Problem name_is_taken()
{
    return from_code(errc::conflict, "You have a view of this name for this list.", "name", "Choose another name.");
}

/// Whose shared views the asker may see: who sees no more than he does. Names and filters of a view tell of customers,
/// too.
static Result<std::set<std::string>> visible_owners(sqlite::Database& db, store::Scope const& scope)
{
    auto const all = store::all_technicians(db);
    if (!all) return all.error();
    std::set<std::string> ids;
    for (auto const& one : *all)
        if (scope.oversees(one.scope)) ids.insert(one.id);
    return ids;
}

/// One that the asker may change. Another's looks as if it were not there, unless it is shared.
static Outcome<store::SavedView> own_view(Services& services, Call const& call)
{
    std::optional<store::SavedView> found;
    std::set<std::string> owners;
    auto const read = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto view = store::find_view(db, call.path[0]);
        if (!view) return view.error();
        found = *std::move(view);
        auto visible = visible_owners(db, call.scope());
        if (!visible) return visible.error();
        owners = *std::move(visible);
        return {};
    });
    if (!read) return from_error(read.error());
    bool const is_own = found && found->technician_id == call.identity->technician.id;
    if (!found || (!is_own && (!found->shared || !owners.contains(found->technician_id)))) return not_found("view");
    if (!is_own)
        return problem(403, "refused", "Refused", "This view is " + found->owner + "'s.", {},
                       "Save a copy under your own name.");
    return *std::move(found);
}

static Outcome<SavedViews> list_views(Services& services, Call& call, Nothing const&)
{
    auto const& technician = call.identity->technician.id;
    std::vector<store::SavedView> found;
    std::set<std::string> owners;
    auto const read = services.store.read([&](sqlite::Database& db) -> Result<> {
        auto views = store::views_for(db, technician, call.arguments.text("list"));
        if (!views) return views.error();
        found = *std::move(views);
        auto visible = visible_owners(db, call.scope());
        if (!visible) return visible.error();
        owners = *std::move(visible);
        return {};
    });
    if (!read) return from_error(read.error());
    // Filters are parsed after the connection was given back.
    SavedViews answer;
    for (auto const& view : found)
        if (view.technician_id == technician || owners.contains(view.technician_id))
            answer.items.push_back(shown(view, technician));
    return answer;
}

/// Others see it, too.
static std::optional<Problem> wrong_with_sharing(Call const& call, ViewWish const& wish)
{
    if (!wish.shared || call.identity->may(access::Permission::views_share)) return std::nullopt;
    return problem(403, "permission-required", "You may not do this",
                   "To share a view needs the permission 'views.share'.", "shared", "Keep it for yourself.");
}

static Outcome<SavedView> add_view(Services& services, Call& call, ViewWish const& wish)
{
    if (auto bad = wrong_with(wish)) return *std::move(bad);
    if (auto bad = wrong_with_sharing(call, wish)) return *std::move(bad);
    if (wish.version != 0) return bad_input("version", "A new view has no version yet.", "Give 0.");
    auto const now_ms = services.clock.now_ms();
    auto const& technician = call.identity->technician;
    store::SavedView view{.id = make_uuid(now_ms),
                          .technician_id = technician.id,
                          .owner = technician.name,
                          .list = wish.list,
                          .name = {}};
    take(view, wish, now_ms);
    bool is_full = false;
    auto const written = services.store.write([&](sqlite::Database& db) -> Result<> {
        auto const count = store::count_views_of(db, technician.id);
        if (!count) return count.error();
        is_full = *count >= limits::views;
        return is_full ? Result<>() : store::add_view(db, view);
    });
    if (!written && written.error().code == errc::conflict) return name_is_taken();
    if (!written) return from_error(written.error());
    if (is_full)
        return from_code(errc::limit_exceeded, fmt::format("You have {} views already.", limits::views), {},
                         "Delete one that you no longer need.");
    return shown(view, technician.id);
}

static Outcome<SavedView> change_view(Services& services, Call& call, ViewWish const& wish)
{
    auto found = own_view(services, call);
    if (!found) return found.error();
    if (auto bad = wrong_with(wish)) return *std::move(bad);
    if (auto bad = wrong_with_sharing(call, wish)) return *std::move(bad);
    if (wish.version < 1 || wish.version > limits::view_version)
        return bad_input("version", "There is no such version.", "Give `version` of the view as you read it.");
    if (wish.list != found->list)
        return bad_input("list", "A view stays with its list.", "Give '" + found->list + "', or save a new view.");
    auto view = *std::move(found);
    take(view, wish, services.clock.now_ms());
    view.version = wish.version + 1;
    auto const written = services.store.write([&](sqlite::Database& db) { return store::change_view(db, view); });
    if (!written && written.error().code == errc::conflict) return name_is_taken();
    if (!written && written.error().code == errc::refused)
        return from_code(errc::conflict, "It was changed meanwhile.", "version",
                         "Read it again, then say what is to be changed.");
    if (!written) return from_error(written.error());
    return shown(view, view.technician_id);
}

static Outcome<Nothing> delete_view(Services& services, Call& call, Nothing const&)
{
    auto const found = own_view(services, call);
    if (!found) return found.error();
    auto const written = services.store.write([&](sqlite::Database& db) { return store::delete_view(db, found->id); });
    if (!written) return from_error(written.error());
    return Nothing{};
}

std::vector<Route> view_routes()
{
    static constexpr auto all = "/api/v1/views";
    static constexpr auto one = "/api/v1/views/{id}";
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = all,
                               .summary = "Saved views of a list: one's own, and those that are shared",
                               .parameters = {required(one_of("list", lists(), "The list."))},
                               .needs = Needs::nothing()},
                   &list_views),
        make_route(Declaration{.method = "POST",
                               .pattern = all,
                               .summary = "Save a view",
                               .guard = Guard::person,
                               .success = 201,
                               .needs = Needs::nothing()},
                   &add_view),
        make_route(Declaration{.method = "PUT",
                               .pattern = one,
                               .summary = "Change a view of one's own",
                               .guard = Guard::person,
                               .needs = Needs::nothing()},
                   &change_view),
        make_route(Declaration{.method = "DELETE",
                               .pattern = one,
                               .summary = "Delete a view of one's own",
                               .guard = Guard::person,
                               .success = 204,
                               .needs = Needs::nothing()},
                   &delete_view),
    };
}

} // namespace rollcall::api
