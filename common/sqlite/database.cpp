#include "common/sqlite/database.hpp"

#include <cerrno>
#include <fstream>
#include <new>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "common/sqlite/connection.hpp"
#include "common/sqlite/error.hpp"

namespace rollcall::sqlite
{

static errc code_of(sqlite3* db, int code)
{
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return errc::corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return errc::busy;
    case SQLITE_CONSTRAINT:
        return errc::conflict;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return errc::permission_denied;
    case SQLITE_CANTOPEN:
        // Its number is the system's own, which is no errno everywhere.
        return db != nullptr &&
                       std::error_code(sqlite3_system_errno(db), std::system_category()) == std::errc::permission_denied
                   ? errc::permission_denied
                   : errc::io;
    case SQLITE_TOOBIG:
        return errc::limit_exceeded;
    case SQLITE_INTERRUPT:
        return errc::cancelled;
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
    case SQLITE_MISUSE:
        return errc::bad_input;
    default:
        return errc::io;
    }
}

Error error_of(sqlite3* db, int code, std::string_view step)
{
    if ((code & 0xff) == SQLITE_NOMEM) throw std::bad_alloc();
    // The connection's message belongs to its last call; where that was another one, the code's own text says more.
    bool const same = db != nullptr && (sqlite3_errcode(db) & 0xff) == (code & 0xff);
    return fail(code_of(db, code), fmt::format("{}: {}", step, same ? sqlite3_errmsg(db) : sqlite3_errstr(code)));
}

Database::Database(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection))
{
}
Database::Database(Database&& other) noexcept = default;
Database& Database::operator=(Database&& other) noexcept = default;
Database::~Database() = default;

/// SQLite gives the log and the shared memory the rights of the file, so it is enough to make that one private.
static Result<> make_private_file(std::filesystem::path const& path)
{
    std::error_code failed;
    if (std::filesystem::exists(path, failed)) return {};
    errno = 0;
    std::ofstream const made(path, std::ios::binary | std::ios::app);
    if (!made) return fail_errno(errno, "create");
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
                                 failed);
    if (failed) return fail_errno(failed.default_error_condition().value(), "permissions");
    return {};
}

Result<Database> Database::open(Options const& options)
{
    auto const name = options.path.string();
    bool const in_memory = name == ":memory:";
    if (!options.read_only && !in_memory) {
        if (auto const made = make_private_file(options.path); !made) return fail(made.error(), name);
    }
    sqlite3* raw = nullptr;
    auto const flags = (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                       SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int const code = sqlite3_open_v2(name.c_str(), &raw, flags, nullptr);
    auto connection = std::make_unique<Connection>();
    connection->db.reset(raw);
    if (code != SQLITE_OK) return error_of(raw, code, name);

    sqlite3_busy_timeout(raw, static_cast<int>(options.busy_timeout.count()));
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);

    Database db(std::move(connection));
    // The SELECT reads the file, and so tells whether it is a database at all. fullfsync: fsync of some systems leaves
    // bytes in the drive's own cache; it is nothing to the others.
    auto ready = db.exec("PRAGMA trusted_schema = OFF;"
                         "PRAGMA fullfsync = ON;"
                         "PRAGMA cell_size_check = ON;"
                         "PRAGMA foreign_keys = ON;"
                         "SELECT count(*) FROM sqlite_schema;");
    if (ready && !options.read_only) ready = db.exec("PRAGMA journal_mode = WAL");
    if (ready) ready = db.set_synchronous(options.synchronous);
    if (!ready) return fail(ready.error(), name);
    return db;
}

Result<> Database::exec(std::string const& sql)
{
    int const code = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return error_of(handle(), code, sql.substr(0, 80));
    return {};
}

