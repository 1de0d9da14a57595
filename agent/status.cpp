#include "agent/status.hpp"

#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/interprocess/sync/file_lock.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "common/core/text.hpp"
#include "common/wire/limits.hpp"
#include "common/wire/messages.hpp"

namespace rollcall::agent
{

namespace json = boost::json;

static constexpr std::array lane_names{wire::Lane::event, wire::Lane::state, wire::Lane::series};

std::string to_json_text(Report const& report)
{
    json::object lanes;
    for (std::size_t i = 0; i < lane_names.size(); ++i)
        lanes[wire::to_string(lane_names.at(i))] =
            json::object{{"records", report.lanes.at(i).records}, {"bytes", report.lanes.at(i).bytes}};
    json::object const object{{"version", report.version},
                              {"device_id", report.device_id},
                              {"collector", report.address},
                              {"started_ms", report.started_ms},
                              {"connection", uplink::to_string(report.uplink.state)},
                              {"connection_since_ms", report.uplink.since_ms},
                              {"last_ack_ms", report.uplink.last_ack_ms},
                              // Some systems word an error in another encoding, and then this would be no JSON.
                              {"problem", clean_text(report.uplink.problem, wire::limits::text_bytes)},
                              {"remedy", clean_text(report.uplink.remedy, wire::limits::text_bytes)},
                              {"hung_probes", report.hung_probes},
                              {"waiting", std::move(lanes)}};
    return json::serialize(object);
}

static std::filesystem::path file_in(std::filesystem::path const& folder) { return folder / "status.json"; }

Result<> write_report(std::filesystem::path const& folder, Report const& report)
{
    auto const fresh = folder / "status.json.new";
    {
        std::ofstream file(fresh, std::ios::trunc);
        file << to_json_text(report) << '\n';
        file.close();
        if (!file) return fail_errno(errno, fresh.string());
    }
    std::error_code failed;
    std::filesystem::rename(fresh, file_in(folder), failed);
    if (failed) return fail(errc::io, fmt::format("{}: {}", fresh.string(), failed.message()));
    return {};
}

Result<std::string> read_report(std::filesystem::path const& folder)
{
    std::ifstream file(file_in(folder));
    if (!file) return fail_errno(errno, file_in(folder).string());
    return std::string(std::istreambuf_iterator<char>(file), {});
}

static std::string ago(UnixMs then_ms, UnixMs now_ms)
{
    if (then_ms <= 0) return "never";
    auto const seconds = std::max<std::int64_t>(0, (now_ms - then_ms) / 1000);
    if (seconds < 120) return fmt::format("{} s ago", seconds);
    if (seconds < 7200) return fmt::format("{} min ago", seconds / 60);
    if (seconds < 172800) return fmt::format("{} h ago", seconds / 3600);
    return fmt::format("{} days ago", seconds / 86400);
}

Result<std::string> for_people(std::string const& text, UnixMs now_ms)
{
    try {
        auto const report = json::parse(text);
        auto const word = [&](char const* name) { return json::value_to<std::string>(report.at(name)); };
        auto const number = [&](char const* name) { return report.at(name).to_number<std::int64_t>(); };
        auto lines = fmt::format(
            "version      {}\ndevice       {}\ncollector    {}\nstarted      {}\nconnection   {}, since {}\n"
            "last ack     {}\n",
            word("version"), word("device_id"), word("collector"), ago(number("started_ms"), now_ms),
            word("connection"), ago(number("connection_since_ms"), now_ms), ago(number("last_ack_ms"), now_ms));
        if (!word("problem").empty()) lines += fmt::format("problem      {}\n", word("problem"));
        if (!word("remedy").empty()) lines += fmt::format("remedy       {}\n", word("remedy"));
        if (number("hung_probes") > 0) lines += fmt::format("hung probes  {}\n", number("hung_probes"));
        for (auto const lane : lane_names) {
            auto const& waiting = report.at("waiting").at(wire::to_string(lane));
            lines += fmt::format("waiting      {:<6} {} records, {} bytes\n", wire::to_string(lane),
                                 waiting.at("records").to_number<std::uint64_t>(),
                                 waiting.at("bytes").to_number<std::uint64_t>());
        }
        return lines;
    } catch (std::exception const& wrong) { // Boost.JSON's checked access throws; here is where that becomes a result.
        return fail(errc::bad_message, fmt::format("status.json: {}", wrong.what()));
    }
}

std::string version_in(std::string const& text)
{
    boost::system::error_code failed;
    auto const report = json::parse(text, failed);
    auto const* const object = failed ? nullptr : report.if_object();
    auto const* const told = object == nullptr ? nullptr : object->if_contains("version");
    return told != nullptr && told->is_string() ? std::string(told->get_string()) : std::string();
}

struct FolderLock::Body {
    boost::interprocess::file_lock lock;
};

FolderLock::FolderLock(std::unique_ptr<Body> body)
    : body_(std::move(body))
{
}
FolderLock::FolderLock(FolderLock&&) noexcept = default;
FolderLock& FolderLock::operator=(FolderLock&&) noexcept = default;
FolderLock::~FolderLock() = default;

Result<FolderLock> FolderLock::take(std::filesystem::path const& folder)
{
    static constexpr std::chrono::milliseconds patience{500};
    static constexpr std::chrono::milliseconds pause{10};
    for (auto waited = pause; waited < patience; waited += pause) {
        auto taken = try_take(folder);
        if (taken || taken.error().code != errc::busy) return taken;
        std::this_thread::sleep_for(pause);
    }
    return try_take(folder);
}

Result<bool> FolderLock::is_held(std::filesystem::path const& folder)
{
    auto const taken = try_take(folder);
    if (!taken && taken.error().code != errc::busy) return taken.error();
    return !taken;
}

Result<FolderLock> FolderLock::try_take(std::filesystem::path const& folder)
{
    auto const path = folder / "agent.lock";
    if (!std::ofstream(path, std::ios::app)) return fail_errno(errno, path.string());
    try {
        auto body = std::make_unique<Body>();
        body->lock = boost::interprocess::file_lock(path.c_str());
        if (!body->lock.try_lock())
            return fail(errc::busy,
                        fmt::format("{}: an agent works in this folder already: stop that one first", folder.string()));
        return FolderLock(std::move(body));
    } catch (boost::interprocess::interprocess_exception const& failed) {
        return fail(errc::io, fmt::format("{}: {}", path.string(), failed.what()));
    }
}

} // namespace rollcall::agent
