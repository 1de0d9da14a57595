#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"
#include "common/core/result.hpp"
#include "common/net/tls.hpp"

namespace rollcall::gateway
{

/// How long certificates live.
inline constexpr int ca_days = 3650;
/// A next CA is made when the last one has fewer days left: from then on devices that enrol or renew are told of both.
inline constexpr int ca_overlap_days = 730;
/// The server's certificate is of the old CA until that has fewer days left: until then it is good for whoever knows
/// only the old one.
inline constexpr int ca_switch_days = 30;
/// What a CA signed is known for so long after its end: the two years in which a device may come back and renew
/// (pipeline::renewal_grace).
inline constexpr int ca_trusted_days_after = 730;
/// What browsers accept at most is 398.
inline constexpr int server_days = 397;
inline constexpr int device_days = 365;
/// The server's certificate is made anew when it has fewer days left.
inline constexpr int server_renew_days = 60;

/// What the listening end shows and whom it believes; private keys are in it: never log it.
struct TlsMaterial {
    std::string key_pem;
    std::string chain_pem; ///< The server's certificate, then the CA's: enrolment pins the CA by its fingerprint.
    std::string ca_pem;    ///< Those whose signature makes a device: the server's, the next, and those of before.
};

struct DeviceCertificate {
    std::string pem;
    std::string fingerprint; ///< SHA-256 of the DER, as AgentPeer::fingerprint.
    UnixMs issued_ms{};      ///< Its beginning, as AgentPeer::issued_ms.
};

/// The names a person or an agent on another machine may use for this one: host name, and the addresses of its
/// interfaces (no loopback, no link-local ones).
[[nodiscard]] std::vector<std::string> machine_names();

/// The collector's own certificate authority, in its data folder: ca.key, ca.pem, server.key, server.pem. Towards the
/// end of a CA its files hold the next one, too (README.md).
///
/// Owns: the CA's key.  Threads: any, once opened.  Blocks: open() on the disk; sign() computes.
class Authority
{
public:
    /// Opens what is there and makes what is missing. `names` (host names and addresses) are put into the server's
    /// certificate beside localhost, 127.0.0.1 and ::1; it is made anew where they changed or its end is near, as is
    /// the CA in time. errc::permission_denied where a key file can be read by others, errc::corrupt where files do not
    /// parse or do not belong together, errc::io otherwise: always a sentence that says what to do.
    [[nodiscard]] static Result<std::unique_ptr<Authority>> open(std::filesystem::path const& folder,
                                                                 std::vector<std::string> const& names, UnixMs now);

    /// A certificate for the key in the request. Nothing of the request but its key is believed, and only P-256 keys
    /// are accepted (errc::bad_input). The device id, which is the subject's common name, must be a UUID.
    [[nodiscard]] Result<DeviceCertificate> sign(std::string_view request_pem, std::string_view device_id,
                                                 UnixMs now) const;

    /// SHA-256 of the DER of the CA that certified the server: what an enrolment token carries.
    [[nodiscard]] std::string const& fingerprint() const { return fingerprint_; }
    /// For devices: the CA of the server's certificate first, then the next one where there is one.
    [[nodiscard]] std::string const& ca_pem() const { return ca_pem_; }
    /// For Gateway::start.
    [[nodiscard]] TlsMaterial const& material() const { return material_; }

private:
    Authority() = default;

    net::Key key_;
    net::Certificate certificate_;
    std::string fingerprint_;
    std::string ca_pem_;
    TlsMaterial material_;
};

} // namespace rollcall::gateway
