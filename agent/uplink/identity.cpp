#include "agent/uplink/identity.hpp"

#include <array>
#include <system_error>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "common/core/ids.hpp"
#include "common/net/address.hpp"
#include "platform/secret_file.hpp"

namespace rollcall::uplink
{

static std::filesystem::path file_in(std::filesystem::path const& folder) { return folder / "identity.json"; }

/// Every field of the file and where it goes: reading and writing walk the same table.
static auto fields_of(auto& identity)
{
    return std::array{std::pair{"address", &identity.address}, std::pair{"device_id", &identity.device_id},
                      std::pair{"key_pem", &identity.tls.key_pem},
                      std::pair{"certificate_pem", &identity.tls.certificate_pem},
                      std::pair{"ca_pem", &identity.tls.ca_pem}};
}

bool has_identity(std::filesystem::path const& folder)
{
    std::error_code ignored;
    return std::filesystem::exists(file_in(folder), ignored);
}

Result<Identity> load_identity(std::filesystem::path const& folder)
{
    auto const path = file_in(folder).string();
    auto const text = platform::read_secret_file(path);
    if (!text) {
        if (reason(text.error()) == to_string(errc::not_found))
            return fail(errc::not_found,
                        fmt::format("{}: this device is not enrolled: run rollcall-agent enrol", path));
        return text.error();
    }
    boost::system::error_code failed;
    auto const json = boost::json::parse(*text, failed);
    auto const* const object = failed ? nullptr : json.if_object();
    if (object == nullptr)
        return fail(errc::corrupt,
                    fmt::format("{}: not JSON: run rollcall-agent enrol --replace with a new token", path));

    Identity identity;
    for (auto const& [name, field] : fields_of(identity)) {
        auto const* const value = object->if_contains(name);
        auto const* const word = value == nullptr ? nullptr : value->if_string();
        if (word == nullptr || word->empty())
            return fail(
                errc::corrupt,
                fmt::format("{}: {} is missing: run rollcall-agent enrol --replace with a new token", path, name));
        *field = std::string(*word);
    }
    if (auto const address = net::parse_address(identity.address); !address) return fail(address.error(), path);
    if (!is_uuid(identity.device_id)) return fail(errc::corrupt, fmt::format("{}: device_id is no UUID", path));
    return identity;
}

Result<> save_identity(std::filesystem::path const& folder, Identity const& identity)
{
    boost::json::object object;
    for (auto const& [name, field] : fields_of(identity))
        object[name] = *field;
    auto const written = platform::write_secret_file(file_in(folder).string(), boost::json::serialize(object) + "\n");
    if (!written) return fail(written.error(), "save the identity");
    return {};
}

Result<> replace_identity(std::filesystem::path const& folder, Identity const& old, Identity const& fresh)
{
    auto const there = load_identity(folder);
    if (!there) return fail(there.error(), "replace the identity");
    if (there->tls.certificate_pem != old.tls.certificate_pem)
        return fail(errc::conflict, "replace the identity: the machine was enrolled again meanwhile");
    return save_identity(folder, fresh);
}

Result<> check_identity(Identity const& identity)
{
    auto const usable = net::make_agent_context(identity.tls);
    if (!usable) return usable.error();
    auto const certificate = net::certificate_from_pem(identity.tls.certificate_pem);
    if (!certificate) return certificate.error();
    if (net::common_name(**certificate) != identity.device_id)
        return fail(errc::bad_message, "certificate_pem: issued for another device");
    return {};
}

} // namespace rollcall::uplink
