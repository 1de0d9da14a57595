#include <random>

#include "collector/store/fold.hpp"
#include "collector/store/samples.hpp"
#include "tests/collector/store/fixture.hpp"

using namespace rollcall;
using rollcall::test::StoreFixture;

TEST_CASE("customers: a name is taken whatever its case")
{
    StoreFixture f;
    auto const again = f.store->write(
        [](sqlite::Database& db) { return store::add_customer(db, {.id = "x", .name = "ACME", .created_ms = 1}); });
    REQUIRE_FALSE(again);
    CHECK(again.error().code == errc::conflict);
    f.read([](sqlite::Database& db) -> Result<> {
        CHECK((*store::find_customer_by_name(db, "acme"))->id == "acme");
        CHECK_FALSE(*store::find_customer(db, "nobody"));
        return {};
    });
}

TEST_CASE("tokens: used up, expired and revoked ones say so and lose no use")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        CHECK(store::use_token(db, "token", 500));
        auto const late = store::use_token(db, "token", 1000);
        REQUIRE_FALSE(late);
        CHECK(late.error().code == errc::refused);
        CHECK(late.error().trace == "the token has expired");
        CHECK(store::use_token(db, "token", 500));
        CHECK(store::use_token(db, "token", 500).error().trace == "the token is used up");
        CHECK((*store::find_token_by_secret(db, sha256_hex("secret")))->uses_left == 0);
        CHECK(store::revoke_token(db, "token", 700));
        CHECK(store::use_token(db, "token", 500).error().trace == "the token has been revoked");
        CHECK(store::use_token(db, "none", 500).error().code == errc::not_found);
        return {};
    });
}

TEST_CASE("devices: look-alikes are those of a hardware id at one customer, until a machine tells another one")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        CHECK_FALSE(*store::has_look_alikes(db, "acme", "hw-pc"));
        CHECK(store::set_look_alikes(db, "pc"));
        CHECK(*store::has_look_alikes(db, "acme", "hw-pc"));
        CHECK_FALSE(*store::has_look_alikes(db, "other", "hw-pc"));
        CHECK(store::set_hardware(db, "pc", "hw-pc", {"disk"}));
        CHECK(*store::has_look_alikes(db, "acme", "hw-pc"));
        CHECK((*store::find_device(db, "pc"))->hardware_told);
        CHECK(store::set_hardware(db, "pc", "hw-new", {"disk"}));
        CHECK_FALSE(*store::has_look_alikes(db, "acme", "hw-pc"));
        CHECK_FALSE(*store::has_look_alikes(db, "acme", "hw-new"));
        return {};
    });
}

TEST_CASE("devices: a revoked one is not found by its hardware")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        CHECK((*store::find_device_by_hardware(db, "acme", "hw-pc"))->id == "pc");
        CHECK_FALSE(*store::find_device_by_hardware(db, "other", "hw-pc"));
        auto bare = StoreFixture::device("bare");
        bare.hardware_id = "";
        CHECK(store::add_device(db, bare));
        CHECK_FALSE(*store::find_device_by_hardware(db, "acme", ""));
        CHECK(store::revoke_device(db, "pc", 9));
        CHECK_FALSE(*store::find_device_by_hardware(db, "acme", "hw-pc"));
        CHECK(store::set_last_seen(db, "pc", 77, ""));
        CHECK((*store::find_device(db, "pc"))->last_seen_ms == 77);
        CHECK((*store::find_device(db, "pc"))->revoked_ms == 9);
        CHECK(store::devices_of_token(db, "token")->size() == 2);
        return {};
    });
}

TEST_CASE("technicians: sessions end with expiry and with the technician's wish")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        store::Technician ada{
            .id = "t", .name = "Ada", .password_hash = "h", .must_change_password = true, .password_expires_ms = 9};
        CHECK(store::save_technician(db, ada));
        ada.must_change_password = false;
        ada.password_expires_ms.reset();
        CHECK(store::save_technician(db, ada));
        CHECK(*store::count_technicians(db) == 1);
        auto const found = *store::find_technician_by_name(db, "ada");
        REQUIRE(found);
        CHECK_FALSE(found->must_change_password);
        CHECK_FALSE(found->password_expires_ms);
        auto const key = [](char c) { return std::string(64, c); };
        for (char const c : {'a', 'b', 'c'})
            CHECK(store::save_session(
                db, {.secret_sha256 = key(c), .id = key(c), .technician_id = "t", .csrf_token = "x", .expires_ms = c}));
        CHECK(store::delete_expired_sessions(db, 'a'));
        CHECK_FALSE(*store::find_session(db, key('a')));
        CHECK(store::delete_session(db, key('b')));
        CHECK(*store::find_session(db, key('c')));
        CHECK(store::delete_sessions_of(db, "t"));
        CHECK_FALSE(*store::find_session(db, key('c')));
        return {};
    });
}

