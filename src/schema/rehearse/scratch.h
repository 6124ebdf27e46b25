// Where a rehearsal takes place: a throwaway PostgreSQL of its own, databases on a server that is given, or
// files. Everything in it goes with it.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "schema/database/database.h"

#include <memory>
#include <string>

namespace godwit::schema {

class Scratch {
 public:
  virtual ~Scratch() = default;
  // A new database of this name: empty, or a copy of `from`, which nobody may be connected to.
  [[nodiscard]] virtual Status create(const std::string& name, const std::string& from) = 0;
  [[nodiscard]] virtual Status drop(const std::string& name) = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<Database>> open(const std::string& name) = 0;
  // Where that is, for programs that connect by themselves.
  [[nodiscard]] virtual StoreEndpoint endpoint_of(const std::string& name) const = 0;
  // Roles that scripts may name. Nothing on SQLite, and on servers that are not ours.
  [[nodiscard]] virtual Status create_roles(const std::vector<std::string>& roles) = 0;
  // "a throwaway PostgreSQL in /dev/shm", for people.
  [[nodiscard]] virtual std::string about() const = 0;
};

struct ScratchOptions {
  std::string server;  // a URL; empty = a throwaway server
  sql::Dialect dialect = sql::Dialect::postgres;
  int server_version = 0;  // of the live database: programs of its major version are preferred
  std::string temporary_folder;
  const Clock* clock = nullptr;
  const std::atomic<bool>* cancel = nullptr;
  uint64_t random_number = 0;
};

[[nodiscard]] Result<std::unique_ptr<Scratch>> make_scratch(const ScratchOptions& options);

}  // namespace godwit::schema
