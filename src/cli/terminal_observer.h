// What a person sees while a run goes on: on a terminal one live line with rate and time left, in a pipe a
// line per phase and at most one per ten seconds, or JSON lines.
#pragma once

#include "base/time.h"
#include "model/run.h"

#include <memory>

namespace godwit::cli {

struct TerminalOptions {
  bool live = false, color = false, quiet = false, verbose = false, json_lines = false;
  int columns = 80;
};

// Writes to standard error. Safe from any thread.
[[nodiscard]] std::unique_ptr<RunObserver> make_terminal_observer(const Clock& clock,
                                                                  const TerminalOptions& options);

}  // namespace godwit::cli
