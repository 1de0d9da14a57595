#include "platform/tpms.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet, and it says so.
class MacTpms final : public Tpms
{
public:
    [[nodiscard]] Result<std::vector<Tpm>> list() const override { return fail(errc::not_supported, "tpms: macOS"); }
};

} // namespace

std::unique_ptr<Tpms> make_tpms(Root const& /*root*/) { return std::make_unique<MacTpms>(); }

} // namespace rollcall::platform
