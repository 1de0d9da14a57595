#include "platform/services.hpp"

#include <sys/stat.h>

#include <fmt/format.h>

#include "platform/linux/procfs.hpp"
#include "platform/linux/sdbus.hpp"
#include "platform/linux/units.hpp"

namespace rollcall::platform
{

namespace
{

constexpr auto manager_name = "org.freedesktop.systemd1";
constexpr auto manager_path = "/org/freedesktop/systemd1";
constexpr auto manager_interface = "org.freedesktop.systemd1.Manager";
constexpr auto unit_interface = "org.freedesktop.systemd1.Unit";
constexpr auto service_interface = "org.freedesktop.systemd1.Service";

/// A line of ListUnits.
struct Listed {
    std::string name;
    std::string description;
    std::string load_state;
    std::string active_state;
    std::string sub_state;
    std::string path;
};

class LinuxServices final : public Services
{
public:
    explicit LinuxServices(Root root)
        : root_(std::move(root))
    {
    }

    [[nodiscard]] Result<std::vector<Service>> list() override
    {
        // sd_booted(3): this folder exists if and only if systemd manages the machine.
        if (!procfs::exists(root_ / "/run/systemd/system"))
            return fail(errc::not_supported, "services: systemd does not manage this machine");
        if (!root_.live()) return fail(errc::not_supported, "services: a recorded tree has no bus");
        auto bus = sdbus::Bus::open_system();
        if (!bus) return fail(bus.error(), "services");
        auto const units = list_units(*bus);
        if (!units) return fail(units.error(), "services");

        std::set<std::string, std::less<>> active;
        for (auto const& unit : *units)
            if (unit.active_state == "active" || unit.active_state == "reloading") active.insert(unit.name);

        auto const ground = unit_folders();
        bool const files_changed = ground != ground_;
        std::map<std::string, UnitFacts, std::less<>> known;
        std::vector<Service> services;
        std::set<std::string, std::less<>> seen;
        for (auto const& unit : *units) {
            if (!unit.name.ends_with(".service") || unit.load_state == "not-found") continue;
            auto facts = facts_of(*bus, unit, files_changed);
            if (!facts) return fail(facts.error(), "services");
            services.push_back(judge_unit(*facts, active));
            seen.insert(unit.name);
            known.insert_or_assign(unit.name, *std::move(facts));
        }
        if (files_changed || files_.empty()) {
            auto files = list_files(*bus);
            if (!files) return fail(files.error(), "services");
            files_ = *std::move(files);
        }
        for (auto const& [name, state] : files_)
            if (!seen.contains(name)) services.push_back(judge_unit_file(name, state));
        known_ = std::move(known);
        ground_ = ground;
        return services;
    }

private:
    [[nodiscard]] static Result<std::vector<Listed>> list_units(sdbus::Bus& bus)
    {
        // Services, and what may trigger or want them.
        auto reply = bus.call(manager_name, manager_path, manager_interface, "ListUnitsByPatterns", "asas", 0, 5,
                              "*.service", "*.socket", "*.timer", "*.path", "*.target");
        if (!reply) return reply.error();
        std::vector<Listed> units;
        if (reply->enter('a', "(ssssssouso)")) {
            while (reply->enter('r', "ssssssouso")) {
                Listed unit;
                unit.name = reply->text();
                unit.description = reply->text();
                unit.load_state = reply->text();
                unit.active_state = reply->text();
                unit.sub_state = reply->text();
                reply->skip("s");
                unit.path = reply->text('o');
                reply->skip("uso");
                reply->leave();
                units.push_back(std::move(unit));
            }
            reply->leave();
        }
        if (!reply->good()) return fail(errc::bad_message, "ListUnitsByPatterns: an answer of another form");
        return units;
    }

    [[nodiscard]] static Result<std::map<std::string, std::string, std::less<>>> list_files(sdbus::Bus& bus)
    {
        auto reply = bus.call(manager_name, manager_path, manager_interface, "ListUnitFilesByPatterns", "asas", 0, 1,
                              "*.service");
        if (!reply) return reply.error();
        std::map<std::string, std::string, std::less<>> files;
        if (reply->enter('a', "(ss)")) {
            while (reply->enter('r', "ss")) {
                auto const path = reply->text();
                auto state = reply->text();
                reply->leave();
                auto name = path.substr(path.rfind('/') + 1);
                // A template is no service, and an alias is another name of one that is listed.
                if (name.find("@.") == std::string::npos && state != "alias")
                    files.insert_or_assign(std::move(name), std::move(state));
            }
            reply->leave();
        }
        if (!reply->good()) return fail(errc::bad_message, "ListUnitFilesByPatterns: an answer of another form");
        return files;
    }

