#include "sql/dialect.h"

namespace godwit::sql {

std::string_view to_string(Dialect dialect) {
  return dialect == Dialect::postgres ? "postgres" : "sqlite";
}

}  // namespace godwit::sql
