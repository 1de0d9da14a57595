#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <thread>
#include <tuple>

#include "collector/view/api/limits.hpp"
#include "collector/view/derive.hpp"
#include "collector/view/filter/parse.hpp"
#include "collector/view/list_columns.hpp"
#include "collector/view/projection.hpp"
#include "collector/view/text_order.hpp"

using namespace rollcall;
using namespace rollcall::view;

namespace
{

store::Scope const everything = store::Scope::everything();

struct Fixture {
    Projection projection;

    Fixture()
    {
        projection.put_customer({.id = "a", .name = "Acme", .created_ms = 1});
        projection.put_customer({.id = "b", .name = "Bolt", .created_ms = 2});
    }
    void device(std::string const& id, std::string const& customer,
                std::function<void(api::DeviceRow&)> const& change = {})
    {
        api::DeviceRow row{.id = id, .name = id, .customer_id = customer};
        make_unread(row);
        row.availability = "online";
        if (change) change(row);
        projection.put_device(std::move(row));
    }
    void alert(std::string const& id, std::string const& device, store::Severity severity, std::string const& category,
               std::optional<UnixMs> resolved = {})
    {
        projection.put_alert({.id = id,
                              .device_id = device,
                              .customer_id = "stale",
                              .item = "i",
                              .subject = id,
                              .title = "Title " + id,
                              .severity = severity,
                              .category = category,
                              .explanation = "",
                              .value = "",
                              .latest = "",
                              .created_ms = 100,
                              .resolved_ms = resolved});
    }
    [[nodiscard]] std::vector<std::string> ids(DeviceQuery const& query, store::Scope const& scope = everything) const
    {
        std::vector<std::string> found;
        for (auto const& row : projection.devices(scope, query, 0).items)
            found.push_back(row.id);
        return found;
    }
    [[nodiscard]] std::vector<std::string> alert_ids(AlertQuery const& query,
                                                     store::Scope const& scope = everything) const
    {
        std::vector<std::string> found;
        for (auto const& row : projection.alerts(scope, query, 0).items)
            found.push_back(row.id);
        return found;
    }
};

using Ids = std::vector<std::string>;

} // namespace

TEST_CASE("projection: names sort as people count, whatever the case")
{
    Fixture f;
    for (auto const* const id : {"pc10", "PC2", "pc1", "Zebra", "äpfel", "apfel"})
        f.device(id, "a");
    CHECK(f.ids({}) == Ids{"apfel", "pc1", "PC2", "pc10", "Zebra", "äpfel"});
    CHECK(f.ids({.sort = "-name"}) == Ids{"äpfel", "Zebra", "pc10", "PC2", "pc1", "apfel"});
}

TEST_CASE("projection: unknown stands last whichever way round, and ties go by name")
{
    Fixture f;
    f.device("b", "a", [](auto& row) { row.patches = {.value = 5}; });
    f.device("a", "a", [](auto& row) { row.patches = {.value = 5}; });
    f.device("c", "a", [](auto& row) { row.patches = {.value = 0}; });
    f.device("z", "a");
    f.device("y", "a");
    CHECK(f.ids({.sort = "patches"}) == Ids{"c", "a", "b", "y", "z"});
    CHECK(f.ids({.sort = "-patches"}) == Ids{"a", "b", "c", "y", "z"});
    for (auto const& key : device_sort_keys())
        CHECK(f.ids({.sort = "-" + key}).size() == 5);
    CHECK(f.ids({.sort = "nonsense"}) == Ids{"a", "b", "c", "y", "z"});
}

TEST_CASE("projection: negative, large and fractional numbers sort by their value")
{
    Fixture f;
    int n = 0;
    for (double const value : {3.5, -2.0, 0.0, 1e9, -1e9})
        f.device(std::to_string(n++), "a", [&](auto& row) { row.cpu_percent = {.value = value}; });
    CHECK(f.ids({.sort = "cpu"}) == Ids{"4", "1", "2", "0", "3"});
}

TEST_CASE("projection: scope comes first, in lists, counts, searches and single reads")
{
    Fixture f;
    f.device("one", "a");
    f.device("two", "b");
    f.alert("x", "two", store::Severity::critical, "Disk");
    store::Scope const only_a{.all = false, .customers = {"a"}};
    CHECK(f.ids({}, only_a) == Ids{"one"});
    CHECK(f.projection.devices(only_a, {.search = "two"}, 0).total == 0);
    CHECK(f.projection.devices(only_a, {.customer_id = "b"}, 0).total == 0);
    CHECK_FALSE(f.projection.device(only_a, "two"));
    CHECK(f.projection.device(only_a, "one"));
    CHECK(f.alert_ids({}, only_a).empty());
    CHECK(f.projection.alerts(only_a, {.device_id = "two"}, 0).total == 0);
    CHECK(f.projection.customers(only_a, {}).total == 1);
    CHECK_FALSE(f.projection.customer(only_a, "b"));
    CHECK(f.ids({}, {}).empty());
}

