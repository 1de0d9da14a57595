#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class SoftwareReader final : public Reader
{
public:
    explicit SoftwareReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->software->list();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& package : *seen)
            rows[package.name] = {{"version", package.version},
                                  {"architecture", value_or_unknown(package.architecture)},
                                  {"publisher", value_or_unknown(package.publisher)},
                                  {"size_bytes", value_or_unknown(package.size_bytes)},
                                  {"source", package.source}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_software_reader(Context const& context)
{
    return std::make_unique<SoftwareReader>(context);
}

} // namespace rollcall::probe
