#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/windows/device.hpp"
#include "platform/windows/storage.hpp"

namespace rollcall::platform
{

/// "PhysicalDrive0".
[[nodiscard]] std::string drive_name(std::uint32_t number);
/// `\\.\PhysicalDrive0`.
[[nodiscard]] std::wstring drive_path(std::uint32_t number);

/// The numbers of all there are, in order: they have gaps where a drive was taken out.
[[nodiscard]] Result<std::vector<std::uint32_t>> drive_numbers();

[[nodiscard]] Result<StorageDevice> ask_storage_device(Device const& drive);
[[nodiscard]] Result<std::string> ask_nvme(Device const& drive, NvmePage page);

/// Until it is gone, this thread asks nobody to put a medium into a drive: it gets the error.
///
/// Owns: the thread's mode of before.
class NoDialogs
{
public:
    NoDialogs();
    NoDialogs(NoDialogs const&) = delete;
    NoDialogs& operator=(NoDialogs const&) = delete;
    ~NoDialogs();

private:
    DWORD before_ = 0;
};

} // namespace rollcall::platform
