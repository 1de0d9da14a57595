#include "platform/service_host.hpp"

namespace rollcall::platform
{

namespace
{

/// No body for this system yet: as if nobody had started us.
class MacServiceHost final : public ServiceHost
{
public:
    void ready() override {}
    void stopping() override {}
    void status(std::string_view /*line*/) override {}
    void alive() override {}
    void on_stop(std::function<void()> /*wanted*/) override {} // It sends SIGTERM.
    [[nodiscard]] bool has_journal() const override { return false; }
    [[nodiscard]] std::chrono::microseconds watchdog_period() const override { return {}; }
};

} // namespace

std::unique_ptr<ServiceHost> make_service_host() { return std::make_unique<MacServiceHost>(); }

} // namespace rollcall::platform
