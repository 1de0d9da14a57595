#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/core/ids.hpp"
#include "tests/support/release_key.hpp"

namespace rollcall::support
{

struct ReleaseWish {
    std::string version = "0.2.0";
    std::string channel = "stable";
    std::string waves = "[]";
    std::vector<std::string> systems{"linux"};
    std::string content = "a program";
};

inline void write_file(std::filesystem::path const& path, std::string const& content)
{
    std::ofstream(path, std::ios::binary) << content;
}

/// A release as its maker gives it, in a folder named by its version: for each system a program and a package.
inline std::filesystem::path make_release(std::filesystem::path const& releases, ReleaseWish const& wish = {})
{
    auto const folder = releases / wish.version;
    std::filesystem::create_directories(folder);
    std::string files;
    for (auto const& system : wish.systems)
        for (std::string const kind : {"program", "tar.gz", system == "windows" ? "msi" : "deb"}) {
            auto const name = fmt::format("rollcall-agent-{}-{}.{}", wish.version, system, kind);
            auto const content = fmt::format("{} {} {} {}", wish.content, wish.version, system, kind);
            write_file(folder / name, content);
            files += fmt::format(
                R"({}{{"name":"{}","kind":"{}","system":"{}","architecture":"x86_64","bytes":{},"sha256":"{}"}})",
                files.empty() ? "" : ",", name, kind, system, content.size(), sha256_hex(content));
        }
    auto const text = fmt::format(R"({{"format":1,"product":"rollcall","version":"{}","channel":"{}",)"
                                  R"("released_ms":1795400000000,"waves":{},"files":[{}]}})",
                                  wish.version, wish.channel, wish.waves, files);
    write_file(folder / "manifest.json", text);
    write_file(folder / "manifest.sig", sign_release(text));
    return folder;
}

} // namespace rollcall::support
