#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "platform/patches.hpp"
#include "platform/software.hpp"

/// What rpm and dnf print in the forms we ask them for: one line each, tabs between.
namespace rollcall::platform
{

/// For `rpm --query --all --queryformat`.
inline constexpr std::string_view rpm_format = "%{NAME}\t%{ARCH}\t%{EVR}\t%{VENDOR}\t%{SIZE}\n";
/// For `dnf repoquery --upgrades --queryformat`; dnf 4 adds a line end of its own.
inline constexpr std::string_view dnf_format = "%{name}\t%{arch}\t%{evr}\t%{repoid}\t%{downloadsize}\n";

/// Lines of rpm_format. Names are unique: "kernel-core 6.1-2" where several versions of one are installed,
/// "glibc.i686" where two architectures are.
[[nodiscard]] std::vector<Package> parse_rpm_list(std::string_view output);

/// Lines of dnf_format, with the versions that `installed` (lines of rpm_format) has; security is left not_yet_read.
[[nodiscard]] std::vector<Patch> parse_dnf_upgrades(std::string_view output, std::string_view installed);

/// Did it say nothing but that it never downloaded a list? Its exit code is 0 then.
[[nodiscard]] bool lacks_dnf_cache(std::string_view output, std::string_view errors);

/// The packages in a list of advisories: every word that ends with a known architecture ("bash-5.1.8-9.el9.x86_64"),
/// in whichever column this dnf has it.
[[nodiscard]] std::set<std::string, std::less<>> parse_dnf_advisories(std::string_view output);

/// Marks what an advisory names.
void mark_security(std::vector<Patch>& patches, std::set<std::string, std::less<>> const& advised,
                   std::string_view upgrades);

} // namespace rollcall::platform
