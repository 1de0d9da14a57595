#include "platform/sessions.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include <winsock2.h>

#include <ws2tcpip.h>

#include <windows.h>

#include <ntsecapi.h>
#include <wtsapi32.h>

#include <fmt/format.h>

#include "platform/windows/clock.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/registry.hpp"
#include "platform/windows/text.hpp"
#include "platform/windows/wts_session.hpp"

namespace rollcall::platform
{

namespace
{

struct FreeWts {
    void operator()(void* memory) const { ::WTSFreeMemory(memory); }
};
template <class T>
using WtsMemory = std::unique_ptr<T, FreeWts>;

struct FreeLsa {
    void operator()(void* memory) const { ::LsaFreeReturnBuffer(memory); }
};
template <class T>
using LsaMemory = std::unique_ptr<T, FreeLsa>;

/// WTSINFOEXW and its number in WTS_INFO_CLASS, which mingw-w64 10 does not have.
constexpr auto session_info_ex = static_cast<WTS_INFO_CLASS>(25);
struct WtsInfoExLevel1 {
    ULONG session_id;
    WTS_CONNECTSTATE_CLASS state;
    LONG flags;
    std::array<wchar_t, WINSTATIONNAME_LENGTH + 1> station;
    std::array<wchar_t, USERNAME_LENGTH + 1> user;
    std::array<wchar_t, DOMAIN_LENGTH + 1> domain;
    LARGE_INTEGER log_on_time;
    LARGE_INTEGER connect_time;
    LARGE_INTEGER disconnect_time;
    LARGE_INTEGER last_input_time;
    LARGE_INTEGER current_time;
    std::array<DWORD, 6> traffic;
};
struct WtsInfoEx {
    DWORD level;
    WtsInfoExLevel1 data;
};
static_assert(offsetof(WtsInfoEx, data) == 8 && offsetof(WtsInfoExLevel1, log_on_time) % 8 == 0);

std::uint64_t file_time(LARGE_INTEGER time)
{
    return time.QuadPart < 0 ? 0 : static_cast<std::uint64_t>(time.QuadPart);
}

/// The bytes of an answer; only as many as there are count.
struct WtsAnswer {
    WtsMemory<wchar_t> memory;
    DWORD size{};

