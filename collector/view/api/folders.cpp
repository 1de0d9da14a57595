#include <utility>

#include "collector/view/api/arranging.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/routes.hpp"

namespace rollcall::api
{

static Outcome<FolderList> list_folders(Services& services, Call& call, Nothing const&)
{
    if (!services.projection.customer_name(call.scope(), call.path[0])) return not_found("customer");
    return services.projection.folders(call.scope(), call.path[0]);
}

static Outcome<FolderNames> find_folders(Services& services, Call& call, Nothing const&)
{
    auto found = services.projection.folder_names(call.scope(), call.arguments.text("search"));
    FolderNames answer{.items = {}, .total = static_cast<std::int64_t>(found.size())};
    auto const most = static_cast<std::size_t>(call.arguments.integer("limit"));
    if (found.size() > most) found.resize(most);
    answer.items = std::move(found);
    return answer;
}

static Outcome<FolderRow> folder(Services& services, Call const& call, std::string const& id)
{
    auto row = services.projection.folder(call.scope(), id);
    if (!row) return not_found("folder");
    return *std::move(row);
}

static Outcome<FolderRow> add_folder(Services& services, Call& call, NewFolder const& body)
{
    auto const made =
        organise(services, call,
                 AddFolder{.customer_id = call.path[0], .parent_id = body.parent_id.value_or(""), .name = body.name});
    if (!made) return made.error();
    return folder(services, call, made->id);
}

static Outcome<FolderRow> edit_folder(Services& services, Call& call, FolderEdit const& body)
{
    auto const done = organise(
        services, call,
        EditFolder{
            .id = call.path[0], .parent_id = body.parent_id.value_or(""), .name = body.name, .version = body.version});
    if (!done) return refusal(done.error(), [&] { return services.projection.folder(call.scope(), call.path[0]); });
    return folder(services, call, call.path[0]);
}

static Outcome<Nothing> delete_folder(Services& services, Call& call, Nothing const&)
{
    auto const done = organise(
        services, call, DeleteFolder{.id = call.path[0], .move_up = call.arguments.text("contents") == "move_up"});
    if (!done) return done.error();
    return Nothing{};
}

std::vector<Route> folder_routes()
{
    static constexpr auto of_customer = "/api/v1/customers/{id}/folders";
    static constexpr auto one = "/api/v1/folders/{id}";
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/folders",
                               .summary = "Folders of all customers, by name",
                               .parameters = {text("search", "Customer and path contain it, whatever the case."),
                                              integer("limit", 1, limits::list_rows, "100", "Folders to return.")},
                               .needs = access::Permission::devices_read},
                   &find_folders),
        make_route(Declaration{.method = "GET",
                               .pattern = of_customer,
                               .summary = "Folders of a customer, as a tree is read",
                               .needs = access::Permission::devices_read},
                   &list_folders),
        make_route(Declaration{.method = "POST",
                               .pattern = of_customer,
                               .summary = "Add a folder",
                               .success = 201,
                               .needs = access::Permission::devices_write},
                   &add_folder),
        make_route(Declaration{.method = "PUT",
                               .pattern = one,
                               .summary = "Rename or move a folder",
                               .needs = access::Permission::devices_write},
                   &edit_folder),
        make_route(Declaration{.method = "DELETE",
                               .pattern = one,
                               .summary = "Delete a folder",
                               .parameters = {one_of("contents", {"refuse", "move_up"},
                                                     "What becomes of devices and folders in it: where absent or "
                                                     "refuse, it must be empty; move_up: they go into its parent.")},
                               .success = 204,
                               .needs = access::Permission::devices_write},
                   &delete_folder),
    };
}

} // namespace rollcall::api
