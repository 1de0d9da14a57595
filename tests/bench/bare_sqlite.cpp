// What SQLite alone can do here: rows as large and under keys as long as those of stored readings, in a folder of its
// own, each transaction durable before the next begins. Prints, as JSON, how many values per second that is.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <sqlite3.h>

namespace
{

using Steady = std::chrono::steady_clock;

// Of the simulator's flood: a reading of the processor and one of four disks carry 16 values in 2 rows.
constexpr int devices = 200;
constexpr int rows_per_commit = 512;
constexpr int values_per_row = 8;
constexpr std::size_t row_bytes = 120;

void check(int code, sqlite3* db)
{
    if (code != SQLITE_OK && code != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db));
}

void run(sqlite3* db, char const* sql) { check(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), db); }

double values_per_second(sqlite3* db, std::chrono::seconds span)
{
    run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            "CREATE TABLE series (device_id TEXT NOT NULL, probe TEXT NOT NULL, taken_ms INTEGER NOT NULL,"
            " samples BLOB NOT NULL, PRIMARY KEY (device_id, probe, taken_ms)) STRICT, WITHOUT ROWID;");
    sqlite3_stmt* insert = nullptr;
    check(sqlite3_prepare_v2(db, "INSERT INTO series VALUES (?, ?, ?, ?)", -1, &insert, nullptr), db);
    std::string const body(row_bytes, 'x');
    auto const begun = Steady::now();
    std::int64_t rows = 0;
    while (Steady::now() - begun < span) {
        run(db, "BEGIN");
        for (int i = 0; i < rows_per_commit; ++i, ++rows) {
            auto const device = "01900000-0000-7000-8000-" + std::to_string(100'000'000'000 + rows / 2 % devices);
            check(sqlite3_bind_text(insert, 1, device.data(), static_cast<int>(device.size()), SQLITE_STATIC), db);
            check(sqlite3_bind_text(insert, 2, rows % 2 == 0 ? "cpu" : "disk_io", -1, SQLITE_STATIC), db);
            check(sqlite3_bind_int64(insert, 3, rows), db);
            check(sqlite3_bind_blob(insert, 4, body.data(), static_cast<int>(body.size()), SQLITE_STATIC), db);
            check(sqlite3_step(insert), db);
            check(sqlite3_reset(insert), db);
        }
        run(db, "COMMIT");
    }
    std::chrono::duration<double> const took = Steady::now() - begun;
    sqlite3_finalize(insert);
    return static_cast<double>(rows) * values_per_row / took.count();
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::fprintf(stderr, "usage: rollcall-bare-sqlite NEW-FILE SECONDS\n");
        return 2;
    }
    sqlite3* db = nullptr;
    try {
        check(sqlite3_open(argv[1], &db), db);
        std::printf("{\"values_per_s\": %.0f}\n", values_per_second(db, std::chrono::seconds(std::atoi(argv[2]))));
    } catch (std::exception const& problem) {
        std::fprintf(stderr, "rollcall-bare-sqlite: %s\n", problem.what());
        return 1;
    }
    sqlite3_close(db);
    return 0;
}