    template <class T>
    [[nodiscard]] std::optional<T> as() const
    {
        if (size < sizeof(T)) return std::nullopt;
        T value{};
        std::memcpy(&value, memory.get(), sizeof value);
        return value;
    }
    [[nodiscard]] std::string text() const
    {
        std::wstring_view const units(memory.get(), size / sizeof(wchar_t));
        return utf8(units.substr(0, units.find(L'\0')));
    }
};

Result<WtsAnswer> ask_session(DWORD id, WTS_INFO_CLASS what)
{
    wchar_t* memory = nullptr;
    DWORD size = 0;
    if (!::WTSQuerySessionInformationW(WTS_CURRENT_SERVER_HANDLE, id, what, &memory, &size))
        return fail_windows(::GetLastError(), "sessions: WTSQuerySessionInformation");
    WtsAnswer answer{.memory = WtsMemory<wchar_t>(memory), .size = size};
    if (memory == nullptr) return fail(errc::io, "sessions: WTSQuerySessionInformation: nothing");
    return answer;
}

std::string session_text(DWORD id, WTS_INFO_CLASS what)
{
    auto const answer = ask_session(id, what);
    return answer ? answer->text() : std::string();
}

/// WTS_CLIENT_ADDRESS: an IPv4 address stands at the third byte, an IPv6 address at the first.
std::string client_address(DWORD id)
{
    static constexpr std::size_t v4_offset = 2;
    auto const answer = ask_session(id, WTSClientAddress);
    auto const address = answer ? answer->as<WTS_CLIENT_ADDRESS>() : std::nullopt;
    if (!address || (address->AddressFamily != AF_INET && address->AddressFamily != AF_INET6)) return {};
    std::array<wchar_t, INET6_ADDRSTRLEN> text{};
    bool const v4 = address->AddressFamily == AF_INET;
    auto const* const bytes = &address->Address[v4 ? v4_offset : 0];
    if (::InetNtopW(v4 ? AF_INET : AF_INET6, bytes, text.data(), text.size()) == nullptr) return {};
    return utf8(text.data());
}

WtsFacts facts_of(WTS_SESSION_INFOW const& listed)
{
    auto const id = listed.SessionId;
    WtsFacts facts;
    facts.id = id;
    facts.user = session_text(id, WTSUserName);
    facts.domain = session_text(id, WTSDomainName);
    facts.station = listed.pWinStationName == nullptr ? std::string() : utf8(listed.pWinStationName);
    facts.connect_state = static_cast<std::uint32_t>(listed.State);
    if (facts.user.empty()) return facts;
    auto const protocol = ask_session(id, WTSClientProtocolType);
    facts.protocol = protocol ? protocol->as<USHORT>().value_or(0) : 0;
    if (facts.protocol != WTS_PROTOCOL_TYPE_CONSOLE) {
        facts.client_name = session_text(id, WTSClientName);
        facts.client_address = client_address(id);
    }
    auto const info = ask_session(id, session_info_ex);
    auto const extended = info ? info->as<WtsInfoEx>() : std::nullopt;
    if (extended && extended->level == 1) {
        facts.flags = std::int32_t{extended->data.flags};
        facts.log_on_file_time = file_time(extended->data.log_on_time);
        facts.last_input_file_time = file_time(extended->data.last_input_time);
        facts.answered_file_time = file_time(extended->data.current_time);
    } else {
        facts.flags = info ? fail(errc::bad_message, "sessions: WTSSessionInfoEx: an answer of another form")
                           : Result<std::int32_t>(info.error());
    }
    return facts;
}

Result<std::vector<WtsFacts>> list_persons()
{
    WTS_SESSION_INFOW* rows = nullptr;
    DWORD count = 0;
    if (!::WTSEnumerateSessionsW(WTS_CURRENT_SERVER_HANDLE, 0, 1, &rows, &count))
        return fail_windows(::GetLastError(), "sessions: WTSEnumerateSessions");
    WtsMemory<WTS_SESSION_INFOW> const memory(rows);
    std::vector<WtsFacts> persons;
    for (DWORD i = 0; i < count; ++i) {
        auto facts = facts_of(rows[i]);
        if (is_persons_session(facts)) persons.push_back(std::move(facts));
    }
    return persons;
}

std::string lsa_text(LSA_UNICODE_STRING const& text)
{
    return text.Buffer == nullptr ? std::string() : utf8(std::wstring_view(text.Buffer, text.Length / sizeof(wchar_t)));
}

/// Kinds of log-on in which a person sits before the machine, or before another that shows it (SECURITY_LOGON_TYPE).
bool is_interactive(ULONG type)
{
    return type == Interactive || type == RemoteInteractive || type == CachedInteractive ||
           type == CachedRemoteInteractive;
}

/// Local accounts and those of a domain (S-1-5-21), or of Entra ID (S-1-12): not those that the window manager and the
/// font driver have in each session.
bool is_persons_sid(PSID sid)
{
    static constexpr BYTE nt_authority = 5;
    static constexpr BYTE entra_authority = 12;
    if (sid == nullptr || !::IsValidSid(sid) || *::GetSidSubAuthorityCount(sid) == 0) return false;
    auto const authority = ::GetSidIdentifierAuthority(sid)->Value[5];
    return authority == entra_authority ||
           (authority == nt_authority && *::GetSidSubAuthority(sid, 0) == SECURITY_NT_NON_UNIQUE);
}

/// Log-ons that Windows still knows; the user may have gone meanwhile. False where it does not let us see them.
bool consider_logons(std::optional<LastLogin>& newest)
{
    ULONG count = 0;
    LUID* ids = nullptr;
    if (::LsaEnumerateLogonSessions(&count, &ids) != 0) return false;
    LsaMemory<LUID> const memory(ids);
    for (ULONG i = 0; i < count; ++i) {
        SECURITY_LOGON_SESSION_DATA* data = nullptr;
        if (::LsaGetLogonSessionData(&ids[i], &data) != 0 || data == nullptr) continue;
        LsaMemory<SECURITY_LOGON_SESSION_DATA> const owner(data);
        auto const domain = lsa_text(data->LogonDomain);
        if (!is_interactive(data->LogonType) || !is_persons_sid(data->Sid) || file_time(data->LogonTime) == 0) continue;
        auto const at_ms = unix_ms(file_time(data->LogonTime));
        if (newest && newest->at_ms >= at_ms) continue;
        bool const remote = data->LogonType == RemoteInteractive || data->LogonType == CachedRemoteInteractive;
        newest = LastLogin{.user = account_name(domain, lsa_text(data->UserName)),
                           .at_ms = at_ms,
                           .kind = remote ? "remote" : "desktop",
                           .from = {}};
    }
    return count > 0;
}

/// Of the one who logged in last, when the profile was loaded: the only time of a log-in that outlives it outside of
/// the security log.
std::optional<LastLogin> remembered_login()
{
    auto const screen =
        Registry::open(HKEY_LOCAL_MACHINE, "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Authentication\\LogonUI");
    if (!screen) return std::nullopt;
    auto const user = screen->text("LastLoggedOnSAMUser");
    auto const sid = screen->text("LastLoggedOnUserSID");
    if (!user || !sid || user->empty() || sid->empty()) return std::nullopt;
    auto const profile = Registry::open(
        HKEY_LOCAL_MACHINE, fmt::format("SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList\\{}", *sid));
    if (!profile) return std::nullopt;
    auto const high = profile->number("LocalProfileLoadTimeHigh");
    auto const low = profile->number("LocalProfileLoadTimeLow");
    if (!high || !low || *high == 0) return std::nullopt;
    return LastLogin{
        .user = *user, .at_ms = unix_ms(std::uint64_t{*high} << 32U | *low), .kind = "desktop", .from = {}};
}

class WindowsSessions final : public Sessions
{
public:
    [[nodiscard]] Result<std::vector<Session>> list() const override
    {
        auto const persons = list_persons();
        if (!persons) return persons.error();
        auto const now_ms = SystemClock{}.now_ms();
        std::vector<Session> sessions;
        std::transform(persons->begin(), persons->end(), std::back_inserter(sessions),
                       [&](auto const& facts) { return judge_session(facts, now_ms); });
        return sessions;
    }

    [[nodiscard]] Result<LastLogin> last_login() const override
    {
        auto const sessions = list();
        std::optional<LastLogin> newest;
        bool const asked = consider_logons(newest);
        // A session tells more of the same log-in, and of one that the list of log-ons keeps from us.
        static constexpr UnixMs same_login_ms = 60'000;
        if (sessions)
            for (auto const& session : *sessions)
                if (session.since_ms && (!newest || *session.since_ms + same_login_ms > newest->at_ms))
                    newest = LastLogin{
                        .user = session.user, .at_ms = *session.since_ms, .kind = session.kind, .from = session.from};
        if (newest) return *std::move(newest);
        if (auto remembered = remembered_login()) return *std::move(remembered);
        if (!sessions && !asked) return fail(sessions.error(), "last_login");
        return fail(errc::not_found, "last_login: no log-in is on record");
    }
};

} // namespace

std::unique_ptr<Sessions> make_sessions(Root const& /*root*/) { return std::make_unique<WindowsSessions>(); }

} // namespace rollcall::platform
