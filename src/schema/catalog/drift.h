// Drift: what was changed in a database since the last run, beside its history.
#pragma once

#include "schema/catalog/difference.h"
#include "schema/catalog/recorded.h"

namespace godwit::schema {

struct Drift {
  std::string run, taken_at;           // of the recorded catalog
  std::string recorded, live;          // fingerprints
  std::vector<CatalogChange> changes;  // from the recorded one to the live one
  std::vector<CatalogChange> back;     // and back
};

// ErrorKind::plan_refused when no run has recorded a catalog yet.
[[nodiscard]] Result<Drift> find_drift(Database& database, const History& history);

}  // namespace godwit::schema
