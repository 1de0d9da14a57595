#include <algorithm>

#include "common/release/manifest.hpp"
#include "tests/fuzz/fuzz.hpp"

/// What a collector says a release is. Whatever is accepted keeps what the rest of the program relies on.
FUZZ_TARGET(bytes)
{
    namespace release = rollcall::release;
    auto const key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="; // RFC 8032 §7.1, test 1
    rollcall::fuzz::require(!release::verify_signature(bytes, bytes, key), "nothing signs itself");
    auto const manifest = release::parse_manifest(bytes);
    if (!manifest) return;
    auto const again = release::parse_version(release::to_string(manifest->version));
    rollcall::fuzz::require(again && *again == manifest->version, "a version has one text");
    for (auto const& file : manifest->files) {
        rollcall::fuzz::require(!file.name.empty() && file.name.size() <= release::limits::name_bytes &&
                                    file.name.find_first_of("/\\:") == std::string::npos && file.name.front() != '.',
                                "a name leads nowhere else");
        rollcall::fuzz::require(file.bytes > 0 && file.bytes <= release::limits::file_bytes, "a file has a size");
        rollcall::fuzz::require(release::find_file(*manifest, file.kind, file.system, file.architecture) != nullptr,
                                "what is there is found");
    }
    rollcall::fuzz::require(std::ranges::is_sorted(manifest->waves, {}, &release::Wave::percent), "waves grow");
}
