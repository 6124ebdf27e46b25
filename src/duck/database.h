// DuckDB, sealed: an in-memory database that reads and writes one folder and nothing else.
//
// Opened without extension autoload or autoinstall; then allowed_directories = [folder], external access off,
// configuration locked, TimeZone UTC. Statements run through the pending-task loop (a plain query can spin a
// core: duckdb#22178), which is also where cancellation is seen. Only the C API v1 is used, and only in this
// folder. DuckDB follows symbolic links: the folder must hold none that lead out (SQL cannot make one).
#pragma once

#include "base/result.h"
#include "duck/chunk.h"
#include "duck/types.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::duck {

struct DatabaseOptions {
  std::string folder;  // the only directory that SQL can read or write; absolute, exists
  int64_t memory_limit_mb = 256;
  int threads = 2;
  // Where DuckDB may spill; empty = never (an instance that sees plaintext fails rather than spills).
  std::string temp_directory = {};
};

// Feeds a table function. `lanes` independent streams are each drained by one thread at a time (not always
// the same one); different lanes may be filled at once, on at most `threads` threads, so lanes must not wait
// for each other. Owned by the registration until unregister_table or until the connection that registered it
// closes. When run() or stream() returned, nobody is inside fill() any more.
class TableProducer {
 public:
  virtual ~TableProducer() = default;
  [[nodiscard]] virtual const std::vector<ColumnDef>& columns() const = 0;
  [[nodiscard]] virtual size_t lanes() const = 0;
  // Fills up to chunk.capacity() rows and calls set_rows; false (with 0 rows) at the end of the lane. An
  // Error ends the query; run() and stream() return that very Error.
  [[nodiscard]] virtual Result<bool> fill(size_t lane, ChunkWriter& chunk) = 0;
  // True when a second scan starts over; otherwise a second scan is an Error (never an empty table).
  [[nodiscard]] virtual bool repeatable() const { return false; }
};

// A scalar function. `run` sees whole chunks and NULLs too; it is called from several threads at once.
struct ScalarFunction {
  std::string name;
  std::vector<Type> parameters;
  bool varargs_any = false;  // instead of `parameters`: any number of arguments of any type
  Type result;
  std::function<Status(const ChunkReader& input, ColumnWriter& output)> run;
};

// A small result, all as text (NULL = nullopt): for counts, names and metadata, never for tenant rows.
struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
};

class Connection;

// Thread-safe. Must outlive its connections.
class Database {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
  [[nodiscard]] static std::string library_version();
  virtual ~Database() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<Connection>> connect() = 0;
};

// One thread at a time. Errors are ErrorKind::failed with DuckDB's message cut to its first line with every
// literal value removed (messages may quote data), or the Error of a TableProducer / ScalarFunction as it
// was.
class Connection {
 public:
  virtual ~Connection() = default;

  // Runs one or more statements to their end; the number of rows that the last one changed or wrote (COPY), 0
  // when DuckDB reports none.
  [[nodiscard]] virtual Result<int64_t> run(std::string_view sql) = 0;
  // The result of one statement, of at most `rows_max` rows; more is an Error.
  [[nodiscard]] virtual Result<Rows> query(std::string_view sql, size_t rows_max = 100'000) = 0;
  // Streams the result of one statement with bounded memory: `start` gets the columns, `chunk` each chunk in
  // the result's order (which, as everywhere here, only ORDER BY fixes). The callbacks must not use this
  // connection.
  [[nodiscard]] virtual Status stream(std::string_view sql,
                                      const std::function<Status(const std::vector<ColumnDef>&)>& start,
                                      const std::function<Status(const ChunkReader&)>& chunk) = 0;
  // Column names and types of a query, without running it.
  [[nodiscard]] virtual Result<std::vector<ColumnDef>> describe(std::string_view sql) = 0;

  // Registers `name()` as a table function over the producer. The name must be free on this database.
  [[nodiscard]] virtual Status register_table(const std::string& name,
                                              std::shared_ptr<TableProducer> producer) = 0;
  // Lets the producer go; the name is free again. A name that is not registered is not an error.
  virtual void unregister_table(const std::string& name) = 0;
  [[nodiscard]] virtual Status register_scalar(ScalarFunction function) = 0;

  // When set, statements stop with ErrorKind::interrupted soon after *flag becomes true.
  virtual void set_cancel_flag(const std::atomic<bool>* flag) = 0;
};

}  // namespace godwit::duck
