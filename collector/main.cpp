#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include "collector/collector.hpp"
#include "collector/view/api/json.hpp"
#include "collector/view/api/routes.hpp"
#include "common/log/log.hpp"
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

int serve(rollcall::collector::Collector::Options options)
{
    // Blocked before any thread is made, so that only sigwait() below gets them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    auto const host = rollcall::platform::make_service_host();
    auto collector = rollcall::collector::Collector::start(std::move(options));
    if (!collector) return say_failure(collector.error());
    print("Address: https://" + (*collector)->address());
    if (auto const& password = (*collector)->first_password()) {
        print("User name: admin");
        // What a service manager's child prints goes into a log, where no password may ever stand.
        if (std::getenv("NOTIFY_SOCKET") == nullptr)
            print("First password: " + *password + "  (valid 24 h, change it at first log-in)");
        else
            print("For a first password run 'rollcall-collector reset-password admin --data DIR' in a terminal.");
    }
    host->ready();

    int received = 0;
    sigwait(&signals, &received);
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
    app.set_version_flag("--version", "rollcall-collector " ROLLCALL_VERSION);
    app.require_subcommand(1);

    rollcall::collector::Collector::Options options;
    std::string log_format = "text";
    std::string log_level = "info";
    auto* const serving = app.add_subcommand("serve", "Run the collector until SIGTERM or Ctrl-C");
    serving->add_option("--data", options.data, "Folder for everything it keeps; made where it is missing")->required();
    serving->add_option("--listen", options.listen, "Address to listen on; all of the machine where absent");
    serving->add_option("--port", options.port, "Port for agents, browsers and API; 0 = any free one")
        ->capture_default_str();
    serving->add_option("--web", options.web, "Folder of the built page (collector/view/web/dist)");
    serving->add_option("--public-address", options.public_address,
                        "HOST:PORT that agents and people use; localhost and the port where absent");
    serving->add_option("--thresholds", options.thresholds, "TOML file with changes to the default thresholds");
    serving->add_option("--log-format", log_format, "text or json")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    serving->add_option("--log-level", log_level, "debug, info, warning or error")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
        ->capture_default_str();

    std::string data;
    rollcall::collector::TokenWish wish;
    std::string expires = "1h";
    auto* const token = app.add_subcommand("create-token", "Make an enrolment token; prints its word");
    token->add_option("--data", data, "The collector's data folder")->required();
    token->add_option("--customer", wish.customer, "Name of the customer; made where there is none")->required();
    token->add_option("--uses", wish.uses, "How many devices it may enrol")->capture_default_str();
    token->add_option("--expires", expires, "How long it is valid: 90s, 15m, 1h, 7d")->capture_default_str();

    std::string name;
    auto* const reset = app.add_subcommand("reset-password", "Give a technician a new first password; prints it");
    reset->add_option("name", name, "User name")->required();
    reset->add_option("--data", data, "The collector's data folder")->required();

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
    if (*token || *reset) rollcall::log::set_level(rollcall::log::Level::warning);
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
        auto const password = rollcall::collector::reset_password(data, name);
        if (!password) return say_failure(password.error());
        print("First password: " + *password + "  (valid 24 h, change it at first log-in)");
        return 0;
    }
    if (auto const level = rollcall::log::level_from(log_level)) rollcall::log::set_level(*level);
    if (log_format == "json") rollcall::log::set_format(rollcall::log::Format::json);
    return serve(std::move(options));
}
