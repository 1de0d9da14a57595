#pragma once

#include <string>
#include <variant>

#include <doctest/doctest.h>

#include "collector/view/filter/parse.hpp"

/// A small list to filter, and how tests write and read expressions over it.
namespace rollcall::filter::testing
{

inline Subject const& machines()
{
    static Subject const subject{
        .name = "machines",
        .columns =
            {{.name = "name", .label = "Name", .type = Type::text, .meaning = {}},
             {.name = "patches", .label = "Patches", .type = Type::number, .unit = wire::Unit::count, .meaning = {}},
             {.name = "level",
              .label = "Level",
              .type = Type::word,
              .meaning = {},
              .words = {"low", "middle", "high"},
              .ranked = true},
             {.name = "agent", .label = "Agent", .type = Type::version, .meaning = {}},
             {.name = "waits", .label = "Waits", .type = Type::boolean, .meaning = {}},
             {.name = "seen", .label = "Seen", .type = Type::time, .meaning = {}},
             {.name = "address", .label = "Address", .type = Type::text, .meaning = {}},
             {.name = "size", .label = "Size", .type = Type::number, .unit = wire::Unit::bytes, .meaning = {}},
             {.name = "offset",
              .label = "Offset",
              .type = Type::number,
              .unit = wire::Unit::milliseconds,
              .meaning = {}}},
        .table_prefix = {}};
    return subject;
}

inline Expression read(std::string_view text, Subject const& subject = machines())
{
    auto parsed = parse(text, subject);
    CAPTURE(std::string(text));
    if (auto const* const fault = std::get_if<Fault>(&parsed)) FAIL(fault->message);
    return std::get<Expression>(std::move(parsed));
}

inline Fault fault_of(std::string_view text, Subject const& subject = machines())
{
    auto parsed = parse(text, subject);
    CAPTURE(std::string(text));
    REQUIRE(std::holds_alternative<Fault>(parsed));
    return std::get<Fault>(std::move(parsed));
}

} // namespace rollcall::filter::testing
