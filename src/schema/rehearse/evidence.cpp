#include "schema/rehearse/evidence.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace godwit::schema {

namespace {

// The names of pg_locks, weakest first, and those of the documentation.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> modes = {
    {{"AccessShareLock", "ACCESS SHARE"},
     {"RowShareLock", "ROW SHARE"},
     {"RowExclusiveLock", "ROW EXCLUSIVE"},
     {"ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE"},
     {"ShareLock", "SHARE"},
     {"ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE"},
     {"ExclusiveLock", "EXCLUSIVE"},
     {"AccessExclusiveLock", "ACCESS EXCLUSIVE"}}};

// A dropped table has no name any more, only its OID.
constexpr const char* look_sql =
    "SELECT 'lock', l.relation::text, l.mode, '' FROM pg_catalog.pg_locks l WHERE l.pid = "
    "pg_catalog.pg_backend_pid() AND l.granted AND l.locktype = 'relation' UNION ALL SELECT 'file', "
    "c.oid::text, "
    "c.relfilenode::text, pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN "
    "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm', 'f') AND "
    "n.nspname NOT "
    "LIKE 'pg\\_%' AND n.nspname NOT IN ('godwit', 'information_schema') UNION ALL SELECT 'wal', '', "
    "pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')::text, ''";

int strength(std::string_view mode) {
  for (size_t i = 0; i < modes.size(); ++i) {
    if (modes[i].first == mode) return static_cast<int>(i) + 1;
  }
  return 0;
}

// "in transaction 3" -> 3 when that is how it begins.
size_t number_after(std::string_view moment, std::string_view words) {
  size_t number = 0;
  if (moment.starts_with(words))
    std::from_chars(moment.data() + words.size(), moment.data() + moment.size(), number);
  return number;
}

}  // namespace

Witness::Witness(Database& database, const Clock& clock, const Migration& migration, Direction direction,
                 const PreparedScript& prepared, std::vector<StatementEvidence>& out)
    : database_(database),
      clock_(clock),
      migration_(migration),
      script_(direction == Direction::up ? migration.up : migration.down),
      prepared_(prepared),
      out_(out) {}

Result<Witness::Sample> Witness::look() {
  Sample sample;
  if (database_.dialect() == sql::Dialect::sqlite) return sample;
  ASSIGN_OR_RETURN(const auto rows, database_.rows(look_sql));
  for (const Row& row : rows) {
    const std::string key = row[1].value_or("");
    const std::string value = row[2].value_or("");
    if (row[0] == "lock") {
      sample.locks[key] = std::max(sample.locks[key], strength(value));
    } else if (row[0] == "file") {
      sample.files[key] = value;
      if (since_us_ == 0) names_[key] = row[3].value_or("");
    } else {
      std::from_chars(value.data(), value.data() + value.size(), sample.wal_bytes);
    }
  }
  return sample;
}

Status Witness::begin() {
  ASSIGN_OR_RETURN(last_, look());
  since_us_ = clock_.monotonic_us();
  return {};
}

void Witness::finish(size_t statement, bool observed) {
  if (statement == 0 || statement > prepared_.statements.size() || !status_.ok()) return;
  const int64_t now_us = clock_.monotonic_us();
  auto sample = look();
  if (!sample.ok()) {
    status_ = sample.error();
    return;
  }
  const PreparedStatement& prepared = prepared_.statements[statement - 1];
  StatementEvidence evidence;
  evidence.revision = migration_.revision;
  const SourceLocation place = place_of(script_, prepared.statement);
  evidence.file = place.file;
  evidence.line = place.line;
  evidence.command = prepared.facts.command;
  evidence.statement = static_cast<int64_t>(statement);
  evidence.observed = observed;
  evidence.wal_bytes = sample->wal_bytes - last_.wal_bytes;
  evidence.duration_us = now_us - since_us_;
  for (const auto& [oid, mode] : sample->locks) {
    const auto name = names_.find(oid);
    if (!observed || name == names_.end() || mode == 0 || mode <= last_.locks[oid]) continue;
    evidence.locks.push_back({name->second, std::string(modes.at(static_cast<size_t>(mode) - 1).second)});
  }
  if (!observed) {
    for (const sql::TableLock& lock : prepared.facts.tables)
      evidence.locks.push_back({lock.table, std::string(sql::to_string(lock.mode))});
  }
  for (const auto& [oid, file] : sample->files) {
    const auto before = last_.files.find(oid);
    if (before != last_.files.end() && before->second != file && names_.contains(oid))
      evidence.rewritten.push_back(names_[oid]);
  }
  out_.push_back(std::move(evidence));
  last_ = std::move(*sample);
  since_us_ = clock_.monotonic_us();
}

void Witness::reached(const std::string& moment) {
  std::string_view what = moment;
  if (what.starts_with(migration_.revision))
    what.remove_prefix(std::min(migration_.revision.size() + 1, what.size()));
  finish(number_after(what, "in transaction "), true);
  const size_t next = number_after(what, "statement ");
  if (next > 1) finish(next - 1, false);
  if (what == "record") finish(prepared_.statements.size(), false);
}

}  // namespace godwit::schema
