// The commands. Each one reads its own arguments, makes one engine call and prints.
#pragma once

#include "base/result.h"
#include "cli/application.h"

namespace godwit::cli {

[[nodiscard]] Status run_command(Application& app);
[[nodiscard]] Status verify_command(Application& app);
[[nodiscard]] Status rollback_command(Application& app);
[[nodiscard]] Status runs_command(Application& app);
[[nodiscard]] Status status_command(Application& app);
[[nodiscard]] Status cancel_command(Application& app);
[[nodiscard]] Status report_command(Application& app);
[[nodiscard]] Status inspect_command(Application& app);
[[nodiscard]] Status analyze_command(Application& app);
[[nodiscard]] Status mask_command(Application& app);
[[nodiscard]] Status init_command(Application& app);
[[nodiscard]] Status doctor_command(Application& app);
[[nodiscard]] Status demo_command(Application& app);

// A run's end, told to a person: verdict, figures, where the report is.
void print_outcome(const Application& app, const RunReport& report);

}  // namespace godwit::cli
