#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class DriveTemperaturesReader final : public Reader
{
public:
    explicit DriveTemperaturesReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->drive_health->list();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& drive : *seen) {
            using Celsius = platform::Fact<std::int64_t>;
            auto const celsius = drive.reading ? drive.reading->facts.celsius : Celsius(drive.reading.error());
            // A drive that will never tell has no curve.
            if (!celsius && reason(celsius.error()) == to_string(errc::not_supported)) continue;
            rows[drive.name] = {{"celsius", value_or_unknown(celsius)}};
        }
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_drive_temperatures_reader(Context const& context)
{
    return std::make_unique<DriveTemperaturesReader>(context);
}

} // namespace rollcall::probe
