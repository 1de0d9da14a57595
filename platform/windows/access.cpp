#include "platform/windows/access.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include <aclapi.h>
#include <sddl.h>

#include <fmt/format.h>

#include "platform/windows/error.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

static constexpr std::string_view system_sid = "S-1-5-18";
static constexpr std::string_view administrators_sid = "S-1-5-32-544";
/// TrustedInstaller, who owns the folders of Windows itself.
static constexpr std::string_view installer_sid = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
/// OWNER RIGHTS: the owner, who is judged apart.
static constexpr std::string_view owner_rights_sid = "S-1-3-4";

Result<std::string> sid_text(PSID sid)
{
    wchar_t* raw = nullptr;
    if (sid == nullptr || ::IsValidSid(sid) == FALSE || ::ConvertSidToStringSidW(sid, &raw) == FALSE)
        return fail(errc::bad_message, "a user's number that is none");
    LocalMemory<wchar_t> const text(raw);
    return utf8(text.get());
}

Result<std::string> own_sid()
{
    HANDLE raw = nullptr;
    if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &raw) == FALSE)
        return fail_windows(::GetLastError(), "OpenProcessToken");
    Handle const token(raw);
    alignas(TOKEN_USER) std::array<std::byte, sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE> user{};
    DWORD size = 0;
    if (::GetTokenInformation(token.get(), TokenUser, user.data(), static_cast<DWORD>(user.size()), &size) == FALSE)
        return fail_windows(::GetLastError(), "GetTokenInformation");
    return sid_text(reinterpret_cast<TOKEN_USER const*>(user.data())->User.Sid);
}

bool is_elevated()
{
    alignas(SID) std::array<std::byte, SECURITY_MAX_SID_SIZE> administrators{};
    auto size = static_cast<DWORD>(administrators.size());
    BOOL member = FALSE;
    // A token that is not elevated has the group for denying only, and this says no. The system's own has it.
    return ::CreateWellKnownSid(WinBuiltinAdministratorsSid, nullptr, administrators.data(), &size) != FALSE &&
           ::CheckTokenMembership(nullptr, administrators.data(), &member) != FALSE && member != FALSE;
}

Result<LocalMemory<void>> private_descriptor(bool below)
{
    auto const* const flags = below ? "OICI" : "";
    auto text = fmt::format("D:P(A;{0};FA;;;SY)(A;{0};FA;;;BA)", flags);
    if (is_elevated()) {
        // Without this the owner may be the person at the keyboard, who could let himself in later without elevation.
        text = "O:BA" + text;
    } else {
        auto const user = own_sid();
        if (!user) return user.error();
        text += fmt::format("(A;{};FA;;;{})", flags, *user);
    }
    PSECURITY_DESCRIPTOR raw = nullptr;
    if (::ConvertStringSecurityDescriptorToSecurityDescriptorW(utf16(text).c_str(), SDDL_REVISION_1, &raw, nullptr) ==
        FALSE)
        return fail_windows(::GetLastError(), "ConvertStringSecurityDescriptor");
    return LocalMemory<void>(raw);
}

/// That others know the file is there is no harm; to read, change or delete it is, and to give oneself the right to.
static constexpr ACCESS_MASK may_know = READ_CONTROL | SYNCHRONIZE | FILE_READ_ATTRIBUTES | FILE_READ_EA;
static constexpr ACCESS_MASK may_read = may_know | FILE_READ_DATA | FILE_EXECUTE | GENERIC_READ | GENERIC_EXECUTE;

namespace
{

/// Owner and list of rights as the system has them; pointers into `kept`.
struct Rights {
    LocalMemory<void> kept;
    PSID owner = nullptr;
    PACL list = nullptr;
};

Result<Rights> rights_of(HANDLE file)
{
    Rights rights;
    PSECURITY_DESCRIPTOR raw = nullptr;
    auto const error = ::GetSecurityInfo(file, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                                         &rights.owner, nullptr, &rights.list, nullptr, &raw);
    if (error != ERROR_SUCCESS) return fail_windows(error, "GetSecurityInfo");
    rights.kept.reset(raw);
    return rights;
}

/// We, the system and the administrators: those who may do anything here anyhow.
class Trusted
{
public:
    explicit Trusted(std::string ourselves)
        : ourselves_(std::move(ourselves))
    {
    }
    [[nodiscard]] bool has(std::string_view who) const
    {
        return who == ourselves_ || who == system_sid || who == administrators_sid;
    }

private:
    std::string ourselves_;
};

Result<> check_owner_of(Rights const& rights, Trusted const& trusted)
{
    auto const owner = sid_text(rights.owner);
    if (!owner) return owner.error();
    if (trusted.has(*owner) || *owner == installer_sid) return {};
    return fail(errc::refused, fmt::format("belongs to another user ({}): delete it and have it made anew", *owner));
}

} // namespace

Result<> check_owner(HANDLE file)
{
    auto const ourselves = own_sid();
    if (!ourselves) return ourselves.error();
    auto const rights = rights_of(file);
    if (!rights) return rights.error();
    return check_owner_of(*rights, Trusted(*ourselves));
}

/// Has somebody who is not trusted more rights than these?
static Result<> check_rights(HANDLE file, ACCESS_MASK harmless, std::string_view harm, std::string_view remedy)
{
    auto const ourselves = own_sid();
    if (!ourselves) return ourselves.error();
    Trusted const trusted(*ourselves);
    auto const rights = rights_of(file);
    if (!rights) return rights.error();
    if (auto const owned = check_owner_of(*rights, trusted); !owned) return owned;
    // No list at all: everybody may do everything.
    if (rights->list == nullptr) return fail(errc::refused, fmt::format("others can {} it: {}", harm, remedy));
    for (DWORD i = 0; i < rights->list->AceCount; ++i) {
        void* entry = nullptr;
        if (::GetAce(rights->list, i, &entry) == FALSE) return fail_windows(::GetLastError(), "GetAce");
        auto const& header = *static_cast<ACE_HEADER const*>(entry);
        // A denial gives nobody anything, and what is only for things below does not count here.
        if (header.AceType == ACCESS_DENIED_ACE_TYPE || (header.AceFlags & INHERIT_ONLY_ACE) != 0) continue;
        if (header.AceType != ACCESS_ALLOWED_ACE_TYPE)
            return fail(errc::refused, fmt::format("has rights of a kind that is not understood: {}", remedy));
        // The system checked its size with the list; the SID begins with its last field.
        auto* const allowed = static_cast<ACCESS_ALLOWED_ACE*>(entry);
        auto const who = sid_text(&allowed->SidStart);
        if (!who) return who.error();
        if ((allowed->Mask & ~harmless) != 0 && !trusted.has(*who) && *who != owner_rights_sid && *who != installer_sid)
            return fail(errc::refused, fmt::format("others ({}) can {} it: {}", *who, harm, remedy));
    }
    return {};
}

Result<> check_private(HANDLE file)
{
    return check_rights(file, may_know, "read or replace",
                        "let only SYSTEM and Administrators have it (icacls FILE /inheritance:r /grant:r "
                        "*S-1-5-18:F *S-1-5-32-544:F), and take the secret for known");
}

Result<> check_unchangeable(HANDLE file)
{
    return check_rights(file, may_read, "change or replace",
                        "put the program where only administrators may write, as below C:\\Program Files");
}

} // namespace rollcall::platform
