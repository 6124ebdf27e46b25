// Where the files lie that databasechangelog names: it knows them by a path of Liquibase's own, from its
// search path on.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema {

struct LiquibaseFiles {
  std::string folder;  // relative to the project; empty = the project itself
  std::string prefix;  // of the names in the table, before the files' own below `folder`
};

// `recorded`: FILENAME of the rows; `paths`: the project's files. The folder is the deepest one that holds
// all that were found. With none recorded, the folder of `changelog` (changeLogFile of liquibase.properties;
// may be empty) or, with none of that, of the files in formatted SQL.
[[nodiscard]] Result<LiquibaseFiles> find_liquibase_files(const std::vector<std::string>& recorded,
                                                          const std::vector<std::string>& paths,
                                                          const std::string& changelog,
                                                          const std::string& project);

}  // namespace godwit::schema
