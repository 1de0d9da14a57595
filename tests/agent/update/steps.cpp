// The updater of a process that is killed after its Nth step: steps FOLDER N; 0 = it is not killed.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <semaphore>

#include <unistd.h>

#include "agent/update/updater.hpp"
#include "tests/support/release_key.hpp"

int main(int count, char** words)
{
    using namespace rollcall;
    if (count != 3) return 2;
    std::filesystem::path const folder(words[1]);
    auto const wanted = std::atoi(words[2]);
    SystemClock const clock;
    std::atomic<int> steps{0};
    std::binary_semaphore over(0);
    auto const key = support::file_text((folder / "key").string());
    update::Updater updater({.folder = folder,
                             .clock = &clock,
                             .key = key,
                             .running = {0, 1, 0},
                             .limits = {},
                             .pause = std::chrono::milliseconds(20),
                             .longest_pause = std::chrono::milliseconds(100),
                             .look_every = std::chrono::milliseconds(20),
                             .after = [&](std::string_view) {
                                 if (++steps == wanted) ::kill(::getpid(), SIGKILL);
                             }});
    wire::Update offer;
    offer.manifest = support::file_text((folder / "manifest.json").string());
    offer.signature = support::file_text((folder / "manifest.sig").string());
    // One whose trial was to begin begins it.
    auto const before = update::Store(folder, key).load();
    if (before && before->trial) return 0;
    updater.start({.tell = [](wire::Event const&) { return true; },
                   .proven = [] { return false; },
                   .change = [&over] { over.release(); }});
    updater.offer(std::move(offer));
    bool const done = over.try_acquire_for(std::chrono::seconds(20));
    updater.stop();
    return done ? 0 : 1;
}
