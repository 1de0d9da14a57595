#include "platform/macos/io_registry.hpp"

#include <cstdint>
#include <memory>

#include <dlfcn.h>

#include <fmt/format.h>

namespace rollcall::platform
{

namespace
{

// Declared here: toolchains without Apple's SDK have no headers of the frameworks. Names and arguments as IOKitLib.h,
// CFString.h, CFPropertyList.h and CFData.h have them.
using CfType = void const*;
using CfIndex = long;
using MachPort = unsigned int;

constexpr std::uint32_t utf8_encoding = 0x08000100; // kCFStringEncodingUTF8
constexpr CfIndex binary_format = 200;              // kCFPropertyListBinaryFormat_v1_0
constexpr MachPort main_port = 0;                   // kIOMainPortDefault
constexpr std::uint32_t upwards = 3;                // kIORegistryIterateRecursively | kIORegistryIterateParents
constexpr char const* service_plane = "IOService";

/// The functions that are called, all of them or none.
struct Frameworks {
    CfType (*string_create)(CfType allocator, char const* text, std::uint32_t encoding){};
    CfType (*list_create_data)(CfType allocator, CfType list, CfIndex format, unsigned long options, CfType* error){};
    unsigned char const* (*data_bytes)(CfType data){};
    CfIndex (*data_length)(CfType data){};
    void (*release)(CfType object){};
    CfType (*matching)(char const* name){};
    int (*matching_services)(MachPort port, CfType matching, MachPort* iterator){};
    MachPort (*next)(MachPort iterator){};
    MachPort (*root_entry)(MachPort port){};
    CfType (*search_property)(MachPort entry, char const* plane, CfType key, CfType allocator, std::uint32_t options){};
    int (*object_release)(MachPort object){};
    bool complete{};
};

template <class Function>
bool find_function(void* library, char const* name, Function& function)
{
    function = reinterpret_cast<Function>(::dlsym(library, name));
    return function != nullptr;
}

Frameworks load_frameworks()
{
    Frameworks found;
    // Never closed: they stay for as long as the program runs.
    auto* const core = ::dlopen("/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation", RTLD_LAZY);
    auto* const io = ::dlopen("/System/Library/Frameworks/IOKit.framework/IOKit", RTLD_LAZY);
    if (core == nullptr || io == nullptr) return found;
    found.complete = find_function(core, "CFStringCreateWithCString", found.string_create) &&
                     find_function(core, "CFPropertyListCreateData", found.list_create_data) &&
                     find_function(core, "CFDataGetBytePtr", found.data_bytes) &&
                     find_function(core, "CFDataGetLength", found.data_length) &&
                     find_function(core, "CFRelease", found.release) &&
                     find_function(io, "IOServiceMatching", found.matching) &&
                     find_function(io, "IOServiceGetMatchingServices", found.matching_services) &&
                     find_function(io, "IOIteratorNext", found.next) &&
                     find_function(io, "IORegistryGetRootEntry", found.root_entry) &&
                     find_function(io, "IORegistryEntrySearchCFProperty", found.search_property) &&
                     find_function(io, "IOObjectRelease", found.object_release);
    return found;
}

Frameworks const& frameworks()
{
    static auto const loaded = load_frameworks();
    return loaded;
}

struct ReleaseType {
    void operator()(void const* object) const
    {
        if (object != nullptr) frameworks().release(object);
    }
};
using CfOwner = std::unique_ptr<void const, ReleaseType>;

/// A reference to an object of the kernel.
class IoOwner
{
public:
    explicit IoOwner(MachPort port)
        : port_(port)
    {
    }
    ~IoOwner()
    {
        if (port_ != 0) frameworks().object_release(port_);
    }
    IoOwner(IoOwner const&) = delete;
    IoOwner& operator=(IoOwner const&) = delete;
    [[nodiscard]] MachPort get() const { return port_; }

private:
    MachPort port_;
};

/// Through the binary form of property lists, so that one reader knows all kinds of values.
Result<plist::Value> io_property_of(MachPort entry, std::string const& key)
{
    auto const& api = frameworks();
    CfOwner const name(api.string_create(nullptr, key.c_str(), utf8_encoding));
    if (!name) return fail(errc::bad_input, fmt::format("io_registry: {}", key));
    CfOwner const value(api.search_property(entry, service_plane, name.get(), nullptr, upwards));
    if (!value) return fail(errc::not_found, fmt::format("io_registry: {}", key));
    CfOwner const data(api.list_create_data(nullptr, value.get(), binary_format, 0, nullptr));
    if (!data) return fail(errc::bad_message, fmt::format("io_registry: {} is no property list", key));
    auto const length = api.data_length(data.get());
    auto const* const bytes = reinterpret_cast<char const*>(api.data_bytes(data.get()));
    if (length <= 0 || bytes == nullptr) return fail(errc::bad_message, fmt::format("io_registry: {}", key));
    auto read = plist::parse({bytes, static_cast<std::size_t>(length)});
    if (!read) return fail(read.error(), fmt::format("io_registry: {}", key));
    return read;
}

} // namespace

Result<std::vector<plist::Value>> io_services(std::string const& service_class, std::vector<std::string> const& keys)
{
    auto const& api = frameworks();
    if (!api.complete) return fail(errc::not_supported, "io_registry: IOKit is not there");
    // The call below takes this reference over.
    auto const matching = api.matching(service_class.c_str());
    if (matching == nullptr) return fail(errc::io, fmt::format("io_registry: IOServiceMatching {}", service_class));
    MachPort number = 0;
    if (auto const failed = api.matching_services(main_port, matching, &number); failed != 0)
        return fail(errc::io,
                    fmt::format("io_registry: {}: error {:#x}", service_class, static_cast<unsigned>(failed)));
    IoOwner const iterator(number);
    std::vector<plist::Value> services;
    while (auto const one = api.next(iterator.get())) {
        IoOwner const service(one);
        plist::Dictionary facts;
        for (auto const& key : keys)
            if (auto value = io_property_of(service.get(), key)) facts.add(key, *std::move(value));
        services.emplace_back(std::move(facts));
    }
    return services;
}

Result<plist::Value> io_root_property(std::string const& key)
{
    auto const& api = frameworks();
    if (!api.complete) return fail(errc::not_supported, "io_registry: IOKit is not there");
    IoOwner const root(api.root_entry(main_port));
    if (root.get() == 0) return fail(errc::io, "io_registry: no root");
    return io_property_of(root.get(), key);
}

} // namespace rollcall::platform
