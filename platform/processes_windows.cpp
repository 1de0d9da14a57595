#include "platform/processes.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>

#include <windows.h>

#include <fmt/format.h>

#include "platform/windows/access.hpp"
#include "platform/windows/clock.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/process_table.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

std::int64_t not_beyond(std::uint64_t number)
{
    return static_cast<std::int64_t>(std::min<std::uint64_t>(number, INT64_MAX));
}

/// Names of users by their numbers. A name may stand in a directory server that does not answer, and then asking takes
/// seconds: so it is asked once, and again only after a while where there was no answer.
class UserNames
{
public:
    [[nodiscard]] std::string of(PSID sid, std::string const& number)
    {
        std::lock_guard const lock(mutex_);
        auto const now = std::chrono::steady_clock::now();
        if (auto const known = known_.find(number); known != known_.end() && now < known->second.until)
            return known->second.name;
        // Only services of the system come and go; those who work here are few.
        static constexpr std::size_t most = 4096;
        if (known_.size() >= most) known_.clear();
        auto const name = ask(sid);
        known_[number] = {.name = name.empty() ? number : name,
                          .until = now + (name.empty() ? std::chrono::minutes(15) : std::chrono::hours(24))};
        return known_[number].name;
    }

private:
    struct Known {
        std::string name;
        std::chrono::steady_clock::time_point until;
    };

    [[nodiscard]] static std::string ask(PSID sid)
    {
        static constexpr DWORD longest = 512;
        std::array<wchar_t, longest> name{};
        std::array<wchar_t, longest> domain{};
        auto name_size = longest;
        auto domain_size = longest;
        SID_NAME_USE kind{};
        if (::LookupAccountSidW(nullptr, sid, name.data(), &name_size, domain.data(), &domain_size, &kind) == FALSE)
            return {};
        auto const user = utf8({name.data(), std::min(name_size, longest)});
        auto const where = utf8({domain.data(), std::min(domain_size, longest)});
        return where.empty() ? user : where + '\\' + user;
    }

    std::mutex mutex_;
    std::map<std::string, Known> known_;
};

class WindowsProcesses final : public Processes
{
public:
    [[nodiscard]] Result<ProcessList> list() const override
    {
        auto const table = read_process_table();
        if (!table) return table.error();
        ProcessList found;
        found.taken =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
        for (auto const& entry : *table) {
            // The idle process is no work, but the lack of it.
            if (entry.id == 0) continue;
            static constexpr std::uint64_t steps_per_ms = 10'000;
            Process process;
            process.id = not_beyond(entry.id);
            process.name = utf8(std::wstring(entry.name.begin(), entry.name.end()));
            process.begun = entry.created;
            process.cpu = std::chrono::milliseconds(not_beyond(entry.user_100ns / steps_per_ms) +
                                                    not_beyond(entry.kernel_100ns / steps_per_ms));
            process.memory_bytes = not_beyond(entry.resident_bytes);
            if (entry.created == 0)
                process.started_ms = fail(errc::not_found, "processes: the system does not say when it began");
            else
                process.started_ms = unix_ms(entry.created);
            found.processes.push_back(std::move(process));
        }
        return found;
    }

    [[nodiscard]] Fact<std::string> user_of(std::int64_t id) const override
    {
        if (id <= 0 || id > MAXDWORD) return fail(errc::not_found, "processes: no such process");
        Handle const process(::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, static_cast<DWORD>(id)));
        if (!process) {
            auto const error = ::GetLastError();
            // What OpenProcess says of an id that nobody has.
            if (error == ERROR_INVALID_PARAMETER) return fail(errc::not_found, "processes: no such process");
            return fail_windows(error, "processes: OpenProcess");
        }
        HANDLE raw = nullptr;
        if (::OpenProcessToken(process.get(), TOKEN_QUERY, &raw) == FALSE)
            return fail_windows(::GetLastError(), "processes: OpenProcessToken");
        Handle const token(raw);
        alignas(TOKEN_USER) std::array<std::byte, sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE> user{};
        DWORD size = 0;
        if (::GetTokenInformation(token.get(), TokenUser, user.data(), static_cast<DWORD>(user.size()), &size) == FALSE)
            return fail_windows(::GetLastError(), "processes: GetTokenInformation");
        auto* const sid = reinterpret_cast<TOKEN_USER const*>(user.data())->User.Sid;
        auto const number = sid_text(sid);
        if (!number) return fail(number.error(), "processes");
        return names_.of(sid, *number);
    }

private:
    mutable UserNames names_;
};

} // namespace

std::unique_ptr<Processes> make_processes(Root const& /*root*/) { return std::make_unique<WindowsProcesses>(); }

} // namespace rollcall::platform
