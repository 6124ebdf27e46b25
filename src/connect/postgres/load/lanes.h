// The further connections of a load that several share (Spread): each has a session, a transaction, its own
// marker row and its own undo records.
#pragma once

#include "connect/postgres/load/load_context.h"
#include "connect/postgres/load/run_schema.h"
#include "pg/transaction.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace godwit::connect::postgres {

using SessionOpener = std::function<Result<std::unique_ptr<pg::Session>>()>;

// Begins the transaction that a connection loads in.
[[nodiscard]] Result<pg::Transaction> begin_load(pg::Session& session, const RunMarker& marker);

// One thread at a time; copy() and prove() use threads of their own. The destructor rolls back.
class Lanes {
 public:
  struct Options {
    SessionOpener open;
    int64_t lock_key = 0;  // held, shared, as long as a session lives
    const std::atomic<bool>* cancel = nullptr;
    LoadContext* main = nullptr;  // of the first connection; outlives this
    bool main_loads = true;       // the first connection takes part
  };
  // Opens those of spread.open but for the first connection, and writes their marker rows.
  [[nodiscard]] static Result<std::unique_ptr<Lanes>> begin(Options options, const Spread& spread);
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;
  ~Lanes();

  [[nodiscard]] bool divides(const TableName& table) const;
  // The group of undo_table that the table's rows belong to: the same one whenever they are loaded.
  [[nodiscard]] Result<int> group_of(const TableName& table);
  // Every connection copies its rows, at the same time. A row that one waits with because another has its key
  // in a transaction that is still open fails the load: the server would let it wait for ever.
  [[nodiscard]] Status copy(LoadedTable& table, const DatasetLoad& load);
  // After the first connection's: deferred constraints, sequences.
  [[nodiscard]] Status finish();
  // Of all connections together.
  [[nodiscard]] Result<Proof> prove(const LoadedTable& table);

  // Of all connections, with commas between; `own` is the first one's, empty when it is committed already.
  [[nodiscard]] Result<std::string> transaction_ids(const std::string& own);
  [[nodiscard]] Status prepare();
  // ErrorKind::partial when some are committed and others cannot be, or when `visible` says that other rows
  // of the run are there already.
  [[nodiscard]] Status commit(bool visible);
  void reached(const char* step, int lane) const;
  [[nodiscard]] int connections() const { return spread_.connections; }

 private:
  struct Lane;
  class Copying;
  Lanes(Options options, Spread spread);
  [[nodiscard]] Status open(int number);

  const Options options_;
  const Spread spread_;
  std::atomic<bool> stop_{false};
  std::vector<std::unique_ptr<Lane>> lanes_;
};

// Why a store cannot be loaded over several connections as the target stands; nothing when it can.
[[nodiscard]] Result<std::optional<std::string>> why_one_connection(pg::Session& session,
                                                                    const Spread& spread);

}  // namespace godwit::connect::postgres
