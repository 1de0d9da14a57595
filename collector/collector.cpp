#include "collector/collector.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "collector/access/access.hpp"
#include "collector/access/auditor.hpp"
#include "collector/backend.hpp"
#include "collector/browser_files.hpp"
#include "collector/data_folder.hpp"
#include "collector/gateway/ca.hpp"
#include "collector/pipeline/pipeline.hpp"
#include "collector/rules/profile.hpp"
#include "collector/store/health.hpp"
#include "collector/updates/releases.hpp"
#include "collector/view/api/api.hpp"
#include "collector/view/api/install.hpp"
#include "collector/view/api/routes.hpp"
#include "collector/view/api/tokens.hpp"
#include "collector/view/live/events.hpp"
#include "collector/view/live/live.hpp"
#include "collector/view/projection.hpp"
#include "common/core/age_clock.hpp"
#include "common/core/ids.hpp"
#include "common/core/text.hpp"
#include "common/log/log.hpp"
#include "common/net/address.hpp"
#include "common/net/tls.hpp"
#include "common/release/build_key.hpp"

namespace rollcall::collector
{

/// For the audit log: whoever may run a command on this machine may do so.
static std::shared_ptr<store::AuditEntry> by_command(std::string_view command, std::string_view about, UnixMs now_ms)
{
    auto entry = std::make_shared<store::AuditEntry>();
    entry->actor_kind = "command_line";
    entry->action = std::string("rollcall-collector ").append(command);
    entry->detail = boost::json::serialize(boost::json::object{{"about", clean_text(about)}});
    entry->at_ms = now_ms;
    return entry;
}

/// In the order in which they are made; each may call those above it.
struct Collector::Parts {
    Options options;
    SystemClock system_clock;
    Clock const* clock = nullptr;
    std::string public_host = "localhost";
    std::atomic<std::uint16_t> public_port = 0;
    std::optional<std::string> first_password;
    std::optional<BrowserFiles> browser_files;

    std::optional<DataFolder> folder;
    std::unique_ptr<store::Store> store;
    std::vector<std::string> names; ///< Of this machine, for the server's certificate.
    mutable std::mutex keys_mutex;  ///< Guards the three below, which only the watcher changes.
    std::shared_ptr<gateway::Authority const> keys;
    std::chrono::milliseconds keys_looked_at{};
    AgeClock keys_clock; ///< By which certificates grow old, when it was looked at.
    /// The latest time at which devices were there before the start, on the steady clock; nothing: none ever were.
    std::optional<std::chrono::milliseconds> devices_lead;
    std::unique_ptr<access::Access> access;
    std::unique_ptr<access::Auditor> auditor; ///< The watcher's, once that runs.
    std::unique_ptr<view::Projection> projection;
    std::unique_ptr<updates::Board> board;
    std::unique_ptr<updates::Releases> releases;
    std::string pin; ///< Of the key that browsers are shown. Guarded by keys_mutex.
    std::unique_ptr<PipelineBackend> backend;
    std::atomic<gateway::Gateway*> open_gateway = nullptr;
    std::unique_ptr<pipeline::Pipeline> pipeline;
    std::unique_ptr<store::Upkeep> upkeep;
    std::unique_ptr<api::Api> api;
    std::unique_ptr<live::Events> events;
    std::unique_ptr<live::Live> live;
    std::unique_ptr<gateway::Gateway> gateway;

    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;
    std::thread watcher;

    /// Shared with the work that asks the writer whether it lives.
    struct Pulse {
        std::atomic<std::chrono::steady_clock::time_point> last{std::chrono::steady_clock::now()};
        std::atomic<bool> asked = false;
    };
    std::shared_ptr<Pulse> const pulse = std::make_shared<Pulse>();

