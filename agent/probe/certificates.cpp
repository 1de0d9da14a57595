#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

namespace
{

Row row_of(platform::CertificateFacts const& facts)
{
    return {{"subject", facts.subject},
            {"issuer", facts.issuer},
            {"names", facts.names},
            {"not_before_ms", facts.not_before_ms},
            {"not_after_ms", facts.not_after_ms},
            {"self_signed", facts.self_signed},
            {"serial", facts.serial}};
}

Row row_of(Error const& why)
{
    Row row;
    for (auto const* const column :
         {"subject", "issuer", "names", "not_before_ms", "not_after_ms", "self_signed", "serial"})
        row.emplace(column, Unknown{std::string(reason(why))});
    return row;
}

class CertificatesReader final : public Reader
{
public:
    explicit CertificatesReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        auto const seen = context_.machine->certificates->list();
        if (!seen) return seen.error();
        Snapshot rows;
        for (auto const& one : *seen)
            rows[one.path] = one.facts ? row_of(*one.facts) : row_of(one.facts.error());
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_certificates_reader(Context const& context)
{
    return std::make_unique<CertificatesReader>(context);
}

} // namespace rollcall::probe