TEST_CASE("lanes: a mark never goes back")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        CHECK(*store::high_water(db, "pc", "e", wire::Lane::event) == 0);
        CHECK(store::set_high_water(db, "pc", "e", wire::Lane::event, 7));
        CHECK(store::set_high_water(db, "pc", "e", wire::Lane::event, 5));
        CHECK(*store::high_water(db, "pc", "e", wire::Lane::event) == 7);
        CHECK(*store::high_water(db, "pc", "e", wire::Lane::series) == 0);
        CHECK(*store::high_water(db, "pc", "f", wire::Lane::event) == 0);
        CHECK_FALSE(store::set_high_water(db, "nobody", "e", wire::Lane::event, 1));
        CHECK(store::add_gap(db, "pc", "e",
                             {.lane = "event", .first = 1, .last = 3, .at_ms = 4, .reason = "spool_full"}));
        CHECK(store::gaps_of(db, "pc")->at(0).last == 3);
        return {};
    });
}

TEST_CASE("states: a probe without history keeps what is so now and nothing else")
{
    StoreFixture f;
    REQUIRE_FALSE(wire::find_probe("processes")->history);
    f.write([](sqlite::Database& db) -> Result<> {
        CHECK(store::change_state(db, "pc", "processes", {{"1", Row{{"name", "a"}}}, {"2", Row{{"name", "b"}}}}, {},
                                  100));
        CHECK(store::change_state(db, "pc", "processes", {{"1", Row{{"name", "c"}}}}, {"2"}, 200));
        auto query =
            db.prepare("SELECT key, valid_from_ms, previous_id IS NULL FROM state_row WHERE probe = 'processes'");
        REQUIRE(query);
        REQUIRE(*query->step());
        CHECK(query->text(0) == "1");
        CHECK(query->integer(1) == 200);
        CHECK(query->integer(2) == 1);
        CHECK_FALSE(*query->step());
        return {};
    });
}

TEST_CASE("states: rows begin and end, and the past stays")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        CHECK(store::change_state(db, "pc", "services",
                                  {{"a", Row{{"state", "running"}}}, {"b", Row{{"state", "running"}}}}, {}, 100));
        CHECK(store::change_state(db, "pc", "services", {{"a", Row{{"state", "failed"}}}}, {"b"}, 200));
        auto const rows = store::state_rows(db, "pc", "services", "", 0, 10, nullptr);
        REQUIRE(rows);
        REQUIRE(rows->size() == 1);
        CHECK(rows->at(0).valid_from_ms == 200);
        CHECK(rows->at(0).cells.at("state") == Value("failed"));
        auto query = db.prepare("SELECT count(*) FROM state_row WHERE valid_to_ms = 200");
        REQUIRE(query);
        CHECK(*query->step());
        CHECK(query->integer(0) == 2);
        auto chain = db.prepare("SELECT n.key FROM state_row AS n JOIN state_row AS p ON p.id = n.previous_id "
                                "WHERE p.key = n.key AND p.valid_to_ms = n.valid_from_ms AND p.vanished = 0");
        REQUIRE(chain);
        REQUIRE(*chain->step());
        CHECK(chain->text(0) == "a");
        CHECK_FALSE(*chain->step());
        auto gone = db.prepare("SELECT key FROM state_row WHERE vanished = 1");
        REQUIRE(gone);
        REQUIRE(*gone->step());
        CHECK(gone->text(0) == "b");
        CHECK_FALSE(*gone->step());
        return {};
    });
}