Result<Statement> Database::prepare(std::string_view sql)
{
    if (auto const found = connection_->idle.find(sql); found != connection_->idle.end()) {
        auto* const statement = found->second.release();
        connection_->idle.erase(found);
        return Statement(*connection_, statement);
    }
    sqlite3_stmt* statement = nullptr;
    char const* rest = nullptr;
    int const code = sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement, &rest);
    if (code != SQLITE_OK) return error_of(handle(), code, sql.substr(0, 80));
    Statement made(*connection_, statement);
    auto const tail = sql.substr(static_cast<std::size_t>(rest - sql.data()));
    if (statement == nullptr || tail.find_first_not_of(" \t\r\n;") != std::string_view::npos)
        return fail(errc::bad_input, fmt::format("{}: not exactly one statement", sql.substr(0, 80)));
    return made;
}

Result<> Database::set_synchronous(Synchronous value)
{
    return exec(value == Synchronous::full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
}

Result<> Database::checkpoint()
{
    // With NORMAL, only a checkpoint syncs the log.
    int const code = sqlite3_wal_checkpoint_v2(handle(), nullptr, SQLITE_CHECKPOINT_FULL, nullptr, nullptr);
    if (code != SQLITE_OK) return error_of(handle(), code, "checkpoint");
    return {};
}

Result<> Database::touch()
{
    auto query = prepare("SELECT user_version FROM pragma_user_version");
    if (!query) return fail(query.error(), "touch");
    auto const row = query->step();
    if (!row) return fail(row.error(), "touch");
    auto const other = query->integer(0) == 0 ? 1 : 0;
    query->reset();
    return exec(fmt::format("PRAGMA user_version = {}", other));
}

/// One of SQLite's checks that say "ok", or what is wrong.
static Result<> run_check(Database& db, std::string_view pragma)
{
    auto query = db.prepare(pragma);
    if (!query) return fail(query.error(), "check");
    auto const row = query->step();
    if (!row) return fail(row.error(), "check");
    auto said = *row ? query->text(0) : std::string("no answer");
    if (said != "ok") return fail(errc::corrupt, "check: " + said);
    return {};
}

Result<> Database::check_integrity() { return run_check(*this, "PRAGMA quick_check(1)"); }

Result<> Database::check_everything()
{
    if (auto whole = run_check(*this, "PRAGMA integrity_check(1)"); !whole) return whole;
    auto query = prepare("PRAGMA foreign_key_check");
    if (!query) return fail(query.error(), "check");
    auto const row = query->step();
    if (!row) return fail(row.error(), "check");
    if (*row)
        return fail(errc::corrupt, fmt::format("check: a row of {} belongs to one of {} that is not there",
                                               query->text(0), query->text(2)));
    return {};
}

Result<> Database::copy_to(std::filesystem::path const& target)
{
    auto const name = target.string();
    std::error_code failed;
    if (std::filesystem::exists(target, failed) || failed)
        return fail(errc::conflict, fmt::format("copy: {}: {}", name, failed ? failed.message() : "is there already"));
    if (auto const made = make_private_file(target); !made) return fail(made.error(), name);

    // Not opened as others are: with a log, every page would be written twice.
    sqlite3* raw = nullptr;
    int code = sqlite3_open_v2(name.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                               nullptr);
    std::unique_ptr<sqlite3, Close> const copy(raw);
    if (code != SQLITE_OK) return error_of(raw, code, name);
    auto* const work = sqlite3_backup_init(raw, "main", handle(), "main");
    if (work == nullptr) return error_of(raw, sqlite3_errcode(raw), "copy");
    // In one step, which is one moment: between two, each commit of somebody else would begin the copy anew.
    sqlite3_backup_step(work, -1);
    code = sqlite3_backup_finish(work);
    if (code != SQLITE_OK) return error_of(raw, code, "copy");
    // The original's header asks for a log.
    code = sqlite3_exec(raw, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return error_of(raw, code, "copy");
    return {};
}

std::int64_t Database::changes() const { return sqlite3_changes64(handle()); }
std::int64_t Database::total_changes() const { return sqlite3_total_changes64(handle()); }
std::int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(handle()); }
bool Database::in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }
sqlite3* Database::handle() const { return connection_->db.get(); }

} // namespace rollcall::sqlite
