#include "cli/db/progress.h"

#include "base/time.h"

#include <fmt/format.h>

namespace godwit::cli {

namespace {

// In a pipe or CI a line is there for good.
constexpr int64_t pipe_line_every_us = 10'000'000;

}  // namespace

void DbProgress::on_wait(std::string_view text) {
  app_.tell("waiting: " + std::string(text));
}

void DbProgress::on_progress(std::string_view text) {
  const int64_t now_us = app_.world().clock->monotonic_us();
  if (!app_.world().error_is_terminal && told_us_ > 0 && now_us - told_us_ < pipe_line_every_us) return;
  told_us_ = now_us;
  app_.tell(text);
}

void DbProgress::on_step(const schema::Migration& migration, schema::Direction direction, size_t number,
                         size_t of) {
  app_.tell(fmt::format("[{}/{}] {} {}", number, of,
                        direction == schema::Direction::up ? "applying" : "undoing", migration.file));
}

void DbProgress::on_step_done(const schema::Migration& migration, schema::Direction /*direction*/,
                              int64_t duration_us) {
  if (app_.arguments().verbose)
    app_.tell(fmt::format("  {} {}", migration.revision, human_duration(duration_us)));
}

void DbProgress::on_retry(const schema::Migration& migration, std::string_view why, int64_t pause_ms) {
  app_.tell(fmt::format("  {}: {}; rolled back, again in {}", migration.revision, why,
                        human_duration(pause_ms * 1000)));
}

}  // namespace godwit::cli
