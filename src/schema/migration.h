// What a folder of migrations holds, and what a database says has been applied: the words that every history
// speaks. Plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace godwit::schema {

enum class TransactionMode : uint8_t {
  automatic,  // one transaction, unless a statement cannot run in one
  always,     // the file says so
  never       // the file says so: statement by statement
};

// One direction of a migration.
struct Script {
  enum class Kind : uint8_t {
    none,      // there is no such direction
    sql,       // `sql` is what to execute
    delegated  // a program of the tool's own language: only the tool can run it
  };
  Kind kind = Kind::none;
  std::string file;    // relative to the folder of migrations
  int first_line = 1;  // of `sql` inside `file`
  std::string sql;     // without the tool's own annotations where they are no SQL comments
  TransactionMode transaction = TransactionMode::automatic;
};

// What a history keeps beside the migrations that it read, to answer for them later (Alembic: the graph that
// says which rows change). Opaque to everybody else; immutable.
struct FolderIndex {
  FolderIndex() = default;
  FolderIndex(const FolderIndex&) = delete;
  FolderIndex& operator=(const FolderIndex&) = delete;
  virtual ~FolderIndex() = default;
};

struct Migration {
  enum class Kind : uint8_t {
    versioned,
    repeatable,  // applied again whenever its checksum changes, after all versioned ones or in_place
    baseline     // stands for everything up to its version
  };
  Kind kind = Kind::versioned;
  std::string
      revision;      // what the history calls it: Knex "001_init.js", Flyway "1.2", Alembic "d62d8b44f851"
  std::string name;  // what a person calls it
  std::string file;  // relative to the folder of migrations
  Script up, down;
  std::string checksum;  // by the tool's own algorithm, as its table holds it; empty = it has none
  std::vector<std::string> other_checksums;  // which the tool takes for the same
  std::string raw_sha256;                    // of the bytes of `file`, hex; set by whoever reads the folder
  std::string down_sha256;           // of the file of `down`, where that is one of its own; set likewise
  std::string meaning;               // of its SQL without comments and layout (sql/meaning.h); set likewise
  bool always = false;               // Liquibase: a repeatable one that is applied at every upgrade
  bool in_place = false;             // Liquibase: a repeatable one keeps its place in the order
  std::vector<std::string> parents;  // Alembic: down_revision; golang-migrate: the version below, which
                                     // its table falls back to; elsewhere the order of the folder says it
  std::vector<std::string> depends_on;  // Alembic: other revisions or labels
  std::vector<std::string> labels;      // Alembic: branch labels
  std::string author, path;             // Liquibase: with the name, what a changeset is known by
  std::string comment, contexts;        // Liquibase: what else its row says
  std::shared_ptr<const FolderIndex>
      index;  // of the whole folder; set by read_folder where its history has one
};

// A file of the folder, as the tool would find it.
struct MigrationFile {
  std::string path;  // relative to the folder, with '/'
  std::string text;  // bytes; empty when the history does not read files of that name
};

// A file that lies in the folder and is no migration by the tool's own rules.
struct IgnoredFile {
  std::string file;
  std::string reason;
};

// What a person should know of a file that is used.
struct FileRemark {
  std::string file;
  std::string text;
};

// A folder of migrations, in the order in which its tool would apply them.
struct MigrationFolder {
  std::vector<Migration> migrations;
  std::vector<IgnoredFile> ignored;
  std::vector<FileRemark> remarks;
};

// One row of a history: a migration that the database says was applied.
struct AppliedMigration {
  std::string revision;
  std::string name;
  std::optional<std::string> checksum;  // as the table holds it; nullopt = it holds none
  std::string applied_at;               // as the database prints it; empty = unknown
  std::string applied_by;
  int64_t batch = 0;    // Knex
  int64_t rank = 0;     // godwit's own table: the place in the order of application
  bool failed = false;  // begun and not ended: the tool itself would refuse to go on
  // Stands for everything up to its version, applied or not: a database that was there before its history.
  bool baseline = false;
};

struct RecordedHistory {
  bool exists = false;                    // its table is there
  std::vector<AppliedMigration> applied;  // oldest first
};

}  // namespace godwit::schema
