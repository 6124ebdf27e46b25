// Who owns what, and who may do what with it: PostgreSQL's owners of schemas, relations and routines, and the
// privileges that differ from what an owner gives by default, default privileges among them. No part of the
// structure and its fingerprint: a rehearsal has other roles. Only drift compares them.
#pragma once

#include "base/result.h"
#include "schema/catalog/snapshot.h"
#include "schema/database/database.h"
#include "schema/history/history.h"

#include <string>
#include <string_view>

namespace godwit::schema {

// What the rows of recorded catalogs call this history, as an SQL literal.
[[nodiscard]] std::string history_text(const Database& database, const History& history);
// An SQL expression that makes one JSON document of them (docs/FORMATS.md), whatever the search path is.
[[nodiscard]] std::string rights_query();
// That document. ErrorKind::failed for any other text.
[[nodiscard]] Result<Snapshot> parse_rights(std::string_view text);

// `rights` without those of objects that `other` does not have: what was made or dropped is told as such.
[[nodiscard]] Snapshot of_common_objects(const Snapshot& rights, const Snapshot& other);

}  // namespace godwit::schema
