#include "model/check_rule.h"

namespace godwit {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "ERROR";
    case Severity::warning:
      return "WARNING";
    case Severity::info:
      return "INFO";
  }
  return "ERROR";
}

std::string_view to_string(CheckRuleKind kind) {
  switch (kind) {
    case CheckRuleKind::row:
      return "row";
    case CheckRuleKind::required_fields:
      return "required_fields";
    case CheckRuleKind::cross_table:
      return "cross_table";
    case CheckRuleKind::exists:
      return "exists";
    case CheckRuleKind::aggregate:
      return "aggregate";
    case CheckRuleKind::cross_store:
      return "cross_store";
    case CheckRuleKind::field_pattern:
      return "field_pattern";
    case CheckRuleKind::sql:
      return "sql";
  }
  return "row";
}

std::string_view to_string(CheckCategory category) {
  switch (category) {
    case CheckCategory::schema:
      return "schema";
    case CheckCategory::not_null:
      return "not_null";
    case CheckCategory::unique:
      return "unique";
    case CheckCategory::referential:
      return "referential";
    case CheckCategory::constraint:
      return "constraint";
    case CheckCategory::masking:
      return "masking";
    case CheckCategory::completeness:
      return "completeness";
    case CheckCategory::business:
      return "business";
    case CheckCategory::data_quality:
      return "data_quality";
    case CheckCategory::cross_store:
      return "cross_store";
  }
  return "schema";
}

std::string_view to_string(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::passed:
      return "passed";
    case CheckVerdict::failed:
      return "failed";
    case CheckVerdict::warned:
      return "warned";
    case CheckVerdict::skipped:
      return "skipped";
  }
  return "skipped";
}

}  // namespace godwit
