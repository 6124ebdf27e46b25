// The project's own alembic: it prints revisions as SQL, and runs those that cannot be printed.
#pragma once

#include "base/result.h"
#include "schema/engine.h"
#include "schema/program/alembic_configuration.h"
#include "schema/program/tool.h"

#include <functional>
#include <string>
#include <vector>

namespace godwit::schema {

class AlembicTool {
 public:
  // Finds its configuration and reads it. ErrorKind::config when there is none. Both outlive the tool.
  [[nodiscard]] static Result<AlembicTool> open(const Target& target, const Services& services);

  // What it printed for these steps, which follow each other in one line; an outcome that is not 0 is no
  // Error. It gets no password: nothing is connected to.
  [[nodiscard]] Result<os::ChildOutcome> print(const Migration& first, const Migration& last,
                                               Direction direction) const;
  // It runs the one step itself, in the database of `endpoint`, and records it. `timeouts`: those of the
  // settings hold for its session.
  [[nodiscard]] Result<os::ChildOutcome> run(const StoreEndpoint& endpoint, const Migration& migration,
                                             Direction direction, bool timeouts) const;

 private:
  AlembicTool(const Target& target, const Services& services) : target_(&target), services_(&services) {}
  using Arguments = std::function<std::vector<std::string>(const std::string& ini)>;
  [[nodiscard]] Result<os::ChildOutcome> call(const ToolAddress& address, bool password,
                                              const Arguments& arguments) const;

  const Target* target_;
  const Services* services_;
  AlembicConfiguration configuration_;
  std::string scheme_;
};

// How the project's alembic.ini names new files; nothing for other tools, and where there is no such file.
[[nodiscard]] Status take_file_names(const Target& target, HistoryOptions& options);

// The error of a revision that could not be printed: what Alembic said, at the place it names.
[[nodiscard]] Error not_printed(const Target& target, const Migration& migration,
                                const os::ChildOutcome& outcome);

}  // namespace godwit::schema
