// A database and its folder of migrations as they stand at one moment: what a plan is made of.
#pragma once

#include "base/result.h"
#include "schema/database/database.h"
#include "schema/history/history.h"
#include "schema/marks.h"

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace godwit::schema {

class State {
 public:
  explicit State(MigrationFolder files);

  MigrationFolder folder;
  RecordedHistory recorded;
  Marks marks;
  std::vector<std::string> applied;  // revisions, oldest first, in the words of the folder

  // The place in the folder of a revision: the first of that name.
  [[nodiscard]] std::optional<size_t> find(const std::string& revision) const;
  [[nodiscard]] bool is_applied(const std::string& revision) const { return applied_.contains(revision); }
  void set_applied(std::vector<std::string> revisions);

 private:
  std::unordered_map<std::string, size_t> places_;
  std::unordered_set<std::string> applied_;
};

// Reads the database's side again into `state`: two round trips. A missing table is an empty history;
// anything else that fails is an Error, never an empty history.
[[nodiscard]] Status read_recorded(Database& database, const History& history, const MarksSql& marks,
                                   State& state);

// The SHA-256 and meaning that the file of an applied migration had when it was applied, as far as anybody
// noted it, against the file now.
enum class FileChange : uint8_t { unknown, same, layout, edited };
[[nodiscard]] FileChange file_change(const History& history, const State& state,
                                     const AppliedMigration& applied, const Migration& migration);

}  // namespace godwit::schema
