// How the tool of a history is started, where migrations are programs that only it can run (Alembic, Knex).
// Read from `databases.NAME.migrations`, with the rest of database_care.h.
#pragma once

#include <string>
#include <vector>

namespace godwit {

struct MigrationPrograms {
  std::vector<std::string> command;    // empty = the tool's own name, looked for in PATH
  std::vector<std::string> variables;  // of the environment that the program is given besides the usual ones
  std::string url_variable;            // under which it finds the database's URL; empty = DATABASE_URL
  // Alembic. Paths as written: they count from the folder of godwit.yml; empty = looked for.
  std::string ini, ini_section;
  std::string bodies = "print";  // print | print-or-run | run
  // Knex.
  std::string knexfile, knex_environment;
  std::vector<std::string> load_extensions;  // empty = Knex's own
};

}  // namespace godwit
