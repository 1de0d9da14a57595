#include "platform/windows/device.hpp"

#include "platform/windows/error.hpp"
#include "platform/windows/text.hpp"

namespace rollcall::platform
{

namespace
{

/// Older systems answer so to requests of newer ones.
Error control_failure(DWORD code, std::string_view step)
{
    return fail_windows(code == ERROR_INVALID_PARAMETER ? ERROR_NOT_SUPPORTED : code, step);
}

} // namespace

Result<Device> Device::open(std::wstring const& path, Access access)
{
    DWORD const rights = access == Access::ask ? 0 : GENERIC_READ | GENERIC_WRITE;
    Handle handle(
        ::CreateFileW(path.c_str(), rights, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING, 0, nullptr));
    if (!handle) return fail_windows(::GetLastError(), utf8(path));
    return Device(std::move(handle));
}

Result<std::string> Device::control(DWORD code, std::string_view request, std::size_t answer_bytes,
                                    std::string_view step) const
{
    // DeviceIoControl takes a buffer to write to, and only reads it.
    std::string sent(request);
    std::string answer(answer_bytes, '\0');
    DWORD written = 0;
    auto const done = ::DeviceIoControl(handle_.get(), code, sent.data(), static_cast<DWORD>(sent.size()),
                                        answer.data(), static_cast<DWORD>(answer.size()), &written, nullptr);
    if (done == 0)
        if (auto const why = ::GetLastError(); why != ERROR_MORE_DATA) return control_failure(why, step);
    if (written < answer.size()) answer.resize(written);
    return answer;
}

Result<std::string> Device::control_in_place(DWORD code, std::string buffer, std::string_view step) const
{
    DWORD written = 0;
    auto const size = static_cast<DWORD>(buffer.size());
    if (::DeviceIoControl(handle_.get(), code, buffer.data(), size, buffer.data(), size, &written, nullptr) == 0)
        return control_failure(::GetLastError(), step);
    if (written < buffer.size()) buffer.resize(written);
    return buffer;
}

Result<bool> Device::is_awake() const
{
    BOOL awake = 0;
    if (::GetDevicePowerState(handle_.get(), &awake) == 0) return fail_windows(::GetLastError(), "GetDevicePowerState");
    return awake != 0;
}

} // namespace rollcall::platform