    Result<> open();
    Result<> run(rules::Profile profile, api::Files files, std::optional<gateway::BrowserCertificate> browser);
    void watch();
    void feel_pulse();
    void look_for_customers();
    void look_for_certificate();
    void look_after_keys();
    void look_at_clock_first();
    [[nodiscard]] AgeClock keys_clock_at(std::chrono::milliseconds steady) const;
    [[nodiscard]] Result<> may_sign() const;
    [[nodiscard]] std::shared_ptr<gateway::Authority const> authority() const
    {
        std::lock_guard const lock(keys_mutex);
        return keys;
    }
    Result<> note_pin(std::string const& shown_pem);
    [[nodiscard]] std::string shown_pin() const
    {
        std::lock_guard const lock(keys_mutex);
        return pin;
    }
    void note_certificate(gateway::BrowserCertificate const& certificate, UnixMs ends_ms);
    void stop();
    [[nodiscard]] net::Address address() const { return {.host = public_host, .port = public_port}; }
};

static Result<rules::Profile> read_profile(std::filesystem::path const& path)
{
    if (path.empty()) return rules::default_profile();
    std::ifstream stream(path, std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    if (!stream)
        return fail(errc::not_found, "thresholds: " + path.string() +
                                         ": cannot be read. Name a file that the collector's user may read.");
    auto profile = rules::parse_profile(text);
    if (!profile) return fail(profile.error(), path.string());
    return profile;
}

/// Sets `files` where the options name some; nothing where they do not.
static Result<std::optional<gateway::BrowserCertificate>> read_browser_certificate(Collector::Options const& options,
                                                                                   std::optional<BrowserFiles>& files)
{
    if (options.browser_certificate.empty() && options.browser_key.empty())
        return std::optional<gateway::BrowserCertificate>();
    if (options.browser_certificate.empty() || options.browser_key.empty())
        return fail(errc::bad_input, "browser_certificate and browser_key: only one is given. Give both or none");
    auto certificate = files.emplace(options.browser_certificate, options.browser_key).read();
    if (!certificate) return certificate.error();
    return std::optional(*std::move(certificate));
}

/// Larger databases would hold the start up: about a second for this much.
static constexpr std::uintmax_t checked_bytes = 256UL * 1024 * 1024;

static Error database_fault(DataFolder const& folder, Error const& error)
{
    auto fault = fail(error, "Database " + folder.database().string());
    if (auto const remedy = store::remedy_for(error); !remedy.empty()) fault.trace.append(". ").append(remedy);
    return fault;
}

static api::ThresholdProfile shown(rules::Profile const& profile)
{
    api::ThresholdProfile answer{.name = profile.name, .items = {}};
    for (auto const& item : profile.items)
        if (item.enabled)
            answer.items.push_back({.id = item.id,
                                    .title = item.title,
                                    .probe = item.probe,
                                    .column = item.column,
                                    .severity = std::string(rules::to_string(item.severity)),
                                    .category = item.category,
                                    .explanation = rules::explain(item),
                                    .comparison = std::string(rules::to_string(item.comparison)),
                                    .raise = rules::is_level(item) ? std::optional(item.raise) : std::nullopt,
                                    .clear = rules::is_level(item) ? std::optional(item.clear) : std::nullopt,
                                    .hold_s = item.raise_hold.count()});
    return answer;
}

static void tell_if_ahead(AgeClock const& clock)
{
    if (is_ahead(clock))
        log::warning("collector.keys_clock_ahead",
                     {{"clock_ms", clock.seen_ms}, {"believed_in_s", believed_in(clock).count() / 1000}});
}

Result<> Collector::Parts::open()
{
    clock = options.clock ? options.clock : &system_clock;
    if (!options.public_url.empty()) {
        auto const given = net::parse_https_url(options.public_url);
        if (!given) return fail(given.error(), "public_url");
        public_host = given->host;
        public_port = given->port;
    }
    auto profile = read_profile(options.thresholds);
    if (!profile) return profile.error();
    auto files = api::Files::load(options.web);
    if (!files) return files.error();
    if (auto const sane = store::check(options.retention); !sane) return sane.error();
    auto browser = read_browser_certificate(options, browser_files);
    if (!browser) return browser.error();

    // A first start that cannot listen makes nothing; a later one learns first whether another collector is at work.
    std::error_code unknown;
    if (!std::filesystem::exists(options.data, unknown))
        if (auto const free = gateway::Gateway::can_listen({.address = options.listen, .port = options.port}); !free)
            return free.error();
    auto opened = DataFolder::open(options.data);
    if (!opened) return opened.error();
    folder.emplace(*std::move(opened));
    if (auto const there = folder->check_database(); !there) return there.error();
    auto database = store::Store::open({.file = folder->database(),
                                        .readers = api::limits::handler_threads + api::limits::filter_threads + 1,
                                        .checked_bytes = checked_bytes});
    if (!database) return database_fault(*folder, database.error());
    store = *std::move(database);
    names = gateway::machine_names();
    names.push_back(public_host);
    look_at_clock_first();
    tell_if_ahead(keys_clock);
    auto opened_keys = gateway::Authority::open(folder->path(), names, keys_clock.trusted_ms);
    if (!opened_keys) return opened_keys.error();
    keys = *std::move(opened_keys);
    return run(*std::move(profile), *std::move(files), *std::move(browser));
}

Result<> Collector::Parts::run(rules::Profile profile, api::Files files,
                               std::optional<gateway::BrowserCertificate> browser)
{
    bool lost = false;
    auto const looked = store->read([&](sqlite::Database& db) -> Result<> {
        auto const technicians = store::all_technicians(db);
        if (!technicians) return technicians.error();
        auto const head = store::audit_head(db);
        if (!head) return head.error();
        auto const depends = [](store::Technician const& one) { return !one.totp_secret.empty(); };
        lost = head->id > 0 || std::ranges::any_of(*technicians, depends);
        return {};
    });
    if (!looked) return looked.error();
    auto access_keys = access::Keys::open(folder->path(), !lost);
    if (!access_keys) return access_keys.error();
    access = std::make_unique<access::Access>(*store, *clock, *access_keys);
    auditor = std::make_unique<access::Auditor>(access::Auditor::Options{.store = *store,
                                                                         .clock = *clock,
                                                                         .keys = *access_keys,
                                                                         .folder = folder->path(),
                                                                         .kept = options.retention.audit});
    if (auto const exported = auditor->export_head(); !exported) return exported.error();
    projection = std::make_unique<view::Projection>();
    board = std::make_unique<updates::Board>(*clock);
    releases = std::make_unique<updates::Releases>(
        options.releases.empty() ? folder->path() / DataFolder::releases_folder : options.releases,
        std::string(release::build_key()), options.pace.look_every);
    backend = std::make_unique<PipelineBackend>(*folder, *store, *clock);
    auto thresholds = shown(profile);
    auto const sign = [this](std::string_view request, std::string_view device) -> Result<pipeline::SignedCertificate> {
        if (auto const trusted = may_sign(); !trusted) return trusted.error();
        auto const now_valid = authority();
        auto made = now_valid->sign(request, device, clock->now_ms());
        if (!made) return made.error();
        return pipeline::SignedCertificate{.certificate_pem = std::move(made->pem),
                                           .fingerprint = std::move(made->fingerprint),
                                           .issued_ms = made->issued_ms,
                                           .ca_pem = now_valid->ca_pem()};
    };
    auto const close_device = [this](std::string_view device) {
        if (auto* const open = open_gateway.load()) open->close_device(std::string(device));
    };
    auto flow = pipeline::Pipeline::start({.store = *store,
                                           .projection = *projection,
                                           .clock = *clock,
                                           .profile = std::move(profile),
                                           .sign = sign,
                                           .board = *board,
                                           .pace = options.pace,
                                           .close_device = close_device,
                                           .tick_every = options.tick_every});
    if (!flow) return flow.error();
    pipeline = *std::move(flow);
    backend->use(*pipeline);
    releases->listen([this](auto shelf) { pipeline->use_releases(std::move(shelf)); });
    upkeep = std::make_unique<store::Upkeep>(
        store::Upkeep::Options{.store = *store, .clock = *clock, .retention = options.retention});
    backend->use(upkeep.get());
    if (options.tick_every.count() > 0) upkeep->start();

    events = std::make_unique<live::Events>(*access, *projection);
    api = std::make_unique<api::Api>(api::Services{.clock = *clock,
                                                   .store = *store,
                                                   .access = *access,
                                                   .projection = *projection,
                                                   .backend = *backend,
                                                   .board = *board,
                                                   .public_address = [this] { return net::to_string(address()); },
                                                   .ca_sha256 = [this] { return authority()->fingerprint(); },
                                                   .install_pin = [this] { return shown_pin(); },
                                                   .started_ms = clock->now_ms(),
                                                   .thresholds = std::move(thresholds),
                                                   .retention = options.retention,
                                                   .events = events.get()},
                                     std::move(files));
    live = std::make_unique<live::Live>(*access, *projection, api->pool(),
                                        [this](gateway::HttpRequest const& request, api::Admission const& admission) {
                                            api->note_refusal("GET /api/v1/live", request, admission);
                                        });
    gateway::Options listen{.address = options.listen,
                            .port = options.port,
                            .threads = options.threads,
                            .tls = authority()->material(),
                            .browser = browser,
                            .limits = options.limits};
    // A chosen port is known to the very first request; a free one only once it listens.
    if (public_port == 0) public_port = options.port;
    auto listening = gateway::Gateway::start(std::move(listen), *api, *live, *pipeline);
    if (!listening) return listening.error();
    gateway = *std::move(listening);
    open_gateway = gateway.get();
    if (public_port == 0) public_port = gateway->port();
    if (auto const noted = note_pin(browser ? browser->chain_pem : authority()->material().chain_pem); !noted)
        return noted.error();

    auto password = [&] {
        store::AuditScope const recorded(by_command("serve", access::first_name, clock->now_ms()));
        return access->first_password();
    }();
    if (!password) return password.error();
    first_password = *std::move(password);
    // One that has ended is better than none: agents do not see it, and people are told by their browser.
    if (browser)
        if (auto const ends_ms = gateway::ends_at(*browser)) note_certificate(*browser, *ends_ms);
    watcher = std::thread([this] { watch(); });
    backend->use(gateway.get());
    releases->start();
    log::info("collector.started",
              {{"port", gateway->port()}, {"url", net::to_https_url(address())}, {"data", folder->path().string()}});
    return {};
}

void Collector::Parts::watch()
{
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, poll_every, [this] { return stopping; })) {
        lock.unlock();
        look_for_customers();
        look_for_certificate();
        api->keep_refusals(false);
        if (options.tick_every.count() > 0) {
            look_after_keys();
            auditor->tick();
        }
        lock.lock();
    }
}

