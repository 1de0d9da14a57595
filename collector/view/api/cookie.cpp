#include "collector/view/api/cookie.hpp"

namespace rollcall::api
{

std::string_view header(gateway::HttpRequest const& request, std::string_view name)
{
    auto const found = request.headers.find(name);
    return found == request.headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string cookie_of(gateway::HttpRequest const& request)
{
    auto rest = header(request, "cookie");
    while (!rest.empty()) {
        auto const end = rest.find(';');
        auto pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        while (pair.starts_with(' '))
            pair.remove_prefix(1);
        if (pair.starts_with(cookie_name) && pair.substr(cookie_name.size()).starts_with('='))
            return std::string(pair.substr(cookie_name.size() + 1));
    }
    return {};
}

static constexpr std::string_view attributes = "; Path=/; Secure; HttpOnly; SameSite=Strict";

std::string set_cookie(std::string_view value, std::int64_t seconds)
{
    return std::string(cookie_name)
        .append("=")
        .append(value)
        .append(attributes)
        .append("; Max-Age=")
        .append(std::to_string(seconds));
}

std::string clear_cookie() { return std::string(cookie_name).append("=").append(attributes).append("; Max-Age=0"); }

/// Lower case, and without the port that https means anyhow.
static std::string normal(std::string_view host)
{
    std::string name(host);
    for (auto& letter : name)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter | 0x20);
    static constexpr std::string_view usual = ":443";
    if (name.ends_with(usual)) name.resize(name.size() - usual.size());
    return name;
}

bool same_origin(gateway::HttpRequest const& request)
{
    static constexpr std::string_view scheme = "https://";
    auto const origin = header(request, "origin");
    auto const host = header(request, "host");
    return !host.empty() && origin.starts_with(scheme) && normal(origin.substr(scheme.size())) == normal(host);
}

} // namespace rollcall::api
