// The state that the steps of the closure planner share. Private to this folder.
#pragma once

#include "base/error.h"
#include "config/settings.h"
#include "model/catalog.h"
#include "model/closure.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace godwit::pipeline {

// Everything that is wrong, collected, and told at once.
class Problems {
 public:
  // A setting names what is not there, or cannot hold.
  void add_config(const SourceLocation& where, std::string message);
  // A person has to decide; the message ends with the YAML that does.
  void add_refusal(std::string message);
  [[nodiscard]] bool empty() const { return found_.empty(); }
  [[nodiscard]] bool has_config() const;
  [[nodiscard]] Error error(const std::string& pipeline) const;

 private:
  struct Problem {
    bool config = false;
    SourceLocation where;
    std::string message;
  };
  std::vector<Problem> found_;
};

// A foreign key or link of a table, as the planner sees it.
struct PlannedKey {
  ForeignKey key;
  std::optional<size_t> parent;         // into Planning::tables
  bool partial = false;                 // only some partitions have it: rows may lack the parent
  std::optional<OutsidePolicy> policy;  // given for this edge
  [[nodiscard]] bool crosses() const { return !key.parent_store.empty(); }
};

enum class Classified : uint8_t { no, shared, skip };

struct PlannedTable {
  const Table* table = nullptr;
  size_t store = 0;       // into Planning::sources
  bool ordinary = false;  // holds rows of its own: no view, no partition, not ours
  Classified classified = Classified::no;
  bool by_pattern = false;  // classified by a reference with '*'
  std::vector<PlannedKey> keys;
  std::string key_column;          // tenant key; empty = none
  bool owner_named = false;        // settings.owner says who owns it:
  bool owned_by_key = false;       //   its tenant key, and
  std::vector<size_t> owner_keys;  //   these of `keys`
  SourceLocation owner_where;
  std::optional<CrossScope> cross_scope;
  TableClosure closure;

  [[nodiscard]] bool copied() const {
    return closure.membership == Membership::owned || closure.membership == Membership::needed ||
           closure.membership == Membership::shared;
  }
};

struct Planning {
  const PipelineSettings* settings = nullptr;
  std::vector<const Catalog*> sources;
  std::vector<PlannedTable> tables;  // by store, then name
  size_t root = 0;
  std::string root_column;
  Problems problems;

  [[nodiscard]] std::optional<size_t> find(size_t store, const TableName& name) const;
  [[nodiscard]] std::optional<size_t> find_store(const std::string& name) const;
  [[nodiscard]] SourceLocation where(const std::string& written) const;
  // "ids.students", with the schema when it is not the default one, quoted where it must be: as settings
  // write it.
  [[nodiscard]] std::string reference(size_t table) const;
  // The same with columns: "ids.students.school_id", "ids.t.(a,b)".
  [[nodiscard]] std::string reference(size_t table, const std::vector<std::string>& columns) const;

  std::map<std::pair<size_t, TableName>, size_t> index;
};

// One line "under pipelines.district: …" for the end of a refusal.
[[nodiscard]] std::string yaml_to_add(const Planning& planning, const std::string& yaml);
// A YAML flow scalar: quoted where it must be.
[[nodiscard]] std::string yaml_text(const std::string& text);

// The steps, in order. Each adds to planning.problems what it finds.
void list_tables(Planning& planning);
void read_root(Planning& planning);
void read_references(Planning& planning);  // scope keys, shared, skip, cross_scope
void gather_foreign_keys(
    Planning& planning);  // of catalogs, partitions and links; then owner and outside edges
void plan_ownership(Planning& planning);
void plan_necessity(Planning& planning);
void plan_load_order(const Planning& planning, size_t store, StoreClosure& closure, Problems& problems);
void write_reasons(Planning& planning);

// Tables that a reference means. Adds a problem and gives none when there is no such table, or several
// without '*'.
[[nodiscard]] std::vector<size_t> resolve_tables(Planning& planning, const std::vector<std::string>& parts,
                                                 const std::string& written, bool patterns,
                                                 const std::string& setting);

}  // namespace godwit::pipeline