TEST_CASE("states: search, offset, limit and total")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        Snapshot rows;
        for (int i = 0; i < 30; ++i)
            rows["svc" + std::to_string(i)] = Row{{"label", i % 3 == 0 ? "Änderung" : "else"}, {"novel", 1}};
        CHECK(store::change_state(db, "pc", "services", rows, {}, 1));
        std::int64_t total = 0;
        CHECK(store::state_rows(db, "pc", "services", "", 5, 10, &total)->size() == 10);
        CHECK(total == 30);
        auto const found = store::state_rows(db, "pc", "services", "ÄNDER", 8, 10, &total);
        CHECK(found->size() == 2);
        CHECK(total == 10);
        CHECK(store::state_rows(db, "pc", "services", "SVC29", 0, 10, &total)->size() == 1);
        CHECK_FALSE(found->at(0).cells.contains("novel"));
        CHECK(*store::state_snapshot(db, "pc", "services") == rows);
        return {};
    });
}

TEST_CASE("states: a probe's status is kept, and a check moves its time only where it was read")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        CHECK(store::save_probe_status(db, "pc",
                                       {.probe = "os", .digest = "d", .as_of_ms = 10, .unknown = "", .cut_rows = 3}));
        CHECK(store::set_checked(db, "pc", "os", 20));
        CHECK(store::set_checked(db, "pc", "os", 15));
        CHECK((*store::probe_status(db, "pc", "os"))->as_of_ms == 20);
        CHECK(
            store::save_probe_status(db, "pc", {.probe = "os", .digest = "d", .as_of_ms = 20, .unknown = "timed_out"}));
        CHECK(store::set_checked(db, "pc", "os", 30));
        CHECK((*store::probe_status(db, "pc", "os"))->as_of_ms == 20);
        CHECK(store::probe_statuses(db, "pc")->size() == 1);
        return {};
    });
}

TEST_CASE("states: 20,000 rows and hostile names come back as they were")
{
    StoreFixture f;
    Snapshot rows;
    std::vector<std::string> const names{"'; DROP TABLE device; --",
                                         std::string("nul\0inside", 10),
                                         "\xE2\x80\xAEright to left",
                                         "\xF0\x9F\x92\xBB laptop",
                                         "e\xCC\x81 combining",
                                         "%_\\\"<script>",
                                         "\n\r\t",
                                         "\x01\x1f\x7f"};
    for (auto const& name : names)
        rows[name] = Row{{"label", name}, {"expected", unknown(errc::permission_denied)}, {"since_ms", INT64_MAX}};
    for (int i = 0; i < 20'000; ++i)
        rows["row" + std::to_string(i)] = Row{{"label", "x"}};
    f.write([&](sqlite::Database& db) -> Result<> { return store::change_state(db, "pc", "services", rows, {}, 1); });
    f.read([&](sqlite::Database& db) -> Result<> {
        CHECK(*store::state_snapshot(db, "pc", "services") == rows);
        std::int64_t total = 0;
        CHECK(store::state_rows(db, "pc", "services", "DROP table", 0, 10, &total)->size() == 1);
        return {};
    });
}

TEST_CASE("series: readings come back in order, two of one moment are both kept")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        for (auto const taken : {300, 100, 100, 200})
            CHECK(store::add_series(db, "pc",
                                    {.sequence = 1,
                                     .probe = "cpu",
                                     .taken_ms = taken,
                                     .samples = {{"", {1.5 * taken, unknown(errc::timed_out)}}}}));
        auto const all = store::series_between(db, "pc", "cpu", 0, 1000);
        REQUIRE(all);
        REQUIRE(all->size() == 4);
        CHECK(all->at(1).taken_ms == 101);
        CHECK(all->at(0).samples.at(0).values.at(0) == Value(150.0));
        CHECK(store::series_between(db, "pc", "cpu", 200, 300)->size() == 1);
        CHECK((*store::latest_series(db, "pc", "cpu"))->taken_ms == 300);
        CHECK_FALSE(*store::latest_series(db, "pc", "memory"));
        return {};
    });
}

TEST_CASE("events: newest first, and one number is stored once")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        for (std::uint64_t i = 1; i <= 5; ++i)
            CHECK(store::add_event(
                db, "pc", "e",
                {.sequence = i, .name = "log_in", .at_ms = static_cast<UnixMs>(i), .detail = {{"user", "ada"}}}));
        auto const events = store::events_of(db, "pc", 2);
        REQUIRE(events->size() == 2);
        CHECK(events->at(0).at_ms == 5);
        CHECK(events->at(0).detail.at("user") == Value("ada"));
        CHECK(store::add_event(db, "pc", "e", {.sequence = 5, .name = "log_in", .at_ms = 9}).error().code ==
              errc::conflict);
        return {};
    });
}

