#include "connect/postgres/load/prove.h"

#include "base/text.h"
#include "connect/postgres/load/replaced_rows.h"
#include "connect/postgres/ownership_sql.h"
#include "connect/postgres/read/scan_sql.h"

#include <fmt/format.h>

namespace godwit::connect::postgres {
namespace {

// Above this, a foreign key that the server enforces is not asked again.
constexpr int64_t ask_again_rows = 100'000;

class TableProof {
 public:
  TableProof(LoadContext& context, const LoadedTable& table) : context_(context), table_(table) {}

  Result<Proof> run() {
    Proof proof;
    if (context_.xid.empty()) {
      ASSIGN_OR_RETURN(const pg::Rows rows, context_.session.query("SELECT pg_current_xact_id()::xid"));
      context_.xid = rows.string(0, 0);
    }
    RETURN_IF_ERROR(table_.stage.empty() ? count_direct(proof) : count_staged(proof));
    RETURN_IF_ERROR(count_orphans(proof));
    RETURN_IF_ERROR(count_duplicates(proof));
    if (table_.strategy == LoadStrategy::replace && table_.closure.membership == Membership::owned) {
      ASSIGN_OR_RETURN(proof.surplus, count_surplus(context_, table_));
    }
    return proof;
  }

 private:
  // The target's rows of this run, as t: "FROM … WHERE …", without shared rows that were there before. The
  // server asks for the transaction's number in one process only; of a number it looks at large tables in
  // several.
  std::string own_rows() const {
    return fmt::format("FROM {} t WHERE t.xmin = '{}'::xid", postgres::own_rows(table_.target), context_.xid);
  }

  // A row, as t, that belongs to another scope.
  std::string foreign_row() const {
    const std::string& key = table_.closure.key_column;
    const Column* column = key.empty() ? nullptr : table_.target.column(key);
    if (column != nullptr) {
      return fmt::format("t.{} IS DISTINCT FROM (SELECT current_setting('godwit.scope')::{})",
                         quote_identifier(key), column->type_name);
    }
    return "NOT " + owned_in_target_sql(context_, table_, "t");
  }

  Result<int64_t> number(const std::string& sql) {
    ASSIGN_OR_RETURN(const pg::Rows rows, context_.session.query(sql));
    return rows.number(0, 0);
  }

  Status count_direct(Proof& proof) {
    ASSIGN_OR_RETURN(const pg::Rows rows, context_.session.query(fmt::format(
                                              "SELECT count(*), sum(CASE WHEN {} THEN 1 ELSE 0 END) {}",
                                              foreign_row(), own_rows())));
    proof.rows = rows.number(0, 0);
    proof.foreign_rows = rows.number(0, 1);
    if (proof.rows == table_.rows) return {};
    // A trigger may have written rows here too, or under a subtransaction: ask for each key.
    std::string match;
    for (size_t i = 0; i < table_.identity.parts(); ++i) {
      match += fmt::format("{}{} = k.k{}", i == 0 ? "" : " AND ", table_.identity.part("t", i), i);
    }
    ASSIGN_OR_RETURN(proof.rows, number(fmt::format("SELECT count(*) FROM ({}) k JOIN {} t ON {}",
                                                    unpack_keys_sql(table_.identity, context_.marker.run,
                                                                    context_.marker.store, table_.ordinal),
                                                    postgres::own_rows(table_.target), match)));
    return {};
  }

  Status count_staged(Proof& proof) {
    const std::string target = postgres::own_rows(table_.target);
    if (table_.identity.whole_rows) {
      ASSIGN_OR_RETURN(
          proof.rows, number(fmt::format("SELECT count(*) FROM {} s WHERE EXISTS (SELECT FROM {} t WHERE {})",
                                         table_.stage, target, table_.identity.match("t", "s"))));
      if (table_.other_rows == table_.rows) return {};
      ASSIGN_OR_RETURN(proof.foreign_rows,
                       number(fmt::format("SELECT count(*) {} AND {}", own_rows(), foreign_row())));
      return {};
    }
    ASSIGN_OR_RETURN(
        const pg::Rows rows,
        context_.session.query(fmt::format(
            "SELECT count(*), sum(CASE WHEN s.{} AND {} THEN 1 ELSE 0 END) FROM {} s JOIN {} t ON {}",
            stage_owned, foreign_row(), table_.stage, target, table_.identity.match("t", "s"))));
    proof.rows = rows.number(0, 0);
    proof.foreign_rows = rows.number(0, 1);
    return {};
  }

  // The server checks foreign keys by internal triggers; a superuser may have switched them off.
  Result<bool> server_enforces() {
    ASSIGN_OR_RETURN(
        const pg::Rows rows,
        context_.session.query("SELECT current_setting('session_replication_role') = 'origin' AND NOT "
                               "EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass($1) AND "
                               "tgisinternal AND tgenabled NOT IN ('O', 'A'))",
                               {quoted(table_.target.name)}));
    return rows.boolean(0, 0);
  }

  Status count_orphans(Proof& proof) {
    ASSIGN_OR_RETURN(const bool enforced, server_enforces());
    for (const ForeignKey& key : table_.target.foreign_keys) {
      if (enforced && key.validated && !key.configured && table_.rows > ask_again_rows) continue;
      RETURN_IF_ERROR(add_orphans(key, proof));
    }
    for (const NecessityEdge& edge : table_.closure.edges) {
      if (edge.foreign_key.configured && edge.foreign_key.parent_store.empty()) {
        RETURN_IF_ERROR(add_orphans(edge.foreign_key, proof));
      }
    }
    return {};
  }

  Status add_orphans(const ForeignKey& key, Proof& proof) {
    std::string present;
    std::string join;
    for (size_t i = 0; i < key.columns.size(); ++i) {
      present += " AND t." + quote_identifier(key.columns[i]) + " IS NOT NULL";
      join += fmt::format("{}p.{} = t.{}", i == 0 ? "" : " AND ", quote_identifier(key.parent_columns[i]),
                          quote_identifier(key.columns[i]));
    }
    ASSIGN_OR_RETURN(const int64_t orphans,
                     number(fmt::format("SELECT count(*) {}{} AND NOT EXISTS (SELECT FROM {} p WHERE {})",
                                        own_rows(), present, quoted(key.parent), join)));
    proof.orphans += orphans;
    return {};
  }

  // Only where the target has no constraint of its own over the source's key.
  Status count_duplicates(Proof& proof) {
    const Key* key = table_.dataset.table.primary_key();
    if (key == nullptr || !table_.identity.whole_rows) return {};
    std::string columns;
    for (const std::string& name : key->columns) {
      if (table_.target.column(name) == nullptr) return {};
      columns += (columns.empty() ? "t." : ", t.") + quote_identifier(name);
    }
    ASSIGN_OR_RETURN(
        proof.duplicate_keys,
        number(fmt::format("SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n {} GROUP BY {} "
                           "HAVING count(*) > 1) d",
                           own_rows(), columns)));
    return {};
  }

  LoadContext& context_;
  const LoadedTable& table_;
};

}  // namespace

Result<Proof> prove_table(LoadContext& context, const LoadedTable& table) {
  return TableProof(context, table).run();
}

}  // namespace godwit::connect::postgres
