#include "platform/watch.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <winsock2.h>

#include <ws2ipdef.h>

#include <windows.h>

#include <iphlpapi.h>
#include <netioapi.h>
#include <winsvc.h>

#include "platform/sessions.hpp"
#include "platform/windows/error.hpp"
#include "platform/windows/handle.hpp"
#include "platform/windows/registry.hpp"
#include "platform/windows/scm.hpp"
#include "platform/windows/service_state.hpp"

namespace rollcall::platform
{

namespace
{

/// A key, and whom to tell when something in it changes. One that does not exist is left out.
struct WatchedKey {
    std::string_view path;
    RegistryView view;
    bool with_keys_below;
    std::array<std::string_view, 3> probes;
};

constexpr std::array<WatchedKey, 5> watched_keys = {{
    {"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall", RegistryView::bits64, true, {"software"}},
    {"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall", RegistryView::bits32, true, {"software"}},
    {"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update",
     RegistryView::bits64,
     false,
     {"pending_reboot", "patches"}},
    {"SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing",
     RegistryView::bits64,
     false,
     {"pending_reboot"}},
    {"SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName",
     RegistryView::bits64,
     false,
     {"pending_reboot", "os"}},
}};

/// For what Windows tells only to windows, or not at all: one question each, so often.
constexpr DWORD look_every_ms = 10'000;
/// The most that EnumServicesStatusExW ever asks for, by its documentation.
constexpr std::size_t services_block_bytes = std::size_t{256} * 1024;

/// FNV-1a: to see that something changed.
class Digest
{
public:
    void add(std::uint64_t number)
    {
        static constexpr std::uint64_t prime = 1'099'511'628'211ULL;
        value_ = (value_ ^ number) * prime;
    }
    void add(std::wstring_view text)
    {
        for (auto const unit : text)
            add(std::uint64_t{unit});
        add(text.size());
    }
    void add(std::string_view text)
    {
        for (auto const byte : text)
            add(std::uint64_t{static_cast<unsigned char>(byte)});
        add(text.size());
    }
    [[nodiscard]] std::uint64_t value() const { return value_; }

private:
    std::uint64_t value_ = 14'695'981'039'346'656'037ULL;
};

/// Names, states and processes of all services; nothing where they cannot be listed.
std::optional<std::uint64_t> services_digest(SC_HANDLE manager, std::vector<std::max_align_t>& block)
{
    Digest digest;
    DWORD resume = 0;
    for (int parts = 0; parts < 100; ++parts) {
        DWORD needed = 0;
        DWORD count = 0;
        auto const good = ::EnumServicesStatusExW(
            manager, SC_ENUM_PROCESS_INFO, SERVICE_WIN32, SERVICE_STATE_ALL, reinterpret_cast<BYTE*>(block.data()),
            static_cast<DWORD>(services_block_bytes), &needed, &count, &resume, nullptr);
        auto const error = good ? ERROR_SUCCESS : ::GetLastError();
        if (error != ERROR_SUCCESS && error != ERROR_MORE_DATA) return std::nullopt;
        auto const* const rows = reinterpret_cast<ENUM_SERVICE_STATUS_PROCESSW const*>(block.data());
        for (DWORD i = 0; i < count && i < services_block_bytes / sizeof *rows; ++i) {
            if (rows[i].lpServiceName != nullptr) digest.add(std::wstring_view(rows[i].lpServiceName));
            digest.add(rows[i].ServiceStatusProcess.dwCurrentState);
            digest.add(rows[i].ServiceStatusProcess.dwProcessId);
            digest.add(rows[i].ServiceStatusProcess.dwWin32ExitCode);
        }
        if (error == ERROR_SUCCESS || count == 0) return digest.value();
    }
    return std::nullopt;
}

/// Who is logged in and in which state; not when they last touched something, which is no change.
std::optional<std::uint64_t> sessions_digest(Sessions const& sessions)
{
    auto const seen = sessions.list();
    if (!seen) return std::nullopt;
    Digest digest;
    for (auto const& session : *seen) {
        digest.add(session.id);
        digest.add(session.user);
        digest.add(session.state ? std::string_view(*session.state) : std::string_view());
        digest.add(session.since_ms ? static_cast<std::uint64_t>(*session.since_ms) : 0);
    }
    return digest.value();
}

struct CancelNotice {
    // Waits for a callback that runs, so that none comes later.
    void operator()(void* notice) const { ::CancelMibChangeNotify2(notice); }
};
using NetworkNotice = std::unique_ptr<std::remove_pointer_t<HANDLE>, CancelNotice>;

void on_interface_change(void* event, MIB_IPINTERFACE_ROW* /*row*/, MIB_NOTIFICATION_TYPE /*type*/)
{
    ::SetEvent(event);
}
void on_address_change(void* event, MIB_UNICASTIPADDRESS_ROW* /*row*/, MIB_NOTIFICATION_TYPE /*type*/)
{
    ::SetEvent(event);
}

Handle make_event(bool manual) { return Handle(::CreateEventW(nullptr, manual ? TRUE : FALSE, FALSE, nullptr)); }

class WindowsChanges final : public Changes
{
public:
    ~WindowsChanges() override { stop_thread(); }