/// The writer answers between two works; one whose queue is full lives as soon as it gets on with it.
void Collector::Parts::feel_pulse()
{
    if (pulse->asked.exchange(true)) return;
    auto const answer = [beat = pulse] {
        beat->last = std::chrono::steady_clock::now();
        beat->asked = false;
    };
    auto const nothing = [](sqlite::Database&) { return Result<>(); };
    if (!store->submit(nothing, [answer](Result<> const&) { answer(); })) store->when_drained(answer);
}

/// Another process may add customers (`create-token`): the projection hears of them here.
void Collector::Parts::look_for_customers()
{
    std::vector<store::Customer> all;
    auto const read = store->read([&](sqlite::Database& db) -> Result<> {
        auto found = store::all_customers(db);
        if (!found) return found.error();
        all = *std::move(found);
        return {};
    });
    if (!read) log::warning("collector.customers_not_read", {{"error", read.error()}});
    view::Change change;
    for (auto const& customer : all) {
        // A device that came first has made a place without a name.
        auto const known = projection->customer(store::Scope::everything(), customer.id);
        if (known && known->name == customer.name) continue;
        projection->put_customer(customer);
        change.places[{.customer_id = customer.id}].customers = true;
    }
    if (!change.places.empty()) projection->announce(change);
}

/// Whatever is wrong with new files, the old certificate stays; they are tried again when they change again.
void Collector::Parts::look_for_certificate()
{
    if (!browser_files || !browser_files->changed()) return;
    auto const refused = [](Error const& error) {
        log::warning("collector.browser_certificate_refused", {{"error", error}});
    };
    auto const fresh = browser_files->read();
    if (!fresh) return refused(fresh.error());
    auto const ends_ms = gateway::ends_at(*fresh);
    if (!ends_ms) return refused(ends_ms.error());
    if (*ends_ms <= clock->now_ms()) return refused(fail(errc::refused, "browser_certificate: it has ended already"));
    if (auto const shown = gateway->show_browsers(*fresh); !shown) return refused(shown.error());
    if (auto const noted = note_pin(fresh->chain_pem); !noted)
        log::warning("collector.pin_not_noted", {{"error", noted.error()}});
    note_certificate(*fresh, *ends_ms);
}

