#include "platform/windows/ata_pass_through.hpp"

#include <cstring>

namespace rollcall::platform
{

namespace
{

constexpr std::size_t pass_through_head_bytes = 48;
constexpr std::size_t task_file = 40; ///< CurrentTaskFile; before it, that of a 48-bit command's upper bytes.

template <class T>
void store(std::string& bytes, std::size_t offset, T value)
{
    std::memcpy(bytes.data() + offset, &value, sizeof value);
}

} // namespace

std::string ata_request(AtaCommand const& command, std::uint32_t limit_s)
{
    static constexpr std::uint16_t ready_required = 1;
    static constexpr std::uint16_t data_in = 2;
    static constexpr std::uint16_t extended = 8;
    static constexpr std::uint8_t by_address = 0x40; ///< LBA, in the device register.
    std::string bytes(pass_through_head_bytes + (command.data_in ? ata_sector_bytes : 0), '\0');
    store(bytes, 0, static_cast<std::uint16_t>(pass_through_head_bytes));
    store(bytes, 2,
          static_cast<std::uint16_t>(ready_required | (command.data_in ? data_in : 0) |
                                     (command.extended ? extended : 0)));
    store(bytes, 8, static_cast<std::uint32_t>(command.data_in ? ata_sector_bytes : 0));
    store(bytes, 12, limit_s);
    store(bytes, 24, std::uint64_t{pass_through_head_bytes});
    store(bytes, task_file, command.features);
    store(bytes, task_file + 1, command.count);
    store(bytes, task_file + 2, command.lba_low);
    store(bytes, task_file + 3, command.lba_mid);
    store(bytes, task_file + 4, command.lba_high);
    store(bytes, task_file + 5, static_cast<std::uint8_t>(command.extended ? by_address : 0));
    store(bytes, task_file + 6, command.command);
    return bytes;
}

Result<AtaAnswer> parse_ata_answer(std::string_view bytes, AtaCommand const& command)
{
    if (bytes.size() < pass_through_head_bytes) return fail(errc::bad_message, "ATA_PASS_THROUGH_EX breaks off");
    // A driver that does not pass the registers on leaves them as they were sent; no drive answers so.
    static constexpr std::size_t task_file_bytes = 8;
    bool const told =
        bytes.substr(task_file, task_file_bytes) != ata_request(command, 0).substr(task_file, task_file_bytes);
    auto const at = [&](std::size_t place) { return static_cast<std::uint8_t>(bytes[task_file + place]); };
    AtaRegisters const registers{
        .error = at(0), .count = at(1), .lba_low = at(2), .lba_mid = at(3), .lba_high = at(4), .status = at(6)};
    AtaAnswer answer;
    if (told) {
        if (auto const well = check_ata_registers(registers); !well) return well.error();
        answer.registers = registers;
    }
    if (!command.data_in) return answer;
    if (bytes.size() < pass_through_head_bytes + ata_sector_bytes)
        return fail(errc::bad_message, "ATA_PASS_THROUGH_EX: less than a sector");
    answer.data = std::string(bytes.substr(pass_through_head_bytes, ata_sector_bytes));
    return answer;
}

} // namespace rollcall::platform
