// The command line, parsed. scripts/generate-cli-reference makes docs/CLI.md of its help.
#pragma once

#include "base/result.h"
#include "cli/db/arguments.h"

#include <string>
#include <utility>
#include <vector>

namespace godwit::cli {

struct Arguments {
  std::string command;  // "run", "verify", … ; "help" when help or the version is asked for
  std::string help;     // the text, for "help"

  // Global
  std::string config;
  bool json = false, yes = false, quiet = false, verbose = false, no_color = false;
  std::string log_format = "text";

  // Commands; each reads its own.
  std::string pipeline, scope, run;
  std::string resume, from_run;
  std::string metrics;
  std::string confirm;
  std::string directory, from;
  std::string format = "html";
  std::string table;
  std::string explain;
  std::string strategy;
  bool dry_run = false, skip_load = false, purge_scope = false, show_masks = false, force = false;
  int limit = 20;
  double scale = 1.0;
  unsigned long seed = 1;
  std::vector<std::string> violate;
  std::vector<std::pair<std::string, std::string>> force_rows;  // table, key
  DbArguments db;
};

// ErrorKind::usage with CLI11's message.
[[nodiscard]] Result<Arguments> parse(int argc, const char* const* argv, const std::string& version);

}  // namespace godwit::cli
