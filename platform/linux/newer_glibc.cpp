// What the libraries of g++ 12, made on Debian 12, ask of glibc beyond 2.31. Only programs for any Linux have this;
// there it stands before what a newer glibc offers under the same names, and does the same.

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <link.h>
#include <sys/random.h>

extern "C" {

/// glibc 2.32, <sys/single_threaded.h>: false is always right, and costs an atomic instruction.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the name is glibc's.
extern __attribute__((visibility("hidden"))) char __libc_single_threaded;
char __libc_single_threaded = 0; // NOLINT(bugprone-reserved-identifier): the name is glibc's.

/// glibc 2.36, arc4random(3), which cannot fail: for std::random_device.
__attribute__((visibility("hidden"))) std::uint32_t arc4random();

/// glibc 2.35, <dlfcn.h>: the answer to _dl_find_object, in glibc's own layout.
struct RollcallFoundObject {
    unsigned long long flags;
    void* map_start;
    void* map_end;
    link_map* map;
    void* exception_table;
    unsigned long long reserved[7];
};

/// Which loaded object holds this address, and where is its .eh_frame_hdr: what libgcc asks for each frame that an
/// exception passes. 0 where there is one, -1 where there is none.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the name is glibc's.
__attribute__((visibility("hidden"))) int _dl_find_object(void* address, RollcallFoundObject* found);
}

std::uint32_t arc4random()
{
    std::uint32_t number = 0;
    // Up to 256 bytes come whole once the kernel has gathered enough (getrandom(2)); before that it is waited for, and
    // only a signal ends the wait.
    while (::getrandom(&number, sizeof number, 0) != sizeof number)
        if (errno != EINTR) std::abort();
    return number;
}

namespace
{

struct Search {
    std::uintptr_t address;
    RollcallFoundObject* found;
};

/// For dl_iterate_phdr(3); 1 ends it.
int look_at_object(dl_phdr_info* object, std::size_t /*bytes*/, void* data)
{
    auto const& search = *static_cast<Search*>(data);
    bool holds = false;
    std::uintptr_t first = UINTPTR_MAX;
    std::uintptr_t last = 0;
    std::uintptr_t table = 0;
    for (std::size_t i = 0; i < object->dlpi_phnum; ++i) {
        auto const& header = object->dlpi_phdr[i];
        auto const start = object->dlpi_addr + header.p_vaddr;
        if (header.p_type == PT_GNU_EH_FRAME) table = start;
        if (header.p_type != PT_LOAD) continue;
        auto const end = start + header.p_memsz;
        if (start <= search.address && search.address < end) holds = true;
        if (start < first) first = start;
        if (end > last) last = end;
    }
    if (!holds || table == 0) return 0;
    *search.found = {};
    search.found->map_start = reinterpret_cast<void*>(first);
    search.found->map_end = reinterpret_cast<void*>(last);
    search.found->exception_table = reinterpret_cast<void*>(table);
    return 1;
}

} // namespace

// NOLINTNEXTLINE(bugprone-reserved-identifier): the name is glibc's.
int _dl_find_object(void* address, RollcallFoundObject* found)
{
    Search search{.address = reinterpret_cast<std::uintptr_t>(address), .found = found};
    return ::dl_iterate_phdr(look_at_object, &search) == 1 ? 0 : -1;
}
