// The project's own tool (Alembic, Knex) as another program: where it runs, what it is told of the database,
// what it said. Credentials reach it through its environment or its standard input, never through its
// arguments or a file.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "os/child_process.h"
#include "schema/engine.h"

#include <string>
#include <utility>
#include <vector>

namespace godwit::schema {

using Variables = std::vector<std::pair<std::string, std::string>>;

struct ToolCall {
  std::vector<std::string> arguments;  // the program first
  std::string folder;
  Variables variables;  // besides those that every tool is given
  Secret input;         // may hold a password; empty = none
};

// The command of the settings, paths made absolute; `usual` where they name none.
[[nodiscard]] std::vector<std::string> tool_command(const Target& target, const std::string& usual);

// Runs it to its end, whatever that is. It sees PATH, HOME and their like, those of Python and Node, and
// those that the settings name. ErrorKind::config when there is no such program, ErrorKind::interrupted when
// cancelled.
[[nodiscard]] Result<os::ChildOutcome> call_tool(const ToolCall& call, const Target& target,
                                                 const Services& services);

// The nearest of these files, from `folder` upward; empty = none.
[[nodiscard]] std::string nearest_file(const std::string& folder, const std::vector<std::string>& names);

// A written path against the project's folder; empty stays empty.
[[nodiscard]] std::string in_project(const Target& target, const std::string& written);

// A database in the words of other programs.
struct ToolAddress {
  // PGHOST, PGPASSWORD … ; SQLite: none.
  Variables variables;
  Secret url;             // with the password
  std::string plain_url;  // without user's secrets: names the kind of database and where it is
};

// `scheme`: "postgresql+psycopg", "sqlite".
[[nodiscard]] Result<ToolAddress> tool_address(const StoreEndpoint& endpoint, const std::string& scheme);
// The timeouts of the settings, for every statement of the tool's sessions (PGOPTIONS). A transaction pooler
// takes no such thing.
void add_timeouts(const MigrationsSettings& settings, ToolAddress& address);

// A new folder that nobody else can look into, mode 0700; it goes with the object.
class PrivateFolder {
 public:
  [[nodiscard]] static Result<PrivateFolder> make(const Services& services);
  PrivateFolder(PrivateFolder&& other) noexcept;
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit PrivateFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace godwit::schema
