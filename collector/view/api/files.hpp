#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "collector/gateway/ports.hpp"
#include "common/core/result.hpp"

namespace rollcall::api
{

/// The page: its files, read into memory once, so that no request touches the disk or can name a path on it. A file
/// with a gzipped one beside it (app.js.gz, which the page's build makes) is handed out packed to who takes that.
///
/// Owns: the contents.  Threads: any, once loaded.  Blocks: load() on the disk.
class Files
{
public:
    /// "" or a folder without index.html: serves a text that says how the page is built.
    /// errc::limit_exceeded, errc::io: a file is too large or cannot be read.
    [[nodiscard]] static Result<Files> load(std::filesystem::path const& folder);

    /// The file; the page itself for every unknown path without a dot in its last part, since the page routes by
    /// itself; 404 otherwise. Answers If-None-Match. GET and HEAD only.
    [[nodiscard]] gateway::HttpResponse serve(gateway::HttpRequest const& request) const;

private:
    struct Bytes {
        std::shared_ptr<std::string const> content;
        std::string etag;
    };
    struct File {
        Bytes plain;
        Bytes packed; ///< No content: there is none.
        std::string type;
        bool hashed = false; ///< Its name changes with its content: may be kept for ever.
    };
    [[nodiscard]] gateway::HttpResponse page() const;

    std::map<std::string, File, std::less<>> files_; ///< By path: "/assets/index-B3x9.js".
    std::string index_;                              ///< With __CSP_NONCE__ where a nonce belongs.
};

} // namespace rollcall::api
