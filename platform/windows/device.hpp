#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "common/core/result.hpp"
#include "platform/windows/handle.hpp"

namespace rollcall::platform
{

/// The bytes of a structure that a device is asked with.
template <class T>
[[nodiscard]] std::string_view bytes_of(T const& value)
{
    static_assert(std::is_trivially_copyable_v<T>);
    return {reinterpret_cast<char const*>(&value), sizeof value};
}

/// An open drive, volume or battery.
///
/// Owns: the handle.  Threads: one at a time.  Blocks: while the device answers; a dying one can hang.
class Device
{
public:
    enum class Access {
        ask, ///< Only what Windows tells everybody of it (FILE_ANY_ACCESS); needs no right.
        full ///< Commands to the device itself.
    };
    /// `\\.\PhysicalDrive0`, or a volume without the backslash at its end.
    [[nodiscard]] static Result<Device> open(std::wstring const& path, Access access);

    /// DeviceIoControl: what the device wrote, at most `answer_bytes`. Where the answer is longer, its beginning.
    [[nodiscard]] Result<std::string> control(DWORD code, std::string_view request, std::size_t answer_bytes,
                                              std::string_view step) const;
    /// The same of one buffer for the request and for the answer.
    [[nodiscard]] Result<std::string> control_in_place(DWORD code, std::string buffer, std::string_view step) const;

    /// Does it run, rather than sleep? Asking does not wake it.
    [[nodiscard]] Result<bool> is_awake() const;

private:
    explicit Device(Handle handle)
        : handle_(std::move(handle))
    {
    }
    Handle handle_;
};

} // namespace rollcall::platform
