#include <map>

#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

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
        Snapshot rows;
        std::map<std::string, Said> said;
        for (auto const& drive : *seen) {
            auto row = health(drive, said);
            row.emplace("asleep", drive.reading ? Value(drive.reading->asleep)
                                                : Unknown{std::string(reason(drive.reading.error()))});
            row.emplace("model", value_or_unknown(drive.model));
            row.emplace("serial", value_or_unknown(drive.serial));
            rows.emplace(drive.name, std::move(row));
        }
        said_ = std::move(said);
        return rows;
    }

private:
    struct Said {
        Value serial;
        Row health;
    };

    /// A drive that sleeps is as it was when it fell asleep.
    Row health(platform::Drive const& drive, std::map<std::string, Said>& said)
    {
        if (!drive.reading) return health_of(drive.reading.error());
        auto const serial = value_or_unknown(drive.serial);
        auto now = health_of(drive.reading->facts);
        auto const before = said_.find(drive.name);
        if (drive.reading->asleep && before != said_.end() && before->second.serial == serial)
            now = before->second.health;
        said.insert_or_assign(drive.name, Said{serial, now});
        return now;
    }

    Context context_;
    std::map<std::string, Said> said_; ///< By the drive's name.
};

} // namespace

std::unique_ptr<Reader> make_drive_health_reader(Context const& context)
{
    return std::make_unique<DriveHealthReader>(context);
}

} // namespace rollcall::probe
