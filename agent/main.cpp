#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "agent/agent.hpp"
#include "agent/await_identity.hpp"
#include "agent/collect.hpp"
#include "agent/hardware_id.hpp"
#include "agent/recording.hpp"
#include "agent/selftest.hpp"
#include "agent/status.hpp"
#include "agent/succession.hpp"
#include "agent/token_file.hpp"
#include "agent/update/store.hpp"
#include "agent/update/updater.hpp"
#include "agent/update/words.hpp"
#include "agent/uplink/enrol.hpp"
#include "common/core/stop.hpp"
#include "common/core/version.hpp"
#include "common/log/journal.hpp"
#include "common/log/log.hpp"
#include "common/release/build_key.hpp"
#include "common/wire/codec.hpp"
#include "platform/arguments.hpp"
#include "platform/heap.hpp"
#include "platform/loader.hpp"
#include "platform/paths.hpp"
#include "platform/service_control.hpp"
#include "platform/service_host.hpp"

namespace
{

using namespace rollcall;

/// As the system's service manager knows it.
constexpr char const* service_name = "RollcallAgent";

/// What the program's end means to a script. Listed in --help.
enum class Exit {
    done = 0,
    failed = 1,
    usage = 2,
    not_enrolled = 3,
    conflict = 4,
    refused = 5,
    not_running = 6,
    not_connected = 7
};

/// Words of the command line and what platform/ says are UTF-8, which a path of std::string's is not on every system.
std::filesystem::path path_of(std::string const& text) { return {std::u8string(text.begin(), text.end())}; }

int code(Exit exit) { return static_cast<int>(exit); }

Exit exit_of(Error const& error)
{
    auto const why = reason(error);
    auto const is = [why](errc code) { return why == to_string(code); };
    if (is(errc::bad_input)) return Exit::usage;
    if (is(errc::conflict) || is(errc::busy)) return Exit::conflict;
    if (is(errc::refused) || is(errc::unauthenticated)) return Exit::refused;
    return Exit::failed;
}

int complain(Error const& error, Exit exit)
{
    std::cerr << "rollcall-agent: " << error.trace << '\n';
    return code(exit);
}

/// From a file, or from the terminal.
Result<std::string> ask_token(std::string const& from)
{
    if (!from.empty() && from != "-") return agent::read_token_file(path_of(from));
    if (from.empty()) std::cerr << "Enrolment token (from the page, \"Add device\"): " << std::flush;
    return agent::read_token(std::cin);
}

/// The first of these variables that is set; never on the command line, since every user of a machine sees those.
std::string from_environment(std::initializer_list<char const*> names)
{
    for (auto const* const name : names)
        if (auto const* const value = std::getenv(name); value != nullptr && *value != '\0') return value;
    return {};
}

/// What the collector is told of this machine.
uplink::EnrolOptions enrol_options(std::filesystem::path const& folder, std::string const& token)
{
    auto const machine = platform::make_machine();
    auto const facts = machine->system_info->read();
    uplink::EnrolOptions options{.folder = folder,
                                 .token = token,
                                 .replace = false,
                                 .proxy = {},
                                 .no_proxy = {},
                                 .host_name = {},
                                 .hardware_id = {}};
    if (facts && facts->host_name) options.host_name = *facts->host_name;
    options.hardware_id = agent::read_hardware_id(*machine);
    options.proxy = from_environment({"HTTPS_PROXY", "https_proxy"});
    options.no_proxy = from_environment({"NO_PROXY", "no_proxy"});
    return options;
}

/// Words of `enrol`.
struct EnrolWords {
    std::filesystem::path folder;
    std::string token_file;         ///< "" = asked for, "-" = the input.
    std::string server;             ///< "" = the token's.
    std::filesystem::path leave_in; ///< The service's token file.
    bool replace = false;
    bool later = false;
};

int enrol(EnrolWords const& words)
{
    if (!words.replace && uplink::has_identity(words.folder))
        return complain(
            fail(errc::conflict,
                 words.folder.string() + ": this device is enrolled already: add --replace to give that identity up"),
            Exit::conflict);
    auto token = ask_token(words.token_file);
    if (token && !words.server.empty()) token = agent::readdress_token(*token, words.server);
    if (!token) return complain(token.error(), Exit::usage);
    if (words.later) {
        if (auto const fits = wire::decode_token(*token); !fits) return complain(fits.error(), Exit::usage);
        if (auto const left = agent::leave_token(words.leave_in, *token); !left)
            return complain(left.error(), Exit::failed);
        std::cout << "The service enrols this machine as soon as it reaches the collector.\n";
        return code(Exit::done);
    }
    auto options = enrol_options(words.folder, *token);
    options.replace = words.replace;
    auto const enrolled = uplink::enrol(options);
    if (!enrolled) return complain(enrolled.error(), exit_of(enrolled.error()));
    std::cout << "Enrolled as device " << enrolled->device_id << " at " << enrolled->address
              << (words.replace ? ". An agent that is running must be restarted.\n"
                                : ". Start the agent to see it on the page.\n");
    return code(Exit::done);
}

/// For a service that an installer made: waits for the token that makes this machine a device. False: told to end.
bool became_device(std::filesystem::path const& folder, std::filesystem::path const& token_file,
                   platform::ServiceHost& host)
{
    namespace asio = boost::asio;
    asio::io_context loop(1);
    asio::signal_set signals(loop, SIGINT, SIGTERM);
    signals.async_wait([&loop](boost::system::error_code failed, int) {
        if (!failed) loop.stop();
    });
    host.on_stop([&loop] { loop.stop(); });
    asio::steady_timer timer(loop);
    std::function<void()> const live = [&] {
        host.alive();
        timer.expires_after(std::chrono::seconds(5));
        timer.async_wait([&live](boost::system::error_code failed) {
            if (!failed) live();
        });
    };
    live();
    Stop stop;
    bool enrolled = false;
    std::thread waiting([&] {
        agent::AwaitOptions options;
        options.folder = folder;
        options.token_file = token_file;
        options.enrol = [&folder](std::string const& token, Stop& ended) {
            auto wanted = enrol_options(folder, token);
            wanted.stop = &ended;
            return uplink::enrol(wanted);
        };
        enrolled = agent::await_identity(options, stop);
        loop.stop();
    });
    host.ready();
    host.status("waiting for an enrolment token");
    loop.run();
    stop.request();
    waiting.join();
    host.on_stop({});
    return enrolled;
}

/// What `run` was told.
struct RunWords {
    std::filesystem::path folder;
    std::filesystem::path token_file; ///< "": who is not enrolled does not run.
    update::Limits limits;
    std::string log_file;               ///< "" = the standard error.
    std::vector<std::string> arguments; ///< As they came, for another program of ours.
};

/// This very program's work, until somebody wants its end or another program's turn has come.
agent::WorkEnd work(RunWords const& words, agent::Self const& self)
{
    namespace asio = boost::asio;
    auto const clock = std::make_shared<SystemClock>();
    asio::io_context loop(1);
    auto const host = platform::make_service_host();
    if (host->has_journal()) log::use_journal();
    if (!words.token_file.empty() && !became_device(words.folder, words.token_file, *host)) return {};
    update::Updater updater({.folder = words.folder,
                             .clock = clock.get(),
                             .key = std::string(release::build_key()),
                             .running = self.running,
                             .limits = words.limits,
                             .after = {}});
    agent::Options options;
    options.folder = words.folder;
    options.clock = clock;
    options.machine = platform::make_machine();
    options.changes = platform::make_changes();
    options.offered = [&updater](wire::Update const& offer) { updater.offer(offer); };
    auto started = agent::Agent::start(std::move(options));
    if (!started) {
        log::error("agent.not_started", {{"error", started.error()}});
        auto const end = uplink::has_identity(words.folder) ? exit_of(started.error()) : Exit::not_enrolled;
        return {.exit_code = code(end), .change = false, .failed = true};
    }
    auto& running = **started;
    log::info("agent.started", {{"version", std::string(version())}, {"folder", words.folder.string()}});
    host->ready();

    asio::signal_set signals(loop, SIGINT, SIGTERM);
    host->on_stop([&loop] { loop.stop(); });
    asio::steady_timer timer(loop);
    std::string said;
    auto const period = host->watchdog_period().count() > 0
                            ? std::chrono::duration_cast<std::chrono::milliseconds>(host->watchdog_period()) / 2
                            : std::chrono::milliseconds(5000);
    std::function<void()> check = [&] {
        if (running.alive()) host->alive();
        if (!words.token_file.empty()) agent::discard_token(words.token_file);
        auto const report = running.report();
        auto line = fmt::format("{} to {}", uplink::to_string(report.uplink.state), report.address);
        if (!report.uplink.problem.empty()) line += ": " + report.uplink.problem;
        if (line != said) host->status(line);
        said = std::move(line);
        timer.expires_after(period);
        timer.async_wait([&](boost::system::error_code failed) {
            if (!failed) check();
        });
    };
    check();
    int number = 0;
    signals.async_wait([&](boost::system::error_code failed, int signal) {
        if (failed) return;
        number = signal;
        loop.stop();
    });
    bool change = false;
    updater.start({.tell = [&running](wire::Event event) { return running.tell(std::move(event)); },
                   .proven = [&running] { return running.proven(); },
                   .change =
                       [&loop, &change] {
                           asio::post(loop, [&loop, &change] {
                               change = true;
                               loop.stop();
                           });
                       }});
    loop.run();

    // The service manager is not told of an end that is none.
    if (!change) host->stopping();
    updater.stop();
    running.stop(change ? "updated" : number == SIGINT ? "interrupted" : "stopped");
    log::info("agent.stopped", {{"signal", number}, {"change", change}});
    return {.exit_code = code(Exit::done), .change = change, .failed = false};
}

/// Two programs that have the log open could not begin it anew when it is full, not on every system.
void keep_log(std::string const& file, bool ours)
{
    if (file.empty()) return;
    if (!ours) return log::close_file();
    if (auto const opened = log::use_file(file); !opened)
        std::cerr << "rollcall-agent: " << opened.error().trace << '\n';
}

/// False: asked to end.
bool wait_as_service(std::chrono::milliseconds time)
{
    Stop stop;
    auto const host = platform::make_service_host();
    host->on_stop([&stop] { stop.request(); });
    bool const asked = stop.wait_for(time);
    host->on_stop({});
    return !asked;
}

/// A log in our own folder, as `install` asks for, is opened only after the folder was closed to others: they could
/// have put a link there, and the system would write wherever it leads.
Result<> open_log(std::string const& folder, std::string const& file)
{
    if (file.empty()) return {};
    // With a slash at the end of both, whether one was given or not.
    if (path_of(file).parent_path() / "" == path_of(folder) / "")
        if (auto const closed = platform::make_own_folder(folder); !closed) return closed.error();
    return log::use_file(file);
}

/// As the service that `install` makes, where the system starts it as one; otherwise for whoever called it.
int serve(RunWords const& words)
{
    return platform::run_as_service(service_name, [&words] {
        SystemClock const clock;
        auto const end = agent::run_newest({.folder = words.folder,
                                            .key = std::string(release::build_key()),
                                            .arguments = words.arguments,
                                            .limits = words.limits,
                                            .clock = &clock,
                                            .work = [&words](agent::Self const& self) { return work(words, self); },
                                            .keep_log = [&words](bool ours) { keep_log(words.log_file, ours); },
                                            .wait = wait_as_service});
        // Neither a missing identity nor another agent in the folder is mended by another try.
        bool const in_vain = end == code(Exit::usage) || end == code(Exit::not_enrolled) || end == code(Exit::conflict);
        return platform::ServiceEnd{.exit_code = end, .start_again = end != code(Exit::done) && !in_vain};
    });
}

/// Of the running agent, as it told last; "" where it told nothing.
std::string running_version(std::filesystem::path const& folder)
{
    auto const runs = agent::FolderLock::is_held(folder);
    if (!runs || !*runs) return {};
    auto const text = agent::read_report(folder);
    return text ? agent::version_in(*text) : std::string();
}

struct UpdateWords {
    std::filesystem::path folder;
    bool retry = false;
    bool pause = false;
    bool resume = false;
};

int update_by_hand(UpdateWords const& words)
{
    update::Store const store(words.folder, std::string(release::build_key()));
    auto done = Result<>();
    if (words.retry) done = store.ask_retry();
    if (words.pause || words.resume) done = store.set_paused(words.pause);
    if (!done)
        return complain(fail(done.error(), "run it as root (on Windows as an administrator), or name the folder with "
                                           "--state"),
                        Exit::failed);
    auto const memory = store.load();
    if (!memory) return complain(memory.error(), Exit::failed);
    std::cout << update::for_people(*memory, std::string(version()), running_version(words.folder),
                                    !release::build_key().empty(), store.paused());
    if (words.retry) std::cout << "The running agent tries again what failed last.\n";
    return code(Exit::done);
}

int install(std::filesystem::path const& folder, std::filesystem::path const& token_file)
{
    auto const program = platform::own_program();
    if (!program) return complain(program.error(), Exit::failed);
    // Its log lies there from the first start on, also before it is a device; and a token may be put beside it.
    for (auto const& own : {token_file.parent_path().string(), folder.string()})
        if (auto const made = platform::make_own_folder(own); !made)
            return complain(made.error(), exit_of(made.error()));
    auto const log = (folder / "agent.log").string();
    auto const installed =
        platform::install_service({.name = service_name,
                                   .display_name = "Rollcall agent",
                                   .description = "Tells the Rollcall collector what this machine is and how it does.",
                                   .command = {*program, "run", "--state", folder.string(), "--token-file",
                                               token_file.string(), "--log-file", log}});
    if (!installed) return complain(installed.error(), exit_of(installed.error()));
    std::cout << "The service " << service_name << " starts with the system from now on; it was not started.\n";
    return code(Exit::done);
}

int uninstall()
{
    auto const gone = platform::uninstall_service(service_name);
    if (!gone) return complain(gone.error(), exit_of(gone.error()));
    std::cout << "The service " << service_name
              << " is gone. What it kept stays; to give that up, delete the folder.\n";
    return code(Exit::done);
}

/// What stands out among what `update` tells.
std::string trial_line(std::filesystem::path const& folder)
{
    auto const memory = update::Store(folder, {}).load();
    if (!memory || !memory->trial) return {};
    return fmt::format("on trial     {}\n", to_string(memory->trial->version));
}

int status(std::filesystem::path const& folder, bool as_json)
{
    if (!uplink::has_identity(folder)) {
        std::error_code failed;
        (void)std::filesystem::exists(folder / "identity.json", failed);
        if (failed)
            return complain(fail(errc::permission_denied, folder.string() + ": " + failed.message()), Exit::failed);
        return complain(
            fail(errc::not_found, folder.string() + ": this device is not enrolled: run rollcall-agent enrol"),
            Exit::not_enrolled);
    }
    auto const held = agent::FolderLock::is_held(folder);
    if (!held) return complain(held.error(), Exit::failed);
    bool const is_running = *held;
    auto const text = agent::read_report(folder);
    if (!text) {
        std::cerr << "rollcall-agent: enrolled, but "
                  << (is_running ? "it has told nothing yet\n" : "it is not running\n");
        return code(is_running ? Exit::not_connected : Exit::not_running);
    }
    auto const lines = agent::for_people(*text, SystemClock{}.now_ms());
    if (!lines) return complain(lines.error(), Exit::failed);
    if (as_json)
        std::cout << *text;
    else
        std::cout << *lines << "installed    " << version() << '\n' << trial_line(folder);
    if (!is_running) {
        std::cerr << "rollcall-agent: it is not running; this is what it told last\n";
        return code(Exit::not_running);
    }
    return code(text->find(R"("connection":"connected")") != std::string::npos ? Exit::done : Exit::not_connected);
}

int collect(std::vector<std::string> const& names)
{
    auto const text = agent::collect(platform::make_machine(), std::make_shared<SystemClock>(), names);
    if (!text) return complain(text.error(), exit_of(text.error()));
    std::cout << *text << std::flush;
    return code(Exit::done);
}

int selftest(std::vector<std::string> const& names, bool as_json, std::string const& record)
{
    std::shared_ptr<agent::Recording> recording;
    if (!record.empty()) {
        auto const begun = agent::Recording::begin(record);
        if (!begun) return complain(begun.error(), exit_of(begun.error()));
        recording = *begun;
    }
    auto const tested = agent::selftest(platform::make_machine(), std::make_shared<SystemClock>(), names, recording);
    if (!tested) return complain(tested.error(), exit_of(tested.error()));
    std::cout << (as_json ? tested->json : tested->text) << std::flush;
    if (recording)
        std::cerr << "rollcall-agent: " << record
                  << " holds names of users, software and networks: look into it before you send it\n";
    return code(tested->failed ? Exit::failed : Exit::done);
}

} // namespace

