#include "platform/services.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "platform/windows/clock.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/registry.hpp"
#include "platform/windows/scm.hpp"
#include "platform/windows/service_rules.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

/// The most that EnumServicesStatusExW and the queries of one service ever ask for, by their documentation.
constexpr std::size_t service_list_bytes = std::size_t{256} * 1024;
constexpr std::size_t config_bytes = std::size_t{8} * 1024;
constexpr std::size_t most_services = 100'000;

/// winnt.h of mingw-w64 10 does not name it: the instance of a service for one user, with a name of that log-in.
constexpr DWORD user_service_instance = 0x80;

/// SERVICE_TRIGGER and SERVICE_TRIGGER_INFO, which mingw-w64 10 does not have either.
struct ServiceTrigger {
    DWORD type;
    DWORD action;
    GUID* subtype;
    DWORD data_items;
    void* data;
};
struct ServiceTriggers {
    DWORD count;
    ServiceTrigger* triggers;
    BYTE* reserved;
};

struct ListedService {
    std::wstring name;
    std::wstring label;
    SERVICE_STATUS_PROCESS status{};
};

Result<std::vector<ListedService>> list_services(SC_HANDLE manager)
{
    // Structures with pointers stand at its beginning.
    struct alignas(ENUM_SERVICE_STATUS_PROCESSW) Block {
        std::array<std::byte, service_list_bytes> bytes;
    };
    auto const block = std::make_unique<Block>();
    std::vector<ListedService> services;
    DWORD resume = 0;
    for (;;) {
        DWORD needed = 0;
        DWORD count = 0;
        auto const good =
            ::EnumServicesStatusExW(manager, SC_ENUM_PROCESS_INFO, SERVICE_WIN32, SERVICE_STATE_ALL,
                                    reinterpret_cast<BYTE*>(block->bytes.data()),
                                    static_cast<DWORD>(service_list_bytes), &needed, &count, &resume, nullptr);
        auto const error = good ? ERROR_SUCCESS : ::GetLastError();
        if (error != ERROR_SUCCESS && error != ERROR_MORE_DATA)
            return fail_windows(error, "services: EnumServicesStatusEx");
        auto const* const rows = reinterpret_cast<ENUM_SERVICE_STATUS_PROCESSW const*>(block->bytes.data());
        for (DWORD i = 0; i < count && i < service_list_bytes / sizeof *rows; ++i) {
            if (rows[i].lpServiceName == nullptr) continue;
            services.push_back({.name = rows[i].lpServiceName,
                                .label = rows[i].lpDisplayName == nullptr ? L"" : rows[i].lpDisplayName,
                                .status = rows[i].ServiceStatusProcess});
        }
        if (error == ERROR_SUCCESS) return services;
        if (count == 0 || services.size() > most_services)
            return fail(errc::limit_exceeded, "services: EnumServicesStatusEx: a list without end");
    }
}

/// A buffer in which a structure stands, and behind it what its pointers lead to.
using ConfigBlock = std::vector<std::max_align_t>;

template <class Query>
Result<ConfigBlock> query_service(Query query, std::string_view step)
{
    ConfigBlock block(config_bytes / sizeof(std::max_align_t));
    for (int tries = 0; tries < 3; ++tries) {
        DWORD needed = 0;
        auto const size = static_cast<DWORD>(block.size() * sizeof(std::max_align_t));
        if (query(reinterpret_cast<BYTE*>(block.data()), size, &needed)) return block;
        auto const error = ::GetLastError();
        // The system does not know of such a thing, so no service has it: all zero.
        if (error == ERROR_INVALID_LEVEL) return ConfigBlock(block.size());
        if (error != ERROR_INSUFFICIENT_BUFFER || needed > service_list_bytes) return fail_windows(error, step);
        block.resize(needed / sizeof(std::max_align_t) + 1);
    }
    return fail(errc::io, fmt::format("{}: it grows while it is read", step));
}

Fact<std::uint32_t> start_of(SC_HANDLE service)
{
    auto const block = query_service(
        [&](BYTE* bytes, DWORD size, DWORD* needed) {
            return ::QueryServiceConfigW(service, reinterpret_cast<QUERY_SERVICE_CONFIGW*>(bytes), size, needed);
        },
        "services: QueryServiceConfig");
    if (!block) return Result<std::uint32_t>(block.error());
    return std::uint32_t{reinterpret_cast<QUERY_SERVICE_CONFIGW const*>(block->data())->dwStartType};
}

Fact<bool> is_delayed(SC_HANDLE service)
{
    auto const block = query_service(
        [&](BYTE* bytes, DWORD size, DWORD* needed) {
            return ::QueryServiceConfig2W(service, SERVICE_CONFIG_DELAYED_AUTO_START_INFO, bytes, size, needed);
        },
        "services: delayed start");
    if (!block) return Result<bool>(block.error());
    return reinterpret_cast<SERVICE_DELAYED_AUTO_START_INFO const*>(block->data())->fDelayedAutostart != FALSE;
}

