// Scalar functions. Private to src/duck.
#pragma once

#include "base/result.h"
#include "duck/capi/error_carrier.h"
#include "duck/capi/handles.h"
#include "duck/database.h"

#include <memory>

namespace godwit::duck {

[[nodiscard]] Status create_scalar_function(duckdb_connection connection, ScalarFunction function,
                                            std::shared_ptr<ErrorCarrier> errors);

}  // namespace godwit::duck
