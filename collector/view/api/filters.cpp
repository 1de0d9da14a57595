#include "collector/view/api/filters.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "collector/view/api/filter_memory.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/routes.hpp"
#include "collector/view/filter/limits.hpp"
#include "collector/view/list_columns.hpp"

namespace rollcall::api
{

Parameter filter_parameter()
{
    auto parameter = text("filter", "An expression over columns and probes, such as 'volumes.free_percent < 10 and "
                                    "os.family is linux'. POST /api/v1/filter/check checks one.");
    parameter.max = static_cast<std::int64_t>(filter::limits::text_bytes);
    return parameter;
}

static std::string named(std::vector<std::string> const& names)
{
    std::string list;
    for (auto const& name : names)
        list.append(list.empty() ? "" : " or ").append(name);
    return list;
}

static std::string remedy_of(filter::Fault const& fault)
{
    if (fault.nearest.empty()) return fault.remedy;
    return "Did you mean " + named(fault.nearest) + "? " + fault.remedy;
}

Problem problem_of(filter::Fault const& fault)
{
    return bad_input("filter", fmt::format("At character {}: {}", fault.position + 1, fault.message), remedy_of(fault));
}

bool is_of_device(filter::Column const& column) { return column.name.find('.') != std::string::npos; }

Problem devices_are_hidden(std::string field)
{
    return problem(403, "permission-required", "You may not do this",
                   "To ask for more of the devices needs the permission 'devices.read'.", std::move(field),
                   "Name columns of the alerts only.");
}

/// Does it ask about more of a device than that it has the alert?
static bool asks_about_devices(filter::Expression const& expression)
{
    using Kind = filter::Expression::Kind;
    if (expression.kind == Kind::rows) return true;
    if (expression.kind == Kind::test) return is_of_device(*expression.test.column);
    return std::ranges::any_of(expression.parts, asks_about_devices);
}

Outcome<RequestFilter> RequestFilter::parse(Call const& call, filter::Subject const& subject)
{
    RequestFilter made;
    auto const text = call.arguments.text("filter");
    if (text.empty()) return made;
    auto parsed = filter::parse(text, subject);
    if (auto const* const fault = std::get_if<filter::Fault>(&parsed)) return problem_of(*fault);
    made.expression_ = std::get<filter::Expression>(std::move(parsed));
    if (!call.identity->may(access::Permission::devices_read) && asks_about_devices(*made.expression_))
        return devices_are_hidden("filter");
    made.subject_ = &subject;
    return made;
}

// --- rows ------------------------------------------------------------------------------------------------------------

/// The rows of one probe on a device. `is_known` false: it could not be read there, or never was.
static Result<filter::TableRows> state_rows_of(sqlite::Database& db, std::string_view device_id, std::string_view probe)
{
    filter::TableRows table;
    auto const status = store::probe_status(db, device_id, probe);
    if (!status) return status.error();
    if (!*status || !(*status)->unknown.empty()) return table;
    auto rows = store::state_snapshot(db, device_id, probe);
    if (!rows) return rows.error();
    table.is_known = true;
    table.rows = *std::move(rows);
    table.cut_rows = (*status)->cut_rows;
    return table;
}

static Result<filter::TableRows> series_rows_of(sqlite::Database& db, std::string_view device_id,
                                                wire::Probe const& probe)
{
    filter::TableRows table;
    auto const last = store::latest_series(db, device_id, probe.name);
    if (!last) return last.error();
    if (!*last) return table;
    table.is_known = true;
    for (auto const& sample : (*last)->samples) {
        auto& row = table.rows[sample.key];
        for (std::size_t place = 0; place < std::min(sample.values.size(), probe.columns.size()); ++place)
            row.emplace(probe.columns[place].name, sample.values[place]);
    }
    return table;
}

static Result<filter::TableRows> rows_of(sqlite::Database& db, std::string_view device_id, wire::Probe const& probe)
{
    return probe.kind == wire::Kind::series ? series_rows_of(db, device_id, probe)
                                            : state_rows_of(db, device_id, probe.name);
}

/// The table's own probe says which rows there are, and whether that is known. The others add cells to them: what they
/// still tell of a row that has gone is of the past.
static Result<filter::TableRows> rows_of(sqlite::Database& db, std::string_view device_id, filter::Table const& table)
{
    auto rows = rows_of(db, device_id, *table.probes.front());
    if (!rows || !rows->is_known) return rows;
    for (std::size_t number = 1; number < table.probes.size(); ++number) {
        auto more = rows_of(db, device_id, *table.probes[number]);
        if (!more) return more.error();
        for (auto& [key, row] : rows->rows)
            if (auto const found = more->rows.find(key); found != more->rows.end()) row.merge(found->second);
    }
    return rows;
}

namespace
{

/// The row tests of one filter, and what is known of them.
struct Asked {
    std::vector<filter::Expression const*> tests;
    /// Beside each test; nullptr where its answer changes with time alone.
    std::vector<std::shared_ptr<FilterMemory::Test>> remembered;
};

} // namespace

static Asked asked_by(filter::Expression const& expression, filter::Subject const& subject, FilterMemory& memory)
{
    Asked asked{.tests = filter::row_tests(expression), .remembered = {}};
    for (auto const* const test : asked.tests)
        asked.remembered.push_back(
            filter::depends_on_now(*test) ? nullptr : memory.begin(to_string(*test, subject), *test->rows.table));
    return asked;
}

/// Answers the tests of which nothing is known.
static Result<> answer_missing(sqlite::Database& db, std::string_view device_id, view::DeviceNumber device,
                               Asked const& asked, view::RowAnswers& answers, UnixMs now_ms)
{
    std::map<filter::Table const*, filter::TableRows> read;
    for (std::size_t number = 0; number < asked.tests.size(); ++number) {
        auto& answer = answers[number][device];
        if (answer != filter::Truth::undecided) continue;
        auto const& test = *asked.tests[number];
        auto found = read.find(test.rows.table);
        if (found == read.end()) {
            auto rows = rows_of(db, device_id, *test.rows.table);
            if (!rows) return rows.error();
            found = read.emplace(test.rows.table, *std::move(rows)).first;
        }
        answer = filter::evaluate_rows(test, found->second, now_ms);
    }
    return {};
}

std::optional<Problem> RequestFilter::read_rows(Services& services, std::vector<view::DeviceNumber> const& devices,
                                                UnixMs now_ms)
{
    auto const asked = asked_by(*expression_, *subject_, *services.filter_memory);
    auto const size = std::size_t{std::ranges::max(devices)} + 1;
    for (auto const& remembered : asked.remembered) {
        if (remembered != nullptr)
            answers_.push_back(services.filter_memory->known(*remembered));
        else
            answers_.emplace_back();
        if (answers_.back().size() < size) answers_.back().resize(size, filter::Truth::undecided);
    }
    std::vector<view::DeviceNumber> missing;
    for (auto const device : devices)
        if (std::ranges::any_of(answers_, [&](auto const& of) { return of[device] == filter::Truth::undecided; }))
            missing.push_back(device);
    auto const ids = services.projection.ids_of(missing);

    auto const begun = services.clock.steady();
    std::size_t done = 0;
    // Others read in between: a connection is borrowed for some devices at a time.
    while (done < missing.size() && services.clock.steady() - begun <= limits::filter_read) {
        auto const to = std::min(done + limits::filter_devices_at_once, missing.size());
        auto const from = done;
        auto const read = services.store.read([&](sqlite::Database& db) -> Result<> {
            while (done < to && services.clock.steady() - begun <= limits::filter_read) {
                if (auto answered = answer_missing(db, ids[done], missing[done], asked, answers_, now_ms); !answered)
                    return answered;
                ++done;
            }
            return {};
        });
        if (!read) return from_error(read.error());
        for (std::size_t number = 0; number < asked.tests.size(); ++number)
            if (asked.remembered[number] != nullptr)
                services.filter_memory->keep(*asked.remembered[number], std::span(missing).subspan(from, done - from),
                                             answers_[number]);
    }
    if (done == missing.size()) return std::nullopt;
    return problem(
        400, "limit-exceeded", "The filter asks for too much",
        fmt::format("Within {} s the probes of {} of {} devices could be read.", limits::filter_read.count(),
                    devices.size() - missing.size() + done, devices.size()),
        "filter",
        "Ask again: what was read is remembered. Or narrow it: choose a customer, or add 'and' with columns of "
        "the list, which are held in memory.");
}

std::optional<Problem> RequestFilter::wrong_with_time() const
{
    if (!patience_ || !patience_->has_ended()) return std::nullopt;
    return problem(400, "limit-exceeded", "The filter asks for too much",
                   fmt::format("Not all lines could be looked at within {} ms.", view::Patience::limit.count()),
                   "filter", "Choose a customer, or write fewer and simpler conditions.");
}

// --- /filter ---------------------------------------------------------------------------------------------------------

static std::vector<std::string> subjects() { return {"devices", "alerts"}; }

static filter::Subject const& subject_of(std::string_view name)
{
    return name == "alerts" ? view::alert_subject() : view::device_subject();
}

static FilterColumn shown(filter::Column const& column, std::string name, std::string group)
{
    FilterColumn made{.name = std::move(name),
                      .label = column.label,
                      .group = std::move(group),
                      .many_rows = false,
                      .type = std::string(to_string(column.type)),
                      .unit = std::string(wire::to_string(column.unit)),
                      .meaning = column.meaning,
                      .operators = operators_of(column),
                      .words = column.words,
                      .units = {}};
    for (auto const& unit : column.type == filter::Type::time ? filter::words_of_time() : filter::words_of(column.unit))
        made.units.emplace_back(unit.word);
    return made;
}

static Outcome<FilterColumns> list_columns(Services&, Call& call, Nothing const&)
{
    auto const& subject = subject_of(call.arguments.text("of"));
    FilterColumns answer;
    for (auto const& column : subject.columns)
        answer.items.push_back(shown(column, column.name, {}));
    for (auto const& table : filter::tables()) {
        auto const name = subject.table_prefix + table.name;
        for (auto const& column : table.columns) {
            answer.items.push_back(shown(column, name + "." + column.name, table.label));
            answer.items.back().many_rows = table.has_many_rows;
        }
    }
    return answer;
}

static FilterCondition shown(filter::Test const& test, std::string name)
{
    std::string value;
    for (auto const& one : test.values)
        value.append(value.empty() ? "" : ", ").append(one.shown);
    return {.column = std::move(name),
            .op = filter::word_of(test.op, test.negated, test.column->type),
            .value = std::move(value)};
}

/// The condition, where it is one that a line of a form can hold.
static std::optional<FilterCondition> line_of(filter::Expression const& part, filter::Subject const& subject)
{
    using Kind = filter::Expression::Kind;
    if (part.kind == Kind::test) return shown(part.test, part.test.column->name);
    bool const is_plain = part.kind == Kind::rows && part.rows.quantifier == filter::RowTest::Quantifier::any &&
                          part.parts[0].kind == Kind::test;
    if (!is_plain) return std::nullopt;
    auto const& test = part.parts[0].test;
    return shown(test, subject.table_prefix + part.rows.table->name + "." + test.column->name);
}

static std::optional<FilterOutline> outline_of(filter::Expression const& expression, filter::Subject const& subject)
{
    using Kind = filter::Expression::Kind;
    FilterOutline outline{.join = expression.kind == Kind::either ? "or" : "and", .conditions = {}};
    bool const is_joined = expression.kind == Kind::either || expression.kind == Kind::both;
    auto const add = [&](filter::Expression const& part) {
        auto line = line_of(part, subject);
        if (!line) return false;
        outline.conditions.push_back(*std::move(line));
        return true;
    };
    bool const fits = is_joined ? std::ranges::all_of(expression.parts, add) : add(expression);
    return fits ? std::optional(std::move(outline)) : std::nullopt;
}

static Outcome<FilterCheck> check_filter(Services&, Call&, FilterText const& body)
{
    auto const known = subjects();
    if (std::ranges::find(known, body.of) == known.end())
        return bad_input("of", "There is no list of this name that can be filtered.", "Give devices or alerts.");
    auto const& subject = subject_of(body.of);
    auto const parsed = filter::parse(body.filter, subject);
    FilterCheck answer;
    if (auto const* const fault = std::get_if<filter::Fault>(&parsed)) {
        answer.fault = FilterFault{.position = static_cast<std::int64_t>(fault->position),
                                   .length = static_cast<std::int64_t>(fault->length),
                                   .message = fault->message,
                                   .remedy = fault->remedy,
                                   .nearest = fault->nearest};
        return answer;
    }
    auto const& expression = std::get<filter::Expression>(parsed);
    answer.canonical = to_string(expression, subject);
    answer.reads_probes = !filter::row_tests(expression).empty();
    answer.outline = outline_of(expression, subject);
    return answer;
}

std::vector<Route> filter_routes()
{
    return {
        make_route(Declaration{.method = "GET",
                               .pattern = "/api/v1/filter/columns",
                               .summary = "What a filter can name",
                               .parameters = {required(one_of("of", subjects(), "The list that is filtered."))},
                               .needs = Needs::nothing()},
                   &list_columns),
        make_route(Declaration{.method = "POST",
                               .pattern = "/api/v1/filter/check",
                               .summary = "Check a filter, and write it in the one way to write it",
                               .asks = true,
                               .needs = Needs::nothing()},
                   &check_filter),
    };
}

} // namespace rollcall::api
