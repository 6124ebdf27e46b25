// Source: where data comes from. One implementation per kind of store; opened through open.h.
#pragma once

#include "base/result.h"
#include "duck/database.h"
#include "model/catalog.h"
#include "model/closure.h"
#include "model/dataset.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit::connect {

// Proof of identity: lets one end see that the other end is the same database. PostgreSQL: a random advisory
// lock held by one side; SQLite: device and inode.
struct Probe {
  int64_t nonce = 0;
  std::string file_identity;
};

// The SQLSTATE of the Error of a read that met a value its column's staging type cannot hold; Error::hint is
// the column's name. The caller stages the column as text and reads again.
inline constexpr std::string_view restage_sqlstate = "GWTXT";

// How a scan falls into parts that are read one after the other, each into a file of its own: what is read
// can be loaded while the rest is still being read. Made by Source::split, and given back with every part.
struct Split {
  int parts = 1;
  int64_t pages = 0;  // the size that the parts are cut from; it does not follow a growing table
};

// What to read of one table.
struct Scan {
  const Dataset* dataset = nullptr;
  const StoreClosure* closure = nullptr;
  std::string scope;  // the scope value; travels as a parameter, never inside SQL
  // Keys handed over for OwnerStep::link, by the foreign key's name, as text.
  std::vector<std::pair<std::string, std::vector<std::string>>> link_keys;
  int lanes = 1;  // parallel streams wanted; the source may give fewer
  Split split;
  int part = 0;  // below split.parts
};

struct SnapshotInfo {
  int64_t taken_us = 0;  // the store's own clock
  std::string position;  // PostgreSQL: the WAL position; empty when the store has none
};

struct WriteCheck {
  bool can_write = false;
  std::string evidence;  // which privilege, on what
};

// One thread at a time, except that the lanes of a producer from read() run in parallel.
class Source {
 public:
  virtual ~Source() = default;

  [[nodiscard]] virtual Result<Catalog> catalog() = 0;
  // How this kind of store stages a column.
  [[nodiscard]] virtual DatasetColumn stage(const Column& column) const = 0;

  // Opens one consistent point for all later reads of this store; read-only.
  [[nodiscard]] virtual Result<SnapshotInfo> snapshot() = 0;
  // True when the scope root has a row with this scope value.
  [[nodiscard]] virtual Result<bool> scope_exists(const TableName& root, const std::string& column,
                                                  const std::string& scope) = 0;
  // A value that identifies close matches of an unknown scope, for hints: counts and names of the root's keys
  // are configuration, not tenant data. At most `most` values.
  [[nodiscard]] virtual Result<std::vector<std::string>> scope_values(const TableName& root,
                                                                      const std::string& column,
                                                                      int most) = 0;
  // Rows in the scan, counted by the store.
  [[nodiscard]] virtual Result<int64_t> count(const Scan& scan) = 0;
  // Rows whose owner steps disagree (CrossScope::fail refuses when > 0); 0 for tables with one step.
  [[nodiscard]] virtual Result<int64_t> count_disagreeing(const Scan& scan) = 0;
  // Rows of an edge with policy `fail` whose parent lies outside the members.
  [[nodiscard]] virtual Result<int64_t> count_outside(const Scan& scan, const ForeignKey& foreign_key) = 0;
  // Into how many parts a large scan may fall; one where the store has no cheap way to read a part alone.
  [[nodiscard]] virtual Result<Split> split(const Scan& scan) = 0;
  // The scan's part as a producer for DuckDB: streaming, bounded memory. Columns are the dataset's, then
  // owned_column_name when has_owned_column. Every row of the scan is in exactly one part. Needs snapshot().
  [[nodiscard]] virtual Result<std::shared_ptr<duck::TableProducer>> read(const Scan& scan) = 0;

  [[nodiscard]] virtual Result<bool> sees_probe(const Probe& probe) = 0;
  // Whether this account could change data here (doctor).
  [[nodiscard]] virtual Result<WriteCheck> can_write() = 0;
  // Lines for the plan and the report: weaker TLS than verify-full, a standby, a pooler.
  // What a person should know about the connection; does not name the store.
  [[nodiscard]] virtual std::vector<std::string> connection_notes() const = 0;
  // The scan in the store's own words (SQL), for the plan.
  [[nodiscard]] virtual std::string explain(const Scan& scan) const = 0;
};

}  // namespace godwit::connect
