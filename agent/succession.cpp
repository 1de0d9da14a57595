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
/// What may pass by itself is tried so often at one start, with so much time between: as long as a virus scanner may
/// hold a file, and well below what a service manager grants a start.
static constexpr int passing_tries = 4;
static constexpr std::chrono::milliseconds passing_pause{2000};

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

/// May it be well the next time? It says nothing about the program then.
bool may_pass(Error const& why)
{
    namespace posix = boost::system::errc;
    // That another program holds the file is errc::io on Windows.
    return why.code == errc::io || why.code == errc::busy || why.code == posix::io_error ||
           why.code == posix::resource_unavailable_try_again || why.code == posix::not_enough_memory ||
           why.code == posix::text_file_busy || why.code == posix::device_or_resource_busy ||
           why.code == posix::too_many_files_open || why.code == posix::too_many_files_open_in_system;
}

class Choosing
{
public:
    Choosing(Succession const& succession, Self const& self)
        : succession_(succession)
        , self_(self)
        , store_(succession.folder, succession.key)
    {
    }

    /// Tries a few times what may pass by itself.
    template <class Try>
    auto patiently(Try const& once)
    {
        auto result = once();
        for (int tries = 1; tries < passing_tries && !result && may_pass(result.error()); ++tries) {
            log::warning("update.waits", {{"error", result.error()}});
            told_to_end_ = told_to_end_ || !succession_.wait(passing_pause);
            if (told_to_end_) break;
            result = once();
        }
        return result;
    }
    [[nodiscard]] bool told_to_end() const { return told_to_end_; } ///< While it waited.

    /// nullopt: it is our own turn, or somebody else works in the folder, or nothing can be written down, or we were
    /// told to end.
    std::optional<Turn> choose()
    {
        auto const lock = FolderLock::take(succession_.folder);
        if (!lock) return std::nullopt;
        auto loaded = patiently([this] { return store_.load(); });
        auto memory = loaded ? *std::move(loaded) : store_.forget(loaded.error());
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
            if (!next.version) return way_back();
            if (*next.version == self_.running) return std::nullopt;
            auto const stored = patiently([&] { return store_.verified(*next.version); });
            if (stored) return Turn{forward(stored->program.string(), next.on_trial), *next.version, next.on_trial};
            log::warning("update.not_started", {{"version", to_string(*next.version)}, {"error", stored.error()}});
            if (may_pass(stored.error())) return way_back();
            update::give_up(memory, *next.version, {}, stored.error().trace, self_.running,
                            succession_.clock->now_ms());
        }
    }

    /// The turn where no newer program can have it: nullopt, our own, or that of the installed program.
    std::optional<Turn> way_back()
    {
        if (!self_.took_over) return std::nullopt;
        return Turn{.successor = back(), .version = self_.installed, .on_trial = false};
    }

    /// It could not be started: never again, unless that may pass. False: nothing was written down, and it would be
    /// chosen again.
    bool not_started(Turn const& turn, Error const& why)
    {
        log::error("update.not_started", {{"version", to_string(turn.version)}, {"error", why}});
        if (may_pass(why)) return false;
        return change([&](update::Memory& memory) {
            update::give_up(memory, turn.version, {}, why.trace, self_.running, succession_.clock->now_ms());
        });
    }

    /// We are on trial and could not begin our work. False: we are not, or it could not be written down.
    bool roll_back_self(int exit_code)
    {
        bool rolled_back = false;
        bool const written = change([&](update::Memory& memory) {
            rolled_back = memory.trial && memory.trial->version == self_.running;
            update::roll_back(memory, fmt::format("it could not begin its work and ended with {}", exit_code),
                              succession_.clock->now_ms());
        });
        return written && rolled_back;
    }

    /// Not confirmed, and not given up either?
    bool still_on_trial(Version version)
    {
        auto const memory = store_.load_or_forget();
        return memory.trial && memory.trial->version == version;
    }

private:
    /// True: what it changed is on the disk.
    template <class Change>
    bool change(Change const& what)
    {
        auto const lock = FolderLock::take(succession_.folder);
        if (!lock) return false;
        auto memory = store_.load();
        if (!memory) {
            log::error("update.not_kept", {{"error", memory.error()}});
            return false;
        }
        auto const before = *memory;
        what(*memory);
        if (*memory == before) return false;
        auto const saved = store_.save(*memory);
        if (!saved) log::error("update.not_kept", {{"error", saved.error()}});
        return saved.has_value();
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
    bool told_to_end_ = false;
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
            auto const turn = choosing.choose();
            if (choosing.told_to_end()) return EXIT_SUCCESS;
            if (turn) {
                log::info("update.hands_over", {{"version", to_string(turn->version)}, {"trial", turn->on_trial}});
                auto const ended = choosing.patiently([&] {
                    succession.keep_log(false);
                    auto end = platform::hand_over(turn->successor);
                    succession.keep_log(true);
                    return end;
                });
                if (choosing.told_to_end()) return EXIT_SUCCESS;
                if (ended) {
                    if (ended->told_to_end) return ended->exit_code;
                    if (ended->exit_code == exit_change) continue;
                    if (!choosing.still_on_trial(turn->version)) return ended->exit_code;
                    if (!succession.wait(start_pause)) return EXIT_SUCCESS;
                    continue;
                }
                if (turn->version == self->installed) return EXIT_FAILURE; // Whoever started us starts that one.
                if (choosing.not_started(*turn, ended.error())) continue;
                // Ourselves, then; who took over may be what was rolled back, and leaves it to the installed program.
                if (self->took_over) return EXIT_FAILURE;
            }
        }
        auto const end = succession.work(*self);
        if (!end.change && !(end.failed && self->took_over && choosing.roll_back_self(end.exit_code)))
            return end.exit_code;
        if (platform::has_keeper()) return exit_change;
    }
}

} // namespace rollcall::agent
