// Liquibase's formatted SQL: "--liquibase formatted sql", then changesets: "--changeset author:id
// key:value…", with "--rollback", "--comment", "--preconditions", "--validCheckSum", "--property" and
// "--ignoreLines".
#pragma once

#include "base/result.h"
#include "schema/migration.h"

#include <map>
#include <string>
#include <vector>

namespace godwit::schema {

struct ChangeSet {
  std::string id, author;
  std::map<std::string, std::string> attributes;  // as they are written: runOnChange, dbms, contextFilter …
  std::string comment;
  std::vector<std::string> valid_checksums;
  bool preconditions = false;
  Script up, down;
};

struct FormattedSql {
  bool formatted = false;                         // the first line says so; else there is nothing in here
  std::map<std::string, std::string> attributes;  // of the first line: logicalFilePath
  std::vector<ChangeSet> changesets;
};

// `properties`: values of ${name} that the project gives; those of the file are added, others stay as they
// are. ErrorKind::config with file and line for a changeset without author and id.
[[nodiscard]] Result<FormattedSql> read_formatted_sql(const MigrationFile& file,
                                                      std::map<std::string, std::string> properties);

// The checksum of a changeset of one SQL change, "9:" and an MD5: version 9 of the algorithm, since 4.22.
// Blind to white space, not to comments.
[[nodiscard]] std::string liquibase_checksum(std::string_view sql);

}  // namespace godwit::schema
