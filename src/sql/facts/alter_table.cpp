#include "sql/facts/alter_table.h"

#include "sql/facts/parser.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace godwit::sql {
namespace {

using nlohmann::json;

LockMode mode_of_constraint(const json& constraint) {
  return text_of(constraint, "contype") == "CONSTR_FOREIGN" ? LockMode::share_row_exclusive
                                                            : LockMode::access_exclusive;
}

// Storage parameters that only later writes look at need no more; user_catalog_table and those of views do.
LockMode mode_of_options(const json& options) {
  const json& items = items_of(child(options, "List"), "items");
  const bool light = std::ranges::all_of(items, [](const json& item) {
    const std::string name = text_of(child(item, "DefElem"), "defname");
    return name == "fillfactor" || name == "toast_tuple_target" || name == "parallel_workers" ||
           name == "vacuum_truncate" || name == "vacuum_index_cleanup" ||
           name == "log_autovacuum_min_duration" || name.starts_with("autovacuum_");
  });
  return light ? LockMode::share_update_exclusive : LockMode::access_exclusive;
}

LockMode mode_of(const json& command) {
  static const std::map<std::string, LockMode> lighter = {
      {"AT_AttachPartition", LockMode::share_update_exclusive},
      {"AT_ClusterOn", LockMode::share_update_exclusive},
      {"AT_DetachPartitionFinalize", LockMode::share_update_exclusive},
      {"AT_DisableTrig", LockMode::share_row_exclusive},
      {"AT_DisableTrigAll", LockMode::share_row_exclusive},
      {"AT_DisableTrigUser", LockMode::share_row_exclusive},
      {"AT_DropCluster", LockMode::share_update_exclusive},
      {"AT_EnableAlwaysTrig", LockMode::share_row_exclusive},
      {"AT_EnableReplicaTrig", LockMode::share_row_exclusive},
      {"AT_EnableTrig", LockMode::share_row_exclusive},
      {"AT_EnableTrigAll", LockMode::share_row_exclusive},
      {"AT_EnableTrigUser", LockMode::share_row_exclusive},
      {"AT_ResetOptions", LockMode::share_update_exclusive},
      {"AT_SetOptions", LockMode::share_update_exclusive},
      {"AT_SetStatistics", LockMode::share_update_exclusive},
      {"AT_ValidateConstraint", LockMode::share_update_exclusive},
  };
  const std::string form = text_of(command, "subtype");
  const json& definition = child(command, "def");
  if (form == "AT_AddConstraint") return mode_of_constraint(child(definition, "Constraint"));
  if (form == "AT_SetRelOptions" || form == "AT_ResetRelOptions") return mode_of_options(definition);
  if (form == "AT_DetachPartition")
    return flag(child(definition, "PartitionCmd"), "concurrent") ? LockMode::share_update_exclusive
                                                                 : LockMode::access_exclusive;
  const auto found = lighter.find(form);
  return found == lighter.end() ? LockMode::access_exclusive : found->second;
}

void add_others(const json& command, std::vector<AlteredTable>& tables) {
  const json& definition = child(command, "def");
  const auto add_key = [&tables](const json& constraint) {
    if (constraint.is_object() && constraint.contains("pktable"))
      tables.push_back({&constraint["pktable"], LockMode::share_row_exclusive});
  };
  add_key(child(definition, "Constraint"));
  for (const json& constraint : items_of(child(definition, "ColumnDef"), "constraints"))
    add_key(child(constraint, "Constraint"));
  const json& partition = child(child(definition, "PartitionCmd"), "name");
  if (partition.is_object())
    tables.push_back({&partition, flag(child(definition, "PartitionCmd"), "concurrent")
                                      ? LockMode::share_update_exclusive
                                      : LockMode::access_exclusive});
  const json& parent = child(definition, "RangeVar");
  if (parent.is_object()) tables.push_back({&parent, LockMode::share_update_exclusive});
}

}  // namespace

std::vector<AlteredTable> tables_altered_by(const json& alter) {
  if (text_of(alter, "objtype") == "OBJECT_TYPE") return {};
  std::vector<AlteredTable> tables = {{&child(alter, "relation"), LockMode::share_update_exclusive}};
  for (const json& wrapped : items_of(alter, "cmds")) {
    const json& command = child(wrapped, "AlterTableCmd");
    tables.front().mode = std::max(tables.front().mode, mode_of(command));
    add_others(command, tables);
  }
  return tables;
}

}  // namespace godwit::sql