TEST_CASE("projection: search finds device name, machine name and address, whatever the case")
{
    Fixture f;
    f.device("one", "a", [](auto& row) { row.host_name = {.value = "BÜRO-7"}; });
    f.device("two", "a", [](auto& row) { row.addresses = {"10.0.0.7", "fe80::A"}; });
    CHECK(f.ids({.search = "ONE"}) == Ids{"one"});
    CHECK(f.ids({.search = "büro"}) == Ids{"one"});
    CHECK(f.ids({.search = "10.0.0"}) == Ids{"two"});
    CHECK(f.ids({.search = "FE80::a"}) == Ids{"two"});
    CHECK(f.ids({.search = "acme"}).empty());
    f.projection.update_device("two", [](auto& row) { row.addresses = {"192.168.1.1"}; });
    CHECK(f.ids({.search = "10.0.0"}).empty());
}

TEST_CASE("projection: filters restrict, and unknown satisfies none")
{
    Fixture f;
    f.device("server", "a", [](auto& row) {
        row.device_type = {.value = "Server"};
        row.pending_reboot = {.value = true};
    });
    f.device("pc", "a", [](auto& row) {
        row.device_type = {.value = "PC"};
        row.availability = "offline";
        row.pending_reboot = {.value = false};
    });
    f.device("new", "a", [](auto& row) { row.availability = "unknown"; });
    f.alert("1", "server", store::Severity::critical, "Disk");
    f.alert("2", "server", store::Severity::warning, "Apps");
    f.alert("3", "pc", store::Severity::critical, "Apps", 200);
    CHECK(f.ids({.types = {"Server", "Mac"}}) == Ids{"server"});
    CHECK(f.ids({.availabilities = {"offline", "unknown"}}) == Ids{"new", "pc"});
    CHECK(f.ids({.pending_reboot = true}) == Ids{"server"});
    CHECK(f.ids({.pending_reboot = false}) == Ids{"pc"});
    CHECK(f.ids({.severities = {"critical"}}) == Ids{"server"});
    CHECK(f.ids({.severities = {"critical"}, .categories = {"Apps"}}).empty());
    CHECK(f.ids({.severities = {"warning"}, .categories = {"Apps"}}) == Ids{"server"});
}

TEST_CASE("projection: pages fit together, totals count what matches")
{
    Fixture f;
    for (int i = 0; i < 95; ++i)
        f.device("pc" + std::to_string(i), i % 2 == 0 ? "a" : "b");
    Ids all;
    for (std::int64_t offset = 0; offset < 120; offset += 10)
        for (auto const& id : f.ids({.offset = offset, .limit = 10}))
            all.push_back(id);
    REQUIRE(all.size() == 95);
    for (int i = 0; i < 95; ++i)
        CHECK(all[static_cast<std::size_t>(i)] == "pc" + std::to_string(i));
    auto const list = f.projection.devices(everything, {.customer_id = "b", .limit = 3}, 7);
    CHECK(list.total == 47);
    CHECK(list.items.size() == 3);
    CHECK(list.as_of_ms == 7);
    CHECK(f.ids({.offset = -5, .limit = -1}).empty());
    CHECK(f.ids({.offset = INT64_MAX, .limit = INT64_MAX}).empty());
    CHECK(f.ids({.offset = 90, .limit = INT64_MAX}).size() == 5);
}

TEST_CASE("projection: alerts count on their device and customer until they resolve")
{
    Fixture f;
    f.device("pc", "a", [](auto& row) {
        row.patches = {.value = 4};
        row.pending_reboot = {.value = true};
    });
    f.device("off", "a", [](auto& row) { row.availability = "offline"; });
    f.device("gone", "a", [](auto& row) {
        row.revoked = true;
        row.availability = "retired";
    });
    f.alert("1", "pc", store::Severity::critical, "Disk");
    f.alert("2", "pc", store::Severity::warning, "Disk");
    f.alert("3", "pc", store::Severity::information, "Disk");
    auto customer = *f.projection.customer(everything, "a");
    CHECK(customer.devices == 2);
    CHECK(customer.online == 1);
    CHECK(customer.alerts->critical == 1);
    CHECK(customer.patches == 4);
    CHECK(customer.pending_reboots == 1);
    f.alert("1", "pc", store::Severity::critical, "Disk", 300);
    CHECK(f.projection.device(everything, "pc")->alerts.critical == 0);
    CHECK(f.projection.device(everything, "pc")->alerts.warning == 1);
    // A row that is put again keeps its alerts.
    f.device("pc", "a");
    CHECK(f.projection.device(everything, "pc")->alerts.warning == 1);
    CHECK(f.alert_ids({.statuses = {"resolved"}}) == Ids{"1"});
    f.projection.forget_alerts(300);
    CHECK(f.alert_ids({.statuses = {"resolved"}}) == Ids{"1"});
    f.projection.forget_alerts(301);
    CHECK(f.alert_ids({}).size() == 2);
    f.alert("9", "nobody", store::Severity::critical, "Disk");
    CHECK(f.alert_ids({}).size() == 2);
}

