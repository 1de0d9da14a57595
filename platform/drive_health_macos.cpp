#include "platform/drive_health.hpp"

#include "platform/macos/disk_volumes.hpp"
#include "platform/macos/io_registry.hpp"
#include "platform/macos/tool.hpp"

namespace rollcall::platform
{

namespace
{

Result<SmartReading> ask_drive(MacDriveFacts const& facts, std::string const& name)
{
    if (auto const may = may_ask_mac_drive(facts); !may) return may.error();
    auto const info = tool_plist({.arguments = {"/usr/sbin/diskutil", "info", "-plist", name}}, run);
    if (!info) return fail(info.error(), "drive_health");
    return parse_diskutil_health(*info);
}

class MacDriveHealth final : public DriveHealth
{
public:
    [[nodiscard]] Result<std::vector<Drive>> list() const override
    {
        auto const listed = tool_plist({.arguments = {"/usr/sbin/diskutil", "list", "-plist", "physical"}}, run);
        if (!listed) return fail(listed.error(), "drive_health");
        auto const names = physical_disks(*listed);
        if (!names) return names.error();
        auto const media = io_services("IOMedia", {"BSD Name", "Device Characteristics"});
        std::vector<Drive> drives;
        for (auto const& name : *names) {
            MacDriveFacts facts;
            if (media) {
                facts = mac_drive_facts(*media, name);
            } else {
                facts.model = Result<std::string>(media.error());
                facts.serial = Result<std::string>(media.error());
                facts.solid_state = Result<bool>(media.error());
            }
            auto reading = ask_drive(facts, name);
            drives.push_back({.name = name,
                              .model = std::move(facts.model),
                              .serial = std::move(facts.serial),
                              .reading = std::move(reading)});
        }
        return drives;
    }
};

} // namespace

std::unique_ptr<DriveHealth> make_drive_health(Root const& /*root*/) { return std::make_unique<MacDriveHealth>(); }

} // namespace rollcall::platform
