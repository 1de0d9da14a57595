#include "agent/succession.hpp"

#include <cstdlib>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "agent/status.hpp"
#include "agent/update/store.hpp"
#include "common/core/version.hpp"
#include "common/log/log.hpp"
#include "platform/hand_over.hpp"
#include "platform/paths.hpp"

namespace rollcall::agent
{

using release::Version;

// What a program that takes over is told.
static constexpr char const* program_variable = "ROLLCALL_AGENT_INSTALLED";
static constexpr char const* version_variable = "ROLLCALL_AGENT_INSTALLED_VERSION";
/// Between two starts of a program that ended on its trial, where it is we who start it again.
static constexpr std::chrono::milliseconds start_pause{5000};

Result<Self> find_self()
{
    auto const running = release::parse_version(version());
    if (!running) return fail(running.error(), "the version of this build");
    Self self{.running = *running, .installed = *running, .installed_program = {}, .took_over = false};
    auto const* const program = std::getenv(program_variable);
    auto const* const text = std::getenv(version_variable);
    auto const installed = release::parse_version(text == nullptr ? "" : text);
    if (program != nullptr && installed) {
        self.installed = *installed;
        self.installed_program = program;
        self.took_over = true;
        return self;
    }
    auto own = platform::own_program();
    if (!own) return own.error();
    self.installed_program = *std::move(own);
    return self;
}

namespace
{

/// A program whose turn it is, and that is not us.
struct Turn {
    platform::Successor successor;
    Version version;
    bool on_trial = false;
};

class Choosing
{
public:
    Choosing(Succession const& succession, Self const& self)
        : succession_(succession)
        , self_(self)
        , store_(succession.folder, succession.key)
    {
    }

    /// nullopt: it is our own turn, or somebody else works in the folder, or nothing can be written down.
    std::optional<Turn> choose()
    {
        auto const lock = FolderLock::take(succession_.folder);
        if (!lock) return std::nullopt;
        auto memory = store_.load_or_forget();
        auto written = memory;
        for (;;) {
            auto const next =
                update::next_program(memory, self_.installed, succession_.limits, succession_.clock->now_ms());
            // A start that is not counted could be repeated for ever.
            if (memory != written) {
                if (auto const saved = store_.save(memory); !saved) {
                    log::error("update.not_kept", {{"error", saved.error()}});
                    if (next.on_trial) return std::nullopt;
                }
                written = memory;
            }
            if (!next.version) {
                if (!self_.took_over) return std::nullopt;
                return Turn{.successor = back(), .version = self_.installed, .on_trial = false};
            }
            if (*next.version == self_.running) return std::nullopt;
            auto const stored = store_.verified(*next.version);
            if (stored) return Turn{forward(stored->program.string(), next.on_trial), *next.version, next.on_trial};
            log::warning("update.not_started", {{"version", to_string(*next.version)}, {"error", stored.error()}});
            update::give_up(memory, *next.version, {}, stored.error().trace, self_.running,
                            succession_.clock->now_ms());
        }
    }

    /// It could not be started: never again.
    void not_started(Turn const& turn, Error const& why)
    {
        log::error("update.not_started", {{"version", to_string(turn.version)}, {"error", why}});
        change([&](update::Memory& memory) {
            update::give_up(memory, turn.version, {}, why.trace, self_.running, succession_.clock->now_ms());
        });
    }

    /// We are on trial and could not begin our work.
    bool roll_back_self(int exit_code)
    {
        bool rolled_back = false;
        change([&](update::Memory& memory) {
            rolled_back = memory.trial && memory.trial->version == self_.running;
            update::roll_back(memory, fmt::format("it could not begin its work and ended with {}", exit_code),
                              succession_.clock->now_ms());
        });
        return rolled_back;
    }

    /// Not confirmed, and not given up either?
    bool still_on_trial(Version version)
    {
        auto const memory = store_.load_or_forget();
        return memory.trial && memory.trial->version == version;
    }

private:
    template <class Change>
    void change(Change const& what)
    {
        auto const lock = FolderLock::take(succession_.folder);
        if (!lock) return;
        auto memory = store_.load_or_forget();
        auto const before = memory;
        what(memory);
        if (memory == before) return;
        if (auto const saved = store_.save(memory); !saved) log::error("update.not_kept", {{"error", saved.error()}});
    }

    platform::Successor forward(std::string program, bool on_trial)
    {
        return {.program = std::move(program),
                .arguments = succession_.arguments,
                .environment = {{program_variable, self_.installed_program},
                                {version_variable, to_string(self_.installed)}},
                .limit = on_trial ? succession_.limits.trial + succession_.limits.hang : std::chrono::seconds(0)};
    }
    platform::Successor back()
    {
        return {.program = self_.installed_program,
                .arguments = succession_.arguments,
                .environment = {{program_variable, ""}, {version_variable, ""}},
                .limit = {}};
    }

    Succession const& succession_;
    Self const& self_;
    update::Store store_;
};

} // namespace

int run_newest(Succession const& succession)
{
    auto const self = find_self();
    if (!self) {
        // Without a name of our own we can do our work, but nobody can take our place.
        log::warning("update.unable", {{"error", self.error()}});
        return succession.work({}).exit_code;
    }
    Choosing choosing(succession, *self);
    // Who took over was just chosen, and its start is counted.
    bool chosen = self->took_over;
    for (;;) {
        if (!std::exchange(chosen, false)) {
            if (auto const turn = choosing.choose()) {
                log::info("update.hands_over", {{"version", to_string(turn->version)}, {"trial", turn->on_trial}});
                succession.keep_log(false);
                auto const ended = platform::hand_over(turn->successor);
                succession.keep_log(true);
                if (!ended) {
                    if (turn->version == self->installed) return EXIT_FAILURE; // Whoever started us starts that one.
                    choosing.not_started(*turn, ended.error());
                    continue;
                }
                if (ended->told_to_end) return ended->exit_code;
                if (ended->exit_code == exit_change) continue;
                if (!choosing.still_on_trial(turn->version)) return ended->exit_code;
                if (!succession.wait(start_pause)) return EXIT_SUCCESS;
                continue;
            }
        }
        auto const end = succession.work(*self);
        if (!end.change && !(end.failed && self->took_over && choosing.roll_back_self(end.exit_code)))
            return end.exit_code;
        if (platform::has_keeper()) return exit_change;
    }
}

} // namespace rollcall::agent
