#include "collector/view/api/install.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "collector/access/slow_down.hpp"
#include "collector/view/api/install_scripts.hpp"
#include "collector/view/api/limits.hpp"
#include "collector/view/api/problem.hpp"
#include "common/core/ids.hpp"
#include "common/log/log.hpp"

namespace rollcall::api
{

namespace
{

constexpr std::string_view files_path = "/install/files/";
constexpr std::string_view none_to_offer =
    "Of the releases in this collector none is for new machines: there is no stable one, its signature is not of this "
    "collector's key, or it stopped itself since devices failed with it. The page \"Updates\" says more";
constexpr std::string_view nothing_here =
    "This collector has no release of the agent. Add one: rollcall-collector add-release DIR --data DIR";

struct System {
    std::string_view name;
    std::string_view script; ///< Last part of its address.
};
constexpr std::array<System, 3> systems{{{"linux", "linux.sh"}, {"windows", "windows.ps1"}, {"macos", "macos.sh"}}};
/// What the scripts know to install.
constexpr std::array<std::string_view, 5> kinds{"deb", "rpm", "msi", "pkg", "tar.gz"};

gateway::HttpResponse words(int status, std::string text, std::string_view type = "text/plain; charset=utf-8")
{
    gateway::HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", std::string(type)},
                        {"Cache-Control", "no-store"},
                        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"}};
    response.body = std::move(text);
    return response;
}

void fill_in(std::string& text, std::string_view place, std::string_view value)
{
    for (auto at = text.find(place); at != std::string::npos; at = text.find(place, at + value.size()))
        text.replace(at, place.size(), value);
}

bool is_installable(release::File const& file, std::string_view system)
{
    return file.system == system && std::ranges::find(kinds, file.kind) != kinds.end();
}

/// "" = there is something to install.
std::string missing_for(updates::Board const& board, updates::Release const* release, std::string_view system)
{
    if (release == nullptr) return std::string(board.shelf()->releases.empty() ? nothing_here : none_to_offer);
    auto const& files = release->manifest.files;
    if (std::ranges::any_of(files, [system](auto const& file) { return is_installable(file, system); })) return {};
    return fmt::format("Release {} in this collector has no package for {}. Add a release that has one: "
                       "rollcall-collector add-release DIR --data DIR",
                       to_string(release->version()), system);
}

/// One line for each file: kind, architecture, bytes, SHA-256, name. All of them are of letters, digits and .+-_ only
/// (release::parse_manifest), so that no script can take them for anything else.
std::string table_of(updates::Release const* release, std::string_view system)
{
    std::string table;
    if (release == nullptr) return table;
    for (auto const& file : release->manifest.files)
        if (is_installable(file, system))
            table += fmt::format("{}{} {} {} {} {}", table.empty() ? "" : "\n", file.kind, file.architecture,
                                 file.bytes, file.sha256, file.name);
    return table;
}

/// A part of a file, read by the pool as the peer takes it.
class FilePart final : public gateway::HttpBody, public std::enable_shared_from_this<FilePart>
{
public:
    FilePart(std::ifstream stream, std::uint64_t size, std::shared_ptr<Pool> readers, std::shared_ptr<void> place)
        : stream_(std::move(stream))
        , size_(size)
        , left_(size)
        , readers_(std::move(readers))
        , place_(std::move(place))
    {
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }
    void next(std::function<void(Result<std::string>)> done) override
    {
        auto const answer = std::make_shared<std::function<void(Result<std::string>)>>(std::move(done));
        auto const taken = readers_->submit([self = shared_from_this(), answer] { (*answer)(self->read_piece()); });
        if (!taken) (*answer)(fail(errc::busy, "the collector stops"));
    }

private:
    Result<std::string> read_piece()
    {
        std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(left_, limits::download_piece_bytes)), '\0');
        stream_.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        if (static_cast<std::size_t>(stream_.gcount()) != piece.size())
            return fail(errc::io, "a file of a release cannot be read to its end");
        left_ -= piece.size();
        return piece;
    }

    std::ifstream stream_; // The pool's, one piece at a time.
    std::uint64_t const size_;
    std::uint64_t left_;
    std::shared_ptr<Pool> const readers_;
    std::shared_ptr<void> const place_;
};

std::optional<std::uint64_t> number_of(std::string_view text)
{
    std::uint64_t number = 0;
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string_view header_of(gateway::HttpRequest const& request, std::string_view name)
{
    auto const found = request.headers.find(name);
    return found == request.headers.end() ? std::string_view() : std::string_view(found->second);
}

} // namespace