TEST_CASE("projection: a snoozed alert colours nothing, and is found by its status")
{
    Fixture f;
    f.device("pc", "a");
    f.alert("1", "pc", store::Severity::critical, "Disk");
    store::Alert alert{.id = "1", .device_id = "pc", .title = "T", .severity = store::Severity::critical};
    alert.category = "Disk";
    alert.created_ms = 100;
    alert.snoozed_ms = 200;
    alert.snoozed_until_ms = 300;
    alert.status_by = "anna";
    f.projection.put_alert(alert);
    CHECK(f.projection.device(everything, "pc")->alerts.critical == 0);
    CHECK(f.projection.customer(everything, "a")->alerts->critical == 0);
    CHECK(f.ids({.severities = {"critical"}}).empty());
    CHECK(f.alert_ids({.statuses = {"open"}}).empty());
    CHECK(f.alert_ids({.statuses = {"snoozed"}}) == Ids{"1"});
    auto const row = f.projection.alert(everything, "1");
    REQUIRE(row);
    CHECK(row->status == "snoozed");
    CHECK(row->snoozed_until_ms == 300);
    CHECK(row->status_by == "anna");
    alert.snoozed_ms.reset();
    f.projection.put_alert(alert);
    CHECK(f.projection.device(everything, "pc")->alerts.critical == 1);
    CHECK(f.projection.customer(everything, "a")->alerts->critical == 1);
}

TEST_CASE("projection: who else has the same alert, nearest first, and nobody out of scope")
{
    Fixture f;
    for (auto const* const id : {"a1", "a2", "a3"})
        f.device(id, "a");
    for (auto const* const id : {"b1", "b2"})
        f.device(id, "b");
    auto const put = [&](std::string const& device, std::string const& subject, UnixMs created_ms,
                         std::optional<UnixMs> resolved_ms = {}) {
        f.projection.put_alert({.id = device + subject,
                                .device_id = device,
                                .item = "service_stopped",
                                .subject = subject,
                                .title = "T",
                                .created_ms = created_ms,
                                .resolved_ms = resolved_ms});
    };
    put("a1", "web", 10);
    put("a2", "web", 20);
    put("b1", "web", 40);
    put("b2", "web", 30);
    put("a3", "web", 50, 60);
    put("a3", "mail", 50);
    auto const alike = [&](store::Scope const& scope, std::size_t limit) {
        Ids found;
        auto const list = f.projection.alike(scope, "a1web", limit, 7);
        for (auto const& row : list.items)
            found.push_back(row.device_id);
        found.push_back(std::to_string(list.total));
        return found;
    };
    CHECK(alike(everything, 9) == Ids{"a2", "b1", "b2", "3"});
    CHECK(alike(everything, 2) == Ids{"a2", "b1", "3"});
    CHECK(alike({.all = false, .customers = {"a"}}, 9) == Ids{"a2", "1"});
    CHECK(alike({.all = false, .customers = {"b"}}, 9) == Ids{"0"});
    CHECK_FALSE(f.projection.alert({.all = false, .customers = {"b"}}, "a1web"));
    CHECK(f.projection.alert(everything, "a1web"));
    CHECK_FALSE(f.projection.alert(everything, "nothing"));
}

TEST_CASE("projection: alerts are found by each of their search keys and sorted")
{
    Fixture f;
    f.device("pc", "a", [](auto& row) { row.device_type = {.value = "PC"}; });
    f.device("server", "b");
    f.alert("1", "pc", store::Severity::critical, "Disk");
    f.alert("2", "server", store::Severity::warning, "Hardware");
    f.alert("3", "server", store::Severity::information, "Apps", 500);
    store::Alert ticketed{.id = "3", .device_id = "server", .title = "Title 3"};
    ticketed.category = "Apps";
    ticketed.created_ms = 100;
    ticketed.resolved_ms = 500;
    ticketed.ticket = "https://desk.example/INC-42";
    ticketed.assigned_id = "anna's id";
    ticketed.assigned_name = "Anna";
    f.projection.put_alert(ticketed);
    CHECK(f.alert_ids({.search = "inc-42"}) == Ids{"3"});
    CHECK(f.alert_ids({.search = "anna"}).empty());
    CHECK(f.alert_ids({.assigned_id = "anna's id"}) == Ids{"3"});
    CHECK(f.alert_ids({.sort = "ticket"}) == Ids{"3", "1", "2"});
    CHECK(f.alert_ids({.sort = "-assigned"}) == Ids{"3", "1", "2"});
    for (auto const& [word, id] : std::map<std::string, std::string>{
             {"title 1", "1"}, {"ACME", "1"}, {"pc", "1"}, {"critical", "1"}, {"hardware", "2"}, {"Resolved", "3"}})
        CHECK(f.alert_ids({.search = word}) == Ids{id});
    CHECK(f.alert_ids({.sort = "-severity"}) == Ids{"1", "2", "3"});
    CHECK(f.alert_ids({.sort = "severity"}) == Ids{"3", "2", "1"});
    CHECK(f.alert_ids({.types = {"PC"}}) == Ids{"1"});
    CHECK(f.alert_ids({.customer_id = "b", .severities = {"warning", "critical"}}) == Ids{"2"});
    CHECK(f.projection.alerts(everything, {.device_id = "pc"}, 0).items[0].customer_name == "Acme");
    for (auto const& key : alert_sort_keys())
        CHECK(f.alert_ids({.sort = key}).size() == 3);
}