    /// Times of the folders in which units are enabled, disabled and installed.
    [[nodiscard]] static std::string unit_folders()
    {
        std::string text;
        auto const add = [&](std::string const& path) {
            struct stat facts {
            };
            if (::stat(path.c_str(), &facts) != 0) return;
            text += fmt::format("{}:{}.{};", path, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
        };
        for (auto const* const folder :
             {"/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator", "/run/systemd/generator.late",
              "/usr/lib/systemd/system", "/lib/systemd/system", "/usr/local/lib/systemd/system"}) {
            add(folder);
            auto const names = procfs::list_folder(folder);
            if (!names) continue;
            for (auto const& name : *names)
                if (name.ends_with(".wants") || name.ends_with(".requires")) add(fmt::format("{}/{}", folder, name));
        }
        return text;
    }

    /// What ListUnits does not tell, read again only where something happened to the unit.
    [[nodiscard]] Result<UnitFacts> facts_of(sdbus::Bus& bus, Listed const& unit, bool files_changed) const
    {
        auto const change = number(bus, unit, unit_interface, "StateChangeTimestamp");
        if (!change) return change.error();
        auto const condition = number(bus, unit, unit_interface, "ConditionTimestamp");
        if (!condition) return condition.error();
        auto const old = known_.find(unit.name);
        if (old != known_.end() && !files_changed) {
            auto const& facts = old->second;
            if (facts.state_change_us == *change && facts.condition_us == *condition &&
                facts.active_state == unit.active_state && facts.sub_state == unit.sub_state &&
                facts.load_state == unit.load_state && facts.description == unit.description)
                return old->second;
        }
        UnitFacts facts;
        facts.name = unit.name;
        facts.description = unit.description;
        facts.load_state = unit.load_state;
        facts.active_state = unit.active_state;
        facts.sub_state = unit.sub_state;
        facts.state_change_us = *change;
        facts.condition_us = *condition;
        // A unit may go away between two questions; then it is not there, which the next read shows.
        facts.unit_file_state = text(bus, unit, unit_interface, "UnitFileState");
        facts.type = text(bus, unit, service_interface, "Type");
        facts.result = *change == 0 ? std::string() : text(bus, unit, service_interface, "Result");
        facts.condition_result = truth(bus, unit, "ConditionResult");
        facts.active_exit_mono_us = number_or_zero(bus, unit, unit_interface, "ActiveExitTimestampMonotonic");
        facts.process_exit_mono_us = number_or_zero(bus, unit, service_interface, "ExecMainExitTimestampMonotonic");
        facts.wanted_by = texts(bus, unit, "WantedBy");
        for (auto& name : texts(bus, unit, "RequiredBy"))
            facts.wanted_by.push_back(std::move(name));
        facts.triggered_by = texts(bus, unit, "TriggeredBy");
        return facts;
    }

    [[nodiscard]] static Result<std::uint64_t> number(sdbus::Bus& bus, Listed const& unit, char const* interface,
                                                      char const* name)
    {
        auto reply = bus.property(manager_name, unit.path.c_str(), interface, name, "t");
        if (!reply && reason(reply.error()) == to_string(errc::not_supported)) return std::uint64_t{0};
        if (!reply) return reply.error();
        return reply->number();
    }
    [[nodiscard]] static std::uint64_t number_or_zero(sdbus::Bus& bus, Listed const& unit, char const* interface,
                                                      char const* name)
    {
        auto const value = number(bus, unit, interface, name);
        return value ? *value : 0;
    }
    [[nodiscard]] static std::string text(sdbus::Bus& bus, Listed const& unit, char const* interface, char const* name)
    {
        auto reply = bus.property(manager_name, unit.path.c_str(), interface, name, "s");
        return reply ? reply->text() : std::string();
    }
    [[nodiscard]] static bool truth(sdbus::Bus& bus, Listed const& unit, char const* name)
    {
        auto reply = bus.property(manager_name, unit.path.c_str(), unit_interface, name, "b");
        return reply && reply->boolean();
    }
    [[nodiscard]] static std::vector<std::string> texts(sdbus::Bus& bus, Listed const& unit, char const* name)
    {
        auto reply = bus.property(manager_name, unit.path.c_str(), unit_interface, name, "as");
        return reply ? reply->texts() : std::vector<std::string>{};
    }

    Root root_;
    std::string ground_;
    std::map<std::string, UnitFacts, std::less<>> known_;
    std::map<std::string, std::string, std::less<>> files_;
};

} // namespace

std::unique_ptr<Services> make_services(Root const& root) { return std::make_unique<LinuxServices>(root); }

} // namespace rollcall::platform