std::vector<std::string> install_systems()
{
    std::vector<std::string> names;
    names.reserve(std::size(systems));
    for (auto const& system : systems)
        names.emplace_back(system.name);
    return names;
}

std::string install_line(std::string_view system, std::string_view address, std::string_view pin, std::string_view word)
{
    auto const found = std::ranges::find(systems, system, &System::name);
    if (found == systems.end()) return {};
    auto const fetch =
        fmt::format("-fsSk --pinnedpubkey 'sha256//{}' 'https://{}/install/{}'", pin, address, found->script);
    // The script is fetched whole before any of it runs; where it cannot be, nothing runs.
    if (system == "windows")
        return fmt::format("$s = curl.exe {} | Out-String; if ($LASTEXITCODE -eq 0) {{ '{}' | & "
                           "([scriptblock]::Create($s)) }}",
                           fetch, word);
    // A small server has no sudo, and its root needs none.
    auto const run = system == "macos" ? "sudo sh -c \"$s\""
                                       : R"sh(if [ "$(id -u)" = 0 ]; then sh -c "$s"; else sudo sh -c "$s"; fi)sh";
    return fmt::format("s=$(curl {}) && echo '{}' | {}", fetch, word, run);
}

std::vector<InstallLine> install_lines(updates::Board const& board, std::string_view address, std::string_view pin,
                                       std::string_view word)
{
    auto const release = board.for_new_machines();
    std::vector<InstallLine> lines;
    for (auto const& system : systems) {
        InstallLine line{.system = std::string(system.name),
                         .command = {},
                         .version = release ? to_string(release->version()) : std::string(),
                         .missing = missing_for(board, release.get(), system.name)};
        if (line.missing.empty()) line.command = install_line(system.name, address, pin, word);
        lines.push_back(std::move(line));
    }
    return lines;
}

std::shared_ptr<void> DownloadPlaces::take(std::shared_ptr<DownloadPlaces> const& places, std::string const& address)
{
    std::lock_guard const lock(places->mutex_);
    auto& here = places->by_address_[address];
    if (places->taken_ >= limits::downloads || here >= limits::downloads_per_address) {
        if (here == 0) places->by_address_.erase(address);
        return nullptr;
    }
    ++places->taken_;
    ++here;
    return {places.get(), [places, address](void*) {
                std::lock_guard const giving_back(places->mutex_);
                --places->taken_;
                auto const place = places->by_address_.find(address);
                if (--place->second == 0) places->by_address_.erase(place);
            }};
}

Install::Install(About about)
    : about_(std::move(about))
    , readers_(std::make_shared<Pool>(limits::download_threads, limits::downloads))
{
}

bool Install::is_for(std::string_view path) { return path == "/install" || path.starts_with("/install/"); }

void Install::stop() { readers_->stop(); }

gateway::HttpResponse Install::answer(gateway::HttpRequest const& request) const
{
    if (request.method != "GET") {
        auto response = words(405, "Only GET and HEAD.\n");
        response.headers.emplace_back("Allow", "GET, HEAD");
        return response;
    }
    if (request.path == "/install" || request.path == "/install/") return page();
    if (request.path.starts_with(files_path)) return file(request);
    for (auto const& system : systems)
        if (request.path == fmt::format("/install/{}", system.script)) return script(system.name);
    return words(404, "There is no such file.\n");
}

gateway::HttpResponse Install::script(std::string_view system) const
{
    auto const release = about_.board.for_new_machines();
    std::string text(install_script(system));
    fill_in(text, "@ADDRESS@", about_.address());
    fill_in(text, "@PIN@", about_.pin());
    fill_in(text, "@VERSION@", release ? to_string(release->version()) : "");
    fill_in(text, "@MISSING@", missing_for(about_.board, release.get(), system));
    fill_in(text, "@FILES@", table_of(release.get(), system));
    return words(200, std::move(text));
}

gateway::HttpResponse Install::page() const
{
    auto const release = about_.board.for_new_machines();
    auto const nonce = make_secret(16);
    std::string rows;
    if (release)
        for (auto const& file : release->manifest.files)
            rows += fmt::format("<tr><td><a href=\"{0}{1}/{2}\">{2}</a><td>{3}<td>{4}<td>{5}<td><code>{1}</code>\n",
                                files_path, file.sha256, file.name, file.system, file.architecture, file.bytes);
    auto const content =
        release ? fmt::format("<p>Agent {}. To install one, use the line that the collector's page shows under “Add "
                              "device”.</p>\n<table>\n<tr><th>File<th>System<th>Architecture<th>Bytes<th>SHA-256\n"
                              "{}</table>",
                              to_string(release->version()), rows)
                : fmt::format("<p>{}.</p>", about_.board.shelf()->releases.empty() ? nothing_here : none_to_offer);
    auto response = words(
        200,
        fmt::format("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Rollcall: the agent</title>\n"
                    "<style nonce=\"{}\">:root {{ color-scheme: light dark; font: 15px system-ui, sans-serif }} "
                    "body {{ margin: 2rem; overflow-wrap: anywhere }} th, td {{ padding: .25rem .75rem "
                    ".25rem 0; text-align: left; vertical-align: top }} code {{ font-size: 12px }}</style>\n"
                    "<h1>The agent of Rollcall</h1>\n{}\n</html>\n",
                    nonce, content),
        "text/html; charset=utf-8");
    response.headers.back().second = "default-src 'none'; style-src 'nonce-" + nonce +
                                     "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    return response;
}

