#include "schema/catalog/drift.h"

#include "schema/catalog/rights.h"
#include "schema/history/sql_text.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

void append(std::vector<CatalogChange> more, std::vector<CatalogChange>& changes) {
  changes.insert(changes.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Owners and privileges, where the last run recorded them.
Status compare_rights(Database& database, const History& history, Drift& drift) {
  if (database.dialect() != sql::Dialect::postgres) return {};
  // A table that an older godwit made has no such column.
  ASSIGN_OR_RETURN(const auto rows,
                   database.rows(fmt::format("SELECT pg_catalog.to_jsonb(c) ->> 'rights', {} FROM "
                                             "godwit.catalog c WHERE history = {} ORDER BY id DESC LIMIT 1",
                                             rights_query(), history_text(database, history))));
  if (rows.empty() || !rows[0][0]) return {};
  ASSIGN_OR_RETURN(const Snapshot recorded, parse_rights(*rows[0][0]));
  ASSIGN_OR_RETURN(const Snapshot live, parse_rights(rows[0][1].value_or("")));
  const Snapshot before = of_common_objects(recorded, live), after = of_common_objects(live, recorded);
  append(difference(before, after), drift.changes);
  append(difference(after, before), drift.back);
  return {};
}

}  // namespace

Result<Drift> find_drift(Database& database, const History& history) {
  ASSIGN_OR_RETURN(const auto recorded, read_recorded_catalog(database, history));
  if (!recorded) {
    return make_error(
        ErrorKind::plan_refused,
        "nothing is known to compare with: no run of godwit has recorded the catalog of this database",
        "the next upgrade or downgrade that changes something records it");
  }
  ASSIGN_OR_RETURN(const Snapshot live, take_snapshot(database, history));
  Drift drift;
  drift.run = recorded->run;
  drift.taken_at = recorded->taken_at;
  drift.recorded = recorded->fingerprint;
  drift.live = live.fingerprint();
  if (drift.recorded != drift.live) {
    drift.changes = difference(recorded->snapshot, live);
    drift.back = difference(live, recorded->snapshot);
  }
  RETURN_IF_ERROR(compare_rights(database, history, drift));
  return drift;
}

}  // namespace godwit::schema