static bool holds(std::string const& ca_pem, std::string const& fingerprint)
{
    auto const all = net::certificates_from_pem(ca_pem);
    return all && std::ranges::any_of(*all, [&](auto const& ca) { return net::fingerprint(*ca) == fingerprint; });
}

/// By the clock of the upkeep, so that a start does not believe a leap sooner. Where no device was ever there is
/// nothing to guard, and the clock may be set right for the first time; a store that cannot say is no reason not to
/// start.
void Collector::Parts::look_at_clock_first()
{
    auto const now_ms = clock->now_ms();
    keys_looked_at = clock->steady();
    keys_clock = first_look(std::nullopt, now_ms);
    auto const read = store->read([&](sqlite::Database& db) -> Result<> {
        auto const newest = store::newest_trace(db);
        if (!newest) return newest.error();
        if (!*newest) return {};
        auto const known = store::look_at_age(db, now_ms);
        if (!known) return known.error();
        keys_clock = *known;
        devices_lead = std::chrono::milliseconds(**newest) - keys_looked_at;
        return {};
    });
    if (!read) log::warning("collector.keys_clock_unknown", {{"error", read.error()}});
}

AgeClock Collector::Parts::keys_clock_at(std::chrono::milliseconds steady) const
{
    std::lock_guard const lock(keys_mutex);
    // What passed here since the last look is no leap.
    auto const passed = (steady - keys_looked_at).count();
    auto age = keys_clock;
    age.trusted_ms += passed;
    age.seen_ms += passed;
    return observe(age, clock->now_ms());
}

