#include "platform/macos/smbios_data.hpp"

#include "platform/macos/io_registry.hpp"

namespace rollcall::platform
{

Result<std::string> read_smbios_data()
{
    auto const services = io_services("AppleSMBIOS", {"SMBIOS"});
    if (!services) return fail(services.error(), "smbios");
    for (auto const& one : *services)
        if (auto const* const table = one.find("SMBIOS"); table != nullptr && table->data() != nullptr)
            return *table->data();
    return fail(errc::not_supported, "smbios: Macs with Apple's processors have none");
}

} // namespace rollcall::platform
