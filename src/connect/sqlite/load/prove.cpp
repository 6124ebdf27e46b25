// What the target says about a loaded table, inside the run's transaction.

#include "base/text.h"
#include "connect/sqlite/load/load_context.h"
#include "connect/sqlite/load/replace_rows.h"
#include "connect/sqlite/values/types.h"

#include <fmt/format.h>

namespace godwit::connect {

namespace {

class TableProof {
 public:
  TableProof(LoadContext& context, const LoadedTable& table)
      : database_(context.database()),
        context_(context),
        table_(table),
        join_(table.rows->join(table.target.name)) {}

  Result<Proof> run() {
    Proof proof;
    ASSIGN_OR_RETURN(proof.rows, database_.number("SELECT count(*) FROM " + join_));
    if (table_.closure.membership == Membership::owned) {
      ASSIGN_OR_RETURN(proof.foreign_rows,
                       database_.number(fmt::format("SELECT count(*) FROM {} WHERE r.owned AND {}", join_,
                                                    foreign_row())));
    }
    for (const ForeignKey& key : table_.target.foreign_keys)
      RETURN_IF_ERROR(add_orphans(key, proof));
    for (const NecessityEdge& edge : table_.closure.edges) {
      const ForeignKey& key = edge.foreign_key;
      if (key.configured && key.parent_store.empty()) RETURN_IF_ERROR(add_orphans(key, proof));
    }
    RETURN_IF_ERROR(count_duplicates(proof));
    if (table_.doomed) {
      ASSIGN_OR_RETURN(proof.surplus, count_surplus(context_, table_));
    }
    return proof;
  }

 private:
  // A row, as t, that belongs to another scope.
  [[nodiscard]] std::string foreign_row() const {
    const Column* column =
        table_.closure.key_column.empty() ? nullptr : table_.target.column(table_.closure.key_column);
    if (column == nullptr) return "NOT " + owned_in_target_sql(context_, table_, "t");
    const std::string name = quote_identifier(column->name);
    return affinity_of(column->type_name) == Affinity::blob
               ? fmt::format("CAST(t.{} AS TEXT) IS NOT godwit_scope()", name)
               : fmt::format("t.{} IS NOT godwit_scope()", name);
  }

  Status add_orphans(const ForeignKey& key, Proof& proof) {
    if (key.parent_columns.empty()) {
      return make_error(
          ErrorKind::failed,
          fmt::format("{} refers to {}, which is not in the target", key.name, key.parent.text()),
          "bring the target's schema up to the source's");
    }
    std::string present;
    std::string on;
    for (size_t i = 0; i < key.columns.size(); ++i) {
      const std::string column = quote_identifier(key.columns[i]);
      present += fmt::format(" AND t.{} IS NOT NULL", column);
      on += fmt::format("{}p.{} = t.{}", i == 0 ? "" : " AND ", quote_identifier(key.parent_columns[i]),
                        column);
    }
    ASSIGN_OR_RETURN(
        const int64_t orphans,
        database_.number(fmt::format("SELECT count(*) FROM {} WHERE r.written{} AND NOT EXISTS (SELECT 1 "
                                     "FROM {} AS p WHERE {})",
                                     join_, present, table_sql(key.parent), on)));
    proof.orphans += orphans;
    return {};
  }

  // Only where the target has no constraint of its own over the source's key.
  Status count_duplicates(Proof& proof) {
    const Key* key = table_.source_table.primary_key();
    if (key == nullptr || !table_.identity.whole_rows) return {};
    std::vector<std::string> columns;
    for (const std::string& name : key->columns) {
      if (table_.target.column(name) == nullptr) return {};
      columns.push_back("t." + quote_identifier(name));
    }
    ASSIGN_OR_RETURN(
        proof.duplicate_keys,
        database_.number(fmt::format("SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM {} "
                                     "GROUP BY {} HAVING count(*) > 1)",
                                     join_, join(columns, ", "))));
    return {};
  }

  sqlite::Database& database_;
  LoadContext& context_;
  const LoadedTable& table_;
  std::string join_;
};

}  // namespace

Result<Proof> prove_table(LoadContext& context, const LoadedTable& table) {
  context.connection.set_scope(table.scope);
  return TableProof(context, table).run();
}

}  // namespace godwit::connect