/// A certificate from years ahead would outrank all that are issued later. Devices were there at a later time than what
/// is believed where the clock has been behind since: it may be set right at once.
Result<> Collector::Parts::may_sign() const
{
    if (!devices_lead) return {};
    auto const steady = clock->steady();
    auto const age = keys_clock_at(steady);
    auto const known_ms = std::max(age.trusted_ms, (steady + *devices_lead).count());
    auto const ahead = std::chrono::milliseconds(age.seen_ms - known_ms);
    if (ahead <= sign_ahead_most) return {};
    return fail(errc::refused, fmt::format("The collector's clock is {} days ahead of what it was. Set it right; if it "
                                           "is right, restart the collector once devices are connected, or wait {} "
                                           "hours",
                                           std::chrono::floor<std::chrono::days>(ahead).count(),
                                           std::chrono::ceil<std::chrono::hours>(believed_in(age)).count()));
}

/// A server's certificate lives about a year and a CA ten, and nobody has to start the collector for their sake.
void Collector::Parts::look_after_keys()
{
    auto const steady = clock->steady();
    auto const age = keys_clock_at(steady);
    bool const leapt = age.since_ms != keys_clock.since_ms;
    if (steady - keys_looked_at < look_after_keys_every && !leapt) return;
    {
        std::lock_guard const lock(keys_mutex);
        keys_looked_at = steady;
        keys_clock = age;
    }
    tell_if_ahead(age);
    auto fresh = gateway::Authority::open(folder->path(), names, age.trusted_ms);
    if (!fresh) return log::warning("collector.keys_not_renewed", {{"error", fresh.error()}});
    auto const before = authority();
    auto const& material = (*fresh)->material();
    if (material.chain_pem == before->material().chain_pem && material.ca_pem == before->material().ca_pem) return;
    if (!holds(material.ca_pem, before->fingerprint()))
        return log::error("collector.keys_exchanged",
                          {{"why", "ca.pem and ca.key no longer hold the CA that the devices know"},
                           {"remedy", "restore both from a backup of the data folder before the next start"}});
    if (auto const used = gateway->use_certificates(material); !used)
        return log::warning("collector.keys_not_renewed", {{"error", used.error()}});
    if (!browser_files)
        if (auto const noted = note_pin(material.chain_pem); !noted)
            log::warning("collector.pin_not_noted", {{"error", noted.error()}});
    log::info("collector.keys_renewed",
              {{"ca_sha256", (*fresh)->fingerprint()}, {"next_ca", (*fresh)->ca_pem() != before->ca_pem()}});
    std::lock_guard const lock(keys_mutex);
    keys = *std::move(fresh);
}

