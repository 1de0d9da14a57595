#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "collector/gateway/ports.hpp"
#include "collector/updates/board.hpp"
#include "collector/view/api/pool.hpp"
#include "collector/view/api/resources.hpp"

namespace rollcall::api
{

/// The systems that a line can be made for: linux, windows, macos.
[[nodiscard]] std::vector<std::string> install_systems();

/// The line that installs the agent on a machine of that system and enrols it; "" for a system we do not know. It
/// believes whoever has the key of `pin` (SHA-256 of the public key's DER, base64) and nobody else, and hands the token
/// over on standard input, where no list of processes shows it.
[[nodiscard]] std::string install_line(std::string_view system, std::string_view address, std::string_view pin,
                                       std::string_view word);

/// A line for each system, or why there is none.
[[nodiscard]] std::vector<InstallLine> install_lines(updates::Board const& board, std::string_view address,
                                                     std::string_view pin, std::string_view word);

/// Places for those who fetch files, some in all and some for each address: nobody may take all of them.
///
/// Owns: the counts.  Threads: any.  Blocks: no.
class DownloadPlaces
{
public:
    /// A place, until it is destroyed; nullptr: there is none.
    [[nodiscard]] static std::shared_ptr<void> take(std::shared_ptr<DownloadPlaces> const& places,
                                                    std::string const& address);

private:
    std::mutex mutex_;
    std::size_t taken_ = 0;
    std::map<std::string, std::size_t, std::less<>> by_address_;
};

/// GET /install and all below it, for everybody and without log-in: what there is, a script for each system, and the
/// files of releases by their hash. It shows nothing secret, and no request names a path on the disk.
///
/// Owns: the threads that read files.  Threads: any.  Blocks: answer() on the disk, briefly: pool threads only.
class Install
{
public:
    struct About {
        updates::Board const& board;
        std::function<std::string()> address; ///< "host:port" that agents dial.
        std::function<std::string()> pin;     ///< Of the key that browsers see.
    };
    explicit Install(About about);
    /// A thread that reads must not be the last to know of the pool that it is of.
    ~Install() { stop(); }
    Install(Install const&) = delete;
    Install& operator=(Install const&) = delete;

    [[nodiscard]] static bool is_for(std::string_view path);
    [[nodiscard]] gateway::HttpResponse answer(gateway::HttpRequest const& request) const;
    void stop();

private:
    [[nodiscard]] gateway::HttpResponse script(std::string_view system) const;
    [[nodiscard]] gateway::HttpResponse page() const;
    [[nodiscard]] gateway::HttpResponse file(gateway::HttpRequest const& request) const;

    About about_;
    std::shared_ptr<DownloadPlaces> const places_ = std::make_shared<DownloadPlaces>();
    std::shared_ptr<Pool> const readers_;
};

/// What a Range header (RFC 9110 §14) asks of a file of `size` bytes.
struct Span {
    enum class Kind {
        whole,        ///< No range, or one that we need not understand: the whole file.
        part,         ///< From `first` to `last`.
        unsatisfiable ///< Behind the end.
    };
    Kind kind{};
    std::uint64_t first{};
    std::uint64_t last{};
};
[[nodiscard]] Span read_range(std::string_view header, std::uint64_t size);

} // namespace rollcall::api
