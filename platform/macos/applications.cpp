#include "platform/macos/applications.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include <sys/stat.h>

#include <fmt/format.h>

#include "platform/macos/macho.hpp"
#include "platform/macos/plist.hpp"
#include "platform/posix/file.hpp"

namespace rollcall::platform
{

namespace
{

constexpr std::string_view bundle_end = ".app";
constexpr std::string_view system_applications = "/System/Applications";
constexpr std::size_t most_applications = 5'000;
constexpr std::size_t most_receipts = 5'000;
/// Applications, a maker's folder in it, and one more.
constexpr int most_depth_of_folders = 3;

Result<plist::Value> plist_file(std::string const& path)
{
    auto const content = posix::read_file(path);
    if (!content) return content.error();
    return plist::parse(*content);
}

class SoftwareSearch
{
public:
    explicit SoftwareSearch(Root const& root)
        : root_(root)
    {
    }

    /// Bundles are not entered, links to folders neither; a bundle itself may be one (Safari is).
    void applications_in(std::string const& folder, int depth)
    {
        auto const names = posix::list_folder(root_ / folder);
        if (!names) {
            if (reason(names.error()) != to_string(errc::not_found) && !refused_) refused_ = names.error();
            return;
        }
        for (auto const& name : *names) {
            auto const path = fmt::format("{}/{}", folder, name);
            if (name.ends_with(bundle_end)) {
                if (applications_ < most_applications) application(path, name);
                continue;
            }
            struct stat facts {
            };
            if (depth > 1 && ::lstat((root_ / path).c_str(), &facts) == 0 && S_ISDIR(facts.st_mode))
                applications_in(path, depth - 1);
        }
    }

    void receipts_in(std::string const& folder)
    {
        auto const names = posix::list_folder(root_ / folder);
        if (!names) return;
        std::size_t count = 0;
        for (auto const& name : *names) {
            if (!name.ends_with(".plist") || ++count > most_receipts) continue;
            auto const receipt = plist_file(fmt::format("{}/{}", root_ / folder, name));
            if (!receipt) continue;
            Package package;
            package.name = receipt->text("PackageIdentifier");
            package.version = receipt->text("PackageVersion");
            if (package.name.empty()) continue;
            package.architecture = fail(errc::not_supported, "software: a receipt tells no architecture");
            package.publisher = fail(errc::not_supported, "software: a receipt tells no publisher");
            package.size_bytes = fail(errc::not_supported, "software: a receipt tells no size");
            package.source = "pkg";
            found_.emplace(package.name, std::move(package));
        }
    }

    /// `cellar`/NAME/VERSION; of several versions the one that is linked.
    void homebrew_in(std::string const& prefix)
    {
        auto const cellar = root_ / prefix + "/Cellar";
        auto const names = posix::list_folder(cellar);
        if (!names) return;
        for (auto const& name : *names) {
            auto const versions = posix::list_folder(fmt::format("{}/{}", cellar, name));
            if (!versions) continue;
            std::vector<std::string> shown;
            std::copy_if(versions->begin(), versions->end(), std::back_inserter(shown),
                         [](auto const& version) { return !version.starts_with('.'); });
            if (shown.empty() || name.starts_with('.')) continue;
            Package package;
            package.name = name;
            package.version = shown.back();
            if (shown.size() > 1)
                if (auto const link = posix::read_link(fmt::format("{}/opt/{}", root_ / prefix, name)))
                    package.version = link->substr(link->rfind('/') + 1);
            package.architecture = fail(errc::not_supported, "software: Homebrew's folders tell no architecture");
            package.publisher = std::string("Homebrew");
            package.size_bytes = fail(errc::not_supported, "software: Homebrew's folders tell no size");
            package.source = "homebrew";
            if (!found_.emplace(package.name, package).second) {
                package.name += " (homebrew)";
                found_.emplace(package.name, package);
            }
        }
    }

    [[nodiscard]] Result<std::vector<Package>> take()
    {
        // Every Mac has some: none means that we were not let in.
        if (applications_ == 0)
            return refused_ ? fail(*refused_, "software") : fail(errc::not_found, "software: no application at all");
        std::vector<Package> packages;
        packages.reserve(found_.size());
        for (auto& [name, package] : found_)
            packages.push_back(std::move(package));
        return packages;
    }

private:
    void application(std::string const& path, std::string_view file_name)
    {
        auto const contents = fmt::format("{}/Contents", root_ / path);
        auto const info = plist_file(contents + "/Info.plist");
        if (!info || info->dictionary() == nullptr) return;
        Package package;
        package.name = file_name.substr(0, file_name.size() - bundle_end.size());
        if (package.name.empty()) return;
        package.version = info->text("CFBundleShortVersionString");
        if (package.version.empty()) package.version = info->text("CFBundleVersion");
        auto const program = info->text("CFBundleExecutable");
        if (program.empty() || program.find('/') != std::string::npos) {
            package.architecture = fail(errc::not_found, "software: the bundle names no program");
        } else {
            auto const head = posix::read_beginning(fmt::format("{}/MacOS/{}", contents, program), macho_head_bytes);
            package.architecture = head ? macho_architecture(*head) : Result<std::string>(head.error());
        }
        // Only Apple can put anything on the sealed volume. Elsewhere the signature would tell, which is not read.
        if (path.starts_with(system_applications))
            package.publisher = std::string("Apple");
        else
            package.publisher = fail(errc::not_supported, "software: signatures are not read");
        package.size_bytes = fail(errc::not_supported, "software: bundles are not added up");
        package.source = "application";
        ++applications_;
        if (found_.contains(package.name)) package.name = fmt::format("{} ({})", package.name, path);
        found_.emplace(package.name, std::move(package));
    }

    Root const& root_;
    std::map<std::string, Package> found_;
    std::size_t applications_{};
    std::optional<Error> refused_;
};

} // namespace

Result<std::vector<Package>> read_mac_software(Root const& root)
{
    SoftwareSearch search(root);
    search.applications_in("/Applications", most_depth_of_folders);
    search.applications_in(std::string(system_applications), most_depth_of_folders);
    if (auto const users = posix::list_folder(root / "/Users"))
        for (auto const& user : *users)
            if (!user.starts_with('.')) search.applications_in(fmt::format("/Users/{}/Applications", user), 1);
    search.receipts_in("/var/db/receipts");
    for (auto const* const prefix : {"/opt/homebrew", "/usr/local"})
        search.homebrew_in(prefix);
    return search.take();
}

} // namespace rollcall::platform
