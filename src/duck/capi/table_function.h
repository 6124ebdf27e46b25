// Table functions over TableProducer. Private to src/duck.
#pragma once

#include "base/result.h"
#include "duck/capi/error_carrier.h"
#include "duck/capi/handles.h"
#include "duck/database.h"

#include <memory>
#include <mutex>
#include <string>

namespace godwit::duck {

// What the catalog's function points to: the producer comes and goes, the name stays. Thread-safe.
struct TableSlot {
  std::string name;
  std::shared_ptr<ErrorCarrier> errors;
  std::mutex mutex;
  std::shared_ptr<TableProducer> producer;  // null = unregistered
  bool scanned = false;
};

// Creates the function `slot->name` in the database's catalog.
[[nodiscard]] Status create_table_function(duckdb_connection connection, std::shared_ptr<TableSlot> slot);

}  // namespace godwit::duck
