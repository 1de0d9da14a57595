#include "tests/flow/fake_machine.hpp"

#include <condition_variable>
#include <mutex>

namespace rollcall::flow
{

using namespace std::chrono_literals;

struct FakeMachine::State {
    std::mutex mutex;
    std::condition_variable released;
    Scene scene;

    std::mutex listeners_mutex; ///< Held across a notice, so that none comes after a listener has left.
    std::map<void const*, platform::Changes::Callback> listeners;

    /// The scene, once this probe's question may be answered.
    std::unique_lock<std::mutex> ask(std::string_view probe)
    {
        std::unique_lock lock(mutex);
        released.wait(lock, [&] { return !scene.hanging.contains(probe); });
        return lock;
    }
    template <class T>
    Result<T> answer(std::string_view probe, T Scene::*what)
    {
        auto const lock = ask(probe);
        return scene.*what;
    }
};

namespace
{

using StatePtr = std::shared_ptr<FakeMachine::State>;

/// A fake of one topic.
template <class Topic>
class Fake : public Topic
{
public:
    explicit Fake(StatePtr state)
        : state_(std::move(state))
    {
    }

protected:
    StatePtr state_;
};

struct FakeSystemInfo final : Fake<platform::SystemInfo> {
    using Fake::Fake;
    Result<platform::OsFacts> read() override { return state_->answer("os", &Scene::os); }
};
struct FakeHardware final : Fake<platform::Hardware> {
    using Fake::Fake;
    Result<platform::HardwareFacts> read() const override { return state_->answer("hardware", &Scene::hardware); }
    Result<std::string> identity() const override
    {
        auto const known = state_->answer("", &Scene::identity);
        if (known && known->empty()) return fail(errc::not_found, "hardware identity");
        return known;
    }
};
struct FakeDisks final : Fake<platform::Disks> {
    using Fake::Fake;
    Result<std::vector<platform::Disk>> list() const override { return state_->answer("disks", &Scene::disks); }
    /// The first one is the system's.
    Result<std::vector<std::string>> holding(std::string_view /*folder*/) const override
    {
        auto const all = list();
        if (!all) return all.error();
        std::vector<std::string> first;
        if (!all->empty()) first.push_back(all->front().name);
        return first;
    }
};
struct FakeNetwork final : Fake<platform::Network> {
    using Fake::Fake;
    Result<std::vector<platform::NetworkInterface>> interfaces() const override
    {
        return state_->answer("network_interfaces", &Scene::interfaces);
    }
    Result<std::vector<platform::Address>> addresses() const override
    {
        return state_->answer("addresses", &Scene::addresses);
    }
};
struct FakeVolumes final : Fake<platform::Volumes> {
    using Fake::Fake;
    Result<std::vector<platform::Volume>> list() const override { return state_->answer("volumes", &Scene::volumes); }
};
struct FakeSoftware final : Fake<platform::Software> {
    using Fake::Fake;
    Result<std::vector<platform::Package>> list() const override
    {
        return state_->answer("software", &Scene::software);
    }
};
struct FakePatches final : Fake<platform::Patches> {
    using Fake::Fake;
    Result<std::vector<platform::Patch>> list() override { return state_->answer("patches", &Scene::patches); }
};
struct FakeReboot final : Fake<platform::Reboot> {
    using Fake::Fake;
    Result<std::vector<platform::RebootSignal>> signals() const override
    {
        return state_->answer("pending_reboot", &Scene::reboot);
    }
};
struct FakeServices final : Fake<platform::Services> {
    using Fake::Fake;
    Result<std::vector<platform::Service>> list() override { return state_->answer("services", &Scene::services); }
};
struct FakeSessions final : Fake<platform::Sessions> {
    using Fake::Fake;
    Result<std::vector<platform::Session>> list() const override
    {
        return state_->answer("sessions", &Scene::sessions);
    }
    Result<platform::LastLogin> last_login() const override { return state_->answer("last_login", &Scene::last_login); }
};

/// Counters go on with every reading: by a second, and by a round number of what they count.
struct FakePerformance final : Fake<platform::Performance> {
    using Fake::Fake;
    Result<platform::CpuTimes> cpu() const override
    {
        auto const lock = state_->ask("cpu");
        auto& scene = state_->scene;
        scene.cpu.user += scene.cpu_percent;
        scene.cpu.idle += 100 - scene.cpu_percent;
        return scene.cpu;
    }
    Result<platform::Load> load() const override { return state_->answer("load", &Scene::load); }
    Result<platform::Memory> memory() const override { return state_->answer("memory", &Scene::memory); }
    Result<platform::Counters<platform::DiskCounters>> disks() const override
    {
        auto const lock = state_->ask("disk_io");
        auto& counters = state_->scene.disk_io;
        counters.taken += 1s;
        for (auto& [name, one] : counters.of)
            one.written_bytes += 4096;
        return counters;
    }
    Result<platform::Counters<platform::NetworkCounters>> network() const override
    {
        auto const lock = state_->ask("network_io");
        auto& counters = state_->scene.network_io;
        counters.taken += 1s;
        for (auto& [name, one] : counters.of)
            one.received_bytes += 1500;
        return counters;
    }
};

struct FakeMemoryModules final : Fake<platform::MemoryModules> {
    using Fake::Fake;
    Result<std::vector<platform::MemoryModule>> list() const override
    {
        return state_->answer("memory_modules", &Scene::memory_modules);
    }
};
struct FakeGpus final : Fake<platform::Gpus> {
    using Fake::Fake;
    Result<std::vector<platform::Gpu>> list() override { return state_->answer("gpus", &Scene::gpus); }
};
struct FakeBatteries final : Fake<platform::Batteries> {
    using Fake::Fake;
    Result<std::vector<platform::Battery>> list() const override
    {
        return state_->answer("batteries", &Scene::batteries);
    }
};
struct FakeTpms final : Fake<platform::Tpms> {
    using Fake::Fake;
    Result<std::vector<platform::Tpm>> list() const override { return state_->answer("tpm", &Scene::tpms); }
};
struct FakeOwnUsage final : Fake<platform::OwnUsage> {
    using Fake::Fake;
    Result<platform::OwnUsageFacts> read() const override { return state_->answer("agent_health", &Scene::own_usage); }
};
struct FakeTimeSync final : Fake<platform::TimeSync> {
    using Fake::Fake;
    Result<platform::TimeSyncFacts> read() const override { return state_->answer("time_sync", &Scene::time_sync); }
};
struct FakeFirewall final : Fake<platform::Firewall> {
    using Fake::Fake;
    Result<platform::FirewallFacts> read() const override { return state_->answer("firewall", &Scene::firewall); }
};
struct FakeDiskEncryption final : Fake<platform::DiskEncryption> {
    using Fake::Fake;
    Result<std::vector<platform::EncryptedVolume>> list() const override
    {
        return state_->answer("disk_encryption", &Scene::disk_encryption);
    }
};
struct FakeCertificates final : Fake<platform::Certificates> {
    using Fake::Fake;
    Result<std::vector<platform::Certificate>> list() const override
    {
        return state_->answer("certificates", &Scene::certificates);
    }
};
struct FakeFiles final : Fake<platform::Files> {
    using Fake::Fake;
    Result<std::vector<platform::ListedFile>> list() const override { return state_->answer("files", &Scene::files); }
};
struct FakeDriveHealth final : Fake<platform::DriveHealth> {
    using Fake::Fake;
    Result<std::vector<platform::Drive>> list() const override
    {
        return state_->answer("drive_health", &Scene::drives);
    }
};
struct FakeSystemLog final : Fake<platform::SystemLog> {
    using Fake::Fake;
    Result<platform::LogReading> read(std::string const& /*position*/, std::size_t /*most*/) override
    {
        return state_->answer("system_log", &Scene::system_log);
    }
};
struct FakeSensors final : Fake<platform::Sensors> {
    using Fake::Fake;
    Result<std::vector<platform::SensorReading>> temperatures() const override
    {
        return state_->answer("temperatures", &Scene::temperatures);
    }
    Result<std::vector<platform::SensorReading>> fans() const override { return state_->answer("fans", &Scene::fans); }
    Result<std::vector<platform::SensorFacts>> describe() const override
    {
        return state_->answer("sensors", &Scene::sensors);
    }
};
struct FakeProcesses final : Fake<platform::Processes> {
    using Fake::Fake;
    Result<platform::ProcessList> list() const override { return state_->answer("processes", &Scene::processes); }
    platform::Fact<std::string> user_of(std::int64_t /*id*/) const override { return std::string("root"); }
};

class FakeChanges final : public platform::Changes
{
public:
    explicit FakeChanges(StatePtr state)
        : state_(std::move(state))
    {
    }
    ~FakeChanges() override { leave(); }
    Result<> start(Callback callback) override
    {
        std::lock_guard const lock(state_->listeners_mutex);
        state_->listeners[this] = std::move(callback);
        return {};
    }
    void stop() override { leave(); }

private:
    void leave()
    {
        std::lock_guard const lock(state_->listeners_mutex);
        state_->listeners.erase(this);
    }
    StatePtr state_;
};

platform::RebootSignal quiet_signal()
{
    return {.name = "reboot_required_file", .pending = false, .reason = "", .detail = "", .since_ms = {}};
}

void furnish(Scene& scene, UnixMs now_ms)
{
    scene.os.family = "linux";
    scene.os.name = "Debian GNU/Linux 12 (bookworm)";
    scene.os.version = "12";
    scene.os.kernel = "6.1.0-28-amd64";
    scene.os.architecture = "x86_64";
    scene.os.host_name = "fake-server";
    scene.os.boot_ms = now_ms;
    scene.os.boot_id = "boot-1";
    scene.os.container = "";
    scene.os.time_zone = "Europe/Berlin";

    scene.identity = "fake hardware 1";
    scene.hardware.manufacturer = "Fake";
    scene.hardware.model = "F1";
    scene.hardware.serial = "F-0001";
    scene.hardware.chassis = "Rack Mount Chassis";
    scene.hardware.chassis_group = platform::ChassisGroup::server;
    scene.hardware.virtualization = "";
    scene.hardware.cpu_model = "Fake CPU";
    scene.hardware.cpu_sockets = 1;
    scene.hardware.cpu_cores = 4;
    scene.hardware.cpu_threads = 8;
    scene.hardware.memory_bytes = 16LL << 30;
    scene.hardware.firmware_version = "1.0";
    scene.hardware.desktop = false;

    scene.disks = {{.name = "sda",
                    .model = "Fake Disk",
                    .serial = "D-1",
                    .size_bytes = 1LL << 40,
                    .bus = "sata",
                    .rotational = false,
                    .removable = false}};
    scene.interfaces = {{.name = "eth0",
                         .mac = "02:00:00:00:00:01",
                         .up = true,
                         .mtu = 1500,
                         .speed_mbit_per_s = 1000,
                         .is_virtual = false}};
    scene.addresses = {{.text = "192.0.2.7", .interface_name = "eth0", .v6 = false, .prefix_length = 24}};
    scene.volumes = {{.mount_point = "/",
                      .device = "/dev/sda1",
                      .file_system = "ext4",
                      .read_only = false,
                      .size_bytes = 1LL << 40,
                      .free_bytes = 1LL << 39}};
    scene.software = {{.name = "bash",
                       .version = "5.2",
                       .architecture = "amd64",
                       .publisher = "Debian",
                       .size_bytes = 7'000'000,
                       .source = "dpkg"}};
    scene.patches = {{.package = "openssl",
                      .installed_version = "3.0.14",
                      .available_version = "3.0.15",
                      .security = true,
                      .size_bytes = 1'400'000,
                      .origin = "Debian-Security:12/stable-security"}};
    scene.reboot = {quiet_signal()};
    scene.services = {service("cron.service", "running", now_ms), service("web.service", "running", now_ms),
                      service("cleanup.service", "stopped", now_ms, false)};
    scene.last_login = {.user = "root", .at_ms = now_ms, .kind = "console", .from = ""};
    scene.load = {.one = 0.5, .five = 0.4, .fifteen = 0.3};
    scene.memory = {.total_bytes = 16LL << 30,
                    .available_bytes = 4LL << 30,
                    .swap_total_bytes = 1LL << 30,
                    .swap_free_bytes = 1LL << 30};
    scene.cpu_percent = 30;
    scene.disk_io.of["sda"] = {};
    scene.network_io.of["eth0"] = {};

    scene.memory_modules = {{.slot = "DIMM_A1",
                             .size_bytes = 16LL << 30,
                             .type = "DDR4",
                             .mt_per_s = 3200,
                             .manufacturer = "Fake",
                             .serial = "M-1",
                             .part_number = "F16"}};
    scene.temperatures = {{.name = "coretemp Core 0", .value = 45.0}};
    scene.fans = {{.name = "board fan1", .value = 900.0}};
    scene.sensors = {{.name = "coretemp Core 0",
                      .kind = "temperature",
                      .chip = "coretemp",
                      .high_celsius = 80,
                      .critical_celsius = 100,
                      .least_rpm = fail(errc::not_found, "no fan")}};
    scene.processes.processes = {
        {.id = 1, .name = "init", .begun = 1, .cpu = 0ms, .memory_bytes = 9'000'000, .started_ms = now_ms}};
    scene.own_usage.resident_bytes = 9'000'000;
    scene.time_sync.synchronised = true;
    scene.time_sync.source = "chronyd";
    scene.time_sync.offset_ms = 0;
    scene.firewall.filters_incoming = true;
    scene.firewall.drops_by_default = true;
    scene.firewall.manager = "nftables";
    scene.disk_encryption = {{.mount_point = "/", .encrypted = true, .method = "LUKS2"}};
    scene.files = {
        {.path = "/srv/backup.tar", .exists = true, .kind = "file", .size_bytes = 4096, .modified_ms = now_ms}};
    platform::SmartReading healthy;
    healthy.facts.passed = true;
    healthy.facts.celsius = std::int64_t{35};
    scene.drives = {{.name = "sda", .model = "Fake Disk", .serial = "D-1", .reading = healthy}};
}

} // namespace

platform::Service service(std::string name, std::string state, UnixMs since_ms, bool expected)
{
    return {.name = std::move(name),
            .label = "A service",
            .state = std::move(state),
            .start_type = "automatic",
            .expected = expected,
            .since_ms = since_ms,
            .result = "success"};
}

platform::Session session(std::string id, std::string user, UnixMs since_ms)
{
    return {.id = std::move(id),
            .user = std::move(user),
            .kind = "remote",
            .from = "198.51.100.9",
            .terminal = "pts/0",
            .state = "active",
            .since_ms = since_ms,
            .last_input_ms = since_ms};
}

FakeMachine::FakeMachine(UnixMs now_ms)
    : state_(std::make_shared<State>())
{
    furnish(state_->scene, now_ms);
}

FakeMachine::~FakeMachine() { release(); }

std::shared_ptr<platform::Machine> FakeMachine::machine() const
{
    auto made = std::make_shared<platform::Machine>();
    made->system_info = std::make_unique<FakeSystemInfo>(state_);
    made->hardware = std::make_unique<FakeHardware>(state_);
    made->disks = std::make_unique<FakeDisks>(state_);
    made->network = std::make_unique<FakeNetwork>(state_);
    made->volumes = std::make_unique<FakeVolumes>(state_);
    made->software = std::make_unique<FakeSoftware>(state_);
    made->patches = std::make_unique<FakePatches>(state_);
    made->reboot = std::make_unique<FakeReboot>(state_);
    made->services = std::make_unique<FakeServices>(state_);
    made->sessions = std::make_unique<FakeSessions>(state_);
    made->performance = std::make_unique<FakePerformance>(state_);
    made->memory_modules = std::make_unique<FakeMemoryModules>(state_);
    made->gpus = std::make_unique<FakeGpus>(state_);
    made->batteries = std::make_unique<FakeBatteries>(state_);
    made->tpms = std::make_unique<FakeTpms>(state_);
    made->own_usage = std::make_unique<FakeOwnUsage>(state_);
    made->time_sync = std::make_unique<FakeTimeSync>(state_);
    made->firewall = std::make_unique<FakeFirewall>(state_);
    made->disk_encryption = std::make_unique<FakeDiskEncryption>(state_);
    made->certificates = std::make_unique<FakeCertificates>(state_);
    made->files = std::make_unique<FakeFiles>(state_);
    made->drive_health = std::make_unique<FakeDriveHealth>(state_);
    made->system_log = std::make_unique<FakeSystemLog>(state_);
    made->sensors = std::make_unique<FakeSensors>(state_);
    made->processes = std::make_unique<FakeProcesses>(state_);
    return made;
}

std::unique_ptr<platform::Changes> FakeMachine::changes() const { return std::make_unique<FakeChanges>(state_); }

void FakeMachine::change(std::string_view probe, std::function<void(Scene&)> const& how)
{
    {
        std::lock_guard const lock(state_->mutex);
        how(state_->scene);
    }
    std::lock_guard const lock(state_->listeners_mutex);
    for (auto const& [key, tell] : state_->listeners)
        tell(probe);
}

void FakeMachine::hang(std::string_view probe)
{
    std::lock_guard const lock(state_->mutex);
    state_->scene.hanging.emplace(probe);
}

void FakeMachine::release()
{
    {
        std::lock_guard const lock(state_->mutex);
        state_->scene.hanging.clear();
    }
    state_->released.notify_all();
}

} // namespace rollcall::flow
