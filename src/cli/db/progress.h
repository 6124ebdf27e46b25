// A line per migration, as it happens, to standard error.
#pragma once

#include "cli/application.h"
#include "schema/observer.h"

namespace godwit::cli {

// The application outlives it.
class DbProgress final : public schema::Observer {
 public:
  explicit DbProgress(const Application& app) : app_(app) {}
  void on_wait(std::string_view text) override;
  void on_progress(std::string_view text) override;
  void on_step(const schema::Migration& migration, schema::Direction direction, size_t number,
               size_t of) override;
  void on_step_done(const schema::Migration& migration, schema::Direction direction,
                    int64_t duration_us) override;
  void on_retry(const schema::Migration& migration, std::string_view why, int64_t pause_ms) override;

 private:
  const Application& app_;
  int64_t told_us_ = 0;  // when progress was told last
};

}  // namespace godwit::cli