TEST_CASE("projection: a filter over columns decides at once, one over rows says of which devices they are missing")
{
    Fixture f;
    f.device("lin", "a", [](auto& row) {
        row.os_family = {.value = "linux"};
        row.patches = {.value = 3};
    });
    f.device("win", "b", [](auto& row) { row.os_family = {.value = "windows"}; });
    f.device("new", "b");
    f.alert("x", "lin", store::Severity::critical, "Disk");
    f.alert("y", "win", store::Severity::warning, "Disk");
    auto const read = [](std::string_view text, filter::Subject const& subject) {
        return std::get<filter::Expression>(filter::parse(text, subject));
    };
    auto const linux_ones = read("os_family is linux or patches > 5", device_subject());
    CHECK(f.ids({.chosen = {.filter = &linux_ones}}) == Ids{"lin"});
    auto const others = read("not os_family is linux", device_subject());
    CHECK(f.ids({.chosen = {.filter = &others}}) == Ids{"win"});
    CHECK(f.projection.undecided(everything, DeviceQuery{.chosen = {.filter = &others}}, 0).empty());

    auto const small = read("os_family is windows or volumes.free_percent < 10", device_subject());
    DeviceQuery query{.chosen = {.filter = &small}};
    CHECK(f.ids(query) == Ids{"win"});
    auto const undecided = [&](store::Scope const& scope, auto const& asked) {
        auto ids = f.projection.ids_of(f.projection.undecided(scope, asked, 0));
        std::ranges::sort(ids);
        return ids;
    };
    CHECK(undecided(everything, query) == Ids{"lin", "new"});
    CHECK(undecided({.all = false, .customers = {"a"}}, query) == Ids{"lin"});
    RowAnswers answers{{}};
    for (auto const number : f.projection.undecided(everything, query, 0)) {
        answers[0].resize(std::max<std::size_t>(answers[0].size(), number + 1), filter::Truth::undecided);
        answers[0][number] = f.projection.ids_of({number}) == Ids{"lin"} ? filter::Truth::yes : filter::Truth::unknown;
    }
    query.chosen.rows = &answers;
    CHECK(f.ids(query) == Ids{"lin", "win"});

    auto const worst = read("severity > warning and device.volumes.free_percent < 10", alert_subject());
    AlertQuery alerts{.chosen = {.filter = &worst}};
    CHECK(undecided(everything, alerts) == Ids{"lin"});
    alerts.chosen.rows = &answers;
    CHECK(f.alert_ids(alerts) == Ids{"x"});
    auto const of_windows = read("device.os_family is windows and status is open", alert_subject());
    CHECK(f.alert_ids({.chosen = {.filter = &of_windows}}) == Ids{"y"});

    // Whoever comes is not taken for one who went.
    query.chosen.rows = nullptr;
    auto const numbers = f.projection.undecided(everything, query, 0);
    f.projection.remove_device("new");
    f.device("newer", "b");
    CHECK(undecided(everything, query) == Ids{"lin", "newer"});
    auto gone = f.projection.ids_of(numbers);
    std::ranges::sort(gone);
    CHECK(gone == Ids{"", "lin"});
    query.chosen.rows = &answers;
    CHECK(f.ids(query) == Ids{"lin", "win"});
}

