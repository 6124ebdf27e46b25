// The structure of an SQLite database is the text that made it: compared without comments, layout and the way
// in which its name is quoted, which ALTER TABLE … RENAME rewrites.
#include "base/text.h"
#include "schema/catalog/snapshot.h"
#include "sql/meaning.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

bool is_plain(std::string_view name) {
  return !name.empty() && (name[0] < '0' || name[0] > '9') &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

// "people" and people are one name; what stands inside 'literals' stays.
std::string without_needless_quotes(std::string_view form) {
  std::string plain;
  for (size_t at = 0; at < form.size();) {
    const char quote = form[at];
    const size_t end = quote == '\'' || quote == '"' ? form.find(quote, at + 1) : std::string_view::npos;
    if (end == std::string_view::npos) {
      plain += form[at++];
      continue;
    }
    const std::string_view inside = form.substr(at + 1, end - at - 1);
    plain += quote == '"' && is_plain(inside) ? to_lower_ascii(inside)
                                              : std::string(form.substr(at, end + 1 - at));
    at = end + 1;
  }
  return plain;
}

// A table's own name stands in front of its body, and is compared as the object's name.
std::string form_of(const std::string& kind, const std::string& create) {
  const std::string form = without_needless_quotes(sql::canonical(create, sql::Dialect::sqlite));
  if (kind != "table") return form;
  const size_t body = form.find(" ( ");
  return body == std::string::npos ? form : form.substr(body + 1);
}

std::string drop_of(const std::string& kind, const std::string& name) {
  const char* word = kind == "table"   ? "TABLE"
                     : kind == "index" ? "INDEX"
                     : kind == "view"  ? "VIEW"
                                       : "TRIGGER";
  return fmt::format("DROP {} {}", word, quote_identifier(name));
}

}  // namespace

Result<Snapshot> take_sqlite_snapshot(Database& database, const std::vector<std::string>& hidden) {
  ASSIGN_OR_RETURN(const auto rows,
                   database.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT "
                                 "NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tbl_name NOT "
                                 "LIKE 'godwit\\_%' ESCAPE '\\' ORDER BY rowid"));
  Snapshot snapshot;
  for (const Row& row : rows) {
    const std::string table = row[2].value_or("");
    if (std::find(hidden.begin(), hidden.end(), table) != hidden.end()) continue;
    CatalogObject object;
    object.kind = row[0].value_or("");
    object.name = row[1].value_or("");
    if (object.kind == "index" || object.kind == "trigger") object.parent = "table " + table;
    object.create = row[3].value_or("");
    object.form = form_of(object.kind, object.create);
    object.drop = drop_of(object.kind, object.name);
    snapshot.objects.push_back(std::move(object));
  }
  return snapshot;
}

}  // namespace godwit::schema
