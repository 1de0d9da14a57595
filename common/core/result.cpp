#include "common/core/result.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace rollcall
{

std::string_view to_string(errc value) noexcept
{
    switch (value) {
    case errc::not_supported:
        return "not_supported";
    case errc::permission_denied:
        return "permission_denied";
    case errc::timed_out:
        return "timed_out";
    case errc::not_yet_read:
        return "not_yet_read";
    case errc::not_found:
        return "not_found";
    case errc::bad_message:
        return "bad_message";
    case errc::bad_input:
        return "bad_input";
    case errc::limit_exceeded:
        return "limit_exceeded";
    case errc::refused:
        return "refused";
    case errc::conflict:
        return "conflict";
    case errc::unauthenticated:
        return "unauthenticated";
    case errc::io:
        return "io";
    case errc::busy:
        return "busy";
    case errc::cancelled:
        return "cancelled";
    case errc::corrupt:
        return "corrupt";
    }
    return "io";
}

namespace
{

// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): final, and one for the whole program.
class Category final : public boost::system::error_category
{
public:
    [[nodiscard]] char const* name() const noexcept override { return "rollcall"; }
    [[nodiscard]] std::string message(int value) const override
    {
        return std::string(to_string(static_cast<errc>(value)));
    }
};

} // namespace

boost::system::error_category const& rollcall_category() noexcept
{
    static Category const category;
    return category;
}

boost::system::error_code make_error_code(errc value) noexcept
{
    return {static_cast<int>(value), rollcall_category()};
}

void throw_exception_from_error(Error const& error, boost::source_location const& /*where*/)
{
    throw std::runtime_error(error.trace);
}

Error fail(boost::system::error_code code, std::string step)
{
    if (code.category() == rollcall_category()) return {code, std::move(step)};
    return {code, fmt::format("{}: {}", step, code.message())};
}

Error fail(errc code, std::string step) { return {make_error_code(code), std::move(step)}; }

Error fail(Error inner, std::string_view step)
{
    inner.trace = fmt::format("{}: {}", step, inner.trace);
    return inner;
}

Error fail_errno(int number, std::string_view step)
{
    // Not the system's category, whose numbers are others on some systems.
    boost::system::error_code const code(number, boost::system::generic_category());
    return {code, fmt::format("{}: {}", step, code.message())};
}

std::string_view reason(Error const& error) noexcept
{
    if (error.code.category() == rollcall_category()) return to_string(static_cast<errc>(error.code.value()));
    namespace posix = boost::system::errc;
    if (error.code == posix::permission_denied || error.code == posix::operation_not_permitted)
        return to_string(errc::permission_denied);
    if (error.code == posix::timed_out) return to_string(errc::timed_out);
    if (error.code == posix::no_such_file_or_directory) return to_string(errc::not_found);
    if (error.code == posix::function_not_supported || error.code == posix::not_supported)
        return to_string(errc::not_supported);
    return to_string(errc::io);
}

} // namespace rollcall
