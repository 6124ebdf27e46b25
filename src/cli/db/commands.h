// The commands below `godwit db`.
#pragma once

#include "base/result.h"
#include "cli/application.h"
#include "schema/engine.h"

namespace CLI {
class App;
}

namespace godwit::cli {

void add_db(CLI::App& app, DbArguments& out);
void add_health(CLI::App& app, DbArguments& out);
[[nodiscard]] Status db_command(Application& app);

[[nodiscard]] Status db_backup(Application& app, const schema::Target& target);
[[nodiscard]] Status db_restore(Application& app, const schema::Target& target);
[[nodiscard]] Status db_health(Application& app, const schema::Target& target);
[[nodiscard]] Status db_status(Application& app, const schema::Target& target);
[[nodiscard]] Status db_check(Application& app, const schema::Target& target);
[[nodiscard]] Status db_history(Application& app, const schema::Target& target);
[[nodiscard]] Status db_heads(Application& app, const schema::Target& target);
[[nodiscard]] Status db_new(Application& app, const schema::Target& target);
[[nodiscard]] Status db_approve(Application& app, const schema::Target& target);
[[nodiscard]] Status db_repair(Application& app, const schema::Target& target);
// Of one target, or of files alone: it finds out itself which.
[[nodiscard]] Status db_lint(Application& app);
// Without a configuration: it writes one.
[[nodiscard]] Status db_adopt(Application& app);
[[nodiscard]] Status db_drift(Application& app, const schema::Target& target);
[[nodiscard]] Status db_rehearse(Application& app, const schema::Target& target);
[[nodiscard]] Status db_upgrade(Application& app, const schema::Target& target);
[[nodiscard]] Status db_downgrade(Application& app, const schema::Target& target);

// The targets that the arguments name: one database in one environment, or all.
[[nodiscard]] Result<std::vector<schema::Target>> db_targets(Application& app);
// What the target's tool needs besides its address: placeholders, resolved.
[[nodiscard]] Status fill_tool_settings(const Application& app, const Settings& settings,
                                        schema::Target& target);
// The engine's world; `observer` outlives it.
[[nodiscard]] schema::Services db_services(Application& app, schema::Observer* observer);

}  // namespace godwit::cli
