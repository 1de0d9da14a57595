#include "collector/pipeline/lookalikes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "collector/pipeline/limits.hpp"
#include "common/wire/limits.hpp"

namespace rollcall::pipeline
{

namespace
{

constexpr std::size_t boot_id_bytes = 64;
/// Boots of a device between which turns_window looks for turns: of more machines that look alike none would still be
/// known when it comes back.
constexpr std::size_t boots_kept = 1024;
/// Boots of copies that are remembered for a device. One that is forgotten has an identity of its own by then, or is
/// told apart once more.
constexpr std::size_t twins_kept = 1024;

} // namespace

Speaker Lookalikes::speaker(wire::Sameness hardware, std::string_view boot_id, bool connected,
                            std::chrono::milliseconds steady)
{
    if (twins_.contains(boot_id)) return Speaker::copy;
    switch (hardware) {
    case wire::Sameness::same:
        doubted_since_.reset();
        return Speaker::device;
    case wire::Sameness::rebuilt: {
        auto const doubted_since = std::exchange(doubted_since_, std::nullopt);
        if (!connected) return Speaker::rebuilt;
        // Nobody changes the board of a machine that is at work; but its old connection may only seem to be alive.
        doubted_since_ = doubted_since.value_or(steady);
        return steady - *doubted_since_ > wire::limits::silence ? Speaker::copy : Speaker::in_doubt;
    }
    case wire::Sameness::other:
        break;
    }
    return Speaker::copy;
}

bool Lookalikes::takes_turns(std::string const& boot_id, bool proved, std::optional<std::string_view> connected,
                             std::chrono::milliseconds steady)
{
    if (boot_id.empty() || boot_id.size() > boot_id_bytes) return false;
    if (connected) see(*connected, steady);
    std::erase_if(boots_, [&](Boot const& one) { return steady - one.at >= turns_window; });
    auto boot = std::ranges::find(boots_, boot_id, &Boot::id);
    if (boot != boots_.end()) {
        if (proved && !boot->proved) {
            boot->proved = true;
            auto const place = std::ranges::find(boots_.begin(), boot, false, &Boot::proved);
            std::rotate(place, boot, std::next(boot));
            boot = place;
        }
        bool const after_it =
            std::any_of(boots_.begin(), boot, [&](Boot const& earlier) { return earlier.turn > boot->turn; });
        if (after_it && connected) {
            add_twin(boot_id);
            return true;
        }
        boot->at = steady;
        boot->turn = ++turns_;
        return false;
    }
    // The first one is the device: whoever shows many boots must not push it out.
    if (boots_.size() >= boots_kept) boots_.erase(boots_.begin() + 1);
    boots_.insert(proved ? std::ranges::find(boots_, false, &Boot::proved) : boots_.end(),
                  Boot{.id = boot_id, .at = steady, .turn = ++turns_, .proved = proved});
    return false;
}

void Lookalikes::see(std::string_view boot_id, std::chrono::milliseconds steady)
{
    auto const boot = std::ranges::find(boots_, boot_id, &Boot::id);
    if (boot != boots_.end()) boot->at = steady;
}

void Lookalikes::add_twin(std::string const& boot_id)
{
    if (twins_.size() >= twins_kept) {
        auto const settled = std::ranges::find_if(twins_, [](auto const& twin) { return !twin.second.empty(); });
        twins_.erase(settled == twins_.end() ? twins_.begin() : settled);
    }
    twins_.try_emplace(boot_id);
}

std::optional<std::string> Lookalikes::twin(std::string_view boot_id) const
{
    auto const found = twins_.find(boot_id);
    if (found == twins_.end()) return std::nullopt;
    return found->second;
}

void Lookalikes::settle(std::string_view boot_id, std::string const& device_id)
{
    if (auto const found = twins_.find(boot_id); found != twins_.end()) found->second = device_id;
}

} // namespace rollcall::pipeline
