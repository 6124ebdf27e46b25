// A database's structure at one moment, as canonical text per object: what is compared, remembered and
// hashed. OIDs, owners, privileges, storage parameters of columns, values of sequences and versions of
// extensions are no part of it; the order of a table's columns is. godwit's own tables and those of the
// history are left out.
//
// Dumped with pg_dump and restored, a database has the same fingerprint.
#pragma once

#include "base/result.h"
#include "schema/database/database.h"
#include "schema/history/history.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema {

struct CatalogObject {
  std::string kind;    // "table", "column", "index", "function", …
  std::string name;    // "public.people"; "public.people.name"; "public.f(integer)"
  std::string parent;  // the kind and name of the object that it comes and goes with; empty = none
  std::string form;    // what is compared
  std::string create;  // statements that make it; empty = it comes with something else
  std::string drop;    // the statement that removes it; empty = it goes with its parent
  std::vector<std::string>
      parts;  // columns: type, collation, default, identity, generated, not null; enum: labels
};

struct Snapshot {
  std::vector<CatalogObject> objects;  // in an order in which they can be made, as far as there is one

  // SHA-256, hex, over kind, name and form of every object, in the order of kind and name.
  [[nodiscard]] std::string fingerprint() const;
  // One JSON document (docs/FORMATS.md) and back; ErrorKind::failed for any other text.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static Result<Snapshot> parse(std::string_view text);
};

// PostgreSQL: three round trips in one read-only transaction; the connection must not be in another.
[[nodiscard]] Result<Snapshot> take_snapshot(Database& database, const History& history);

// Internal: of one dialect each. `hidden`: tables that are no part of the structure, "schema.table" or
// "table".
[[nodiscard]] Result<Snapshot> take_postgres_snapshot(Database& database,
                                                      const std::vector<std::string>& hidden);
[[nodiscard]] Result<Snapshot> take_sqlite_snapshot(Database& database,
                                                    const std::vector<std::string>& hidden);

}  // namespace godwit::schema
