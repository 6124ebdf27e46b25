#include "connect/postgres/catalog/catalog_queries.h"

namespace godwit::connect::postgres {
namespace {

// The tables that are the user's: not the system's, not godwit's own, not an extension's, not temporary.
constexpr const char* of_user_tables =
    "user_tables AS (SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' "
    "AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'godwit') "
    "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid "
    "AND d.deptype = 'e')) ";

std::string with_user_tables(const std::string& query) {
  return std::string("WITH ") + of_user_tables + query;
}

}  // namespace

std::string tables_query() {
  return with_user_tables(
      "SELECT t.oid, n.nspname, t.relname, t.relkind, t.relispartition, pn.nspname, p.relname, "
      "t.reltuples::bigint, t.relpages, "
      "CASE WHEN t.relkind IN ('r', 'm') THEN coalesce(pg_relation_size(t.oid), 0) ELSE 0 END "
      "FROM user_tables t JOIN pg_namespace n ON n.oid = t.relnamespace "
      "LEFT JOIN pg_inherits i ON i.inhrelid = t.oid AND t.relispartition "
      "LEFT JOIN pg_class p ON p.oid = i.inhparent LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace "
      "ORDER BY n.nspname COLLATE \"C\", t.relname COLLATE \"C\"");
}

std::string columns_query() {
  // A domain may stand on a domain: follow typbasetype down to the base.
  return "WITH RECURSIVE " + std::string(of_user_tables) +
         ", base AS (SELECT t.oid AS own, t.oid, t.typtype, t.typbasetype, t.typtypmod FROM pg_type t "
         "UNION ALL SELECT b.own, t.oid, t.typtype, t.typbasetype, "
         "CASE WHEN b.typtypmod >= 0 THEN b.typtypmod ELSE t.typtypmod END "
         "FROM base b JOIN pg_type t ON t.oid = b.typbasetype WHERE b.typtype = 'd') "
         "SELECT c.oid, a.attname, format_type(a.atttypid, a.atttypmod), ton.nspname, tow.typname, "
         "tbn.nspname, "
         "tb.typname, tb.typtype, tb.typcategory, "
         "CASE WHEN tow.typtype = 'd' THEN b.typtypmod ELSE a.atttypmod END, a.attnotnull OR tow.typnotnull, "
         "a.atthasdef, a.attgenerated, a.attidentity, "
         "(SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = tb.oid), "
         "tow.typtype = 'd', coalesce(NOT co.collisdeterministic, false) "
         "FROM user_tables c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT "
         "a.attisdropped "
         "JOIN pg_type tow ON tow.oid = a.atttypid JOIN pg_namespace ton ON ton.oid = tow.typnamespace "
         "JOIN base b ON b.own = tow.oid AND b.typtype <> 'd' "
         "JOIN pg_type tb ON tb.oid = b.oid JOIN pg_namespace tbn ON tbn.oid = tb.typnamespace "
         "LEFT JOIN pg_collation co ON co.oid = a.attcollation ORDER BY c.oid, a.attnum";
}

std::string keys_query() {
  // to_jsonb(i): indnullsnotdistinct exists from PostgreSQL 15 on.
  return with_user_tables(
      "SELECT c.oid, ic.relname, "
      "(SELECT json_agg(a.attname ORDER BY k.n) FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, n) "
      "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum WHERE k.n <= i.indnkeyatts), "
      "i.indisprimary, NOT i.indimmediate, "
      "CASE WHEN i.indexprs IS NOT NULL THEN pg_get_indexdef(i.indexrelid) END, "
      "pg_get_expr(i.indpred, i.indrelid), "
      "NOT coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) "
      "FROM user_tables c JOIN pg_index i ON i.indrelid = c.oid AND i.indisunique AND i.indisvalid "
      "JOIN pg_class ic ON ic.oid = i.indexrelid ORDER BY c.oid, i.indisprimary DESC, ic.relname COLLATE "
      "\"C\"");
}

std::string foreign_keys_query() {
  // conparentid <> 0: clones that partitioning makes of a constraint that is listed already.
  return with_user_tables(
      "SELECT c.oid, k.conname, "
      "(SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY u(attnum, n) "
      "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum), "
      "pn.nspname, p.relname, "
      "(SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.confkey) WITH ORDINALITY u(attnum, n) "
      "JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum), "
      "k.condeferrable, k.confmatchtype = 'f', k.confdeltype, k.confupdtype, k.convalidated "
      "FROM user_tables c JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f' AND k.conparentid = "
      "0 "
      "JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace "
      "ORDER BY c.oid, k.conname COLLATE \"C\"");
}

std::string checks_query() {
  return with_user_tables(
      "SELECT c.oid, k.conname, pg_get_expr(k.conbin, k.conrelid) FROM user_tables c "
      "JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'c' ORDER BY c.oid, k.conname COLLATE "
      "\"C\"");
}

std::string triggers_query() {
  return with_user_tables(
      "SELECT c.oid, t.tgname, t.tgtype, t.tgenabled FROM user_tables c "
      "JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal ORDER BY c.oid, t.tgname COLLATE \"C\"");
}

std::string sequences_query() {
  // Owned by a column (serial, identity), or called by its default.
  return with_user_tables(
      ", fed AS (SELECT d.refobjid AS relid, d.refobjsubid AS attnum, d.objid AS seqid FROM pg_depend d "
      "WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', "
      "'i') "
      "AND d.refobjsubid > 0 "
      "UNION SELECT f.adrelid, f.adnum, d.refobjid FROM pg_attrdef f JOIN pg_depend d "
      "ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass) "
      "SELECT c.oid, sn.nspname, s.relname, a.attname, q.last_value FROM user_tables c "
      "JOIN fed ON fed.relid = c.oid JOIN pg_class s ON s.oid = fed.seqid AND s.relkind = 'S' "
      "JOIN pg_namespace sn ON sn.oid = s.relnamespace "
      "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = fed.attnum "
      "LEFT JOIN pg_sequences q ON q.schemaname = sn.nspname AND q.sequencename = s.relname "
      "ORDER BY c.oid, a.attnum");
}

}  // namespace godwit::connect::postgres
