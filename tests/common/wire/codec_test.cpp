#include <limits>

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "common/core/ids.hpp"
#include "common/wire/codec.hpp"
#include "common/wire/limits.hpp"
#include "tests/support/result.hpp"

using namespace rollcall;
using namespace rollcall::wire;

static State a_state()
{
    State state;
    state.sequence = 7;
    state.probe = "network_interfaces";
    state.taken_ms = 1'800'000'000'000;
    state.digest = "d";
    state.rows["eth0"] = {{"mac", std::string("00:11")},
                          {"up", true},
                          {"mtu", std::int64_t{1500}},
                          {"speed_mbit_per_s", unknown(errc::permission_denied)}};
    state.removed = {"eth1"};
    return state;
}

TEST_CASE("codec: a state returns as it went, unknown cells with their reason")
{
    auto const read = decode_from_agent(encode(FromAgent(a_state())));
    REQUIRE(read);
    auto const& state = std::get<State>(*read);
    CHECK(state.sequence == 7);
    CHECK(state.rows == a_state().rows);
    CHECK(state.removed == a_state().removed);
}

TEST_CASE("codec: a series keeps numbers and reasons apart; a whole number travels without a fraction")
{
    Series series;
    series.sequence = 1;
    series.probe = "disk_io";
    series.samples = {{"sda", {3.0, std::int64_t{4}, 2.5, unknown(errc::timed_out), 1e300}}};
    auto const text = encode(FromAgent(series));
    CHECK(text.find(R"(["sda",3,4,2.5E0,"timed_out",1E300])") != std::string::npos);
    auto const read = decode_from_agent(text);
    REQUIRE(read);
    std::vector<Value> const told{std::int64_t{3}, std::int64_t{4}, 2.5, unknown(errc::timed_out), 1e300};
    CHECK(std::get<Series>(*read).samples.front().values == told);
}

TEST_CASE("wire: readings of one tick travel as one message, and come out as they went in")
{
    std::vector<Series> const tick{
        {.sequence = 7, .probe = "cpu", .taken_ms = 1000, .samples = {{"", {1.5, Unknown{"timed_out"}}}}},
        {.sequence = 8, .probe = "disk_io", .taken_ms = 998, .samples = {{"sda", {0.0}}, {"sdb", {4096.0}}}},
        {.sequence = 9, .probe = "swap", .taken_ms = 1012, .samples = {}},
    };
    auto const text = encode(FromAgent(pack(tick)));
    CHECK(text.find(R"([7,1000,[0,1.5,"timed_out"],-2,[5,["sda",0],["sdb",4096]],12,[3]])") != std::string::npos);
    auto read = decode_from_agent(text);
    REQUIRE(read);
    auto const out = unpack(std::get<Readings>(std::move(*read)));
    REQUIRE(out);
    REQUIRE(out->size() == 3);
    CHECK(out->at(0).sequence == 7);
    CHECK(out->at(0).samples[0].values == tick[0].samples[0].values);
    CHECK(out->at(1).sequence == 8);
    CHECK(out->at(1).taken_ms == 998);
    CHECK(out->at(1).samples[1].key == "sdb");
    CHECK(out->at(2).sequence == 9);
    CHECK(out->at(2).taken_ms == 1012);
    CHECK(out->at(2).samples.empty());
}

