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

// Reads the database's side again into `state`, in one round trip. A missing table is an empty history;
// anything else that fails is an Error, never an empty history.
[[nodiscard]] Status read_recorded(Database& database, const History& history, const MarksSql& marks,
                                   State& state);

// The same without the marks, which grow with the history and say nothing new while the tool's own checksums
// match: see says_enough.
[[nodiscard]] Status read_history(Database& database, const History& history, State& state);
// Whether a history that was read without its marks is the whole story of its files: each recorded migration
// has one, with the checksum that was recorded.
[[nodiscard]] bool says_enough(const History& history, const State& state);

// The SHA-256 and meaning that the file of an applied migration had when it was applied, as far as anybody
// noted it, against the file now.
enum class FileChange : uint8_t { unknown, same, layout, edited };
[[nodiscard]] FileChange file_change(const History& history, const State& state,
                                     const AppliedMigration& applied, const Migration& migration);

}  // namespace godwit::schema
