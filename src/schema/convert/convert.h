// Another tool's configuration as a godwit.yml: `godwit init --from FILE`.
#pragma once

#include "base/result.h"
#include "config/settings.h"
#include "schema/engine.h"

#include <string>
#include <vector>

namespace godwit::schema {

struct Conversion {
  std::string project;
  DatabaseSettings database;       // its folder of migrations is an absolute path
  ScriptNames names;               // Flyway
  std::vector<std::string> notes;  // what was not carried over, and what a person has to set; a sentence each
};

// Known by the file's name: devflow.yml, alembic.ini, pyproject.toml, knexfile.js (.cjs, .mjs),
// supabase/config.toml, flyway.conf, flyway.toml, .env. A password is never copied: a reference to a variable
// stands in its place. A knexfile is a program: `node` runs it, and is not there or fails: ErrorKind::config,
// whose hint says what to write by hand. Other names: ErrorKind::usage.
[[nodiscard]] Result<Conversion> convert_configuration(const std::string& file, const Services& services);

}  // namespace godwit::schema
