// What `godwit db …` was asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace godwit::cli {

struct DbArguments {
  std::string command;  // "status", "upgrade", … ; empty = no db command
  std::string database, environment;
  bool all = false;
  std::string revision, run, plan_hash, title, server;
  int64_t steps = 1;
  bool dry_run = false, ci = false, backup = false, skip_health_checks = false, skip_validation = false;
  // backup, restore
  std::string format, file, into;
  bool verify = false, swap = false, force = false;
};

}  // namespace godwit::cli
