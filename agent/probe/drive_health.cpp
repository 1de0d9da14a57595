#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "agent/probe/probe.hpp"
#include "common/wire/codec.hpp"

namespace rollcall::probe
{

namespace
{

/// What the drives said last, as JSON: a drive may sleep for longer than the agent runs.
constexpr std::string_view said_key = "drive_health.said";

/// By the drive's name, its health and its serial. What makes no sense is said anew.
Snapshot said_last(Memory& memory)
{
    auto const text = memory.get(said_key);
    if (!text) return {};
    boost::system::error_code code;
    auto const json = boost::json::parse(*text, code);
    if (code) return {};
    auto said = wire::snapshot_from_json(json);
    if (!said) return {};
    return *std::move(said);
}

/// They pass one every hour: in steps, so that the history does not fill with that.
Value in_steps(Result<std::int64_t> const& hours)
{
    static constexpr std::int64_t step = 100;
    if (!hours) return value_or_unknown(hours);
    return *hours - *hours % step;
}

/// What a drive says of itself, or why it does not.
Row health_of(platform::SmartFacts const& facts)
{
    return {{"passed", value_or_unknown(facts.passed)},
            {"warnings", value_or_unknown(facts.warnings)},
            {"power_on_hours", in_steps(facts.power_on_hours)},
            {"reallocated_sectors", value_or_unknown(facts.reallocated_sectors)},
            {"pending_sectors", value_or_unknown(facts.pending_sectors)},
            {"uncorrectable_sectors", value_or_unknown(facts.uncorrectable_sectors)},
            {"media_errors", value_or_unknown(facts.media_errors)},
            {"used_percent", value_or_unknown(facts.used_percent)},
            {"spare_percent", value_or_unknown(facts.spare_percent)}};
}

Row health_of(Error const& why)
{
    auto row = health_of(platform::SmartFacts{});
    for (auto& [column, value] : row)
        value = Unknown{std::string(reason(why))};
    return row;
}

class DriveHealthReader final : public Reader
{
public:
    explicit DriveHealthReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->drive_health->list();
        if (!seen) return seen.error();
        if (!std::exchange(recalled_, true)) said_ = said_last(*context_.memory);
        Snapshot rows;
        Snapshot said;
        for (auto const& drive : *seen) {
            auto row = health(drive, said);
            row.emplace("asleep", drive.reading ? Value(drive.reading->asleep)
                                                : Unknown{std::string(reason(drive.reading.error()))});
            row.emplace("model", value_or_unknown(drive.model));
            row.emplace("serial", value_or_unknown(drive.serial));
            rows.emplace(drive.name, std::move(row));
        }
        if (said != said_) context_.memory->put(said_key, boost::json::serialize(wire::to_json(said)));
        said_ = std::move(said);
        return rows;
    }

private:
    /// A drive that sleeps is as it was when it was last heard; one that cannot be read is unknown, and what it said
    /// before is kept for the time when it sleeps.
    Row health(platform::Drive const& drive, Snapshot& said)
    {
        auto const serial = value_or_unknown(drive.serial);
        auto before = said_.find(drive.name);
        if (before != said_.end()) {
            auto const known = before->second.find("serial");
            if (known == before->second.end() || known->second != serial) before = said_.end();
        }
        if (!drive.reading) {
            if (before != said_.end()) said.insert(*before);
            return health_of(drive.reading.error());
        }
        auto now = health_of(drive.reading->facts);
        if (drive.reading->asleep && before != said_.end())
            for (auto& [column, value] : now)
                if (auto const told = before->second.find(column); told != before->second.end()) value = told->second;
        auto& kept = said[drive.name] = now;
        kept.emplace("serial", serial);
        return now;
    }

    Context context_;
    Snapshot said_;
    bool recalled_ = false; ///< What was said before this start.
};

} // namespace

std::unique_ptr<Reader> make_drive_health_reader(Context const& context)
{
    return std::make_unique<DriveHealthReader>(context);
}

} // namespace rollcall::probe
