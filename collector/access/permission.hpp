#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rollcall::access
{

/// One thing that somebody may be allowed to do. A new one is a line here and one in permission.cpp.
enum class Permission {
    customers_read,
    customers_write,
    devices_read,
    devices_write,
    devices_enrol,
    alerts_read,
    alerts_write,
    updates_read,
    updates_write,
    views_share,
    access_read,
    access_write,
    audit_read,
    own,
};

/// How the API and the store call it, and what it means.
struct PermissionInfo {
    Permission permission;
    std::string_view word; ///< "devices.read".
    std::string_view meaning;
    bool reads = false;                   ///< Changes nothing.
    std::optional<Permission> needs = {}; ///< A role that has this one has that one, too: who changes sees what.
};

/// All of them, in the order of the enum.
[[nodiscard]] std::span<PermissionInfo const> permission_infos();
[[nodiscard]] std::string_view to_string(Permission permission);
[[nodiscard]] std::optional<Permission> permission_from(std::string_view word);

/// A set of permissions.
class Permissions
{
public:
    Permissions() = default;
    Permissions(std::initializer_list<Permission> some);
    [[nodiscard]] static Permissions all();
    /// Words with blanks between them; one that is not known (any more) is left out.
    [[nodiscard]] static Permissions from_text(std::string_view words);

    void add(Permission one) { bits_ |= bit(one); }
    [[nodiscard]] bool has(Permission one) const { return (bits_ & bit(one)) != 0; }
    [[nodiscard]] bool covers(Permissions other) const { return (other.bits_ & ~bits_) == 0; }
    [[nodiscard]] Permissions both(Permissions other) const;
    /// The first that is there without the one that belongs to it.
    [[nodiscard]] std::optional<PermissionInfo> half() const;
    /// In the order of the enum.
    [[nodiscard]] std::vector<std::string> words() const;
    [[nodiscard]] std::string text() const;
    bool operator==(Permissions const&) const = default;

private:
    [[nodiscard]] static constexpr std::uint32_t bit(Permission one) { return 1U << static_cast<unsigned>(one); }
    std::uint32_t bits_ = 0;
};

} // namespace rollcall::access