Fact<bool> has_start_trigger(SC_HANDLE service)
{
    auto const block = query_service(
        [&](BYTE* bytes, DWORD size, DWORD* needed) {
            return ::QueryServiceConfig2W(service, SERVICE_CONFIG_TRIGGER_INFO, bytes, size, needed);
        },
        "services: triggers");
    if (!block) return Result<bool>(block.error());
    auto const& triggers = *reinterpret_cast<ServiceTriggers const*>(block->data());
    static constexpr DWORD start_action = 1; // SERVICE_TRIGGER_ACTION_SERVICE_START
    if (triggers.triggers == nullptr) return false;
    for (DWORD i = 0; i < triggers.count; ++i)
        if (triggers.triggers[i].action == start_action) return true;
    return false;
}

/// What the manager keeps in the registry, for the few services that deny even the system a look by it.
void ask_registry(ScmFacts& facts)
{
    auto const key = Registry::open(HKEY_LOCAL_MACHINE, "SYSTEM\\CurrentControlSet\\Services\\" + facts.name);
    if (!key) return;
    facts.start = key->number("Start");
    auto const delayed = key->number("DelayedAutostart");
    facts.delayed = delayed && *delayed != 0;
    facts.triggered = key->open("TriggerInfo").has_value();
}

void ask_manager(SC_HANDLE manager, std::wstring const& name, ScmFacts& facts)
{
    ScmHandle const service(::OpenServiceW(manager, name.c_str(), SERVICE_QUERY_CONFIG));
    if (!service) {
        auto const why = fail_windows(::GetLastError(), "services: OpenService");
        facts.start = Result<std::uint32_t>(why);
        facts.delayed = Result<bool>(why);
        facts.triggered = Result<bool>(why);
        if (reason(why) == to_string(errc::permission_denied)) ask_registry(facts);
        return;
    }
    facts.start = start_of(service.get());
    // Of the others neither matters, and each is a call to another process.
    if (facts.start && *facts.start != SERVICE_AUTO_START) return;
    facts.triggered = has_start_trigger(service.get());
    facts.delayed = is_delayed(service.get());
}

Fact<UnixMs> process_start_ms(DWORD process_id)
{
    Handle const process(::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process_id));
    if (!process) return Result<UnixMs>(fail_windows(::GetLastError(), "services: OpenProcess"));
    FILETIME created{};
    FILETIME ended{};
    FILETIME in_kernel{};
    FILETIME in_program{};
    if (!::GetProcessTimes(process.get(), &created, &ended, &in_kernel, &in_program))
        return Result<UnixMs>(fail_windows(::GetLastError(), "services: GetProcessTimes"));
    return unix_ms(std::uint64_t{created.dwHighDateTime} << 32U | created.dwLowDateTime);
}

class WindowsServices final : public Services
{
public:
    [[nodiscard]] Result<std::vector<Service>> list() override
    {
        ScmHandle const manager(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE));
        if (!manager) return fail_windows(::GetLastError(), "services: OpenSCManager");
        auto const listed = list_services(manager.get());
        if (!listed) return listed.error();
        std::map<DWORD, int> sharers;
        for (auto const& one : *listed)
            if (one.status.dwCurrentState == SERVICE_RUNNING) ++sharers[one.status.dwProcessId];

        std::vector<Service> services;
        for (auto const& one : *listed) {
            // Its name is another one at the next log-in; the template stands for all of them.
            if ((one.status.dwServiceType & user_service_instance) != 0) continue;
            ScmFacts facts;
            facts.name = utf8(one.name);
            facts.label = utf8(one.label);
            facts.type = one.status.dwServiceType;
            facts.state = one.status.dwCurrentState;
            facts.exit_code = one.status.dwWin32ExitCode;
            facts.specific_exit_code = one.status.dwServiceSpecificExitCode;
            ask_manager(manager.get(), one.name, facts);
            // It went away since it was listed.
            if (!facts.start && reason(facts.start.error()) == to_string(errc::not_found)) continue;
            if (one.status.dwCurrentState != SERVICE_RUNNING)
                facts.since_ms = fail(errc::not_supported, "services: Windows keeps no time of it");
            else if (one.status.dwProcessId == 0 || sharers[one.status.dwProcessId] != 1)
                facts.since_ms = fail(errc::not_supported, "services: its process is not its own");
            else
                facts.since_ms = process_start_ms(one.status.dwProcessId);
            services.push_back(judge_service(facts));
        }
        return services;
    }
};

} // namespace

std::unique_ptr<Services> make_services(Root const& /*root*/) { return std::make_unique<WindowsServices>(); }

} // namespace rollcall::platform
