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
  std::string revision, run, plan, title, server;  // plan: a hash, or a file that holds one
  std::string repair;                              // "applied", "reverted", "forget", "checksum", "restart"
  std::string commit;
  int64_t hours = 24;
  std::string receipt, verify_receipt;                    // files: of rehearse, upgrade and downgrade
  std::string tool, url_variable = "DATABASE_URL", path;  // adopt
  std::vector<std::string> files;                         // lint
  std::string lint_format = "text", report_format = "text";
  bool all_files = false, strict = false;
  bool merge = false;  // new
  int64_t steps = 1;
  bool dry_run = false, ci = false, backup = false, skip_health_checks = false, skip_validation = false,
       skip_rehearsal = false;
  // backup, restore
  std::string format, file, into;
  bool verify = false, swap = false, force = false;
};

}  // namespace godwit::cli