int main(int count, char** words)
{
    // Where it cannot be told, the agent is as good, if larger.
    (void)platform::keep_heap_small();
    (void)platform::load_from_system_only();
    auto const arguments = platform::arguments(count, words);
    CLI::App app("Tells a Rollcall collector what this machine is, what it lacks and how it does.", "rollcall-agent");
    app.set_version_flag("--version", "rollcall-agent " + std::string(version()));
    app.footer("Ends with 0 done, 1 failed, 2 wrong usage, 3 not enrolled, 4 already enrolled or already running,\n"
               "5 refused by the collector, 6 not running, 7 running but not connected.");
    app.require_subcommand(1);

    auto const paths = platform::system_paths("rollcall-agent");
    if (!paths) return complain(paths.error(), Exit::failed);
    std::string folder = paths->data_dir;
    auto const with_folder = [&folder](CLI::App& command) {
        command.add_option("--state", folder, "Folder with identity and spool")->capture_default_str();
    };

    auto const service_token = (path_of(paths->config_dir) / "token").string();

    EnrolWords enrol_words;
    enrol_words.leave_in = path_of(service_token);
    auto* const enrol_command =
        app.add_subcommand("enrol", "Give this machine an identity, with a token from the page");
    enrol_command->add_option("--token-file", enrol_words.token_file,
                              "File with the token; - reads it from the input. Without it, the token is asked for");
    enrol_command->add_option("--server", enrol_words.server,
                              "Reach the collector here (HOST:PORT), and not where the token says");
    auto* const replace =
        enrol_command->add_flag("--replace", enrol_words.replace, "Give up the identity that this machine has");
    enrol_command
        ->add_flag("--later", enrol_words.later,
                   "Only leave the token in " + service_token + ", for the service to enrol as soon as it can")
        ->excludes(replace);
    with_folder(*enrol_command);

    RunWords run_words;
    std::string level = "info";
    bool log_json = false;
    auto* const run_command = app.add_subcommand("run", "Work until SIGTERM or SIGINT");
    run_command->add_option("--log-level", level, "debug, info, warning or error")->capture_default_str();
    run_command->add_flag("--log-json", log_json, "Log one JSON object a line");
    run_command
        ->add_option("--update-trial", run_words.limits.trial,
                     "A new version of the agent must be connected after so "
                     "many seconds, or the one before it comes back")
        ->capture_default_str()
        ->check(CLI::Range(10, 86'400));
    run_command->add_option("--log-file", run_words.log_file, "Log into this file, and not to the standard error");
    std::string run_token_file;
    run_command->add_option("--token-file", run_token_file,
                            "Where there is no identity yet: wait for a token in this file, enrol with it, destroy it");
    with_folder(*run_command);

    auto* const install_command = app.add_subcommand(
        "install", "Windows, macOS: have the system's service manager start the agent; on Linux the package does that");
    std::string installed_token_file = service_token;
    install_command->add_option("--token-file", installed_token_file, "Where the service waits for a token")
        ->capture_default_str();
    with_folder(*install_command);
    auto* const uninstall_command =
        app.add_subcommand("uninstall", "Windows, macOS: take that back; the identity stays");

    UpdateWords update_words;
    auto* const update_command =
        app.add_subcommand("update", "Tell which versions of the agent are here, and hold updates back or let them go");
    bool update_status = false;
    auto* const update_what = update_command->add_option_group("what");
    update_what->add_flag("--status", update_status, "Tell how updates stand; so does the command alone");
    update_what->add_flag("--retry", update_words.retry, "Try again what failed last");
    update_what->add_flag("--pause", update_words.pause, "Take no updates on this machine until --resume");
    update_what->add_flag("--resume", update_words.resume, "Take updates again");
    update_what->require_option(0, 1);
    with_folder(*update_command);

    bool status_json = false;
    auto* const status_command = app.add_subcommand("status", "Tell how the running agent does");
    status_command->add_flag("--json", status_json, "As JSON, for scripts");
    with_folder(*status_command);

    std::vector<std::string> names;
    auto* const collect_command =
        app.add_subcommand("collect", "Print what the probes see now as JSON; needs no collector");
    collect_command->add_option("--probe", names, "This probe only; may be repeated");

    bool selftest_json = false;
    std::string record;
    std::vector<std::string> tested;
    auto* const selftest_command = app.add_subcommand(
        "selftest", "Ask every probe once and say which of them work here; ends with 1 where one failed");
    selftest_command->add_flag("--json", selftest_json, "As JSON, for scripts");
    selftest_command->add_option("--record", record,
                                 "Keep what the system's tools said in this folder, which must be new or empty");
    selftest_command->add_option("--probe", tested, "This probe only; may be repeated");

    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend())); // CLI11 takes them from the back.
    } catch (CLI::ParseError const& wrong) {
        return app.exit(wrong) == 0 ? code(Exit::done) : code(Exit::usage);
    }

    enrol_words.folder = path_of(folder);
    if (*enrol_command) return enrol(enrol_words);
    if (*status_command) return status(path_of(folder), status_json);
    if (*collect_command) return collect(names);
    if (*selftest_command) return selftest(tested, selftest_json, record);
    if (*install_command) return install(path_of(folder), path_of(installed_token_file));
    if (*uninstall_command) return uninstall();
    if (*update_command) {
        update_words.folder = path_of(folder);
        return update_by_hand(update_words);
    }
    auto const wanted = log::level_from(level);
    if (!wanted) return complain(wanted.error(), Exit::usage);
    log::set_level(*wanted);
    if (log_json) log::set_format(log::Format::json);
    if (auto const opened = open_log(folder, run_words.log_file); !opened)
        // A service manager hears of a failure only from a program that has spoken to it.
        return platform::run_as_service(service_name, [&opened] {
            return platform::ServiceEnd{.exit_code = complain(opened.error(), Exit::failed), .start_again = true};
        });
    run_words.folder = path_of(folder);
    run_words.token_file = path_of(run_token_file);
    run_words.arguments = arguments;
    return serve(run_words);
}
