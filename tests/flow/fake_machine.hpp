#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "platform/machine.hpp"
#include "platform/watch.hpp"

namespace rollcall::flow
{

/// What the fake machine answers, topic by topic.
struct Scene {
    platform::OsFacts os;
    platform::HardwareFacts hardware;
    std::string identity; ///< "" = it has none.
    std::vector<platform::Disk> disks;
    std::vector<platform::NetworkInterface> interfaces;
    std::vector<platform::Address> addresses;
    std::vector<platform::Volume> volumes;
    std::vector<platform::Package> software;
    std::vector<platform::Patch> patches;
    std::vector<platform::RebootSignal> reboot;
    std::vector<platform::Service> services;
    std::vector<platform::Session> sessions;
    platform::LastLogin last_login;
    platform::Load load;
    platform::Memory memory;
    std::uint64_t cpu_percent{}; ///< Of programs, between any two readings.
    platform::CpuTimes cpu;
    platform::Counters<platform::DiskCounters> disk_io;
    platform::Counters<platform::NetworkCounters> network_io;
    std::vector<platform::MemoryModule> memory_modules;
    std::vector<platform::Gpu> gpus;
    std::vector<platform::Battery> batteries;
    std::vector<platform::Tpm> tpms;
    std::vector<platform::SensorReading> temperatures;
    std::vector<platform::SensorReading> fans;
    std::vector<platform::SensorFacts> sensors;
    platform::ProcessList processes;
    platform::OwnUsageFacts own_usage;
    platform::TimeSyncFacts time_sync;
    platform::FirewallFacts firewall;
    std::vector<platform::EncryptedVolume> disk_encryption;
    std::vector<platform::Certificate> certificates;
    std::vector<platform::ListedFile> files;
    std::vector<platform::Drive> drives;
    platform::LogReading system_log;
    std::set<std::string, std::less<>> hanging; ///< Probes whose question is not answered until it is released.
};

/// A fake: a machine that exists in a test's memory only, so that services stop, people log in and drives hang when the
/// test says so. It tells the agent of a change as a real system does.
///
/// Owns: the scene.  Threads: any.  Blocks: a topic named in Scene::hanging, until released.
class FakeMachine
{
public:
    /// A Debian server with three services; `now_ms` is when they started.
    explicit FakeMachine(UnixMs now_ms);
    ~FakeMachine();
    FakeMachine(FakeMachine const&) = delete;
    FakeMachine& operator=(FakeMachine const&) = delete;

    /// Every topic and the notices, for an agent; they may outlive this.
    [[nodiscard]] std::shared_ptr<platform::Machine> machine() const;
    [[nodiscard]] std::unique_ptr<platform::Changes> changes() const;

    /// Changes the scene; the system then tells of a change to `probe`.
    void change(std::string_view probe, std::function<void(Scene&)> const& how);
    void hang(std::string_view probe);
    void release();

    struct State;

private:
    std::shared_ptr<State> state_;
};

[[nodiscard]] platform::Service service(std::string name, std::string state, UnixMs since_ms, bool expected = true);
[[nodiscard]] platform::Session session(std::string id, std::string user, UnixMs since_ms);

} // namespace rollcall::flow
