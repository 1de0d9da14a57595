#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "agent/update/decide.hpp"
#include "common/core/ids.hpp"
#include "common/wire/messages.hpp"
#include "platform/hand_over.hpp"
#include "tests/support/release_key.hpp"

/// Releases as their makers would make them, of any content.
namespace rollcall::support
{

inline std::string release_manifest(release::Version version, std::string const& program, std::string const& system,
                                    std::string const& sha256, std::size_t bytes)
{
    return fmt::format(R"({{"format":1,"product":"rollcall","version":"{0}","channel":"stable",)"
                       R"("released_ms":1795400000000,"files":[{{"name":"{1}","kind":"program","system":"{2}",)"
                       R"("architecture":"{3}","bytes":{4},"sha256":"{5}"}}]}})",
                       release::to_string(version), program, system, platform::architecture_name(), bytes, sha256);
}

inline std::string release_manifest(release::Version version, std::string const& content)
{
    return release_manifest(version, "program", std::string(platform::system_name()), sha256_hex(content),
                            content.size());
}

inline wire::Update offer_of(std::string const& manifest)
{
    wire::Update update;
    update.manifest = manifest;
    update.signature = sign_release(manifest);
    return update;
}

inline void put_file(std::filesystem::path const& path, std::string const& content)
{
    std::ofstream(path, std::ios::binary) << content;
}

} // namespace rollcall::support
