// What a dry run shows besides the SQL: the structure before and after, from a rehearsal of the way up alone.
#include "schema/rehearse/rehearsal.h"
#include "schema/run/migration_run.h"

namespace godwit::schema {

Status MigrationRun::preview() {
  SchemaPreview preview;
  if (options_.direction == Direction::down) return {};
  if (options_.skip_rehearsal) {
    report_.skipped.emplace_back("rehearsal");
    return {};
  }
  RehearsalOptions options;
  options.target = options_.target;
  options.temporary_folder = options_.temporary_folder;
  options.only_up = true;
  const auto rehearsal = rehearse(target_, services_, history_, options);
  if (!rehearsal.ok()) {
    if (rehearsal.error().kind == ErrorKind::interrupted) return rehearsal.error();
    preview.why_not = rehearsal.error().text();
  } else {
    preview.where = rehearsal->where;
    preview.server = rehearsal->server;
    preview.before = rehearsal->start;
    preview.after = rehearsal->end;
    for (const CatalogChange& change : rehearsal->changes) {
      preview.changes.push_back({std::string(word_of(change.what)), change.kind, change.name, change.before,
                                 change.after, change.sql, change.destructive});
    }
  }
  report_.preview = std::move(preview);
  return {};
}

}  // namespace godwit::schema
