#include "connect/postgres/load/target_setup.h"

#include "base/text.h"
#include "connect/postgres/errors.h"
#include "connect/postgres/read/scan_sql.h"

#include <fmt/format.h>

namespace godwit::connect::postgres {

Status apply_trigger_policy(pg::Session& session, const Table& target, TriggerPolicy policy,
                            std::vector<SilencedTrigger>& silenced) {
  if (policy == TriggerPolicy::fire) return {};
  // A partitioned table's rows pass the triggers of its partitions.
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session.query("SELECT n.nspname, c.relname, t.tgname, t.tgenabled = 'A', false FROM pg_trigger t "
                    "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
                    "WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled IN ('O', 'A') "
                    "AND (t.tgtype & 28) <> 0 "  // INSERT, DELETE or UPDATE
                    "AND t.tgrelid IN (SELECT to_regclass($1) UNION "
                    "SELECT relid FROM pg_partition_tree(to_regclass($1))) "
                    "UNION ALL SELECT n.nspname, c.relname, r.rulename, r.ev_enabled = 'A', true FROM "
                    "pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = "
                    "c.relnamespace WHERE r.ev_class = to_regclass($1) AND r.ev_type <> '1' "
                    "AND r.ev_enabled IN ('O', 'A')",
                    {quoted(target.name)}));
  if (!rows.empty() && policy == TriggerPolicy::fail) {
    return make_error(ErrorKind::plan_refused,
                      fmt::format("{} has {} trigger(s) or rule(s) that would fire, {} for example",
                                  target.name.text(), rows.size(), rows.string(0, 2)),
                      "choose the trigger policy fire or disable");
  }
  for (size_t row = 0; row < rows.size(); ++row) {
    SilencedTrigger trigger{
        {rows.string(row, 0), rows.string(row, 1)}, rows.string(row, 2), rows.boolean(row, 3)};
    if (rows.boolean(row, 4)) trigger.kind = "RULE";
    RETURN_IF_ERROR(session.run(fmt::format("ALTER TABLE {} DISABLE {} {}", quoted(trigger.table),
                                            trigger.kind, quote_identifier(trigger.name))));
    silenced.push_back(std::move(trigger));
  }
  return {};
}

Status wake_triggers(pg::Session& session, const std::vector<SilencedTrigger>& silenced) {
  for (const SilencedTrigger& trigger : silenced) {
    RETURN_IF_ERROR(session.run(fmt::format("ALTER TABLE {} ENABLE {}{} {}", quoted(trigger.table),
                                            trigger.always ? "ALWAYS " : "", trigger.kind,
                                            quote_identifier(trigger.name))));
  }
  return {};
}

Status advance_sequences(pg::Session& session, const Table& target) {
  for (const Sequence& sequence : target.sequences) {
    const std::string name = quoted({sequence.schema, sequence.name});
    // Descending sequences stay: "at least" has no meaning for them.
    auto advanced = session.query(fmt::format(
        "SELECT setval({0}::regclass, m.greatest) FROM (SELECT max({1})::bigint AS greatest FROM {2}) m, {3} "
        "s, "
        "pg_sequence q WHERE q.seqrelid = {0}::regclass AND q.seqincrement > 0 AND m.greatest <= q.seqmax "
        "AND m.greatest >= q.seqmin "
        "AND (m.greatest > s.last_value OR (m.greatest = s.last_value AND NOT s.is_called))",
        quote_literal(name), quote_identifier(sequence.column), quoted(target.name), name));
    if (!advanced.ok()) return advanced.error();
  }
  return {};
}

Status advance_sequences(LoadContext& context) {
  for (const auto& [name, table] : context.tables) {
    if (const Status advanced = advance_sequences(context.session, table->target); !advanced.ok()) {
      return at("advancing the sequences of " + table->dataset_id, advanced.error());
    }
  }
  return {};
}

}  // namespace godwit::connect::postgres
