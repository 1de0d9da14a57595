#include "platform/tpms.hpp"

namespace rollcall::platform
{

namespace
{

/// No Mac has one that the system could use: keys are kept by the Secure Enclave.
class MacTpms final : public Tpms
{
public:
    [[nodiscard]] Result<std::vector<Tpm>> list() const override { return std::vector<Tpm>{}; }
};

} // namespace

std::unique_ptr<Tpms> make_tpms(Root const& /*root*/) { return std::make_unique<MacTpms>(); }

} // namespace rollcall::platform