TEST_CASE("wire: numbers of readings travel as short as JSON has them")
{
    std::vector<Value> const told{
        std::int64_t{613'000}, 613'000.0,      0.1, std::int64_t{1200}, std::int64_t{-4'096'000}, 1e300, -0.25, 0.0,
        Unknown{"io"},         std::int64_t{0}};
    auto const text =
        encode(FromAgent(pack({{.sequence = 1, .probe = "memory", .taken_ms = 5, .samples = {{"", told}}}})));
    CHECK(text.find(R"([2,613e3,613e3,0.1,1200,-4096e3,1e+300,-0.25,0,"io",0])") != std::string::npos);
    auto read = decode_from_agent(text);
    REQUIRE(read);
    auto const out = unpack(std::get<Readings>(std::move(*read)));
    REQUIRE(out);
    std::vector<Value> const got{std::int64_t{613'000},
                                 std::int64_t{613'000},
                                 0.1,
                                 std::int64_t{1200},
                                 std::int64_t{-4'096'000},
                                 1e300,
                                 -0.25,
                                 std::int64_t{0},
                                 Unknown{"io"},
                                 std::int64_t{0}};
    CHECK(out->at(0).samples.at(0).values == got);
}

TEST_CASE("wire: a whole number that no double may hold stays a whole number")
{
    static constexpr std::int64_t power = 9'007'199'254'740'992; // 2^53
    std::vector<Value> const told{std::int64_t{10'000'000'000'000'000},
                                  std::int64_t{-10'000'000'000'000'000},
                                  std::int64_t{9'000'000'000'000'000},
                                  std::int64_t{9'223'372'036'854'775'000},
                                  power,
                                  power + 1,
                                  std::numeric_limits<std::int64_t>::max(),
                                  std::numeric_limits<std::int64_t>::min()};
    auto const text = encode(FromAgent(pack({{.sequence = 1, .probe = "p", .taken_ms = 5, .samples = {{"", told}}}})));
    CHECK(text.find(R"(["p",10000000000000000,-10000000000000000,9e15,9223372036854775000,)") != std::string::npos);
    auto read = decode_from_agent(text);
    REQUIRE(read);
    auto const out = unpack(std::get<Readings>(std::move(*read)));
    REQUIRE(out);
    CHECK(out->at(0).samples.at(0).values == told);
}

TEST_CASE("wire: a reading of one subject without a key has its values at once, any other has its keys")
{
    auto const there_and_back = [](std::vector<Sample> samples) {
        auto const text =
            encode(FromAgent(pack({{.sequence = 1, .probe = "p", .taken_ms = 5, .samples = std::move(samples)}})));
        auto read = decode_from_agent(text);
        REQUIRE(read);
        auto out = unpack(std::get<Readings>(std::move(*read)));
        REQUIRE(out);
        return out->at(0).samples;
    };
    for (auto const& samples : std::vector<std::vector<Sample>>{
             {}, {{"", {}}}, {{"", {1.5}}}, {{"", {1.5}}, {"a", {2.5}}}, {{"a", {}}}, {{"", {Unknown{"io"}, 2.5}}}}) {
        auto const again = there_and_back(samples);
        REQUIRE(again.size() == samples.size());
        for (std::size_t i = 0; i < samples.size(); ++i) {
            CHECK(again[i].key == samples[i].key);
            CHECK(again[i].values == samples[i].values);
        }
    }
    // What begins with a value does not go on with a key.
    CHECK_FALSE(decode_from_agent(R"([1,5,["p",1,["a",2]]])"));
}

TEST_CASE("wire: readings that cannot be are refused with what is wrong")
{
    auto const problem = [](std::string const& text) -> std::string {
        auto read = decode_from_agent(text);
        if (!read) return read.error().trace;
        auto const out = unpack(std::get<Readings>(std::move(*read)));
        return out ? "" : out.error().trace;
    };
    auto const with = [](std::string const& first, std::string const& taken, std::string const& readings) {
        return "[" + first + "," + taken + (readings.empty() ? "" : ",") + readings + "]";
    };
    std::string const good = R"(["cpu",["",1]])";
    CHECK(problem(with("1", "5", good)).empty());
    CHECK(problem("[]").starts_with("readings: must begin with"));
    CHECK(problem(with("-1", "5", good)).starts_with("readings: must be a whole number"));
    CHECK(problem(with("1", "5", "")).starts_with("readings: must be 1 to 256"));
    CHECK(problem(with("18446744073709551615", "5", good)).starts_with("readings.first: "));
    CHECK(problem(with("1", "9223372036854775807", good)).starts_with("readings.taken_ms: "));
    CHECK(problem(with("1", "-1", good)).starts_with("readings.taken_ms: "));
    CHECK(problem(with("1", "5", "9223372036854775807," + good)).starts_with("readings.0: its time"));
    CHECK(problem(with("1", "5", "0.5," + good)).starts_with("readings.2: must be a whole number"));
    CHECK(problem(with("1", "5", "[]")).starts_with("readings.2: must begin with its probe"));
    CHECK(problem(with("1", "5", "[-1,2]")).starts_with("readings.2: must be a whole number"));
    CHECK(problem(with("1", "5", R"(["cpu",[1]])")).starts_with("readings.2: must be an array"));
    CHECK(problem(with("1", "5", R"(["cpu",{}])")).starts_with("readings.2: holds what is neither"));
    std::string many = good;
    for (int i = 0; i < 256; ++i)
        many += "," + good;
    CHECK(problem(with("1", "5", many)).starts_with("readings: must be 1 to 256"));
}

TEST_CASE("wire: every series has a number to travel as, and one that nobody knows has a name nobody has")
{
    for (auto const& probe : probes()) {
        if (probe.kind != Kind::series) continue;
        auto const name = std::string(probe.name);
        CAPTURE(name);
        auto const text =
            encode(FromAgent(pack({{.sequence = 1, .probe = name, .taken_ms = 5, .samples = {{"", {1.5}}}}})));
        CHECK(text.find('"') == std::string::npos);
        auto const read = decode_from_agent(text);
        REQUIRE(read);
        CHECK(std::get<Readings>(*read).readings.at(0).probe == name);
    }
    auto const newer = decode_from_agent("[1,5,[4000000000,1.5]]");
    REQUIRE(newer);
    CHECK(find_probe(std::get<Readings>(*newer).readings.at(0).probe) == nullptr);
}

TEST_CASE("codec: infinity is unknown, not an invalid message")
{
    CHECK(to_json(Value(std::numeric_limits<double>::infinity())).is_object());
}

TEST_CASE("codec: a series with a number beyond any range is refused")
{
    auto const text = [](std::string_view number) {
        return R"({"type":"series","sequence":1,"probe":"cpu","taken_ms":5,"samples":[["",)" + std::string(number) +
               "]]}";
    };
    CHECK(wire::decode_from_agent(text("1e300")));
    auto const infinite = wire::decode_from_agent(text("1e999"));
    REQUIRE_FALSE(infinite);
    CHECK(infinite.error().trace.find("samples") != std::string::npos);
}

TEST_CASE("codec: every message of both sides returns")
{
    Hello hello;
    hello.protocol = protocol;
    hello.event = {.first = 1, .next = std::numeric_limits<std::uint64_t>::max()};
    hello.digests = {{"os", "x"}};
    auto const read = decode_from_agent(encode(FromAgent(hello)));
    REQUIRE(read);
    CHECK(std::get<Hello>(*read).event.next == std::numeric_limits<std::uint64_t>::max());
    for (FromAgent const& message :
         {FromAgent(Event{.name = "boot"}), FromAgent(Gap{.lane = "event"}), FromAgent(Checked{.probes = {{"os", 1}}}),
          FromAgent(Goodbye{"stop"}), FromAgent(Renew{"pem"}),
          FromAgent(Separate{.request_pem = "pem", .hardware = {.id = "board", .disks = {"disk"}}})}) {
        auto const again = decode_from_agent(encode(message));
        REQUIRE(again);
        CHECK(again->index() == message.index());
    }
    for (FromCollector const& message :
         {FromCollector(Welcome{.need = {"os"}}), FromCollector(Ack{"event", 3}), FromCollector(Resync{{"os"}}),
          FromCollector(Refused{"revoked", "enrol again"}), FromCollector(Renewed{"pem", "ca"}),
          FromCollector(Update{"{\"format\":1}\n", "c2ln", 60, true})}) {
        auto const again = decode_from_collector(encode(message));
        REQUIRE(again);
        CHECK(again->index() == message.index());
    }
}

TEST_CASE("codec: unknown fields are skipped, an unknown type is told apart from a bad message")
{
    auto const newer = decode_from_collector(R"({"type":"ack","lane":"event","sequence":3,"news":[1,{"x":2}]})");
    REQUIRE(newer);
    CHECK(std::get<Ack>(*newer).sequence == 3);
    auto const unknown_type = decode_from_agent(R"({"type":"hologram"})");
    REQUIRE_FALSE(unknown_type);
    CHECK(unknown_type.error().code == make_error_code(errc::not_supported));
}

TEST_CASE("codec: a misfit names its path")
{
    struct Case {
        std::string_view text;
        std::string_view trace;
    };
    for (auto const& [sent, trace] : {
             Case{R"({"type":"ack","lane":"event"})", "ack.sequence: is missing"},
             Case{R"({"type":"ack","lane":"event","sequence":-1})",
                  "ack.sequence: must be a whole number within its range"},
             Case{R"({"type":"ack","lane":"event","sequence":1.5})",
                  "ack.sequence: must be a whole number within its range"},
             Case{R"({"type":"ack","lane":7,"sequence":1})", "ack.lane: must be a text"},
             Case{R"({"type":"resync","probes":["os",1]})", "resync.probes.1: must be a text"},
             Case{R"({"type":"resync","probes":{}})", "resync.probes: must be an array"},
             Case{R"({"lane":"event"})", "message.type: is missing"},
             Case{R"([])", "message.type: is missing"},
         }) {
        auto const& text = sent;
        CAPTURE(text);
        auto const read = decode_from_collector(text);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == make_error_code(errc::bad_message));
        CHECK(read.error().trace == trace);
    }
    auto const cell = decode_from_agent(
        R"({"type":"state","sequence":1,"probe":"os","taken_ms":1,"base":"","digest":"","unknown":"","cut_rows":0,"rows":{"eth0":{"mtu":[1]}},"removed":[]})");
    REQUIRE_FALSE(cell);
    CHECK(cell.error().trace.starts_with("state.rows.eth0.mtu: "));
}

TEST_CASE("codec: truncated JSON, deep JSON, long JSON and ill-formed UTF-8 are refused at every cut")
{
    auto const whole = encode(FromAgent(a_state()));
    for (std::size_t i = 0; i < whole.size(); ++i)
        CHECK_FALSE(decode_from_agent(whole.substr(0, i)));
    CHECK_FALSE(decode_from_agent(std::string(1000, '[')));
    CHECK_FALSE(decode_from_agent(std::string(limits::message_bytes + 1, ' ')));
    CHECK_FALSE(decode_from_agent("{\"type\":\"goodbye\",\"reason\":\"\xC0\x80\"}"));
}

TEST_CASE("codec: any change of a byte leaves an answer, never a crash")
{
    auto const whole = encode(FromAgent(a_state()));
    CHECK(rc::check("mutated messages", [&] {
        auto text = whole;
        auto const at = *rc::gen::inRange<std::size_t>(0, text.size());
        text[at] = *rc::gen::arbitrary<char>();
        (void)decode_from_agent(text);
    }));
}

TEST_CASE("token: the word returns, and a damaged one says what to do")
{
    TokenContent const content{"roll.example:8443", "ab12", "s3cret"};
    auto const word = encode_token(content);
    auto const read = decode_token("  " + word + "\n");
    REQUIRE(read);
    CHECK(read->address == content.address);
    CHECK(read->secret == content.secret);
    for (auto const& bad : {std::string("hello"), word.substr(0, word.size() / 2), word + "!", std::string()}) {
        auto const refused = decode_token(bad);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == make_error_code(errc::bad_input));
        CHECK(refused.error().trace.find(content.secret) == std::string::npos);
    }
}

TEST_CASE("digest: it depends on every key, column, type and value, and on nothing else")
{
    auto const base = a_state().rows;
    auto const differs = [&](auto const& change) {
        auto other = base;
        change(other);
        return digest(other) != digest(base);
    };
    CHECK(digest(base) == digest(a_state().rows));
    CHECK(differs([](Snapshot& s) { s["eth0"]["up"] = false; }));
    CHECK(differs([](Snapshot& s) { s["eth0"]["mtu"] = 1500.0; }));
    CHECK(differs([](Snapshot& s) { s["eth0"].erase("mtu"); }));
    CHECK(differs([](Snapshot& s) { s["eth1"]; }));
    CHECK(differs([](Snapshot& s) { s["eth0"]["speed_mbit_per_s"] = unknown(errc::timed_out); }));
    CHECK(digest({}).size() == 32);
}

TEST_CASE("digest: JSON carries a snapshot without changing its digest")
{
    CHECK(
        rc::check("digest after a journey", [](std::map<std::string, std::map<std::string, std::int64_t>> const& raw) {
            Snapshot snapshot;
            for (auto const& [key, row] : raw)
                for (auto const& [column, value] : row)
                    snapshot[to_hex({reinterpret_cast<unsigned char const*>(key.data()), key.size()})]
                            [to_hex({reinterpret_cast<unsigned char const*>(column.data()), column.size()})] = value;
            auto const again = snapshot_from_json(boost::json::parse(boost::json::serialize(to_json(snapshot))));
            RC_ASSERT(again.has_value());
            RC_ASSERT(digest(*again) == digest(snapshot));
        }));
}

TEST_CASE("check: a newer agent's columns are dropped, a wrong type is named")
{
    auto const& probe = *find_probe("network_interfaces");
    auto rows = a_state().rows;
    rows["eth0"]["colour"] = std::string("red");
    REQUIRE(check(rows, probe));
    CHECK_FALSE(rows["eth0"].contains("colour"));

    rows["eth0"]["up"] = std::string("yes");
    auto const refused = check(rows, probe);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().trace == "network_interfaces.eth0.up: must be of type boolean");
}

TEST_CASE("check: names of every kind of character pass, too many rows and too long texts do not")
{
    auto const& probe = *find_probe("software");
    Snapshot rows;
    rows["\xF0\x9F\x98\x80 \xE2\x80\xAE \xCC\x81 \xD8\xB9"] = {{"version", std::string("\xE2\x80\x8B")}};
    CHECK(check(rows, probe));
    rows["long"] = {{"version", std::string(limits::text_bytes + 1, 'x')}};
    CHECK_FALSE(check(rows, probe));
    rows.clear();
    for (std::size_t i = 0; i <= limits::snapshot_rows; ++i)
        rows[std::to_string(i)];
    auto const refused = check(rows, probe);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == make_error_code(errc::limit_exceeded));
}
