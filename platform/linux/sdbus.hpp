#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <systemd/sd-bus.h>

#include "platform/fact.hpp"

/// sd-bus, loaded when it is first asked for: the program also starts where libsystemd is absent.
namespace rollcall::platform::sdbus
{

/// No call to a system service may take longer.
inline constexpr std::uint64_t call_limit_us = 5'000'000;

/// The functions of libsystemd that we use, under their own names.
struct Library {
#define ROLLCALL_SDBUS_FUNCTIONS(X)                                                                                    \
    X(sd_bus_open_system)                                                                                              \
    X(sd_bus_flush_close_unref)                                                                                        \
    X(sd_bus_set_method_call_timeout)                                                                                  \
    X(sd_bus_call_method)                                                                                              \
    X(sd_bus_get_property)                                                                                             \
    X(sd_bus_match_signal)                                                                                             \
    X(sd_bus_process)                                                                                                  \
    X(sd_bus_get_fd)                                                                                                   \
    X(sd_bus_get_events)                                                                                               \
    X(sd_bus_get_timeout)                                                                                              \
    X(sd_bus_error_free)                                                                                               \
    X(sd_bus_message_unref)                                                                                            \
    X(sd_bus_message_enter_container)                                                                                  \
    X(sd_bus_message_exit_container)                                                                                   \
    X(sd_bus_message_read_basic)                                                                                       \
    X(sd_bus_message_skip)                                                                                             \
    X(sd_bus_message_peek_type)                                                                                        \
    X(sd_bus_message_get_member)                                                                                       \
    X(sd_bus_message_get_path)
// NOLINTNEXTLINE(bugprone-macro-parentheses): a member's name takes none.
#define ROLLCALL_SDBUS_MEMBER(name) decltype(&::name) name{};
    ROLLCALL_SDBUS_FUNCTIONS(ROLLCALL_SDBUS_MEMBER)
#undef ROLLCALL_SDBUS_MEMBER
};

/// not_supported where libsystemd, or one of its functions, is missing.
[[nodiscard]] Result<Library const*> library();

/// A reply, read from front to back. After a read that does not fit, everything reads as empty and `good` is false.
///
/// Owns: one reference to the message.  Threads: one at a time.  Blocks: no.
class Message
{
public:
    Message(Library const& lib, sd_bus_message* raw)
        : lib_(&lib)
        , raw_(raw)
    {
    }
    ~Message()
    {
        if (raw_ != nullptr) lib_->sd_bus_message_unref(raw_);
    }
    Message(Message&& other) noexcept
        : lib_(other.lib_)
        , raw_(std::exchange(other.raw_, nullptr))
        , good_(other.good_)
    {
    }
    Message(Message const&) = delete;
    Message& operator=(Message const&) = delete;
    Message& operator=(Message&&) = delete;

    /// Steps into the next container; false at the end of the array around it.
    bool enter(char type, char const* contents);
    void leave();
    void skip(char const* types);
    [[nodiscard]] std::string text(char type = 's');
    [[nodiscard]] std::uint64_t number(char type = 't');
    [[nodiscard]] bool boolean();
    [[nodiscard]] std::vector<std::string> texts();
    /// The type of what comes next within a variant: "s", "(uo)"; empty where it is none.
    [[nodiscard]] std::string variant_type();
    [[nodiscard]] bool good() const { return good_; }

private:
    void check(int code);

    Library const* lib_;
    sd_bus_message* raw_;
    bool good_{true};
};

/// A connection to the system bus.
///
/// Owns: the connection.  Threads: one at a time.  Blocks: each call, up to call_limit_us.
class Bus
{
public:
    /// not_supported where there is no libsystemd or no system bus.
    [[nodiscard]] static Result<Bus> open_system();

    ~Bus()
    {
        if (raw_ != nullptr) lib_->sd_bus_flush_close_unref(raw_);
    }
    Bus(Bus&& other) noexcept
        : lib_(other.lib_)
        , raw_(std::exchange(other.raw_, nullptr))
    {
    }
    Bus& operator=(Bus&& other) noexcept
    {
        std::swap(lib_, other.lib_);
        std::swap(raw_, other.raw_);
        return *this;
    }
    Bus(Bus const&) = delete;
    Bus& operator=(Bus const&) = delete;

    /// not_supported where nobody on the bus has that name.
    template <class... Arguments>
    [[nodiscard]] Result<Message> call(char const* service, char const* path, char const* interface, char const* member,
                                       char const* types, Arguments... arguments)
    {
        sd_bus_error error{};
        sd_bus_message* reply = nullptr;
        int const code =
            lib_->sd_bus_call_method(raw_, service, path, interface, member, &error, &reply, types, arguments...);
        return outcome(code, error, reply, member);
    }
    [[nodiscard]] Result<Message> property(char const* service, char const* path, char const* interface,
                                           char const* member, char const* type);

    [[nodiscard]] Library const& lib() const { return *lib_; }
    [[nodiscard]] sd_bus* raw() const { return raw_; }

private:
    Bus(Library const& lib, sd_bus* raw)
        : lib_(&lib)
        , raw_(raw)
    {
    }
    [[nodiscard]] Result<Message> outcome(int code, sd_bus_error& error, sd_bus_message* reply,
                                          char const* member) const;

    Library const* lib_;
    sd_bus* raw_;
};

} // namespace rollcall::platform::sdbus