TEST_CASE("text order: texts that come in their order, or against it, or in two rows at once, hardly need new numbers")
{
    auto const text = [](std::string const& begin, int i) { return begin + std::to_string(100'000 + i); };
    TextOrder order;
    std::ignore = order.take("a");
    std::ignore = order.take("z");
    for (int i = 0; i < 10'000; ++i) {
        std::ignore = order.take(text("m", i));
        std::ignore = order.take(text("s", i));
    }
    for (int i = 10'000; i > 0; --i)
        std::ignore = order.take(text("b", i));
    CHECK(order.renumbered() < 5);
    // Between two neighbours room runs out at last, and the order stays.
    std::vector<TextOrder::Entry const*> taken{&order.take("c")};
    std::string between = "ca";
    for (int i = 0; i < 400; ++i) {
        between.insert(between.size() - 1, i % 2 == 0 ? "a" : "b");
        taken.push_back(&order.take(between));
    }
    std::ranges::sort(taken, {}, [](auto const* entry) { return entry->first; });
    CHECK(std::ranges::is_sorted(taken, std::less(), [](auto const* entry) { return entry->second.number; }));
}

TEST_CASE("projection: every column of the lists can be asked whether it is known")
{
    Fixture f;
    f.device("one", "a");
    f.alert("x", "one", store::Severity::critical, "Disk");
    for (auto const& column : device_subject().columns) {
        auto const known =
            std::get<filter::Expression>(filter::parse(column.name + " is not unknown", device_subject()));
        auto const unknown = std::get<filter::Expression>(filter::parse(column.name + " is unknown", device_subject()));
        CHECK(f.ids({.chosen = {.filter = &known}}).size() + f.ids({.chosen = {.filter = &unknown}}).size() == 1);
    }
    for (auto const& column : alert_subject().columns) {
        auto const known =
            std::get<filter::Expression>(filter::parse(column.name + " is not unknown", alert_subject()));
        auto const unknown = std::get<filter::Expression>(filter::parse(column.name + " is unknown", alert_subject()));
        CHECK(f.alert_ids({.chosen = {.filter = &known}}).size() +
                  f.alert_ids({.chosen = {.filter = &unknown}}).size() ==
              1);
    }
}

TEST_CASE("projection: the place behind a line with the longest name is one that the API takes back")
{
    Fixture f;
    std::string longest(100'000, '7');
    for (auto const* const id : {"one", "two", "three"})
        f.device(id, "a", [&](auto& row) {
            row.name = longest + row.id;
            row.os_name = {.value = longest};
        });
    for (auto const& key : device_sort_keys()) {
        auto const list = f.projection.devices(everything, {.sort = key, .limit = 1}, 0);
        CHECK(list.next.size() < static_cast<std::size_t>(api::limits::place_bytes));
        CHECK(f.projection.devices(everything, {.sort = key, .after = list.next}, 0).items.size() == 2);
    }
}

TEST_CASE("projection: a filter that takes too long gives up, and says so")
{
    /// An hour passes whenever it is asked.
    class HastyClock final : public Clock
    {
    public:
        [[nodiscard]] UnixMs now_ms() const override { return 0; }
        [[nodiscard]] std::chrono::milliseconds steady() const override { return now_ += 1h; }

    private:
        mutable std::chrono::milliseconds now_{};
    };
    Fixture f;
    auto const filter = std::get<filter::Expression>(filter::parse("name is not x", device_subject()));
    HastyClock const clock;
    for (std::size_t i = 0; i < Patience::lines_between - 1; ++i)
        f.device("pc" + std::to_string(i), "a");
    Patience enough(clock);
    CHECK(f.projection.devices(everything, {.chosen = {.filter = &filter, .patience = &enough}}, 0).total ==
          static_cast<std::int64_t>(Patience::lines_between) - 1);
    CHECK_FALSE(enough.has_ended());
    for (int i = 0; i < 10; ++i)
        f.device("late" + std::to_string(i), "b");
    Patience little(clock);
    CHECK(f.projection.devices(everything, {.chosen = {.filter = &filter, .patience = &little}}, 0).total <
          static_cast<std::int64_t>(Patience::lines_between));
    CHECK(little.has_ended());
}

TEST_CASE("projection: addresses that nobody has read, or not all of them, satisfy neither a filter nor its negation")
{
    Fixture f;
    f.device("unread", "a");
    f.device("read", "a", [](auto& row) {
        row.addresses = {"10.0.0.1"};
        row.addresses_unknown.clear();
    });
    f.device("cut", "a", [](auto& row) {
        row.addresses = {"10.0.0.2"};
        row.addresses_unknown.clear();
        row.addresses_cut = true;
    });
    auto const found = [&](std::string const& text) {
        auto const filter = std::get<filter::Expression>(filter::parse(text, device_subject()));
        return f.ids({.chosen = {.filter = &filter}});
    };
    CHECK(found("address is 10.0.0.1") == Ids{"read"});
    CHECK(found("not address is 10.0.0.9") == Ids{"read"});
    CHECK(found("address is 10.0.0.2") == Ids{"cut"});
    CHECK(found("address is unknown") == Ids{"unread"});
}

TEST_CASE(
    "projection: a technician's new name stands at his alerts at once, and stays where one comes with the old one")
{
    Fixture f;
    f.device("pc", "a");
    f.device("elsewhere", "b");
    store::Alert const alert{.id = "1", .device_id = "pc", .assigned_id = "anna's id", .assigned_name = "Anna"};
    f.projection.put_alert(alert);
    auto other = alert;
    other.id = "2";
    other.device_id = "elsewhere";
    other.assigned_id = "berta's id";
    other.assigned_name = "Berta";
    f.projection.put_alert(other);
    CHECK(f.alert_ids({.sort = "assigned"}) == Ids{"1", "2"});
    CHECK(f.projection.rename_technician("anna's id", "Zoe") == std::set<store::Location>{{.customer_id = "a"}});
    CHECK(f.alert_ids({.sort = "assigned"}) == Ids{"2", "1"});
    CHECK(f.projection.alert(everything, "1")->assigned_name == "Zoe");
    f.projection.put_alert(alert);
    CHECK(f.projection.alert(everything, "1")->assigned_name == "Zoe");
    CHECK(f.projection.alert(everything, "2")->assigned_name == "Berta");
    CHECK(f.projection.rename_technician("anna's id", "Zoe").empty());
    CHECK(f.projection.rename_technician("nobody", "X").empty());
}

TEST_CASE("projection: a walk by places sees every line once, in any order, whatever comes and goes meanwhile")
{
    Fixture f;
    for (int i = 0; i < 40; ++i)
        f.device("pc" + std::to_string(i), i % 2 == 0 ? "a" : "b", [&](auto& row) {
            if (i % 3 != 0) row.patches = {.value = i % 4};
            if (i % 5 != 0) row.os_name = {.value = "System " + std::to_string(i % 3)};
            row.device_type = {.value = i % 2 == 0 ? "PC" : "Server"};
        });
    for (int i = 0; i < 40; ++i)
        f.alert("a" + std::to_string(i), "pc" + std::to_string(i % 7), store::Severity(i % 3), "Disk");
    auto const walk = [&](auto query, auto ask) {
        Ids seen;
        query.limit = 7;
        for (;;) {
            auto const list = ask(query);
            CHECK(list.total >= 40);
            for (auto const& row : list.items)
                seen.push_back(row.id);
            if (list.next.empty()) return seen;
            CHECK(is_place(list.next, query.sort));
            query.after = list.next;
            if (seen.size() > 7) continue;
            // What comes in front of the place, or is renamed there, moves nothing.
            f.device("0" + seen.back(), "a");
            f.projection.update_device("0" + seen.back(), [](auto& row) { row.name = "00" + row.name; });
        }
    };
    auto const devices = [&](DeviceQuery const& query) { return f.projection.devices(everything, query, 0); };
    auto const alerts = [&](AlertQuery const& query) { return f.projection.alerts(everything, query, 0); };
    for (auto const& key : device_sort_keys())
        for (auto const* const way : {"", "-"}) {
            CAPTURE(way + key);
            DeviceQuery const query{.sort = way + key};
            auto const seen = walk(query, devices);
            for (int i = 0; i < 40; ++i)
                CHECK(std::ranges::count(seen, "pc" + std::to_string(i)) == 1);
        }
    for (auto const& key : alert_sort_keys())
        for (auto const* const way : {"", "-"}) {
            CAPTURE(way + key);
            AlertQuery const query{.sort = way + key};
            auto const all = alerts({.sort = query.sort, .limit = 500});
            Ids expected;
            for (auto const& row : all.items)
                expected.push_back(row.id);
            CHECK(walk(query, alerts) == expected);
        }
    CHECK_FALSE(is_place(devices({.limit = 7}).next, "-name"));
    CHECK_FALSE(is_place("nonsense!", "name"));
    CHECK_FALSE(is_place("", "name"));
}

TEST_CASE("projection: lists stay whole and in order while devices and alerts come, change, move and go")
{
    Fixture f;
    std::map<std::string, std::pair<std::string, int>> devices; // Customer and patches.
    std::map<std::string, std::string> alerts;                  // Device.
    std::uint32_t dice = 1;
    auto const roll = [&dice](std::uint32_t sides) {
        dice = dice * 1664525U + 1013904223U;
        return (dice >> 8U) % sides;
    };
    auto const number = [&roll](std::uint32_t sides) { return std::to_string(100 + roll(sides)); };
    for (int turn = 0; turn < 2000; ++turn) {
        auto const id = "d" + number(40);
        auto const patches = static_cast<int>(roll(5));
        std::string const customer = roll(2) == 0 ? "a" : "b";
        switch (roll(5)) {
        case 0:
        case 1:
            f.device(id, customer, [&](auto& row) { row.patches = {.value = patches}; });
            devices[id] = {customer, patches};
            break;
        case 2:
            if (f.projection.update_device(id, [&](auto& row) {
                    row.customer_id = customer;
                    row.patches = {.value = patches};
                }))
                devices[id] = {customer, patches};
            break;
        case 3:
            if (devices.contains(id)) {
                auto const alert = "x" + number(90);
                if (alerts.contains(alert)) break;
                f.alert(alert, id, store::Severity::warning, "Disk");
                alerts[alert] = id;
            }
            break;
        default:
            f.projection.remove_device(id);
            devices.erase(id);
            std::erase_if(alerts, [&](auto const& one) { return one.second == id; });
        }
        if (turn % 50 != 0) continue;
        std::vector<std::tuple<int, std::string, std::string>> in_order;
        for (auto const& [name, about] : devices)
            in_order.emplace_back(about.second, name, about.first);
        std::ranges::sort(in_order);
        Ids all;
        Ids of_a;
        for (auto const& [count, name, owner] : in_order) {
            all.push_back(name);
            if (owner == "a") of_a.push_back(name);
        }
        CHECK(f.ids({.sort = "patches"}) == all);
        CHECK(f.ids({.sort = "patches"}, {.all = false, .customers = {"a"}}) == of_a);
        std::vector<std::pair<std::string, std::string>> by_device;
        for (auto const& [alert, device] : alerts)
            by_device.emplace_back(device, alert);
        std::ranges::sort(by_device);
        Ids found;
        for (auto const& [device, alert] : by_device)
            found.push_back(alert);
        CHECK(f.alert_ids({.sort = "device"}) == found);
    }
}

TEST_CASE("text order: numbers follow the texts, however they come, and only what is used is kept")
{
    TextOrder order;
    std::map<std::string, TextOrder::Entry const*> taken;
    auto const check = [&] {
        std::uint64_t last = 0;
        for (auto const& [text, entry] : taken) {
            CHECK(entry->first == text);
            CHECK(entry->second.number > last);
            last = entry->second.number;
        }
    };
    for (int i = 0; i < 200; ++i) // each before all others
        taken.emplace(std::string(static_cast<std::size_t>(200 - i), 'a'), nullptr).first->second =
            &order.take(std::string(static_cast<std::size_t>(200 - i), 'a'));
    check();
    for (int i = 0; i < 200; ++i) {
        auto const text = "b" + std::to_string(i * 7919 % 200);
        taken[text] = &order.take(text);
    }
    check();
    auto const* const kept = &order.take("b1");
    CHECK(kept == taken.at("b1"));
    order.release(*kept);
    TextOrder::Entry const* moving = nullptr;
    order.replace(moving, "zz");
    auto const number = moving->second.number;
    order.replace(moving, "zz");
    CHECK(moving->second.number == number);
    CHECK(moving->second.uses == 1);
    order.replace(moving, "b1");
    CHECK(moving->second.uses == 2);
    check();
}

TEST_CASE("projection: hostile names are shown as they are and found")
{
    Fixture f;
    std::vector<std::string> const names{"'; DROP TABLE device; --", "<script>alert(1)</script>", "\xE2\x80\xAEgnp.exe",
                                         std::string("nul\0x", 5), "9999999999999999999999999999999999"};
    for (auto const& name : names)
        f.device(name, "a");
    for (auto const& name : names)
        CHECK(f.ids({.search = name}) == Ids{name});
    f.projection.put_customer({.id = "a", .name = "\xF0\x9F\x92\xBB & Söhne", .created_ms = 1});
    CHECK(f.projection.customers(everything, {.search = "söhne"}).total == 1);
    CHECK(f.projection.device(everything, names[0])->customer_name == "\xF0\x9F\x92\xBB & Söhne");
}

TEST_CASE("projection: readers and the writer at once")
{
    Fixture f;
    for (int i = 0; i < 50; ++i)
        f.device("pc" + std::to_string(i), "a");
    std::atomic<bool> stop = false;
    std::thread reader([&] {
        while (!stop)
            CHECK(f.projection.devices(everything, {.search = "pc"}, 0).total == 50);
    });
    int heard = 0;
    auto const number = f.projection.listen([&](Change const&) { ++heard; });
    for (int i = 0; i < 500; ++i) {
        f.projection.update_device("pc" + std::to_string(i % 50), [&](auto& row) { row.cpu_percent = {.value = i}; });
        f.alert(std::to_string(i), "pc1", store::Severity::warning, "Disk",
                i % 2 == 0 ? std::optional<UnixMs>(1) : std::nullopt);
        f.projection.announce({});
    }
    f.projection.unlisten(number);
    f.projection.announce({});
    stop = true;
    reader.join();
    CHECK(heard == 500);
    CHECK_FALSE(f.projection.update_device("nobody", [](auto&) {}));
}

TEST_CASE("projection: folders restrict to what lies in and below them, and count it")
{
    Fixture f;
    for (auto const& [id, parent, name] : std::vector<std::array<std::string, 3>>{
             {"house", "", "House"}, {"floor", "house", "Floor 10"}, {"low", "house", "Floor 2"}})
        f.projection.put_folder({.id = id, .customer_id = "a", .parent_id = parent, .name = name});
    f.device("in house", "a", [](auto& row) { row.folder_id = "house"; });
    f.device("on floor", "a", [](auto& row) { row.folder_id = "floor"; });
    f.device("loose", "a");
    f.device("old", "a", [](auto& row) {
        row.folder_id = "floor";
        row.revoked = true;
        row.availability = "retired";
    });
    CHECK(f.ids({.folder = "house"}) == Ids{"in house", "on floor"});
    CHECK(f.ids({.folder = "floor"}) == Ids{"on floor"});
    CHECK(f.ids({.folder = "none"}) == Ids{"loose"});
    CHECK(f.ids({.folder = "gone"}).empty());
    CHECK(f.ids({.sort = "folder"}) == Ids{"in house", "on floor", "loose"});
    CHECK(f.ids({.folder = "floor", .availabilities = {"retired"}}) == Ids{"old"});
    auto const tree = f.projection.folders(everything, "a");
    REQUIRE(tree.items.size() == 3);
    CHECK(tree.items[0].devices_below == 2);
    CHECK(tree.items[0].devices == 1);
    CHECK(tree.items[1].name == "Floor 2");
    CHECK(tree.items[2].path == "House / Floor 10");
    CHECK(tree.items[2].depth == 2);
    CHECK(tree.without_folder == 1);
    store::Scope const only_b{.all = false, .customers = {"b"}};
    CHECK(f.projection.folders(only_b, "a").items.empty());
    CHECK_FALSE(f.projection.folder(only_b, "house"));
}

TEST_CASE("projection: favourites are each technician's own")
{
    Fixture f;
    f.device("one", "a");
    f.device("two", "b");
    f.projection.set_favourite_device({.technician_id = "ann", .id = "one"}, true);
    f.projection.set_favourite_customer({.technician_id = "ann", .id = "b"}, true);
    CHECK(f.ids({.technician_id = "ann", .favourite = true}) == Ids{"one"});
    CHECK(f.ids({.technician_id = "ann", .favourite = false}) == Ids{"two"});
    CHECK(f.ids({.technician_id = "bob", .favourite = true}).empty());
    CHECK(f.projection.device(everything, "one", "ann")->favourite);
    CHECK_FALSE(f.projection.device(everything, "one", "bob")->favourite);
    CHECK(f.projection.customers(everything, {.technician_id = "ann", .favourite = true}).items.at(0).id == "b");
    CHECK(f.projection.customer(everything, "b", "ann")->favourite);
    f.projection.set_favourite_device({.technician_id = "ann", .id = "one"}, false);
    CHECK(f.ids({.technician_id = "ann", .favourite = true}).empty());
}

TEST_CASE("projection: customers sort by rank and counts, those without a rank last")
{
    Fixture f;
    f.projection.put_customer({.id = "a", .name = "Acme", .created_ms = 1, .rank = "B"});
    f.projection.put_customer({.id = "c", .name = "Cord", .created_ms = 3, .rank = "A"});
    f.device("one", "b");
    auto const names = [&](CustomerQuery const& query) {
        std::string found;
        for (auto const& row : f.projection.customers(everything, query).items)
            found += row.name[0];
        return found;
    };
    CHECK(names({}) == "ABC");
    CHECK(names({.sort = "rank"}) == "CAB");
    CHECK(names({.sort = "-rank"}) == "ACB");
    CHECK(names({.sort = "-devices"}) == "BAC");
    CHECK(names({.ranks = {"A", "none"}}) == "BC");
    CHECK(names({.search = "OR"}) == "C");
}

TEST_CASE("projection: a device that moves or goes takes its alerts along")
{
    Fixture f;
    f.device("one", "a");
    f.alert("x", "one", store::Severity::critical, "Disk");
    f.projection.update_device("one", [](auto& row) { row.customer_id = "b"; });
    CHECK(f.projection.customer(everything, "a")->devices == 0);
    CHECK(f.projection.customer(everything, "b")->alerts->critical == 1);
    CHECK(f.projection.device(everything, "one")->customer_name == "Bolt");
    f.projection.remove_device("one");
    CHECK(f.projection.customer(everything, "b")->devices == 0);
    CHECK(f.alert_ids({}).empty());
    f.projection.remove_device("one");
}

TEST_CASE("projection: who sees some folders of a customer finds their devices and alerts, and counts those only")
{
    Fixture f;
    for (auto const& [id, parent, name] : std::vector<std::array<std::string, 3>>{
             {"house", "", "House"}, {"desk", "house", "Desk"}, {"yard", "", "Yard"}})
        f.projection.put_folder({.id = id, .customer_id = "a", .parent_id = parent, .name = name});
    f.projection.put_customer({.id = "a", .name = "Acme", .created_ms = 1, .rank = "A"});
    f.device("at desk", "a", [](auto& row) { row.folder_id = "desk"; });
    f.device("in house", "a", [](auto& row) { row.folder_id = "house"; });
    f.device("in yard", "a", [](auto& row) { row.folder_id = "yard"; });
    f.device("loose", "a");
    f.device("other", "b");
    for (auto const* const device : {"at desk", "in house", "in yard", "loose"})
        f.alert(std::string("of ") + device, device, store::Severity::warning, "Disk");
    store::Scope const scope{.all = false, .customers = {}, .folders = {{"a", {"desk"}}}};

    CHECK(f.ids({}, scope) == Ids{"at desk"});
    CHECK(f.ids({.customer_id = "a"}, scope) == Ids{"at desk"});
    CHECK(f.ids({.customer_id = "b"}, scope).empty());
    CHECK(f.ids({.folder = "house"}, scope) == Ids{"at desk"});
    CHECK(f.ids({.folder = "yard"}, scope).empty());
    CHECK(f.ids({.search = "in"}, scope).empty());
    CHECK(f.alert_ids({}, scope) == Ids{"of at desk"});
    CHECK(f.alert_ids({.device_id = "loose"}, scope).empty());
    CHECK(f.projection.device(scope, "at desk"));
    CHECK_FALSE(f.projection.device(scope, "in house"));
    CHECK_FALSE(f.projection.alert(scope, "of in yard"));
    CHECK(f.projection.device_ids(scope, {}, 0).ids == Ids{"at desk"});
    CHECK(f.projection.device_ids(scope, {}, 0, 0).ids.empty());
    CHECK(f.projection.device_ids(scope, {}, 0, 0).total == 1);
    int seen = 0;
    f.projection.each_device(scope, "a", [&](auto const&) { ++seen; });
    f.projection.each_device_of(scope, {"at desk", "loose"}, [&](auto const&) { ++seen; });
    CHECK(seen == 2);

    auto const customers = f.projection.customers(scope, {});
    REQUIRE(customers.items.size() == 1);
    auto const& acme = customers.items[0];
    CHECK(acme.name == "Acme");
    CHECK(acme.partial);
    CHECK(acme.rank.empty());
    CHECK(acme.created_ms == 0);
    CHECK(acme.devices == 1);
    CHECK(acme.alerts->warning == 1);
    CHECK(f.projection.customers(scope, {.ranks = {"A"}}).items.empty());
    CHECK_FALSE(f.projection.customer_record(scope, "a"));
    CHECK(f.projection.customer_name(scope, "a") == "Acme");
    CHECK_FALSE(f.projection.customer_name(scope, "b"));

    // The tree leads there, and tells of nothing else.
    auto const tree = f.projection.folders(scope, "a");
    REQUIRE(tree.items.size() == 2);
    CHECK(tree.items[0].name == "House");
    CHECK(tree.items[0].devices == 0);
    CHECK(tree.items[0].devices_below == 1);
    CHECK(tree.items[1].name == "Desk");
    CHECK(tree.without_folder == 0);
    CHECK_FALSE(f.projection.folder(scope, "house"));
    CHECK(f.projection.folder(scope, "desk")->path == "House / Desk");
    CHECK(f.projection.folder_names(scope, "").size() == 1);
    CHECK(f.projection.folder_names(everything, "acme / h").size() == 2);

    // It is moved, and is there or gone at once.
    f.projection.update_device("loose", [](auto& row) { row.folder_id = "desk"; });
    f.projection.update_device("at desk", [](auto& row) { row.folder_id = "yard"; });
    CHECK(f.ids({}, scope) == Ids{"loose"});
    CHECK(f.projection.location_of("loose") == store::Location{.customer_id = "a", .folder_id = "desk"});
}
