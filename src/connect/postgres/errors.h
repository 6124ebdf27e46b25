// Says where an Error happened without losing its SQLSTATE.
#pragma once

#include "base/result.h"

#include <string>
#include <utility>

namespace godwit::connect::postgres {

// The same Error, its message after "where: ".
[[nodiscard]] inline Error at(const std::string& where, Error error) {
  error.message = where + ": " + error.message;
  return error;
}

}  // namespace godwit::connect::postgres
