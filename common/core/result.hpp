#pragma once

#include <string>
#include <string_view>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace rollcall
{

/// What went wrong, in the terms the product decides by. Anything finer is text in Error::trace.
enum class errc {
    not_supported = 1, ///< This system, or this build, has no answer.
    permission_denied, ///< The answer exists, but not for us.
    timed_out,         ///< A limit of time was reached.
    not_yet_read,      ///< Nobody has asked yet.
    not_found,         ///< The named thing is not there.
    bad_message,       ///< Bytes from outside do not fit what was agreed.
    bad_input,         ///< A person or a script asked for something impossible.
    limit_exceeded,    ///< A named limit was reached.
    refused,           ///< The other side, or a rule, said no.
    conflict,          ///< It collides with what is there.
    unauthenticated,   ///< Nobody we know.
    io,                ///< The disk, the network or the system failed.
    busy,              ///< Try again later.
    cancelled,         ///< We were told to stop.
    corrupt,           ///< Stored bytes are not what was stored.
};

boost::system::error_category const& rollcall_category() noexcept;
boost::system::error_code make_error_code(errc value) noexcept;

/// The word that stands on the wire and on the screen for an unknown value: "timed_out".
std::string_view to_string(errc value) noexcept;

/// Why it failed (`code`: programs compare it) and where (`trace`: people read it).
struct Error {
    boost::system::error_code code;
    std::string trace; ///< Grows outwards: "uplink: connect: 10.0.0.7:8443: connection refused".
};

[[noreturn]] void throw_exception_from_error(Error const& error, boost::source_location const& where);

/// Value or Error. Dropping one is a compiler warning.
/// Only this file names the base class, so std::expected can replace it (C++23).
template <class T = void>
class [[nodiscard]] Result : public boost::system::result<T, Error>
{
public:
    using boost::system::result<T, Error>::result;
};

/// Starts an error.
Error fail(boost::system::error_code code, std::string step);
Error fail(errc code, std::string step);
/// Passes one up with the caller's step in front.
Error fail(Error inner, std::string_view step);
/// Starts an error from the system's errno, with its text.
Error fail_errno(int number, std::string_view step);

/// The product's word for any error code: what `unknown` says as its reason.
std::string_view reason(Error const& error) noexcept;

} // namespace rollcall

template <>
struct boost::system::is_error_code_enum<rollcall::errc> : std::true_type {
};
