#include "schema/catalog/drift.h"

namespace godwit::schema {

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
  if (drift.recorded == drift.live) return drift;
  drift.changes = difference(recorded->snapshot, live);
  drift.back = difference(live, recorded->snapshot);
  return drift;
}

}  // namespace godwit::schema
