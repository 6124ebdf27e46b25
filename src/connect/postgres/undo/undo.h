// Undo of a committed run, from the records that stand in the target beside the data.
#pragma once

#include "connect/postgres/undo/changed_rows.h"
#include "connect/sink.h"
#include "pg/session.h"

#include <memory>
#include <string>

namespace godwit::connect::postgres {

// One transaction: look() compares, execute() acts on what was seen. The destructor rolls back. Idempotent: a
// run that is undone, or unknown, gives a plan without tables. Must not outlive the session.
class UndoAttempt {
 public:
  [[nodiscard]] static Result<UndoAttempt> look(pg::Session& session, const CatalogReader& catalog,
                                                const std::string& run, const std::string& store,
                                                const UndoOptions& options);
  UndoAttempt(UndoAttempt&&) noexcept;
  ~UndoAttempt();

  [[nodiscard]] const UndoPlan& plan() const;
  // Refuses (refuse_undo), or undoes and commits.
  [[nodiscard]] Status execute();

 private:
  UndoAttempt();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace godwit::connect::postgres
