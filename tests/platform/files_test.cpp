#include <filesystem>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "platform/files.hpp"
#include "tests/platform/hostile.hpp"
#include "tests/platform/printers.hpp"
#include "tests/platform/tree.hpp"

using namespace rollcall;
using namespace rollcall::platform;
using test::Tree;

namespace
{

constexpr auto list_path = "/etc/rollcall-agent/files";

ListedFile only(Tree const& tree, std::string const& path)
{
    tree.write(list_path, path + "\n");
    auto const list = make_files(tree.root())->list();
    REQUIRE(list);
    REQUIRE(list->size() == 1);
    return list->front();
}

void set_modified(Tree const& tree, std::string const& path, timespec when)
{
    timespec const times[2] = {when, when};
    REQUIRE(::utimensat(AT_FDCWD, (tree.root() / path).c_str(), static_cast<timespec const*>(times), 0) == 0);
}

} // namespace

TEST_CASE("files: size and time of those that are named, and of nothing else")
{
    Tree const tree;
    CHECK(make_files(tree.root())->list()->empty());
    tree.write("/srv/backup.tar", std::string(4321, 'x'));
    tree.write("/srv/other.tar", "x");
    tree.link("/srv/latest", "backup.tar");
    set_modified(tree, "/srv/backup.tar", {.tv_sec = 1'700'000'000, .tv_nsec = 123'456'789});
    tree.write(list_path,
               "# what must be fresh\n\n  /srv/backup.tar \r\n/srv\n/srv/latest\n/srv/backup.tar\n/srv/gone\n");
    auto const list = make_files(tree.root())->list();
    REQUIRE(list);
    REQUIRE(list->size() == 4);
    auto const& folder = (*list)[0];
    CHECK(folder.path == "/srv");
    CHECK(*folder.exists);
    CHECK(*folder.kind == "folder");
    CHECK(reason(folder.size_bytes.error()) == "not_supported");
    CHECK(*folder.modified_ms > 1'700'000'000'000);
    auto const& file = (*list)[1];
    CHECK(file.path == "/srv/backup.tar");
    CHECK(*file.exists);
    CHECK(*file.kind == "file");
    CHECK(*file.size_bytes == 4321);
    CHECK(*file.modified_ms == 1'700'000'000'123);
    auto const& gone = (*list)[2];
    CHECK(gone.path == "/srv/gone");
    CHECK_FALSE(*gone.exists);
    CHECK(reason(gone.size_bytes.error()) == "not_found");
    CHECK(reason(gone.modified_ms.error()) == "not_found");
    CHECK(*(*list)[3].size_bytes == 4321);
}

TEST_CASE("files: what cannot be looked at is unknown with its reason, what cannot be there does not exist")
{
    Tree const tree;
    tree.write("/srv/file", "");
    CHECK(*only(tree, "/srv/file").size_bytes == 0);
    CHECK_FALSE(*only(tree, "/srv/file/below").exists);
    tree.link("/srv/nowhere", "gone");
    CHECK_FALSE(*only(tree, "/srv/nowhere").exists);
    tree.link("/srv/circle", "circle");
    CHECK_FALSE(only(tree, "/srv/circle").exists);
    CHECK_FALSE(only(tree, "/srv/circle").size_bytes);
    REQUIRE(::mkfifo((tree.root() / "/srv/pipe").c_str(), 0600) == 0);
    CHECK(*only(tree, "/srv/pipe").kind == "other");
    CHECK_FALSE(only(tree, "/srv/pipe").size_bytes);
    CHECK(reason(only(tree, "srv/file").exists.error()) == "bad_input");
    CHECK(reason(only(tree, "/" + std::string(512, 'x')).exists.error()) == "bad_input");
    // A sparse file is as large as it says.
    std::filesystem::resize_file(tree.root() / "/srv/file", 1ULL << 40);
    CHECK(*only(tree, "/srv/file").size_bytes == 1LL << 40);
    set_modified(tree, "/srv/file", {.tv_sec = -5, .tv_nsec = 0});
    CHECK(reason(only(tree, "/srv/file").modified_ms.error()) == "bad_message");
}

TEST_CASE("files: a list that is too long, too large or no file is an error that says what to do")
{
    Tree const tree;
    std::string paths;
    for (int i = 0; i < 100; ++i)
        paths += fmt::format("/srv/{}\n", i);
    tree.write(list_path, paths);
    CHECK(make_files(tree.root())->list()->size() == 100);
    tree.write(list_path, paths + "/srv/one-more\n");
    auto const list = make_files(tree.root())->list();
    REQUIRE_FALSE(list);
    CHECK(reason(list.error()) == "limit_exceeded");
    CHECK(list.error().trace == "files: /etc/rollcall-agent/files names 101 paths: leave at most 100");
    tree.write(list_path, std::string(70'000, '#'));
    CHECK(reason(make_files(tree.root())->list().error()) == "limit_exceeded");
    tree.remove(list_path);
    tree.folder(list_path);
    CHECK_FALSE(make_files(tree.root())->list());
    tree.remove(list_path);
    test::torment("/srv/a\n# b\n/srv/" + test::hostile_name() + "\n", [&](std::string_view text) {
        tree.write(list_path, text.substr(0, 4096));
        return make_files(tree.root())->list().has_value();
    });
}
