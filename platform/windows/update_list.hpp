#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform/patches.hpp"

namespace rollcall::platform
{

/// A classification or product of the Windows Update Agent (ICategory).
struct UpdateCategory {
    std::string id;   ///< A GUID.
    std::string type; ///< "UpdateClassification", "Product" …
    std::string name; ///< In the system's language.
};

/// One update as IUpdate tells it.
struct AvailableUpdate {
    std::string id; ///< A GUID.
    std::string title;
    std::vector<std::string> kb_ids; ///< "5031358", without the letters.
    std::string severity;            ///< MsrcSeverity: "Critical" …; empty where the makers gave none.
    std::vector<UpdateCategory> categories;
    bool categories_known{};
    bool downloaded{};
    Fact<std::int64_t> download_bytes;
};

/// A title with the version at its end taken off: that of Defender's definitions is a new one every few hours.
struct UpdateTitle {
    std::string name;
    std::string version; ///< Empty where the title has none.
};
[[nodiscard]] UpdateTitle split_update_title(std::string_view title);

/// The list of patches; each name once. `source`: who was asked.
[[nodiscard]] std::vector<Patch> patches_of(std::vector<AvailableUpdate> const& updates, std::string_view source);

} // namespace rollcall::platform
