#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "collector/access/access.hpp"
#include "collector/gateway/ports.hpp"
#include "collector/view/api/admission.hpp"
#include "collector/view/api/pool.hpp"
#include "collector/view/projection.hpp"

namespace rollcall::live
{

/// Told to every client whose session has ended, before it is closed with 1008.
inline constexpr std::string_view session_ended = R"({"type":"session_ended"})";

/// The live feed of the page: who may open it, and what each client is told about.
///
/// Owns: one thread that sends.  Threads: any.  Blocks: the constructor, stop() and the destructor; upgrade() never.
/// The gateway may destroy its clients later than this.
class Live final : public gateway::LiveHandler
{
public:
    /// Hears of who was not let in; called by the pool's threads.
    using Refused = std::function<void(gateway::HttpRequest const&, api::Admission const&)>;

    /// `pool` looks the sessions up.
    Live(access::Access& access, view::Projection& projection, api::Pool& pool, Refused refused);
    ~Live() override;

    void upgrade(gateway::HttpRequest request, Decision decision) override;
    /// Nothing is sent afterwards. Idempotent.
    void stop();
    [[nodiscard]] std::size_t clients() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace rollcall::live
