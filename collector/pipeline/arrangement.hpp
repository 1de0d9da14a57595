#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/pipeline/outcome.hpp"
#include "collector/store/records.hpp"

/// What may be said of folders, customers and contacts. Pure: each function names what is wrong, if anything is, and
/// takes the blanks around what was typed away.
namespace rollcall::pipeline
{

[[nodiscard]] std::optional<Refusal> wrong_with_line(std::string& text, std::string_view field, std::size_t most,
                                                     bool required);
[[nodiscard]] std::optional<Refusal> wrong_with(store::Customer& customer);
[[nodiscard]] std::optional<Refusal> wrong_with(store::Contact& contact);
[[nodiscard]] std::optional<Refusal> wrong_with(store::PinnedFields const& pinned);
/// Of a folder that is to be added, or to stand where `folder` says, among all of its customer.
[[nodiscard]] std::optional<Refusal> wrong_with(store::Folder const& folder, std::vector<store::Folder> const& all);
/// Does it lie in the folder `id`, however deep?
[[nodiscard]] bool is_below(store::Folder const& folder, std::string_view id, std::vector<store::Folder> const& all);
/// Of what lies in `folder` when that is to go into its parent.
[[nodiscard]] std::optional<Refusal> wrong_with_contents(store::Folder const& folder,
                                                         std::vector<store::Folder> const& all);

/// Fields of a customer that may stand above its page: these, and "custom:" with the name of a field of one's own.
[[nodiscard]] std::vector<std::string> const& pinnable_fields();

} // namespace rollcall::pipeline
