// What a statement did to a database, seen from inside its own transaction. Internal to rehearse.
#pragma once

#include "schema/apply/prepared.h"
#include "schema/rehearse/rehearsal.h"

#include <map>

namespace godwit::schema {

// One migration; the checkpoints of the applier drive it.
class Witness {
 public:
  // All outlive the witness.
  Witness(Database& database, const Clock& clock, const Migration& migration, Direction direction,
          const PreparedScript& prepared, std::vector<StatementEvidence>& out);
  [[nodiscard]] Status begin();
  // "in transaction N" after a statement of a transaction; "statement N" before one, "record" after the last,
  // of those that commit by themselves.
  void reached(const std::string& moment);
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  struct Sample {
    std::map<std::string, int> locks;          // strength by OID
    std::map<std::string, std::string> files;  // by OID
    int64_t wal_bytes = 0;
  };
  [[nodiscard]] Result<Sample> look();
  void finish(size_t statement, bool observed);

  Database& database_;
  const Clock& clock_;
  const Migration& migration_;
  const Script& script_;
  const PreparedScript& prepared_;
  std::vector<StatementEvidence>& out_;
  std::map<std::string, std::string> names_;  // of the tables that were there at the beginning, by OID
  Sample last_;
  int64_t since_us_ = 0;
  Status status_;
};

}  // namespace godwit::schema