TEST_CASE("alerts: one is open at most, and a resolved one makes room")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        store::Alert alert{.id = "1",
                           .device_id = "pc",
                           .customer_id = "acme",
                           .item = "cpu_used",
                           .subject = "",
                           .title = "T",
                           .severity = store::Severity::critical,
                           .category = "Disk",
                           .explanation = "e",
                           .value = "v",
                           .latest = "v",
                           .created_ms = 100};
        CHECK(store::open_alert(db, alert));
        alert.id = "2";
        CHECK(store::open_alert(db, alert).error().code == errc::conflict);
        CHECK(store::set_alert_latest(db, "1", "now"));
        CHECK(store::open_alerts(db)->at(0).latest == "now");
        auto first = **store::find_alert(db, "1");
        first.latest = "gone";
        first.resolved_ms = 50; // By a clock that was set back.
        CHECK(store::update_alert(db, first));
        CHECK(store::judged_alerts_of(db, "pc")->empty());
        CHECK(store::recent_alerts(db, 0)->at(0).resolved_ms == 100);
        CHECK(store::recent_alerts(db, 101)->empty());
        CHECK(store::open_alert(db, alert));
        CHECK(store::open_alerts(db)->at(0).severity == store::Severity::critical);
        return {};
    });
}

TEST_CASE("alerts: what people do about one comes back, and a technician who goes leaves his name in the history only")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        CHECK(store::save_technician(db, {.id = "a", .name = "anna", .password_hash = "h", .created_ms = 1}));
        store::Alert alert{.id = "1",
                           .device_id = "pc",
                           .customer_id = "acme",
                           .item = "cpu_used",
                           .title = "T",
                           .category = "Disk",
                           .created_ms = 100};
        CHECK(store::open_alert(db, alert));
        alert.version = 7;
        alert.status_by = "anna";
        alert.snoozed_ms = 200;
        alert.snoozed_until_ms = 300;
        alert.reopened_ms = 150;
        alert.kept_open = true;
        alert.assigned_id = "a";
        alert.ticket = "T-1";
        CHECK(store::update_alert(db, alert));
        auto const kept = **store::find_alert(db, "1");
        CHECK(kept.version == 7);
        CHECK(kept.status_by == "anna");
        CHECK(kept.snoozed_ms == 200);
        CHECK(kept.snoozed_until_ms == 300);
        CHECK(kept.reopened_ms == 150);
        CHECK(kept.kept_open);
        CHECK(kept.assigned_name == "anna");
        CHECK(kept.ticket == "T-1");
        CHECK_FALSE(kept.resolved_ms);
        CHECK(status_of(kept) == store::AlertStatus::snoozed);
        CHECK_FALSE(*store::find_alert(db, "2"));

        CHECK(store::add_alert_action(db, {.alert_id = "1",
                                           .version = 7,
                                           .at_ms = 200,
                                           .technician_id = "a",
                                           .technician = "anna",
                                           .what = "snoozed",
                                           .until_ms = 300}));
        CHECK(store::add_alert_action(db, {.alert_id = "1", .version = 7, .what = "note", .text = "<b>n</b>"}));
        CHECK((*store::find_alert(db, "1"))->notes == 1);
        CHECK(db.exec("DELETE FROM technician"));
        CHECK((*store::find_alert(db, "1"))->assigned_id.empty());
        auto const actions = *store::alert_actions(db, "1");
        REQUIRE(actions.size() == 2);
        CHECK(actions[0].technician == "anna");
        CHECK(actions[0].until_ms == 300);
        CHECK(actions[1].text == "<b>n</b>");
        CHECK(store::alert_actions(db, "1", 7)->size() == 1);
        CHECK(store::add_alert_action(db, {.alert_id = "1", .what = "painted"}).error().code == errc::conflict);
        CHECK(store::add_alert_action(db, {.alert_id = "2", .what = "note"}).error().code == errc::conflict);
        return {};
    });
}

