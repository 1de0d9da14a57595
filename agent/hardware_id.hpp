#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/wire/messages.hpp"
#include "platform/machine.hpp"

namespace rollcall::agent
{

/// A drive that says nothing for longer is not asked for its number.
inline constexpr std::chrono::seconds disks_limit{2};

/// Digest of system and board, or of the machine id where there is nothing else; "" where none can be read. By it a
/// machine that is enrolled again is found.
///
/// Threads: any.  Blocks: for a few file reads.
[[nodiscard]] std::string read_hardware_id(platform::Machine const& machine);

/// The same of hardware alone: a machine id is software, so another one does not say that the disk was copied.
[[nodiscard]] std::string read_board_id(platform::Machine const& machine);

/// That with the NVMe, SATA and MMC drives that are built in and hold the state folder (its path without links): any
/// other one would take the identity along to the machine that it is put into.
///
/// Threads: any; drives are asked on a thread of its own.  Blocks: up to `disks_limit`, since a dying drive can hang.
[[nodiscard]] wire::Hardware read_hardware(std::shared_ptr<platform::Machine> const& machine,
                                           std::string const& state_folder);

} // namespace rollcall::agent
