#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <windows.h>

#include "common/core/result.hpp"

namespace rollcall::platform
{

/// Which of the two registries of a 64-bit Windows is meant: 32-bit programs write to one of their own.
enum class RegistryView { bits64, bits32 };

/// One registry key, open for reading. A value of another type than asked for is bad_message, a missing one not_found.
/// Owns: the key's handle.
class Registry
{
public:
    static constexpr std::size_t largest_value_bytes = std::size_t{64} * 1024;

    /// `root` is one of the predefined keys (HKEY_LOCAL_MACHINE) or any open key.
    [[nodiscard]] static Result<Registry> open(HKEY root, std::string_view path,
                                               RegistryView view = RegistryView::bits64);
    /// A key below this one.
    [[nodiscard]] Result<Registry> open(std::string_view path) const;

    Registry(Registry&& other) noexcept;
    Registry& operator=(Registry&& other) noexcept;
    Registry(Registry const&) = delete;
    Registry& operator=(Registry const&) = delete;
    ~Registry();

    /// REG_SZ, or REG_EXPAND_SZ as it is written: with its %NAMES% in place.
    [[nodiscard]] Result<std::string> text(std::string_view name) const;
    /// REG_MULTI_SZ.
    [[nodiscard]] Result<std::vector<std::string>> texts(std::string_view name) const;
    /// REG_DWORD.
    [[nodiscard]] Result<std::uint32_t> number(std::string_view name) const;
    /// REG_QWORD.
    [[nodiscard]] Result<std::uint64_t> big_number(std::string_view name) const;
    /// REG_BINARY.
    [[nodiscard]] Result<std::vector<std::byte>> bytes(std::string_view name) const;
    /// A value of that name, of whatever type?
    [[nodiscard]] bool has(std::string_view name) const;

    /// Names of the keys below; more than `limit` of them is limit_exceeded.
    [[nodiscard]] Result<std::vector<std::string>> keys(std::size_t limit = 20'000) const;
    /// When this key, one of its values or the list of keys below it was last changed.
    [[nodiscard]] Result<std::int64_t> written_unix_ms() const;

    [[nodiscard]] HKEY get() const { return key_; }

private:
    struct Value {
        DWORD type = REG_NONE;
        std::vector<std::byte> bytes;
    };

    Registry(HKEY key, REGSAM view);
    [[nodiscard]] Result<Value> value(std::string_view name) const;

    HKEY key_ = nullptr;
    REGSAM view_ = KEY_WOW64_64KEY;
};

static_assert(std::is_nothrow_move_constructible_v<Registry>);

} // namespace rollcall::platform
