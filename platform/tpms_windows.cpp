#include "platform/tpms.hpp"

#include <array>

#include <fmt/format.h>

#include <windows.h>

#include "platform/smbios.hpp"
#include "platform/windows/library.hpp"
#include "platform/windows/smbios_table.hpp"
#include "platform/windows/tpm_answer.hpp"

namespace rollcall::platform
{

namespace
{

/// Of <tbs.h>; the library itself is looked up, for not every edition of Windows has it.
struct TbsDeviceInfo {
    UINT32 struct_version{1};
    UINT32 tpm_version{};
    UINT32 interface_type{};
    UINT32 revision{};
};
struct TbsContextParams2 {
    UINT32 version{2};
    UINT32 wanted{1U << 2U}; ///< includeTpm20
};

constexpr UINT32 tbs_no_tpm = 0x8028400F;      ///< TBS_E_TPM_NOT_FOUND
constexpr UINT32 tbs_service_off = 0x80284010; ///< TBS_E_SERVICE_DISABLED
constexpr UINT32 tpm_version_12 = 1;
constexpr UINT32 tpm_version_20 = 2;

Error tbs_failure(UINT32 code, std::string_view step)
{
    return fail(errc::io, fmt::format("tpm: {}: {:#x}", step, code));
}

/// An open way to the module.
///
/// Owns: the context.
class TbsContext
{
public:
    explicit TbsContext(Library const& library)
        : submit_(library.find<UINT32 WINAPI(void*, UINT32, UINT32, BYTE const*, UINT32, BYTE*, UINT32*)>(
              "Tbsip_Submit_Command"))
        , close_(library.find<UINT32 WINAPI(void*)>("Tbsip_Context_Close"))
    {
        auto* const create = library.find<UINT32 WINAPI(TbsContextParams2 const*, void**)>("Tbsi_Context_Create");
        TbsContextParams2 const params;
        if (create == nullptr || submit_ == nullptr || close_ == nullptr || create(&params, &context_) != 0)
            context_ = nullptr;
    }
    TbsContext(TbsContext const&) = delete;
    TbsContext& operator=(TbsContext const&) = delete;
    ~TbsContext()
    {
        if (context_ != nullptr) close_(context_);
    }

    [[nodiscard]] Result<std::string> send(std::string_view command) const
    {
        static constexpr UINT32 locality_zero = 0;
        static constexpr UINT32 priority_low = 100;
        if (context_ == nullptr) return fail(errc::io, "tpm: no way to it");
        std::array<BYTE, 4096> answer{};
        auto size = static_cast<UINT32>(answer.size());
        auto const code = submit_(context_, locality_zero, priority_low, reinterpret_cast<BYTE const*>(command.data()),
                                  static_cast<UINT32>(command.size()), answer.data(), &size);
        if (code != 0) return tbs_failure(code, "Tbsip_Submit_Command");
        if (size > answer.size()) return fail(errc::bad_message, "tpm: an answer longer than its place");
        return std::string(reinterpret_cast<char const*>(answer.data()), size);
    }

private:
    UINT32(WINAPI* submit_)(void*, UINT32, UINT32, BYTE const*, UINT32, BYTE*, UINT32*);
    UINT32(WINAPI* close_)(void*);
    void* context_{};
};

Result<TpmProperties> firmware_description()
{
    auto const table = read_smbios_table();
    if (!table) return table.error();
    auto const described = parse_smbios_tpms(*table);
    if (!described) return described.error();
    if (described->size() != 1) return fail(errc::not_found, "tpm: the firmware describes none");
    return TpmProperties{.manufacturer = described->front().manufacturer,
                         .firmware_version = described->front().firmware_version};
}

class WindowsTpms final : public Tpms
{
public:
    [[nodiscard]] Result<std::vector<Tpm>> list() const override
    {
        Library const library(L"tbs.dll");
        auto* const ask = library.find<UINT32 WINAPI(UINT32, TbsDeviceInfo*)>("Tbsi_GetDeviceInfo");
        if (ask == nullptr) return fail(errc::not_supported, "tpm: Windows has no service for it here");
        TbsDeviceInfo info;
        auto const code = ask(sizeof info, &info);
        if (code == tbs_no_tpm) return std::vector<Tpm>{};
        if (code == tbs_service_off) return fail(errc::not_supported, "tpm: the service for it is switched off");
        if (code != 0) return tbs_failure(code, "Tbsi_GetDeviceInfo");
        // Windows uses one, whatever the board has.
        Tpm tpm;
        tpm.name = "tpm0";
        if (info.tpm_version == tpm_version_20)
            tpm.version = std::string("2.0");
        else if (info.tpm_version == tpm_version_12)
            tpm.version = std::string("1.2");
        else
            tpm.version = fail(errc::bad_message, "tpm: version");
        auto properties = info.tpm_version == tpm_version_20 ? ask_module(library) : firmware_description();
        if (!properties) properties = firmware_description();
        fill(tpm.manufacturer, properties, &TpmProperties::manufacturer);
        fill(tpm.firmware_version, properties, &TpmProperties::firmware_version);
        return std::vector<Tpm>{std::move(tpm)};
    }

private:
    static Result<TpmProperties> ask_module(Library const& library)
    {
        auto const answer = TbsContext(library).send(tpm_properties_command());
        if (!answer) return answer.error();
        return parse_tpm_properties(*answer);
    }

    static void fill(Fact<std::string>& fact, Result<TpmProperties> const& properties,
                     std::string TpmProperties::*member)
    {
        if (!properties)
            fact = Result<std::string>(properties.error());
        else if ((*properties.*member).empty())
            fact = fail(errc::not_found, "tpm: it does not say");
        else
            fact = *properties.*member;
    }
};

} // namespace

std::unique_ptr<Tpms> make_tpms(Root const& /*root*/) { return std::make_unique<WindowsTpms>(); }

} // namespace rollcall::platform
