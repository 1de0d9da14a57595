#include <charconv>

#include <fmt/format.h>

#include "agent/probe/first_seen.hpp"
#include "agent/probe/probe.hpp"

namespace rollcall::probe
{

FirstSeen FirstSeen::parse(std::string_view text)
{
    FirstSeen seen;
    while (!text.empty()) {
        auto const end = text.find('\n');
        auto const line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        auto const tab = line.rfind('\t');
        if (tab == std::string_view::npos || line.find('\t') == tab) continue;
        auto const digits = line.substr(tab + 1);
        UnixMs first_ms = 0;
        auto const [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), first_ms);
        if (error != std::errc{} || stop != digits.data() + digits.size() || first_ms <= 0) continue;
        seen.entries_.insert_or_assign(std::string(line.substr(0, tab)), Entry{.first_ms = first_ms, .seen = false});
    }
    return seen;
}

std::string FirstSeen::text() const
{
    std::string lines;
    for (auto const& [key, entry] : entries_)
        lines += fmt::format("{}\t{}\n", key, entry.first_ms);
    return lines;
}

UnixMs FirstSeen::see(std::string_view package, std::string_view version, UnixMs now_ms)
{
    auto& entry = entries_[fmt::format("{}\t{}", package, version)];
    entry.seen = true;
    if (entry.first_ms == 0 || entry.first_ms > now_ms) entry.first_ms = now_ms;
    return entry.first_ms;
}

void FirstSeen::forget_unseen()
{
    std::erase_if(entries_, [](auto const& item) { return !item.second.seen; });
}

namespace
{

class PatchesReader final : public Reader
{
public:
    explicit PatchesReader(Context context)
        : context_(std::move(context))
    {
    }
    [[nodiscard]] Result<Snapshot> read() override
    {
        static constexpr std::string_view key = "patches.first_seen";
        auto const patches = context_.machine->patches->list();
        if (!patches) return patches.error();
        auto const remembered = context_.memory->get(key).value_or("");
        auto seen = FirstSeen::parse(remembered);
        auto const now_ms = context_.clock->now_ms();
        Snapshot rows;
        for (auto const& patch : *patches)
            rows[patch.package] = {{"installed_version", patch.installed_version},
                                   {"available_version", patch.available_version},
                                   {"security", value_or_unknown(patch.security)},
                                   {"size_bytes", value_or_unknown(patch.size_bytes)},
                                   {"origin", patch.origin},
                                   {"since_ms", seen.see(patch.package, patch.available_version, now_ms)}};
        seen.forget_unseen();
        if (auto text = seen.text(); text != remembered) context_.memory->put(key, std::move(text));
        return rows;
    }

private:
    Context context_;
};

} // namespace

std::unique_ptr<Reader> make_patches_reader(Context const& context) { return std::make_unique<PatchesReader>(context); }

} // namespace rollcall::probe