gateway::HttpResponse Install::file(gateway::HttpRequest const& request) const
{
    auto const rest = std::string_view(request.path).substr(files_path.size());
    auto const slash = std::min(rest.find('/'), rest.size());
    auto const sha256 = rest.substr(0, slash);
    auto const path = about_.board.shelf()->file(sha256, rest.substr(std::min(slash + 1, rest.size())));
    if (path.empty())
        return words(404, "There is no such file. It may be of a release that was taken out: look at /install.\n");

    auto const etag = fmt::format("\"{}\"", sha256);
    gateway::HttpResponse response;
    response.headers = {{"Content-Type", "application/octet-stream"},
                        {"ETag", etag},
                        {"Accept-Ranges", "bytes"},
                        {"Cache-Control", "public, max-age=31536000, immutable"},
                        {"Content-Disposition", fmt::format("attachment; filename=\"{}\"", path.filename().string())},
                        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"}};
    if (header_of(request, "if-none-match") == etag) {
        response.status = 304;
        return response;
    }
    auto place = DownloadPlaces::take(places_, access::peer_key(request.remote));
    if (!place) {
        auto busy = respond(problem(503, "busy", "Too many downloads", "Too many files are being fetched.", {},
                                    "Try again in a minute."),
                            request.id);
        busy.headers.emplace_back("Retry-After", std::to_string(limits::download_again_s));
        return busy;
    }
    std::ifstream stream(path, std::ios::binary | std::ios::ate);
    auto const end = stream.tellg();
    if (!stream || end < 0) {
        log::warning("install.file", {{"file", path.string()}, {"error", std::string_view("cannot be read")}});
        return words(404, "There is no such file any more.\n");
    }
    auto const size = static_cast<std::uint64_t>(end);
    // RFC 9110 §13.1.5: a part is asked for of this very content only.
    auto const of = header_of(request, "if-range");
    auto const span =
        of.empty() || of == etag ? read_range(header_of(request, "range"), size) : Span{.kind = Span::Kind::whole};
    if (span.kind == Span::Kind::unsatisfiable) {
        auto beyond = words(416, "The file is shorter than that.\n");
        beyond.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
        return beyond;
    }
    bool const part = span.kind == Span::Kind::part;
    auto const first = part ? span.first : 0;
    auto const length = part ? span.last - span.first + 1 : size;
    if (part) {
        response.status = 206;
        response.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", span.first, span.last, size));
    }
    stream.seekg(static_cast<std::streamoff>(first));
    response.stream = std::make_shared<FilePart>(std::move(stream), length, readers_, std::move(place));
    return response;
}

Span read_range(std::string_view header, std::uint64_t size)
{
    static constexpr std::string_view unit = "bytes=";
    Span const whole{.kind = Span::Kind::whole};
    // More than one range, or none that we can read: a server may always send the whole (RFC 9110 §14.2).
    if (!header.starts_with(unit) || header.find(',') != std::string_view::npos) return whole;
    header.remove_prefix(unit.size());
    auto const dash = header.find('-');
    if (dash == std::string_view::npos) return whole;
    auto const first = number_of(header.substr(0, dash));
    auto const last_text = header.substr(dash + 1);
    auto const last = number_of(last_text);
    Span const beyond{.kind = Span::Kind::unsatisfiable};
    if (!first) {
        // The last bytes: "-500".
        if (dash != 0 || !last) return whole;
        if (*last == 0 || size == 0) return beyond;
        return {.kind = Span::Kind::part, .first = size - std::min(*last, size), .last = size - 1};
    }
    if (!last && !last_text.empty()) return whole;
    if (last && *last < *first) return whole;
    if (*first >= size) return beyond;
    return {.kind = Span::Kind::part, .first = *first, .last = std::min(last.value_or(size - 1), size - 1)};
}

} // namespace rollcall::api
