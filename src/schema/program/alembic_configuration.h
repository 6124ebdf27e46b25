// Where a project of Alembic's has its configuration, and where that says the revisions lie: alembic.ini, and
// [tool.alembic] of the pyproject.toml beside it, which Alembic reads from 1.16 on.
#pragma once

#include "base/result.h"
#include "schema/engine.h"
#include "schema/history/alembic/files/alembic_ini.h"

#include <optional>
#include <string>

namespace godwit::schema {

struct AlembicConfiguration {
  std::string ini;     // absolute; it need not be there
  std::string text;    // of the ini; empty = there is none
  std::string folder;  // of both: where Alembic is started
  std::string section;
  alembic::AlembicIni read;
};

// The one that the settings name, or the nearest from the folder of the migrations upward; nullopt = there is
// none. ErrorKind::config with file, line and column for one that cannot be read.
[[nodiscard]] Result<std::optional<AlembicConfiguration>> find_alembic_configuration(const Target& target);

// Where the configuration names several folders, or what lies below one: target.directory becomes the folder
// that holds them all, target.revision_folders says which they are, and target.programs.ini where that
// stands. Nothing for other tools, and where the one folder of the settings is all there is.
[[nodiscard]] Status place_revisions(Target& target);

}  // namespace godwit::schema
