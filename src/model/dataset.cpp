#include "model/dataset.h"

namespace godwit {

std::string_view to_string(StagingType type) {
  switch (type) {
    case StagingType::boolean:
      return "boolean";
    case StagingType::int16:
      return "int16";
    case StagingType::int32:
      return "int32";
    case StagingType::int64:
      return "int64";
    case StagingType::float32:
      return "float32";
    case StagingType::float64:
      return "float64";
    case StagingType::decimal:
      return "decimal";
    case StagingType::text:
      return "text";
    case StagingType::binary:
      return "binary";
    case StagingType::date:
      return "date";
    case StagingType::time:
      return "time";
    case StagingType::timestamp:
      return "timestamp";
    case StagingType::timestamptz:
      return "timestamptz";
    case StagingType::uuid:
      return "uuid";
  }
  return "text";
}

}  // namespace godwit
