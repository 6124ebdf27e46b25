// Reports that the tests of this folder render.
#pragma once

#include "model/run_report.h"

#include <string>
#include <utility>
#include <vector>

namespace godwit::report {

// A completed run whose every name tries to act: quotes, markup, bars, line ends, control characters, broken
// UTF-8, text that runs backwards, formulas, mentions.
[[nodiscard]] RunReport nasty_report();
// Stopped by a failing check; three phases, nothing loaded.
[[nodiscard]] RunReport stopped_report();
// A rollback, and a verification that found differences.
[[nodiscard]] RunReport rollback_report();
[[nodiscard]] RunReport verification_report();
// As large as the reference fixture: 157 tables in four stores, 1,400 checks of every category.
[[nodiscard]] RunReport big_report();

// All of the small ones, with the names of their golden folders; "empty" is a report that knows nothing.
[[nodiscard]] std::vector<std::pair<std::string, RunReport>> small_reports();

}  // namespace godwit::report
