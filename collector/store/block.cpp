#include "collector/store/block.hpp"

#include <algorithm>
#include <map>
#include <new>
#include <optional>
#include <utility>

#include <zstd.h>

#include "collector/store/packing.hpp"

namespace rollcall::store
{

namespace
{

constexpr char block_format_1 = 1;
constexpr int compression_level = 6;

/// What a cell is. From kind_texts on: an unknown's reason (even) or a text (odd) by its place among the texts.
constexpr std::uint64_t kind_absent = 0;
constexpr std::uint64_t kind_integer = 1;
constexpr std::uint64_t kind_real = 2;
constexpr std::uint64_t kind_false = 3;
constexpr std::uint64_t kind_true = 4;
constexpr std::uint64_t kind_texts = 5;

/// Equal things in a row, counted.
class Runs
{
public:
    void add(std::uint64_t what)
    {
        if (runs_.empty() || runs_.back().first != what) runs_.emplace_back(what, 0);
        ++runs_.back().second;
    }
    void put(std::string& out) const
    {
        put_number(out, runs_.size());
        for (auto const& [what, length] : runs_) {
            put_number(out, what);
            put_number(out, length);
        }
    }

private:
    std::vector<std::pair<std::uint64_t, std::uint64_t>> runs_;
};

/// Reads runs that together have a known length.
class RunReader
{
public:
    RunReader(Unpacker& from, std::size_t length)
    {
        auto const count = from.count();
        std::size_t total = 0;
        for (std::size_t i = 0; i < count && !from.bad(); ++i) {
            auto const what = from.number();
            auto const run = from.number();
            if (run == 0 || run > length - total) from.refuse();
            if (from.bad()) return;
            total += static_cast<std::size_t>(run);
            runs_.emplace_back(what, static_cast<std::size_t>(run));
        }
        if (total != length) from.refuse();
    }
    [[nodiscard]] std::vector<std::pair<std::uint64_t, std::size_t>> const& runs() const { return runs_; }

private:
    std::vector<std::pair<std::uint64_t, std::size_t>> runs_;
};

/// Reasons and texts, each once.
class Texts
{
public:
    std::uint64_t place_of(std::string const& text)
    {
        auto const [found, added] = places_.emplace(text, places_.size());
        if (added) order_.push_back(&found->first);
        return found->second;
    }
    void put(std::string& out) const
    {
        put_number(out, order_.size());
        for (auto const* const text : order_)
            put_text(out, *text);
    }

private:
    std::map<std::string, std::uint64_t> places_;
    std::vector<std::string const*> order_;
};

std::uint64_t kind_of(Value const& value, Texts& texts)
{
    if (auto const* const none = std::get_if<Unknown>(&value)) return kind_texts + 2 * texts.place_of(none->reason);
    if (auto const* const yes = std::get_if<bool>(&value)) return *yes ? kind_true : kind_false;
    if (std::holds_alternative<std::int64_t>(value)) return kind_integer;
    if (std::holds_alternative<double>(value)) return kind_real;
    return kind_texts + 1 + 2 * texts.place_of(std::get<std::string>(value));
}

std::optional<std::int64_t> code_of(Precision precision, Value const& value)
{
    if (auto const* const whole = std::get_if<std::int64_t>(&value)) return encode_number(precision, *whole);
    return encode_number(precision, std::get<double>(value));
}

bool is_number(Value const& value)
{
    return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

/// One key's values in the readings that have it.
struct Line {
    std::vector<std::size_t> readings;
    std::vector<std::vector<Value> const*> values;
    std::size_t columns = 0;
};

/// Differences of differences for the times, which come at even steps.
void put_times(std::string& out, std::span<StoredSeries const> readings)
{
    put_number(out, readings.size());
    std::uint64_t last = 0;
    std::uint64_t last_step = 0;
    for (auto const& reading : readings) {
        auto const at = static_cast<std::uint64_t>(reading.taken_ms);
        auto const step = at - last;
        put_number(out, zigzag(static_cast<std::int64_t>(step - last_step)));
        last_step = step;
        last = at;
    }
}

void put_numbers(std::string& out, Line const& line, std::size_t column, Precision precision)
{
    std::uint64_t last = 0;
    for (auto const* const values : line.values) {
        if (column >= values->size() || !is_number((*values)[column])) continue;
        auto const code = static_cast<std::uint64_t>(*code_of(precision, (*values)[column]));
        put_number(out, zigzag(static_cast<std::int64_t>(code - last)));
        last = code;
    }
}

void put_column(std::string& out, Line const& line, std::size_t column, Precision precision, Texts& texts)
{
    Runs kinds;
    for (auto const* const values : line.values) {
        if (column >= values->size()) {
            kinds.add(kind_absent);
            continue;
        }
        auto const& value = (*values)[column];
        kinds.add(kind_of(value, texts));
        if (is_number(value) && !code_of(precision, value)) precision = {};
    }
    put_precision(out, precision);
    kinds.put(out);
    put_numbers(out, line, column, precision);
}

/// A column's values into the samples that it belongs to.
void take_column(Unpacker& from, std::vector<std::string> const& texts, std::span<wire::Sample* const> samples)
{
    auto const precision = take_precision(from);
    if (from.bad()) return;
    RunReader const kinds(from, samples.size());
    if (from.bad()) return;
    std::uint64_t code = 0;
    std::size_t at = 0;
    for (auto const& [kind, length] : kinds.runs()) {
        if (kind >= kind_texts && (kind - kind_texts) / 2 >= texts.size()) return from.refuse();
        for (auto const end = at + length; at < end; ++at) {
            auto& values = samples[at]->values;
            if (kind == kind_absent) continue;
            if (kind == kind_integer || kind == kind_real) {
                code += static_cast<std::uint64_t>(from.signed_number());
                if (from.bad()) return;
                auto const whole = static_cast<std::int64_t>(code);
                if (kind == kind_integer)
                    values.emplace_back(decode_integer(precision, whole));
                else
                    values.emplace_back(decode_number(precision, whole));
            } else if (kind < kind_texts) {
                values.emplace_back(kind == kind_true);
            } else {
                auto const& text = texts[static_cast<std::size_t>((kind - kind_texts) / 2)];
                if ((kind - kind_texts) % 2 == 0)
                    values.emplace_back(Unknown{text});
                else
                    values.emplace_back(text);
            }
        }
    }
}

std::vector<UnixMs> take_times(Unpacker& from)
{
    auto const count = from.count();
    if (count > block_cells) from.refuse();
    std::vector<UnixMs> times;
    std::uint64_t at = 0;
    std::uint64_t step = 0;
    for (std::size_t i = 0; i < count && !from.bad(); ++i) {
        step += static_cast<std::uint64_t>(from.signed_number());
        at += step;
        times.push_back(static_cast<UnixMs>(at));
    }
    return times;
}

std::vector<std::string> take_texts(Unpacker& from)
{
    auto const count = from.count();
    if (count > block_cells) from.refuse();
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count && !from.bad(); ++i)
        texts.push_back(from.text());
    return texts;
}

/// One key, in the readings that have it. `cells`: how many there may still be.
void take_line(Unpacker& from, std::vector<std::string> const& texts, std::vector<StoredSeries>& readings,
               std::size_t& cells)
{
    auto const key = from.text();
    RunReader const presence(from, readings.size());
    if (from.bad()) return;
    std::size_t present = 0;
    for (auto const& [there, length] : presence.runs())
        present += there != 0 ? length : 0;
    auto const columns = from.count();
    // A key counts as a cell in each reading even where it has no column.
    if (from.bad() || present > cells || columns + 1 > cells / std::max<std::size_t>(present, 1)) return from.refuse();
    cells -= present * (columns + 1);
    std::vector<wire::Sample*> samples;
    std::size_t at = 0;
    for (auto const& [there, length] : presence.runs()) {
        for (auto const end = at + length; at < end; ++at) {
            if (there == 0) continue;
            samples.push_back(&readings[at].samples.emplace_back());
            samples.back()->key = key;
        }
    }
    for (std::size_t column = 0; column < columns && !from.bad(); ++column)
        take_column(from, texts, samples);
}

} // namespace

std::size_t count_cells(std::span<StoredSeries const> readings)
{
    // As the decoder counts: a key has as many columns everywhere as where it has most.
    std::map<std::string_view, std::pair<std::size_t, std::size_t>> keys;
    for (auto const& reading : readings)
        for (auto const& sample : reading.samples) {
            auto& [there, columns] = keys[sample.key];
            ++there;
            columns = std::max(columns, sample.values.size());
        }
    auto cells = readings.size();
    for (auto const& [key, size] : keys)
        cells += size.first * (size.second + 1);
    return cells;
}

Result<std::string> encode_block(std::span<StoredSeries const> readings, std::span<Precision const> precisions)
{
    if (count_cells(readings) > block_cells) return fail(errc::limit_exceeded, "block: cells");
    std::map<std::string_view, Line> lines;
    for (std::size_t i = 0; i < readings.size(); ++i)
        for (auto const& sample : readings[i].samples) {
            auto& line = lines[sample.key];
            if (!line.readings.empty() && line.readings.back() == i) continue;
            line.readings.push_back(i);
            line.values.push_back(&sample.values);
            line.columns = std::max(line.columns, sample.values.size());
        }

    Texts texts;
    std::string body;
    put_number(body, lines.size());
    for (auto const& [key, line] : lines) {
        put_text(body, key);
        Runs presence;
        std::size_t next = 0;
        for (auto const at : line.readings) {
            for (; next < at; ++next)
                presence.add(0);
            presence.add(1);
            ++next;
        }
        for (; next < readings.size(); ++next)
            presence.add(0);
        presence.put(body);
        put_number(body, line.columns);
        for (std::size_t column = 0; column < line.columns; ++column)
            put_column(body, line, column, column < precisions.size() ? precisions[column] : Precision{}, texts);
    }
    std::string plain;
    put_times(plain, readings);
    texts.put(plain);
    plain += body;
    if (plain.size() > block_bytes) return fail(errc::limit_exceeded, "block: bytes");
    return block_format_1 + compress(plain);
}

Result<std::vector<StoredSeries>> decode_block(std::string_view bytes)
{
    if (bytes.empty() || bytes[0] != block_format_1) return fail(errc::corrupt, "block: format");
    auto const plain = decompress(bytes.substr(1));
    if (!plain) return fail(plain.error(), "block");
    Unpacker from(*plain);
    auto const times = take_times(from);
    auto cells = block_cells - std::min(block_cells, times.size());
    std::vector<StoredSeries> readings(times.size());
    for (std::size_t i = 0; i < times.size(); ++i)
        readings[i].taken_ms = times[i];
    auto const texts = take_texts(from);
    auto const lines = from.count();
    for (std::size_t i = 0; i < lines && !from.bad(); ++i)
        take_line(from, texts, readings, cells);
    if (from.bad() || !from.at_end()) return fail(errc::corrupt, "block");
    return readings;
}

std::string compress(std::string_view bytes)
{
    std::string out(ZSTD_compressBound(bytes.size()), '\0');
    auto const size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), compression_level);
    // With a buffer of that bound it can only fail for want of memory.
    if (ZSTD_isError(size) != 0) throw std::bad_alloc();
    out.resize(size);
    return out;
}

Result<std::string> decompress(std::string_view bytes)
{
    auto const size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > block_bytes)
        return fail(errc::corrupt, "zstd: size");
    std::string out(static_cast<std::size_t>(size), '\0');
    auto const done = ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(done) != 0 || done != size) return fail(errc::corrupt, "zstd");
    return out;
}

} // namespace rollcall::store
