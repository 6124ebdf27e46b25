// What a database and its connections share. Private to src/duck.
#pragma once

#include "duck/capi/error_carrier.h"
#include "duck/capi/handles.h"
#include "duck/capi/table_function.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace godwit::duck {

struct DatabaseState {
  std::shared_ptr<ErrorCarrier> errors = std::make_shared<ErrorCarrier>();
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<TableSlot>> tables;  // guarded by mutex
  DatabaseHandle handle;                                     // last: closed first
};

// A connection on an open database.
[[nodiscard]] Result<std::unique_ptr<Connection>> make_connection(std::shared_ptr<DatabaseState> state);

}  // namespace godwit::duck