/// For lines that install an agent, also those that the command line prints: they believe the key of the certificate
/// that whoever fetches is shown.
Result<> Collector::Parts::note_pin(std::string const& shown_pem)
{
    auto const certificate = net::certificate_from_pem(shown_pem);
    if (!certificate) return certificate.error();
    auto fresh = net::key_pin(**certificate);
    if (!fresh) return fresh.error();
    if (auto noted = folder->note_address(net::to_string(address()), *fresh); !noted) return noted;
    std::lock_guard const lock(keys_mutex);
    pin = *std::move(fresh);
    return {};
}

void Collector::Parts::note_certificate(gateway::BrowserCertificate const& certificate, UnixMs ends_ms)
{
    backend->note_browser_certificate(ends_ms);
    log::info("collector.browser_certificate", {{"ends_ms", ends_ms}});
    if (ends_ms <= clock->now_ms()) log::warning("collector.browser_certificate_ended", {{"ends_ms", ends_ms}});
    if (!gateway::is_for(certificate, public_host))
        log::warning("collector.browser_certificate_name", {{"wanted", public_host}});
}

void Collector::Parts::stop()
{
    {
        std::lock_guard const lock(mutex);
        if (std::exchange(stopping, true)) return;
    }
    wake.notify_all();
    if (backend) backend->use(static_cast<gateway::Gateway*>(nullptr));
    if (watcher.joinable()) watcher.join();
    if (releases) releases->stop();
    // First: a stream that ends while its connection is still there is seen to be whole.
    if (events) events->stop();
    if (gateway) gateway->stop();
    if (live) live->stop();
    if (api) api->stop();
    if (upkeep) upkeep->stop();
    if (pipeline) pipeline->stop();
    if (auditor && gateway)
        if (auto const exported = auditor->export_head(); !exported)
            log::error("audit.not_exported", {{"error", exported.error()}});
    open_gateway = nullptr;
    if (gateway) log::info("collector.stopped");
    live.reset();
    api.reset();
    events.reset();
    upkeep.reset();
    pipeline.reset();
    gateway.reset();
    store.reset();
    folder.reset();
}

Collector::Collector(std::unique_ptr<Parts> parts)
    : parts_(std::move(parts))
{
}

Collector::~Collector() { stop(); }

std::vector<Error> Collector::check(Options const& options)
{
    std::vector<Error> found;
    auto const note = [&found](auto const& result, std::string_view name) {
        if (!result) found.push_back(name.empty() ? result.error() : fail(result.error(), name));
    };
    if (!options.public_url.empty()) note(net::parse_https_url(options.public_url), "public_url");
    note(read_profile(options.thresholds), "");
    note(api::Files::load(options.web), "web");
    std::optional<BrowserFiles> files;
    note(read_browser_certificate(options, files), "");
    return found;
}

Result<std::unique_ptr<Collector>> Collector::start(Options options)
{
    auto parts = std::make_unique<Parts>();
    parts->options = std::move(options);
    std::unique_ptr<Collector> collector(new Collector(std::move(parts)));
    if (auto const opened = collector->parts_->open(); !opened) return opened.error();
    return collector;
}

std::uint16_t Collector::port() const { return parts_->gateway ? parts_->gateway->port() : std::uint16_t(0); }

std::string Collector::address() const { return net::to_string(parts_->address()); }

