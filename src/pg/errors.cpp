#include "pg/errors.h"

#include <algorithm>
#include <array>
#include <utility>

namespace godwit::pg {
namespace {

using Entry = std::pair<std::string_view, std::string_view>;

// Codes that a person meets; then the classes.
constexpr std::array conditions = {
    Entry{"08001", "connection_not_established"},
    Entry{"08006", "connection_failure"},
    Entry{"22001", "string_data_right_truncation"},
    Entry{"22003", "numeric_value_out_of_range"},
    Entry{"22007", "invalid_datetime_format"},
    Entry{"22008", "datetime_field_overflow"},
    Entry{"22021", "character_not_in_repertoire"},
    Entry{"22P02", "invalid_text_representation"},
    Entry{"22P03", "invalid_binary_representation"},
    Entry{"22P04", "bad_copy_file_format"},
    Entry{"23502", "not_null_violation"},
    Entry{"23503", "foreign_key_violation"},
    Entry{"23505", "unique_violation"},
    Entry{"23514", "check_violation"},
    Entry{"23P01", "exclusion_violation"},
    Entry{"25006", "read_only_sql_transaction"},
    Entry{"25P02", "in_failed_sql_transaction"},
    Entry{"25P03", "idle_in_transaction_session_timeout"},
    Entry{"28000", "invalid_authorization_specification"},
    Entry{"28P01", "invalid_password"},
    Entry{"3D000", "database_does_not_exist"},
    Entry{"3F000", "invalid_schema_name"},
    Entry{"40001", "serialization_failure"},
    Entry{"40P01", "deadlock_detected"},
    Entry{"42501", "insufficient_privilege"},
    Entry{"42601", "syntax_error"},
    Entry{"42703", "undefined_column"},
    Entry{"42704", "undefined_object"},
    Entry{"42804", "datatype_mismatch"},
    Entry{"42883", "undefined_function"},
    Entry{"42P01", "undefined_table"},
    Entry{"42P07", "duplicate_table"},
    Entry{"53100", "disk_full"},
    Entry{"53200", "out_of_memory"},
    Entry{"53300", "too_many_connections"},
    Entry{"55000", "object_not_in_prerequisite_state"},
    Entry{"55006", "object_in_use"},
    Entry{"55P03", "lock_not_available"},
    Entry{"57014", "query_canceled"},
    Entry{"57P01", "admin_shutdown"},
    Entry{"57P02", "crash_shutdown"},
    Entry{"57P03", "cannot_connect_now"},
    Entry{"58030", "io_error"},
    Entry{"P0001", "raise_exception"},
    Entry{"XX001", "data_corrupted"},
    Entry{"XX002", "index_corrupted"},
};
constexpr std::array sqlstate_classes = {
    Entry{"08", "connection_exception"},
    Entry{"0A", "feature_not_supported"},
    Entry{"21", "cardinality_violation"},
    Entry{"22", "data_exception"},
    Entry{"23", "integrity_constraint_violation"},
    Entry{"25", "invalid_transaction_state"},
    Entry{"28", "invalid_authorization_specification"},
    Entry{"40", "transaction_rollback"},
    Entry{"42", "syntax_error_or_access_rule_violation"},
    Entry{"44", "with_check_option_violation"},
    Entry{"53", "insufficient_resources"},
    Entry{"54", "program_limit_exceeded"},
    Entry{"55", "object_not_in_prerequisite_state"},
    Entry{"57", "operator_intervention"},
    Entry{"58", "system_error"},
    Entry{"P0", "plpgsql_error"},
    Entry{"XX", "internal_error"},
};

std::string_view hint_for(std::string_view sqlstate, ErrorKind kind) {
  const std::string_view category = sqlstate.substr(0, 2);
  if (sqlstate == "3D000") return "check the database name of this store";
  if (sqlstate == "42501") return "grant the account the missing privilege, or configure another account";
  if (sqlstate == "53300") return "raise max_connections or use fewer connections";
  if (sqlstate == "53100") return "free disk space on the database server";
  if (category == "53" || category == "58" || category == "XX")
    return "look into the server's log: it says what the server met";
  switch (kind) {
    case ErrorKind::credentials:
      return "check user and password of this store";
    case ErrorKind::gate:
      return "the server or the account is read-only; write to another environment";
    case ErrorKind::locked:
      return "another session holds the lock; try again when it is done";
    case ErrorKind::unreachable:
      return "check that the server runs and accepts connections";
    default:
      return {};
  }
}

}  // namespace

ErrorKind kind_of(std::string_view sqlstate) {
  const std::string_view category = sqlstate.substr(0, 2);
  if (category == "08" || sqlstate == "57P01" || sqlstate == "57P02" || sqlstate == "57P03" ||
      sqlstate == "57P05" || sqlstate == "53300" || sqlstate == "3D000") {
    return ErrorKind::unreachable;
  }
  if (category == "28" || sqlstate == "42501") return ErrorKind::credentials;
  if (sqlstate == "25006") return ErrorKind::gate;
  if (sqlstate == "55P03") return ErrorKind::locked;
  return ErrorKind::failed;
}

bool may_quote_values(std::string_view sqlstate) {
  constexpr std::array naming = {"08", "0A", "23", "25", "26", "28", "2B", "34", "3D",
                                 "3F", "40", "42", "53", "54", "55", "57", "58"};
  return std::find(naming.begin(), naming.end(), sqlstate.substr(0, 2)) == naming.end();
}

std::string_view condition_name(std::string_view sqlstate) {
  for (const auto& [code, name] : conditions) {
    if (code == sqlstate) return name;
  }
  for (const auto& [code, name] : sqlstate_classes) {
    if (code == sqlstate.substr(0, 2)) return name;
  }
  return {};
}

Error error_from(const ErrorFields& fields) {
  if (fields.sqlstate.empty()) return connection_lost();
  const std::string_view condition = condition_name(fields.sqlstate);
  std::string message =
      condition.empty() ? std::string("the server refused a statement") : std::string(condition);
  if (!fields.table.empty()) {
    message += " on " + (fields.schema.empty() ? "" : fields.schema + ".") + fields.table;
  }
  if (!fields.column.empty()) message += ", column " + fields.column;
  if (!fields.data_type.empty()) message += ", type " + fields.data_type;
  if (!fields.constraint.empty()) message += ", constraint " + fields.constraint;
  if (!fields.position.empty()) message += ", at character " + fields.position;
  const ErrorKind kind = kind_of(fields.sqlstate);
  Error error = make_error(kind, std::move(message), std::string(hint_for(fields.sqlstate, kind)));
  error.sqlstate = fields.sqlstate;
  return error;
}

Error connection_lost() {
  return make_error(ErrorKind::unreachable, "the connection to the server was lost",
                    "check that the server runs and the network holds; then resume");
}

}  // namespace godwit::pg
