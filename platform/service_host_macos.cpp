#include "platform/service_host.hpp"

namespace rollcall::platform
{

namespace
{

/// launchd asks nothing: a job works from the moment it runs, and is told to end by SIGTERM.
class LaunchdHost final : public ServiceHost
{
public:
    void ready() override {}
    void stopping() override {}
    void status(std::string_view /*line*/) override {}
    void alive() override {}
    void on_stop(std::function<void()> /*wanted*/) override {}
    [[nodiscard]] bool has_journal() const override { return false; }
    [[nodiscard]] std::chrono::microseconds watchdog_period() const override { return {}; }
};

} // namespace

std::unique_ptr<ServiceHost> make_service_host() { return std::make_unique<LaunchdHost>(); }

} // namespace rollcall::platform
