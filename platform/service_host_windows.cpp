#include "platform/service_host.hpp"

#include <utility>

#include "platform/windows/keeper.hpp"
#include "platform/windows/service_state.hpp"

namespace rollcall::platform
{

namespace
{

/// The service manager, where it started us (run_as_service); nobody else. What is written to standard error goes
/// nowhere then, and there is no watchdog: recovery is for services that end.
class WindowsServiceHost final : public ServiceHost
{
public:
    WindowsServiceHost() { listen_to_keeper(); }
    ~WindowsServiceHost() override { state_.on_stop({}); }
    WindowsServiceHost(WindowsServiceHost const&) = delete;
    WindowsServiceHost& operator=(WindowsServiceHost const&) = delete;

    void ready() override { state_.running(); }
    void stopping() override { state_.stopping(); }
    void status(std::string_view /*line*/) override {} // The service manager shows none.
    void alive() override { state_.progress(); }
    void on_stop(std::function<void()> wanted) override { state_.on_stop(std::move(wanted)); }
    [[nodiscard]] bool has_journal() const override { return false; }
    [[nodiscard]] std::chrono::microseconds watchdog_period() const override { return {}; }

private:
    ServiceState& state_ = ServiceState::instance();
};

} // namespace

std::unique_ptr<ServiceHost> make_service_host() { return std::make_unique<WindowsServiceHost>(); }

} // namespace rollcall::platform
