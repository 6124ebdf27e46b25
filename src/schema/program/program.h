// A migration whose body is a program, run by the tool that it is written for. Order, lock, gates and backup
// stay with the engine; what it leaves in the history is what the tool would have left.
#pragma once

#include "base/result.h"
#include "schema/engine.h"

#include <memory>
#include <string>
#include <vector>

namespace godwit::schema {

struct ProgramOrder {
  const Migration* migration = nullptr;
  Direction direction = Direction::up;
  // Statements for the beginning and the end of the program's own transaction, each by itself; the last ones
  // record it. Not looked at by a tool that records by itself.
  std::vector<std::string> before, record;
  bool shared_sessions = false;  // a transaction pooler stands in between
  std::string log;               // the file that what it says is added to; empty = nowhere
};

// Why a program failed, as far as it can be told without quoting a row.
struct ProgramFailure {
  std::string message, sqlstate;
  SourceLocation where;
  bool transactional = true;  // nothing of it stands
  // It ended without saying how far it came: only the database knows.
  bool silent = false;
};

class ProgramRunner {
 public:
  virtual ~ProgramRunner() = default;
  // The tool that runs it: "knex".
  [[nodiscard]] virtual std::string tool() const = 0;
  // Whether it writes the row of the history by itself, so that godwit's own note follows behind.
  [[nodiscard]] virtual bool records() const = 0;
  // Before anything changes: ErrorKind::config when the tool is not there, or cannot be set up.
  [[nodiscard]] virtual Status check() = 0;
  // `failure` is filled when the Error is of the program; ErrorKind::locked for a lock that was not to be
  // had in time, ErrorKind::interrupted when cancelled.
  [[nodiscard]] virtual Status run(const ProgramOrder& order, ProgramFailure& failure) = 0;
};

// For the bodies of this target, in the database of `endpoint`; nullptr: nothing but SQL is run for its tool.
// Target, endpoint and services outlive it.
[[nodiscard]] std::unique_ptr<ProgramRunner> make_program_runner(const Target& target,
                                                                 const StoreEndpoint& endpoint,
                                                                 const Services& services);

// Adds to the log what a program said; best effort.
void log_program(const std::string& log, const Migration& migration, Direction direction,
                 std::string_view output, std::string_view errors);

// The message of a program that failed, when it can quote nothing but its own text; else its kind alone.
// `kind`: "TypeError". `may_quote`: it may hold values whatever it looks like.
[[nodiscard]] std::string told_message(std::string_view message, std::string_view kind,
                                       std::string_view source, bool may_quote);

}  // namespace godwit::schema
