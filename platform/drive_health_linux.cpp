#include "platform/drive_health.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "platform/disks.hpp"
#include "platform/linux/procfs.hpp"

namespace rollcall::platform
{

namespace
{

/// A drive that answers no single command within this long is reset by the kernel: rather wait than reset a slow one.
constexpr unsigned command_limit_ms = 20'000;

/// An open drive. Opened without waiting for a medium, and never for writing.
///
/// Owns: the descriptor.  Threads: one at a time.  Blocks: commands do.
class OpenDrive
{
public:
    [[nodiscard]] static Result<OpenDrive> open(std::string const& path)
    {
        int const file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (file < 0) return fail_errno(errno, path);
        return OpenDrive(file);
    }
    ~OpenDrive()
    {
        if (file_ >= 0) ::close(file_);
    }
    OpenDrive(OpenDrive&& other) noexcept
        : file_(std::exchange(other.file_, -1))
    {
    }
    OpenDrive(OpenDrive const&) = delete;
    OpenDrive& operator=(OpenDrive const&) = delete;
    OpenDrive& operator=(OpenDrive&&) = delete;

    /// The ioctl's answer; a system that does not know it is not_supported.
    [[nodiscard]] Result<int> control(unsigned long request, void* argument, std::string_view step) const
    {
        int const answer = ::ioctl(file_, request, argument);
        if (answer >= 0) return answer;
        if (errno == ENOTTY || errno == EINVAL || errno == EOPNOTSUPP)
            return fail(errc::not_supported, fmt::format("{}: no such command here", step));
        return fail_errno(errno, step);
    }

private:
    explicit OpenDrive(int file)
        : file_(file)
    {
    }
    int file_;
};

class ScsiLink final : public AtaLink
{
public:
    explicit ScsiLink(OpenDrive const& drive)
        : drive_(&drive)
    {
    }

    [[nodiscard]] Result<AtaAnswer> send(AtaCommand const& command) override
    {
        static constexpr std::size_t sense_bytes = 64;
        static constexpr unsigned host_timed_out = 0x03; ///< DID_TIME_OUT
        auto request = ata_pass_through(command);
        std::array<char, sense_bytes> sense{};
        AtaAnswer answer;
        if (command.data_in) answer.data.resize(ata_sector_bytes);
        sg_io_hdr_t io{};
        io.interface_id = 'S';
        io.cmd_len = static_cast<unsigned char>(request.size());
        io.cmdp = reinterpret_cast<unsigned char*>(request.data());
        io.mx_sb_len = static_cast<unsigned char>(sense.size());
        io.sbp = reinterpret_cast<unsigned char*>(sense.data());
        io.dxfer_direction = command.data_in ? SG_DXFER_FROM_DEV : SG_DXFER_NONE;
        io.dxfer_len = static_cast<unsigned>(answer.data.size());
        io.dxferp = command.data_in ? answer.data.data() : nullptr;
        io.timeout = command_limit_ms;
        auto const done = drive_->control(SG_IO, &io, "SG_IO");
        if (!done) return done.error();
        if (io.host_status == host_timed_out) return fail(errc::timed_out, "SG_IO");
        if (io.host_status != 0 || (io.status != 0 && io.sb_len_wr == 0))
            return fail(errc::io, fmt::format("SG_IO: status {:x}, of the host {:x}", io.status, io.host_status));
        auto registers = parse_ata_sense(std::string_view(sense.data(), io.sb_len_wr));
        if (!registers) return registers.error();
        if (command.data_in && io.resid != 0) return fail(errc::bad_message, "SG_IO: less than a sector");
        answer.registers = *registers;
        return answer;
    }

private:
    OpenDrive const* drive_;
};

Result<SmartReading> ask_nvme_drive(OpenDrive const& drive)
{
    static constexpr std::uint8_t get_log_page = 0x02;
    static constexpr std::uint32_t health = 0x02;
    static constexpr std::uint32_t whole_controller = 0xFFFF'FFFF;
    std::string page(nvme_health_bytes, '\0');
    nvme_admin_cmd command{};
    command.opcode = get_log_page;
    command.nsid = whole_controller;
    command.addr = reinterpret_cast<std::uint64_t>(page.data());
    command.data_len = static_cast<std::uint32_t>(page.size());
    // The number of 4-byte words less one stands above the page's number.
    command.cdw10 = static_cast<std::uint32_t>(page.size() / 4 - 1) << 16U | health;
    command.timeout_ms = command_limit_ms;
    auto const status = drive.control(NVME_IOCTL_ADMIN_CMD, &command, "NVME_IOCTL_ADMIN_CMD");
    if (!status) return status.error();
    if (*status != 0) return nvme_log_failure(*status);
    auto facts = parse_nvme_health(page);
    if (!facts) return facts.error();
    return SmartReading{.asleep = false, .facts = *std::move(facts)};
}

class LinuxDriveHealth final : public DriveHealth
{
public:
    explicit LinuxDriveHealth(Root root)
        : root_(std::move(root))
        , disks_(make_disks(root_))
    {
    }

    [[nodiscard]] Result<std::vector<Drive>> list() const override
    {
        auto const disks = disks_->list();
        if (!disks) return fail(disks.error(), "drive_health");
        std::vector<Drive> drives;
        drives.reserve(disks->size());
        for (auto const& disk : *disks)
            drives.push_back({.name = disk.name, .model = disk.model, .serial = disk.serial, .reading = ask(disk)});
        return drives;
    }

private:
    enum class Tongue { none, ata, nvme };

    /// A bridge on USB may hang when it is asked in ATA, and SAS drives speak of their health in yet another way.
    [[nodiscard]] Tongue tongue_of(Disk const& disk, std::string const& folder) const
    {
        if (!disk.bus) return Tongue::none;
        if (*disk.bus == "nvme") return Tongue::nvme;
        if (*disk.bus == "sata") return Tongue::ata;
        // Behind a host adapter that translates, a SATA drive's vendor is "ATA" (SAT-3, 10.3).
        auto const vendor = procfs::read_word(folder + "/device/vendor");
        return *disk.bus == "scsi" && vendor && *vendor == "ATA" ? Tongue::ata : Tongue::none;
    }

    [[nodiscard]] Result<SmartReading> ask(Disk const& disk) const
    {
        auto const step = fmt::format("drive_health: {}", disk.name);
        auto const folder = root_ / ("/sys/block/" + disk.name);
        auto const tongue = tongue_of(disk, folder);
        if (tongue == Tongue::none) return fail(errc::not_supported, step + ": no way to ask it");
        if (disk.model && is_virtual_drive(*disk.model)) return fail(errc::not_supported, step + ": a virtual drive");
        // Opening it would already wake it.
        auto const power = procfs::read_word(folder + "/device/power/runtime_status");
        if (power && *power == "suspended") return SmartReading{.asleep = true, .facts = {}};
        if (!root_.live()) return fail(errc::not_supported, step + ": a recorded one");
        auto const drive = OpenDrive::open("/dev/" + disk.name);
        if (!drive) return fail(drive.error(), step);
        ScsiLink link(*drive);
        auto reading = tongue == Tongue::nvme ? ask_nvme_drive(*drive) : ask_ata_drive(link);
        if (!reading) return fail(reading.error(), step);
        return reading;
    }

    Root root_;
    std::unique_ptr<Disks> disks_;
};

} // namespace

std::unique_ptr<DriveHealth> make_drive_health(Root const& root) { return std::make_unique<LinuxDriveHealth>(root); }

} // namespace rollcall::platform
