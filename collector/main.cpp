#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include "collector/audit_log.hpp"
#include "collector/backup.hpp"
#include "collector/collector.hpp"
#include "collector/config.hpp"
#include "collector/data_folder.hpp"
#include "collector/updates/releases.hpp"
#include "collector/view/api/json.hpp"
#include "collector/view/api/routes.hpp"
#include "common/core/version.hpp"
#include "common/log/journal.hpp"
#include "common/log/log.hpp"
#include "common/release/build_key.hpp"
#include "platform/service_host.hpp"

/// The command line of the collector. README.md of this folder documents every line it prints on standard output:
/// scripts read them.
namespace
{

constexpr int failed = 1;

int say_failure(rollcall::Error const& error)
{
    std::fprintf(stderr, "rollcall-collector: %s\n", error.trace.c_str());
    return failed;
}

void print(std::string const& line)
{
    std::fputs((line + "\n").c_str(), stdout);
    std::fflush(stdout);
}

/// "90s", "15m", "1h", "7d" in seconds; nullopt where it is none of these.
std::optional<std::int64_t> read_period(std::string const& text)
{
    if (text.size() < 2 || text.size() > 9 || text.find_first_not_of("0123456789") != text.size() - 1)
        return std::nullopt;
    auto const number = std::stoll(text.substr(0, text.size() - 1));
    switch (text.back()) {
    case 's':
        return number;
    case 'm':
        return number * 60;
    case 'h':
        return number * 3600;
    case 'd':
        return number * 86'400;
    default:
        return std::nullopt;
    }
}

/// What of `serve` stood on the command line, in its order.
using GivenOptions = std::vector<std::pair<rollcall::collector::ConfigKey const*, std::string>>;

int say_problems(std::vector<std::string> const& problems)
{
    for (auto const& problem : problems)
        std::fprintf(stderr, "%s\n", problem.c_str());
    return problems.empty() ? 0 : failed;
}

int say_backup(std::string const& folder, rollcall::Result<rollcall::collector::Backup> const& backup)
{
    if (!backup) return say_failure(backup.error());
    print(folder + ": " + to_string(*backup));
    return 0;
}

/// Beside a running collector or without one: it looks at the folder by itself.
int change_releases(std::string const& release, std::string const& data, std::string const& folder, bool add)
{
    using namespace rollcall;
    if (data.empty() && folder.empty())
        return say_failure(fail(errc::bad_input, "no data folder: name one with --data, or the releases' own with "
                                                 "--releases"));
    if (folder.empty())
        if (auto const visited = collector::DataFolder::visit(data); !visited) return say_failure(visited.error());
    auto const releases = folder.empty() ? std::filesystem::path(data) / collector::DataFolder::releases_folder
                                         : std::filesystem::path(folder);
    if (add) {
        auto const added = updates::add_release(release, releases, release::build_key());
        if (!added) return say_failure(added.error());
        print((releases / to_string(*added)).string() + ": added; it is offered within a minute");
        return 0;
    }
    if (auto const removed = updates::remove_release(release, releases); !removed) return say_failure(removed.error());
    print((releases / release).string() + ": removed");
    return 0;
}

int check_config(std::string const& file)
{
    auto [config, problems] = rollcall::collector::read_config(file);
    for (auto const& wrong : rollcall::collector::Collector::check(config.options))
        problems.push_back(wrong.trace);
    if (problems.empty()) print(file + ": nothing is wrong");
    return say_problems(problems);
}

/// Meanwhile tells whoever watches that we live, as long as we do.
void wait_for_signal(sigset_t const& signals, rollcall::platform::ServiceHost& host,
                     rollcall::collector::Collector const& collector)
{
    using namespace std::chrono;
    auto const period = host.watchdog_period();
    if (period.count() == 0) {
        while (sigwaitinfo(&signals, nullptr) < 0) {
        }
        return;
    }
    auto const pause = period / 2;
    timespec const limit{.tv_sec = duration_cast<seconds>(pause).count(),
                         .tv_nsec = duration_cast<nanoseconds>(pause % seconds(1)).count()};
    bool said = false;
    while (sigtimedwait(&signals, nullptr, &limit) < 0) {
        if (collector.alive(duration_cast<milliseconds>(period))) {
            host.alive();
            said = false;
        } else if (!std::exchange(said, true)) {
            rollcall::log::error("collector.stuck", {{"watchdog_ms", duration_cast<milliseconds>(period).count()}});
        }
    }
}

int serve(std::string const& config_file, GivenOptions const& given)
{
    rollcall::collector::Config config;
    if (!config_file.empty()) {
        auto read = rollcall::collector::read_config(config_file);
        if (!read.problems.empty()) return say_problems(read.problems);
        config = std::move(read.config);
    }
    for (auto const& [key, text] : given)
        if (auto const taken = put_option(config, *key, text); !taken) return say_failure(taken.error());
    if (config.options.data.empty())
        return say_failure(
            rollcall::fail(rollcall::errc::bad_input,
                           "no data folder: name one with --data, or as data = \"…\" in the file of --config."));
    rollcall::log::set_level(config.log_level);
    rollcall::log::set_format(config.log_format);

    // Blocked before any thread is made, so that only sigwait() below gets them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    auto const host = rollcall::platform::make_service_host();
    if (host->has_journal()) rollcall::log::use_journal();
    auto collector = rollcall::collector::Collector::start(std::move(config.options));
    if (!collector) return say_failure(collector.error());
    print("Address: " + (*collector)->url());
    if (auto const& password = (*collector)->first_password()) {
        print("User name: admin");
        // What a service manager's child prints goes into a log, where no password may ever stand.
        if (std::getenv("NOTIFY_SOCKET") == nullptr)
            print("First password: " + *password + "  (valid 24 h, change it at first log-in)");
        else
            print("For a first password run 'rollcall-collector reset-password admin --data DIR' in a terminal.");
    }
    host->ready();

    wait_for_signal(signals, *host, **collector);
    host->stopping();
    // Whoever asks a second time does not want to wait.
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    (*collector)->stop();
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    CLI::App app{"Rollcall's collector: receives what agents tell, keeps and judges it, and shows it to technicians."};
    app.set_version_flag("--version", "rollcall-collector " + std::string(rollcall::version()));
    app.require_subcommand(1);

    std::string config_file;
    GivenOptions given;
    auto* const serving = app.add_subcommand("serve", "Run the collector until SIGTERM or Ctrl-C");
    serving->add_option("--config", config_file, "TOML file; what stands on the command line wins over it");
    for (auto const& key : rollcall::collector::config_keys())
        if (key.is_option())
            serving->add_option_function<std::string>(
                key.option(), [&given, &key](std::string const& text) { given.emplace_back(&key, text); },
                std::string(key.meaning));

    std::string checked_file;
    auto* const checking = app.add_subcommand("check-config", "Say everything that is wrong in a config file");
    checking->add_option("file", checked_file, "The TOML file")->required();

    std::string data;
    rollcall::collector::TokenWish wish;
    std::string expires = "1h";
    auto* const token = app.add_subcommand("create-token", "Make an enrolment token; prints its word");
    token->add_option("--data", data, "The collector's data folder")->required();
    token->add_option("--customer", wish.customer, "Name of the customer; made where there is none")->required();
    token->add_option("--uses", wish.uses, "How many devices it may enrol")->capture_default_str();
    token->add_option("--expires", expires, "How long it is valid: 90s, 15m, 1h, 7d")->capture_default_str();

    token->add_option("--install", wish.install, "Print the line that installs the agent on linux, windows or macos");

    std::string release;
    std::string releases;
    auto* const adding = app.add_subcommand("add-release", "Copy a release of the agent in, to be offered to devices");
    adding->add_option("folder", release, "The release: manifest.json, manifest.sig and its files")->required();
    auto* const removing = app.add_subcommand("remove-release", "Take a release of the agent out");
    removing->add_option("version", release, "Its version, as in 1.2.3")->required();
    for (auto* const command : {adding, removing}) {
        command->add_option("--data", data, "The collector's data folder");
        command->add_option("--releases", releases, "Folder of releases, where the config names another one");
    }

    std::string name;
    auto* const reset = app.add_subcommand("reset-password", "Give a technician a new first password; prints it");
    reset->add_option("name", name, "User name")->required();
    reset->add_option("--data", data, "The collector's data folder")->required();
    bool without_totp = false;
    reset->add_flag("--remove-second-step", without_totp, "Take the second step away, too, for who lost it");

    std::string backup;
    auto* const backing_up =
        app.add_subcommand("backup", "Copy a data folder into a new folder, beside a running collector");
    auto* const verifying = app.add_subcommand("verify", "Say whether a backup is whole");
    auto* const restoring = app.add_subcommand("restore", "Make a data folder of a backup");
    backing_up->add_option("folder", backup, "The backup; must not exist yet")->required();
    auto* const salvaging = app.add_subcommand("salvage", "Make a data folder of what a damaged one still holds");
    salvaging->add_option("folder", backup, "The damaged data folder; it stays as it is")->required();
    salvaging->add_option("--data", data, "An empty or a new folder")->required();
    for (auto* const command : {verifying, restoring})
        command->add_option("folder", backup, "The backup")->required();
    backing_up->add_option("--data", data, "The collector's data folder")->required();
    restoring->add_option("--data", data, "An empty or a new folder")->required();

    std::string heads;
    auto* const audit = app.add_subcommand("audit", "The audit log: who did what");
    audit->require_subcommand(1);
    auto* const auditing = audit->add_subcommand("verify", "Say whether no row was changed, taken out or cut off");
    auditing->add_option("--heads", heads, "File of heads that was kept elsewhere; where absent, that of the folder");
    auto* const exporting = audit->add_subcommand("export", "Print every row as JSON, and the signed head of them");
    for (auto* const command : {auditing, exporting})
        command->add_option("--data", data, "The collector's data folder")->required();

    auto* const contract = app.add_subcommand("openapi", "Print the API's contract (OpenAPI 3.1)");
    auto* const probes = app.add_subcommand("probes", "Print what devices can be asked, as JSON");

    CLI11_PARSE(app, argc, argv);

    if (*contract) {
        print(boost::json::serialize(rollcall::api::document()));
        return 0;
    }
    if (*probes) {
        print(boost::json::serialize(rollcall::api::to_json(rollcall::api::catalogue())));
        return 0;
    }
    if (*auditing) {
        auto const report = rollcall::collector::verify_audit_log(data, heads);
        if (!report) return say_failure(report.error());
        print(data + ": " + rollcall::collector::to_string(*report));
        return 0;
    }
    if (*exporting) {
        auto const exported = rollcall::collector::export_audit_log(data, print);
        return exported ? 0 : say_failure(exported.error());
    }
    if (*token || *reset) rollcall::log::set_level(rollcall::log::Level::warning);
    if (*adding || *removing) return change_releases(release, data, releases, adding->parsed());
    if (*token) {
        auto const seconds = read_period(expires);
        if (!seconds) {
            std::fputs("rollcall-collector: --expires: give a number and s, m, h or d, such as 1h.\n", stderr);
            return failed;
        }
        wish.expires_in_s = *seconds;
        auto const word = rollcall::collector::create_token(data, wish);
        if (!word) return say_failure(word.error());
        print(*word);
        return 0;
    }
    if (*reset) {
        auto const password = rollcall::collector::reset_password(data, name, without_totp);
        if (!password) return say_failure(password.error());
        print("First password: " + *password + "  (valid 24 h, change it at first log-in)");
        return 0;
    }
    if (*backing_up) return say_backup(backup, rollcall::collector::back_up(data, backup, rollcall::SystemClock()));
    if (*verifying) return say_backup(backup, rollcall::collector::verify_backup(backup));
    if (*restoring) return say_backup(data, rollcall::collector::restore_backup(backup, data));
    if (*salvaging) {
        auto const saved = rollcall::collector::salvage(backup, data, rollcall::SystemClock());
        if (!saved) return say_failure(saved.error());
        print(to_string(*saved));
        return 0;
    }
    if (*checking) return check_config(checked_file);
    return serve(config_file, given);
}
