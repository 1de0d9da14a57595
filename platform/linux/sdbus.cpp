#include "platform/linux/sdbus.hpp"

#include <cerrno>

#include <dlfcn.h>

#include <fmt/format.h>

#include "platform/linux/libsystemd.hpp"

namespace rollcall::platform::sdbus
{

static Result<Library> load()
{
    auto const handle = load_libsystemd("D-Bus");
    if (!handle) return handle.error();
    Library lib;
    char const* missing = nullptr;
#define ROLLCALL_SDBUS_RESOLVE(name)                                                                                   \
    lib.name = reinterpret_cast<decltype(&::name)>(::dlsym(*handle, #name));                                           \
    if (lib.name == nullptr) missing = #name;
    ROLLCALL_SDBUS_FUNCTIONS(ROLLCALL_SDBUS_RESOLVE)
#undef ROLLCALL_SDBUS_RESOLVE
    if (missing != nullptr) return fail(errc::not_supported, fmt::format("D-Bus: libsystemd lacks {}", missing));
    return lib;
}

Result<Library const*> library()
{
    static Result<Library> const loaded = load();
    if (!loaded) return loaded.error();
    return &*loaded;
}

void Message::check(int code)
{
    if (code < 0) good_ = false;
}

bool Message::enter(char type, char const* contents)
{
    if (!good_) return false;
    int const code = lib_->sd_bus_message_enter_container(raw_, type, contents);
    check(code);
    return code > 0;
}

void Message::leave()
{
    if (good_) check(lib_->sd_bus_message_exit_container(raw_));
}

void Message::skip(char const* types)
{
    if (good_) check(lib_->sd_bus_message_skip(raw_, types));
}

std::string Message::text(char type)
{
    char const* value = nullptr;
    if (good_) check(lib_->sd_bus_message_read_basic(raw_, type, &value));
    return value == nullptr ? std::string() : std::string(value);
}

std::uint64_t Message::number(char type)
{
    std::uint64_t wide = 0;
    std::uint32_t narrow = 0;
    if (good_) check(lib_->sd_bus_message_read_basic(raw_, type, type == 'u' ? static_cast<void*>(&narrow) : &wide));
    return type == 'u' ? narrow : wide;
}

bool Message::boolean()
{
    int value = 0;
    if (good_) check(lib_->sd_bus_message_read_basic(raw_, 'b', &value));
    return value != 0;
}

std::vector<std::string> Message::texts()
{
    std::vector<std::string> found;
    if (!enter('a', "s")) return found;
    for (;;) {
        char const* value = nullptr;
        int const code = lib_->sd_bus_message_read_basic(raw_, 's', &value);
        check(code);
        if (code <= 0) break;
        found.emplace_back(value);
    }
    leave();
    return found;
}

std::string Message::variant_type()
{
    char type = 0;
    char const* contents = nullptr;
    if (!good_ || lib_->sd_bus_message_peek_type(raw_, &type, &contents) <= 0 || type != 'v') return {};
    return contents == nullptr ? std::string() : std::string(contents);
}

Result<Bus> Bus::open_system()
{
    auto const lib = library();
    if (!lib) return lib.error();
    sd_bus* raw = nullptr;
    int const code = (*lib)->sd_bus_open_system(&raw);
    if (code == -ENOENT || code == -ECONNREFUSED) return fail(errc::not_supported, "D-Bus: no system bus runs");
    if (code < 0) return fail_errno(-code, "D-Bus: system bus");
    Bus bus(**lib, raw);
    bus.lib_->sd_bus_set_method_call_timeout(raw, call_limit_us);
    return bus;
}

Result<Message> Bus::property(char const* service, char const* path, char const* interface, char const* member,
                              char const* type)
{
    sd_bus_error error{};
    sd_bus_message* reply = nullptr;
    int const code = lib_->sd_bus_get_property(raw_, service, path, interface, member, &error, &reply, type);
    return outcome(code, error, reply, member);
}

Result<Message> Bus::outcome(int code, sd_bus_error& error, sd_bus_message* reply, char const* member) const
{
    if (code >= 0) return Message(*lib_, reply);
    std::string_view const name = error.name == nullptr ? "" : error.name;
    auto why = fail_errno(-code, fmt::format("D-Bus: {}", member));
    if (error.message != nullptr) why.trace = fmt::format("D-Bus: {}: {}", member, error.message);
    if (name.ends_with(".ServiceUnknown") || name.ends_with(".NameHasNoOwner") || name.ends_with(".UnknownMethod"))
        why.code = make_error_code(errc::not_supported);
    if (name.ends_with(".AccessDenied")) why.code = make_error_code(errc::permission_denied);
    if (name.ends_with(".NoReply") || name.ends_with(".TimedOut") || name.ends_with(".Timeout"))
        why.code = make_error_code(errc::timed_out);
    lib_->sd_bus_error_free(&error);
    return why;
}

} // namespace rollcall::platform::sdbus
