// One dataset on its way into its table, row by row with prepared statements: SQLite has no round trips to
// save. Private to this folder.
#pragma once

#include "connect/sqlite/load/load_context.h"
#include "connect/sqlite/values/cell.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace godwit::connect {

// The columns of a table that are stored, not computed.
[[nodiscard]] std::vector<std::string> columns_of(const Table& table);

class TableLoad {
 public:
  TableLoad(LoadContext& context, LoadedTable& table, const DatasetLoad& load)
      : context_(context),
        table_(table),
        load_(load),
        database_(context.database()),
        images_(columns_of(table.target)),
        owned_table_(table.closure.membership == Membership::owned) {}

  [[nodiscard]] Result<LoadOutcome> run();

  // The same in steps, for a load that waits (replace_rows.h).
  [[nodiscard]] Status stage();
  [[nodiscard]] Status count_needed();
  [[nodiscard]] Status delete_doomed();
  [[nodiscard]] Result<LoadOutcome> apply();

 private:
  struct Postponed {
    std::vector<sqlite::Value> values;
    std::vector<sqlite::Value> before;  // empty: the row is new
  };
  static constexpr size_t postponed_max = 50'000;

  [[nodiscard]] Status prepare();

  // Address, owned, equal, as the run leaves it already, then the whole row as it stands.
  [[nodiscard]] Status prepare_look_up(const std::string& target);
  [[nodiscard]] Result<std::optional<sqlite::Statement>> prepared(const std::string& sql);
  [[nodiscard]] Status record_table();
  [[nodiscard]] Status check_columns(const std::vector<duck::ColumnDef>& columns) const;
  [[nodiscard]] Status take_rows();
  [[nodiscard]] Status take(const duck::ChunkReader& chunk);
  [[nodiscard]] Status take_row(const std::vector<sqlite::Value>& values, bool owned);

  // What remains after the last row.
  [[nodiscard]] Result<LoadOutcome> finish_rows();
  [[nodiscard]] Status stage_row(const std::vector<sqlite::Value>& values, bool owned);
  // Of the scope's rows, those that the run does not bring.
  [[nodiscard]] Status find_doomed();
  // Key and image of each.
  [[nodiscard]] Status each_doomed(const std::function<Status(const std::vector<sqlite::Value>&,
                                                              const std::vector<sqlite::Value>&)>& each);

  // Rows that an earlier run brought along for another scope, and that this scope owns: they stay, and both
  // runs refer to them from now on.
  [[nodiscard]] Result<bool> was_shared(const std::vector<sqlite::Value>& values);
  [[nodiscard]] Result<bool> adopt(const std::vector<sqlite::Value>& values);
  [[nodiscard]] std::vector<sqlite::Value> key_of(const std::vector<sqlite::Value>& values) const;

  // Shared and needed rows: inserted when absent, compared when present, never updated.
  [[nodiscard]] Status take_other(const std::vector<sqlite::Value>& values);

  // Only rows that the scope owns are overwritten.
  [[nodiscard]] Status take_upsert(const std::vector<sqlite::Value>& values);

  // A key that comes twice is found here.
  [[nodiscard]] Status note_row(const std::vector<sqlite::Value>& address, bool written);
  [[nodiscard]] Status insert(const std::vector<sqlite::Value>& values, const char* action, bool owned);
  // Runs insert_; how many rows it brought. With returning_ also the row's image.
  [[nodiscard]] Result<int64_t> run_insert(std::vector<sqlite::Value>& image);

  // Rows whose keys are taken are counted; the run is refused at the end with their number. In an upsert the
  // key may be free once the row that has it is overwritten too: those wait.
  [[nodiscard]] Status note_failure(const sqlite::Statement& statement, const Error& error,
                                    const std::vector<sqlite::Value>& values,
                                    const std::vector<sqlite::Value>* before);
  void count_taken(const Error& error);

  // Rows that exchange unique values among each other: all old versions go before the new ones come.
  [[nodiscard]] Status settle_postponed();
  [[nodiscard]] Status settle(const Postponed& row, sqlite::Statement& replace);

  // The old row with the loaded columns in it: columns that only the target has keep their values.
  [[nodiscard]] std::vector<sqlite::Value> overwritten(const Postponed& row) const;
  [[nodiscard]] static Error left_out();
  [[nodiscard]] Status refuse() const;
  [[nodiscard]] Status remember(const char* action, const std::vector<sqlite::Value>& values,
                                const std::vector<sqlite::Value>* before,
                                const std::vector<sqlite::Value>* after);
  [[nodiscard]] Status remember_key(const char* action, const std::vector<sqlite::Value>& key,
                                    const std::vector<sqlite::Value>* before, const std::string* after);
  [[nodiscard]] Status remember_bytes(const char* action, const std::vector<sqlite::Value>& values,
                                      const std::vector<sqlite::Value>* before, const std::string* after);
  // after = the hash of the image; an empty image has none.
  [[nodiscard]] Status remember_inserted(const char* action, const std::vector<sqlite::Value>& values,
                                         const std::vector<sqlite::Value>& image);
  void bind(sqlite::Statement& statement, const std::vector<sqlite::Value>& values) const;
  [[nodiscard]] Result<bool> find(const std::vector<sqlite::Value>& values);
  [[nodiscard]] int owned_at() const { return static_cast<int>(table_.address.columns.size()); }
  [[nodiscard]] int equal_at() const { return owned_at() + 1; }
  [[nodiscard]] int settled_at() const { return owned_at() + 2; }
  [[nodiscard]] std::vector<sqlite::Value> found_address() const;
  [[nodiscard]] std::vector<sqlite::Value> found_image() const;

  LoadContext& context_;
  LoadedTable& table_;
  const DatasetLoad& load_;
  sqlite::Database& database_;
  std::vector<std::string> images_;
  bool owned_table_;
  bool returning_ = false;  // insert_ gives the image: no trigger changes it afterwards
  std::vector<CellForm> forms_;
  std::vector<size_t> key_positions_;
  std::string match_;
  std::optional<sqlite::Statement> insert_, look_up_, update_, shared_, stage_insert_;
  std::string stage_;  // of a load that waits
  LoadOutcome outcome_;
  std::vector<Postponed> postponed_;
  int64_t rows_ = 0, sequence_ = 0;
  int64_t taken_ = 0, foreign_ = 0, repeated_ = 0, shared_differently_ = 0;
  std::string taken_by_;
};

// "a", "b"
[[nodiscard]] std::string list_of(const std::vector<std::string>& columns, const std::string& prefix = {});

}  // namespace godwit::connect
