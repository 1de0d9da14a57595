#pragma once

#include <functional>
#include <string>
#include <variant>

#include "collector/store/records.hpp"
#include "common/core/result.hpp"

namespace rollcall::pipeline
{

/// Why a request of a person or a script was not done, ready for problem+json.
struct Refusal {
    errc code{};
    std::string field;  ///< Which input is wrong; "" = none in particular.
    std::string detail; ///< One sentence.
    std::string remedy; ///< What to do about it.
};

template <class T>
using Outcome = std::variant<T, Refusal>;

/// Called exactly once, on the writer's thread (or at once, on the caller's, where the input is plainly wrong or the
/// queue is full): hand on, do not block.
template <class T>
using Done = std::function<void(Outcome<T>)>;

/// A token with its secret, which is known only now.
struct MadeToken {
    store::EnrolmentToken token;
    std::string secret; ///< Goes into wire::TokenContent::secret.
};

} // namespace rollcall::pipeline