    Result<> start(Callback callback) override
    {
        if (thread_.joinable()) return fail(errc::conflict, "watch: started already");
        callback_ = std::move(callback);
        wake_ = make_event(true);
        network_ = make_event(false);
        session_ = make_event(false);
        if (!wake_ || !network_ || !session_) return fail_windows(::GetLastError(), "watch: CreateEvent");
        open_keys();
        open_network();
        // Told to a service only; others hear of it by the next look.
        ServiceState::instance().on_session_change([event = session_.get()] { ::SetEvent(event); });
        stopping_ = false;
        // What changes after we return is told of: so the thread listens by then.
        std::promise<void> listens;
        auto const begun = listens.get_future();
        thread_ = std::thread([this, told = std::move(listens)]() mutable {
            // A notice is for one change, and ends with the thread that asked for it.
            for (auto const& key : keys_)
                listen(key);
            told.set_value();
            work();
        });
        begun.wait();
        return {};
    }

    void stop() override { stop_thread(); }

private:
    struct OpenKey {
        WatchedKey const* what;
        Registry key;
        Handle event;
    };

    void stop_thread()
    {
        if (!thread_.joinable()) return;
        stopping_ = true;
        ::SetEvent(wake_.get());
        thread_.join();
        ServiceState::instance().on_session_change({});
        interface_notice_.reset();
        address_notice_.reset();
        keys_.clear();
    }

    void open_keys()
    {
        for (auto const& what : watched_keys) {
            auto key = Registry::open(HKEY_LOCAL_MACHINE, what.path, what.view);
            auto event = make_event(false);
            if (key && event) keys_.push_back({.what = &what, .key = *std::move(key), .event = std::move(event)});
        }
    }

    void open_network()
    {
        HANDLE notice = nullptr;
        if (::NotifyIpInterfaceChange(AF_UNSPEC, &on_interface_change, network_.get(), FALSE, &notice) == NO_ERROR)
            interface_notice_.reset(notice);
        notice = nullptr;
        if (::NotifyUnicastIpAddressChange(AF_UNSPEC, &on_address_change, network_.get(), FALSE, &notice) == NO_ERROR)
            address_notice_.reset(notice);
    }

    void tell(std::string_view probe)
    {
        if (!probe.empty() && !stopping_) callback_(probe);
    }

    void tell_sessions()
    {
        tell("sessions");
        tell("last_login");
    }

    // --- the thread ---

    void work()
    {
        std::vector<HANDLE> events = {wake_.get(), network_.get(), session_.get()};
        static constexpr DWORD network_place = WAIT_OBJECT_0 + 1;
        static constexpr DWORD session_place = WAIT_OBJECT_0 + 2;
        for (auto const& key : keys_)
            events.push_back(key.event.get());
        static_assert(watched_keys.size() + 3 <= MAXIMUM_WAIT_OBJECTS);
        look();
        auto next_look_ms = ::GetTickCount64() + look_every_ms;
        while (!stopping_) {
            auto const now_ms = ::GetTickCount64();
            auto const patience_ms = now_ms >= next_look_ms ? 0 : static_cast<DWORD>(next_look_ms - now_ms);
            auto const woken =
                ::WaitForMultipleObjects(static_cast<DWORD>(events.size()), events.data(), FALSE, patience_ms);
            if (stopping_ || woken == WAIT_FAILED) return;
            if (woken == network_place) {
                tell("network_interfaces");
                tell("addresses");
            } else if (woken == session_place) {
                tell_sessions();
            } else if (woken > session_place && woken < WAIT_OBJECT_0 + events.size()) {
                auto const& key = keys_[woken - session_place - 1];
                // First: what changes from now on is told again.
                listen(key);
                for (auto const probe : key.what->probes)
                    tell(probe);
            }
            // A key that changes all the time must not keep us from looking.
            if (::GetTickCount64() >= next_look_ms) {
                look();
                next_look_ms = ::GetTickCount64() + look_every_ms;
            }
        }
    }

    static void listen(OpenKey const& key)
    {
        (void)::RegNotifyChangeKeyValue(key.key.get(), key.what->with_keys_below ? TRUE : FALSE,
                                        REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET, key.event.get(), TRUE);
    }

    /// The first look only remembers.
    void look()
    {
        if (!manager_)
            manager_.reset(::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE));
        if (block_.empty()) block_.resize(services_block_bytes / sizeof(std::max_align_t));
        if (manager_ && differs(services_, services_digest(manager_.get(), block_))) tell("services");
        if (differs(sessions_seen_, sessions_digest(*sessions_))) tell_sessions();
        if (differs(drives_, std::uint64_t{::GetLogicalDrives()})) {
            tell("volumes");
            tell("volume_usage");
        }
    }

    static bool differs(std::optional<std::uint64_t>& before, std::optional<std::uint64_t> now)
    {
        if (!now) return false;
        bool const changed = before.has_value() && *before != *now;
        before = now;
        return changed;
    }

    Callback callback_;
    std::thread thread_;
    std::atomic<bool> stopping_{false};
    Handle wake_;
    Handle network_;
    Handle session_;
    NetworkNotice interface_notice_; ///< Ends before the event that it sets.
    NetworkNotice address_notice_;
    std::vector<OpenKey> keys_;
    // Of the thread alone:
    ScmHandle manager_;
    std::vector<std::max_align_t> block_;
    std::unique_ptr<Sessions> sessions_ = make_sessions();
    std::optional<std::uint64_t> services_;
    std::optional<std::uint64_t> sessions_seen_;
    std::optional<std::uint64_t> drives_;
};

} // namespace

std::unique_ptr<Changes> make_changes() { return std::make_unique<WindowsChanges>(); }

} // namespace rollcall::platform
