#include "collector/view/api/files.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "collector/view/api/limits.hpp"
#include "common/core/ids.hpp"

namespace rollcall::api
{

static constexpr std::string_view nonce_mark = "__CSP_NONCE__";
static constexpr std::string_view packed_ending = ".gz";

static std::string_view type_of(std::string_view name)
{
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> types{{
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".txt", "text/plain; charset=utf-8"},
        {".map", "application/json"},
    }};
    for (auto const& [ending, type] : types)
        if (name.ends_with(ending)) return type;
    return "application/octet-stream";
}

/// Does who asks take gzip (RFC 9110 §12.5.3)? Browsers name it plainly; whoever gives it a weight gets plain bytes.
static bool takes_gzip(gateway::HttpRequest const& request)
{
    auto const found = request.headers.find("accept-encoding");
    if (found == request.headers.end()) return false;
    std::string_view rest = found->second;
    while (!rest.empty()) {
        auto word = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        word.remove_prefix(std::min(word.find_first_not_of(" \t"), word.size()));
        if (word.substr(0, word.find_last_not_of(" \t") + 1) == "gzip") return true;
    }
    return false;
}

static gateway::HttpResponse text_response(int status, std::string text)
{
    gateway::HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", "text/plain; charset=utf-8"}, {"Cache-Control", "no-store"}};
    response.body = std::move(text);
    return response;
}

Result<Files> Files::load(std::filesystem::path const& folder)
{
    Files loaded;
    std::error_code failure;
    if (folder.empty() || !std::filesystem::exists(folder / "index.html", failure)) return loaded;
    std::uintmax_t total = 0;
    std::filesystem::recursive_directory_iterator entries(folder, failure);
    for (; !failure && entries != std::filesystem::recursive_directory_iterator(); entries.increment(failure)) {
        if (!entries->is_regular_file(failure)) continue;
        auto const size = entries->file_size(failure);
        if (failure) break;
        total += size;
        if (size > limits::file_bytes || total > limits::files_bytes)
            return fail(errc::limit_exceeded,
                        "web folder: " + entries->path().string() + ": the page's files are larger than " +
                            std::to_string(limits::files_bytes) + " bytes; is this the right folder?");
        std::ifstream stream(entries->path(), std::ios::binary);
        std::string content{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
        if (!stream || content.size() != size)
            return fail(errc::io, "web folder: " + entries->path().string() + ": cannot be read");
        auto const path = "/" + entries->path().lexically_relative(folder).generic_string();
        if (path == "/index.html") {
            loaded.index_ = std::move(content);
            continue;
        }
        auto const packed = path.ends_with(packed_ending);
        auto const name = packed ? path.substr(0, path.size() - packed_ending.size()) : path;
        auto& file = loaded.files_[name];
        auto& bytes = packed ? file.packed : file.plain;
        bytes.etag = "\"" + sha256_hex(content).substr(0, 32) + "\"";
        bytes.content = std::make_shared<std::string const>(std::move(content));
        file.type = type_of(name);
        file.hashed = name.starts_with("/assets/");
    }
    if (failure) return fail(errc::io, "web folder: " + folder.string() + ": " + failure.message());
    std::erase_if(loaded.files_, [](auto const& named) { return !named.second.plain.content; });
    return loaded;
}

gateway::HttpResponse Files::page() const
{
    if (index_.empty())
        return text_response(503,
                             "Rollcall's collector runs, but its page has not been built.\n\n"
                             "Build it with 'scripts/run', or in collector/view/web with 'npm ci && npm run build',\n"
                             "and start the collector with '--web collector/view/web/dist'.\n\n"
                             "The API works: see /api/v1/openapi.json.\n");
    auto const nonce = make_secret(16);
    gateway::HttpResponse response;
    response.headers = {
        {"Content-Type", "text/html; charset=utf-8"},
        {"Cache-Control", "no-store"},
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce +
             "'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
             "frame-ancestors 'none'"}};
    std::string_view rest = index_;
    for (auto at = rest.find(nonce_mark); at != std::string_view::npos; at = rest.find(nonce_mark)) {
        response.body.append(rest.substr(0, at)).append(nonce);
        rest.remove_prefix(at + nonce_mark.size());
    }
    response.body.append(rest);
    return response;
}

gateway::HttpResponse Files::serve(gateway::HttpRequest const& request) const
{
    if (request.method != "GET" && request.method != "HEAD") {
        auto response = text_response(405, "Only GET and HEAD.\n");
        response.headers.emplace_back("Allow", "GET, HEAD");
        return response;
    }
    auto const found = files_.find(request.path);
    if (found == files_.end()) {
        auto const last = std::string_view(request.path).substr(request.path.rfind('/') + 1);
        if (request.path == "/index.html" || last.find('.') == std::string_view::npos) return page();
        return text_response(404, "There is no such file.\n");
    }
    auto const& file = found->second;
    auto const packed = file.packed.content && takes_gzip(request);
    auto const& bytes = packed ? file.packed : file.plain;
    gateway::HttpResponse response;
    response.headers = {{"Content-Type", file.type},
                        {"ETag", bytes.etag},
                        {"Cache-Control", file.hashed ? "public, max-age=31536000, immutable" : "no-cache"}};
    if (file.packed.content) response.headers.emplace_back("Vary", "Accept-Encoding");
    if (packed) response.headers.emplace_back("Content-Encoding", "gzip");
    auto const known = request.headers.find("if-none-match");
    if (known != request.headers.end() && known->second == bytes.etag)
        response.status = 304;
    else
        response.shared_body = bytes.content;
    return response;
}

} // namespace rollcall::api
