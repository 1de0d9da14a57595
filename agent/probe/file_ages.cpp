#include <algorithm>
#include <chrono>

#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

/// The clock of a file server may be ahead of ours; what is newer than that has no age that one could believe.
constexpr std::chrono::milliseconds clocks_differ = std::chrono::minutes(1);

class FileAgesReader final : public Reader
{
public:
    explicit FileAgesReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->files->list();
        if (!seen) return seen.error();
        auto const now_ms = context_.clock->now_ms();
        Snapshot rows;
        for (auto const& file : *seen)
            rows[file.path] = {{"age_seconds", age(file.modified_ms, now_ms)},
                               {"size_bytes", value_or_unknown(file.size_bytes)}};
        return rows;
    }

private:
    static Value age(Result<std::int64_t> const& modified_ms, UnixMs now_ms)
    {
        if (!modified_ms) return value_or_unknown(modified_ms);
        auto const age_ms = now_ms - *modified_ms;
        if (age_ms < -clocks_differ.count()) return unknown(errc::bad_message);
        static constexpr std::int64_t ms_per_s = 1'000;
        return std::max<std::int64_t>(age_ms, 0) / ms_per_s;
    }

    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_file_ages_reader(Context const& context)
{
    return std::make_unique<FileAgesReader>(context);
}

} // namespace rollcall::probe