TEST_CASE("alerts: one that lingers is judged with the open ones, whatever its age, and makes room for the next")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        store::Alert alert{.id = "1",
                           .device_id = "pc",
                           .customer_id = "acme",
                           .item = "cpu_used",
                           .title = "T",
                           .category = "Disk",
                           .created_ms = 100};
        CHECK(store::open_alert(db, alert));
        alert.resolved_ms = 200;
        alert.lingers = true;
        CHECK(store::update_alert(db, alert));
        CHECK(store::judged_alerts_of(db, "pc")->size() == 1);
        CHECK(store::recent_alerts(db, 1000)->size() == 1);
        CHECK((*store::find_judged_alert(db, "pc", "cpu_used", ""))->lingers);
        CHECK_FALSE(*store::find_judged_alert(db, "pc", "cpu_used", "x"));
        alert.lingers = false;
        CHECK(store::update_alert(db, alert));
        CHECK_FALSE(*store::find_judged_alert(db, "pc", "cpu_used", ""));
        alert.id = "2";
        CHECK(store::open_alert(db, alert));
        return {};
    });
}

TEST_CASE("alerts: of what is done the last is kept, and every note")
{
    StoreFixture f;
    f.write([](sqlite::Database& db) -> Result<> {
        store::Alert const alert{
            .id = "1", .device_id = "pc", .customer_id = "acme", .item = "i", .category = "Disk", .created_ms = 1};
        CHECK(store::open_alert(db, alert));
        CHECK(store::add_alert_action(db, {.alert_id = "1", .what = "note", .text = "first"}));
        for (std::int64_t i = 0; i < store::alert_actions_kept + 5; ++i)
            CHECK(store::add_alert_action(db, {.alert_id = "1", .version = i, .what = "ticket"}));
        auto const actions = *store::alert_actions(db, "1", -1);
        REQUIRE(actions.size() == store::alert_actions_kept + 1);
        CHECK(actions[0].text == "first");
        CHECK(actions[1].version == 5);
        return {};
    });
}

TEST_CASE("samples: every kind of value comes back")
{
    std::vector<wire::Sample> const samples{{"sda",
                                             {std::int64_t{0}, std::int64_t{-1}, INT64_MIN, INT64_MAX, 0.1, -0.0, true,
                                              false, std::string("x"), unknown(errc::io)}},
                                            {"", {}},
                                            {std::string("\0\xff", 2), {1e308}}};
    auto const back = store::decode_samples(store::encode_samples(samples));
    REQUIRE(back);
    REQUIRE(back->size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(back->at(i).key == samples[i].key);
        CHECK(back->at(i).values == samples[i].values);
    }
    CHECK(store::encode_samples({{"", {std::int64_t{5}, 1.0}}}).size() < 20);
}

TEST_CASE("samples: damaged bytes are refused, never believed")
{
    auto const good = store::encode_samples({{"key", {1.5, std::int64_t{-77}, unknown(errc::io)}}, {"b", {true}}});
    for (std::size_t i = 0; i < good.size(); ++i)
        CHECK_FALSE(store::decode_samples(good.substr(0, i)));
    CHECK_FALSE(store::decode_samples(good + "x"));
    CHECK_FALSE(store::decode_samples("\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
    CHECK_FALSE(store::decode_samples("\x02"));
    std::mt19937 random(7);
    for (int i = 0; i < 20'000; ++i) {
        auto bytes = good;
        for (int j = 0; j < 3; ++j)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        (void)store::decode_samples(bytes);
    }
}

TEST_CASE("fold: people find what they typed, whatever the case")
{
    CHECK(store::fold("ÄÖÜ Ÿ ŁÓDŹ ΑΘΗΝΑ МОСКВА Ё abcXYZ") == "äöü Ÿ łódź αθηνα москва ё abcxyz");
    CHECK(store::contains_folded("Größe", "gröss") == false);
    CHECK(store::contains_folded("ÉCOLE-PC", store::fold("école")));
    CHECK(store::fold("\xC3") == "\xC3");
    CHECK(store::fold("\xC3"
                      "A") == "\xC3"
                              "a");
    auto const before = [](std::string_view a, std::string_view b) {
        return store::natural_key(a) < store::natural_key(b);
    };
    CHECK(before("pc2", "PC10"));
    CHECK(before("pc009", "pc10"));
    CHECK(before("pc", "pc1"));
    CHECK(before("pc1", "pca"));
    CHECK(before("pc-1", "pc1"));
    CHECK(store::natural_key("pc01") == store::natural_key("PC1"));
    CHECK(store::natural_key(std::string(5000, 'x')).size() == store::natural_key_bytes);
    CHECK(store::natural_key(std::string(5000, '7')).size() == store::natural_key_bytes);
}
