#include <filesystem>
#include <fstream>
#include <iterator>

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include "agent/recording.hpp"
#include "agent/selftest.hpp"
#include "common/core/clock.hpp"
#include "platform/process.hpp"
#include "tests/support/result.hpp"
#include "tests/support/temp_dir.hpp"

using namespace rollcall;
using namespace std::chrono_literals;

namespace
{

/// Asks two tools: one answers, one there is not.
class SoftwareByTools final : public platform::Software
{
public:
    [[nodiscard]] Result<std::vector<platform::Package>> list() const override
    {
        platform::Command command;
        command.arguments = {"/bin/sh", "-c", "printf 'one\\ntwo\\n'; echo oops >&2; exit 3"};
        auto const seen = platform::run(command);
        command.arguments = {"/nonexistent/tool"};
        auto const missing = platform::run(command);
        if (!seen || missing) return fail(errc::io, "the tools are not as the test made them");
        return std::vector<platform::Package>{};
    }
};

std::string content(std::filesystem::path const& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Result<agent::SelfTest> record_into(std::string const& folder)
{
    auto const recording = agent::Recording::begin(folder);
    if (!recording) return recording.error();
    auto const machine = platform::make_machine();
    machine->software = std::make_unique<SoftwareByTools>();
    return agent::selftest(machine, std::make_shared<SystemClock>(), {"software"}, *recording);
}

} // namespace

TEST_CASE("recording: what each tool said is kept word for word, with how it was called and how it ended")
{
    support::TempDir const dir;
    auto const folder = dir.path() / "record";
    auto const tested = record_into(folder.string());
    REQUIRE(tested);

    CHECK(std::filesystem::status(folder).permissions() == std::filesystem::perms::owner_all);
    CHECK(content(folder / "001-sh.out") == "one\ntwo\n");
    CHECK(content(folder / "001-sh.err") == "oops\n");
    CHECK(content(folder / "selftest.json") == tested->json);
    CHECK(boost::json::parse(content(folder / "readings.json")).at("software").at("rows").is_object());

    auto const runs = boost::json::parse(content(folder / "runs.json")).as_array();
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].at("arguments").as_array().size() == 3);
    CHECK(runs[0].at("exit_code").as_int64() == 3);
    CHECK(runs[0].at("output").as_string() == "001-sh.out");
    CHECK(runs[1].at("failed").as_string() == "not_found");
    CHECK(runs[1].at("why").as_string().find("nonexistent") != boost::json::string::npos);
}

TEST_CASE("recording: a folder with something in it is refused and left as it is")
{
    support::TempDir const dir;
    std::ofstream(dir.path() / "letter") << "mine";
    auto const refused = agent::Recording::begin(dir.path().string());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::conflict);
    CHECK(content(dir.path() / "letter") == "mine");
    CHECK_FALSE(agent::Recording::begin((dir.path() / "letter").string()));
}

TEST_CASE("recording: an empty folder will do, and what runs afterwards is not recorded")
{
    support::TempDir const dir;
    REQUIRE(record_into(dir.path().string()));
    auto const before = content(dir.path() / "runs.json");
    platform::Command command;
    command.arguments = {"/bin/sh", "-c", "true"};
    REQUIRE(platform::run(command));
    CHECK(content(dir.path() / "runs.json") == before);
    CHECK_FALSE(std::filesystem::exists(dir.path() / "003-sh.out"));
}

TEST_CASE("recording: a disk that is full, or a folder that is gone, is told at the end and not passed over")
{
    support::TempDir const dir;
    auto const folder = dir.path() / "record";
    auto const recording = agent::Recording::begin(folder.string());
    REQUIRE(recording);
    std::filesystem::remove_all(folder);
    platform::Command command;
    command.arguments = {"tool"};
    (*recording)->add(command, platform::Finished{.exit_code = 0, .output = "words", .errors = {}});
    auto const ended = (*recording)->end();
    REQUIRE_FALSE(ended);
    CHECK(ended.error().code == errc::io);
}