std::string Collector::url() const { return net::to_https_url(parts_->address()); }

std::optional<std::string> const& Collector::first_password() const { return parts_->first_password; }

bool Collector::alive(std::chrono::milliseconds limit) const
{
    if (!parts_->gateway) return false;
    // Whoever asks makes the writer answer by the next time: no other thread has to be well for it.
    parts_->feel_pulse();
    return parts_->gateway->alive(limit) && parts_->pulse->last.load() >= std::chrono::steady_clock::now() - limit;
}

void Collector::tick()
{
    if (parts_->pipeline) parts_->pipeline->tick();
}

void Collector::stop() { parts_->stop(); }

Result<std::string> create_token(std::filesystem::path const& data, TokenWish const& wish)
{
    if (!api::is_customer_name(wish.customer))
        return fail(errc::bad_input, "--customer: give a name of 1 to " +
                                         std::to_string(api::limits::customer_name_characters) +
                                         " characters, no line breaks.");
    if (wish.uses < 1 || wish.uses > api::limits::token_uses)
        return fail(errc::bad_input,
                    "--uses: give a whole number from 1 to " + std::to_string(api::limits::token_uses) + ".");
    auto const systems = api::install_systems();
    if (!wish.install.empty() && std::ranges::find(systems, wish.install) == systems.end())
        return fail(errc::bad_input, "--install: give linux, windows or macos.");
    if (wish.expires_in_s < api::limits::token_min_s || wish.expires_in_s > api::limits::token_max_s)
        return fail(errc::bad_input, "--expires: give a time from 1m to 365d.");
    auto const folder = DataFolder::visit(data);
    if (!folder) return folder.error();
    auto const address = folder->address();
    if (!address) return address.error();
    auto const pin = wish.install.empty() ? Result<std::string>(std::string()) : folder->pin();
    if (!pin) return pin.error();
    auto const fingerprint = folder->ca_fingerprint();
    if (!fingerprint) return fingerprint.error();
    // A row of the audit log that was made before the key would be taken for one that outlived it.
    if (auto const keys = access::Keys::open(folder->path(), false); !keys) return keys.error();
    auto const store = store::Store::open({.file = folder->database(), .readers = 1});
    if (!store) return database_fault(*folder, store.error());

    auto const now = SystemClock().now_ms();
    auto const secret = make_secret(32);
    store::AuditScope const recorded(by_command("create-token", wish.customer, now));
    auto const written = (*store)->write([&](sqlite::Database& db) -> Result<> {
        auto customer = store::find_customer_by_name(db, wish.customer);
        if (!customer) return customer.error();
        if (!*customer) {
            customer->emplace(store::Customer{.id = make_uuid(now), .name = wish.customer, .created_ms = now});
            if (auto const added = store::add_customer(db, **customer); !added) return added.error();
        }
        return store::add_token(db, {.id = make_uuid(now),
                                     .customer_id = (*customer)->id,
                                     .secret_sha256 = sha256_hex(secret),
                                     .created_ms = now,
                                     .expires_ms = now + wish.expires_in_s * 1000,
                                     .uses = wish.uses,
                                     .uses_left = wish.uses});
    });
    if (!written) return fail(written.error(), "create-token");
    auto const word = api::token_word(*address, *fingerprint, secret);
    return wish.install.empty() ? word : api::install_line(wish.install, *address, *pin, word);
}

Result<std::string> reset_password(std::filesystem::path const& data, std::string const& name, bool without_totp)
{
    auto const folder = DataFolder::visit(data);
    if (!folder) return folder.error();
    auto const keys = access::Keys::open(folder->path(), false);
    if (!keys) return keys.error();
    auto const store = store::Store::open({.file = folder->database(), .readers = 1});
    if (!store) return database_fault(*folder, store.error());
    SystemClock const clock;
    access::Access access(**store, clock, *keys);
    store::AuditScope const recorded(
        by_command(without_totp ? "reset-password --remove-second-step" : "reset-password", name, clock.now_ms()));
    return access.reset_password(name, without_totp);
}

} // namespace rollcall::collector
