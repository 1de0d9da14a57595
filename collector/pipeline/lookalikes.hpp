#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/wire/hardware.hpp"

namespace rollcall::pipeline
{

/// Who speaks with a device's certificate.
enum class Speaker {
    device,   ///< The machine that is known.
    rebuilt,  ///< It, around another board.
    in_doubt, ///< One with its disk, while it is connected from its known board: time will tell.
    copy,     ///< Another machine that runs from a copy of its disk.
};

/// The machines that speak with one device's certificate: which of them is the device? Time and facts are given. Pure.
///
/// Owns: the boots of the last turns_window, and those of copies.  Threads: one at a time.  Blocks: no.
class Lookalikes
{
public:
    /// Its hello shows `hardware` beside what is known. `connected`: the device has a connection.
    [[nodiscard]] Speaker speaker(wire::Sameness hardware, std::string_view boot_id, bool connected,
                                  std::chrono::milliseconds steady);

    /// A boot that showed nothing but the known hardware says hello, while `connected` is the boot that has the
    /// connection. True: it is one of two machines that look alike, and not the device. They come by turns: one,
    /// another, the first again, and now the other again; one machine that boots, or is set back to an earlier moment,
    /// never does. The one that was there first stays, however many come; but one that `proved` itself, by naming its
    /// hardware, comes before those that named none.
    [[nodiscard]] bool takes_turns(std::string const& boot_id, bool proved, std::optional<std::string_view> connected,
                                   std::chrono::milliseconds steady);
    /// The boot that is connected is there still, whenever it said hello.
    void see(std::string_view boot_id, std::chrono::milliseconds steady);

    /// The device that this boot of a copy became, "" while none; nothing where it is not known as one of a copy.
    [[nodiscard]] std::optional<std::string> twin(std::string_view boot_id) const;
    /// The boot of a copy became a device. Nothing happens where it is not known.
    void settle(std::string_view boot_id, std::string const& device_id);

private:
    struct Boot {
        std::string id;
        std::chrono::milliseconds at{}; ///< When it was there last: connected, or at its hello.
        std::uint64_t turn{};           ///< Of its last hello, among those of all boots.
        bool proved = false;            ///< It named the device's hardware once.
    };

    void add_twin(std::string const& boot_id);

    std::optional<std::chrono::milliseconds> doubted_since_; ///< Its disk came on another board.
    std::vector<Boot> boots_;                                ///< First those that proved, in the order they appeared.
    std::uint64_t turns_ = 0;                                ///< Of boots that said hello.
    std::map<std::string, std::string, std::less<>> twins_;  ///< Boots of copies, and the device that each became.
};

} // namespace rollcall::pipeline
