#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

class FilesReader final : public Reader
{
public:
    explicit FilesReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->files->list();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& file : *seen)
            rows[file.path] = {{"exists", value_or_unknown(file.exists)},
                               {"kind", value_or_unknown(file.kind)},
                               {"size_bytes", value_or_unknown(file.size_bytes)},
                               {"modified_ms", value_or_unknown(file.modified_ms)}};
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_files_reader(Context const& context) { return std::make_unique<FilesReader>(context); }

} // namespace rollcall::probe
