#include "platform/firewall.hpp"

#include "platform/macos/mac_firewall.hpp"
#include "platform/macos/tool.hpp"
#include "platform/posix/file.hpp"
#include "platform/texts.hpp"

namespace rollcall::platform
{

namespace
{

class MacFirewall final : public Firewall
{
public:
    explicit MacFirewall(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<FirewallFacts> read() const override { return judge_mac_firewall(applications(), packets()); }

private:
    [[nodiscard]] Result<plist::Value> read_list(std::string_view path) const
    {
        auto const content = posix::read_file(root_ / path);
        if (!content) return content.error();
        return plist::parse(*content);
    }

    /// The tool first: since macOS 15 the file is no longer written, and what stands there is old.
    [[nodiscard]] Result<ApplicationFirewall> applications() const
    {
        static constexpr std::uint64_t first_without_file = 15;
        auto const said =
            tool_output({.arguments = {"/usr/libexec/ApplicationFirewall/socketfilterfw", "--getglobalstate"}}, run);
        auto state = said ? parse_global_state(*said) : Result<ApplicationFirewall>(said.error());
        if (state) return state;
        auto const system = read_list("/System/Library/CoreServices/SystemVersion.plist");
        auto const version = system ? system->text("ProductVersion") : std::string();
        auto const major = texts::to_number(std::string_view(version).substr(0, version.find('.')));
        if (!major || *major >= first_without_file) return state;
        auto const settings = read_list("/Library/Preferences/com.apple.alf.plist");
        auto remembered = settings ? global_state_of(*settings) : Result<ApplicationFirewall>(settings.error());
        return remembered ? remembered : state;
    }

    [[nodiscard]] static Result<PacketFilter> packets()
    {
        auto const info = tool_output({.arguments = {"/sbin/pfctl", "-s", "info"}}, run);
        if (!info) return fail(info.error(), "firewall");
        auto const rules = tool_output({.arguments = {"/sbin/pfctl", "-s", "rules"}}, run);
        if (!rules) return fail(rules.error(), "firewall");
        return parse_packet_filter(*info, *rules);
    }

    Root root_;
};

} // namespace

std::unique_ptr<Firewall> make_firewall(Root const& root) { return std::make_unique<MacFirewall>(root); }

} // namespace rollcall::platform
