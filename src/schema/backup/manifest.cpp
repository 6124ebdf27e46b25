#include "schema/backup/manifest.h"

#include "os/files.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

namespace godwit::schema {

namespace {

using Json = nlohmann::ordered_json;

std::string file_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string name_of(const BackedUpTable& table) {
  return table.schema.empty() ? table.name : table.schema + "." + table.name;
}

BackupManifest from_json(const Json& json) {
  BackupManifest manifest;
  manifest.kind = json.at("kind");
  manifest.format = json.at("format");
  manifest.compression = json.at("compression");
  manifest.encrypted = json.at("encrypted");
  manifest.bytes = json.at("bytes");
  manifest.sha256 = json.at("sha256");
  manifest.created_at = json.at("created_at");
  manifest.duration_ms = json.at("duration_ms");
  manifest.database = json.at("database");
  manifest.environment = json.at("environment");
  manifest.database_name = json.at("database_name");
  manifest.server = json.at("server");
  manifest.tool = json.at("tool");
  manifest.database_bytes = json.at("database_bytes");
  manifest.history = json.at("history");
  manifest.history_table = json.at("history_table");
  manifest.applied = json.at("applied_revisions").get<std::vector<std::string>>();
  manifest.run = json.at("run");
  manifest.actor = json.at("actor");
  manifest.verified = json.at("verified");
  for (const Json& table : json.at("tables"))
    manifest.tables.push_back({table.at("schema"), table.at("name"), table.at("rows"), table.at("digest")});
  return manifest;
}

}  // namespace

std::string manifest_path(const std::string& backup) {
  return backup + ".manifest.json";
}

std::string to_json(const BackupManifest& manifest) {
  Json json = {{"version", 1},
               {"file", file_name(manifest.path)},
               {"kind", manifest.kind},
               {"format", manifest.format},
               {"compression", manifest.compression},
               {"encrypted", manifest.encrypted},
               {"bytes", manifest.bytes},
               {"sha256", manifest.sha256},
               {"created_at", manifest.created_at},
               {"duration_ms", manifest.duration_ms},
               {"database", manifest.database},
               {"environment", manifest.environment},
               {"database_name", manifest.database_name},
               {"server", manifest.server},
               {"tool", manifest.tool},
               {"database_bytes", manifest.database_bytes},
               {"history", manifest.history},
               {"history_table", manifest.history_table},
               {"applied_revisions", manifest.applied},
               {"run", manifest.run},
               {"actor", manifest.actor},
               {"verified", manifest.verified}};
  json["tables"] = Json::array();
  for (const BackedUpTable& table : manifest.tables) {
    json["tables"].push_back(
        {{"schema", table.schema}, {"name", table.name}, {"rows", table.rows}, {"digest", table.digest}});
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<BackupManifest> read_manifest(const std::string& backup) {
  const std::string path = manifest_path(backup);
  ASSIGN_OR_RETURN(const std::string text, os::read_file(path));
  try {
    const Json json = Json::parse(text);
    if (json.at("version") != 1)
      return make_error(ErrorKind::config, path + " is of a version that this program does not know");
    BackupManifest manifest = from_json(json);
    manifest.path = backup;
    return manifest;
  } catch (const Json::exception&) {
    return make_error(ErrorKind::config, path + " is not the manifest of a backup");
  }
}

Status write_manifest(const BackupManifest& manifest) {
  return os::write_file(manifest_path(manifest.path), to_json(manifest));
}

std::vector<std::string> differences(const std::vector<BackedUpTable>& there,
                                     const std::vector<BackedUpTable>& in_backup) {
  std::map<std::string, const BackedUpTable*> found;
  for (const BackedUpTable& table : there)
    found[name_of(table)] = &table;
  std::vector<std::string> different;
  for (const BackedUpTable& wanted : in_backup) {
    const std::string name = name_of(wanted);
    const auto one = found.find(name);
    if (one == found.end()) {
      different.push_back(name + " is missing");
      continue;
    }
    if (one->second->rows != wanted.rows) {
      different.push_back(fmt::format("{} has {} rows, the backup {}", name, one->second->rows, wanted.rows));
    } else if (!wanted.digest.empty() && !one->second->digest.empty() &&
               wanted.digest != one->second->digest) {
      different.push_back(name + " has other rows than the backup");
    }
    found.erase(one);
  }
  for (const auto& [name, unused] : found)
    different.push_back(name + " is not in the backup");
  return different;
}

}  // namespace godwit::schema
