#include "schema/convert/tool_configuration.h"

#include "base/text.h"
#include "config/devflow.h"
#include "os/files.h"
#include "schema/convert/address.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

constexpr std::string_view placeholder_prefix = "flyway.placeholders.";

// A name that says that its value is nobody's business.
bool sounds_secret(std::string_view name) {
  const std::string lower = to_lower_ascii(name);
  for (const std::string_view word : {"pass", "pwd", "secret", "token", "key", "credential"}) {
    if (lower.find(word) != std::string::npos) return true;
  }
  return false;
}

std::string variable_of(std::string_view prefix, std::string_view name) {
  std::string variable(prefix);
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    variable += plain ? static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c) : '_';
  }
  return variable;
}

void add_placeholder(const std::string& name, const std::string& value, std::string_view variable_prefix,
                     const std::string& file, MigrationsSettings& migrations,
                     std::vector<std::string>& notes) {
  SecretText& placeholder = migrations.placeholders[name];
  if (!sounds_secret(name) || value.find("${") != std::string::npos) {
    placeholder.written = with_references(value);
    return;
  }
  const std::string variable = variable_of(variable_prefix, name);
  placeholder.written = fmt::format("${{env:{}}}", variable);
  notes.push_back(
      fmt::format("the value of the placeholder {} in {} was not copied: set {}", name, file, variable));
}

// The shallowest file of one of these names.
std::string find_file(const std::vector<std::string>& paths, const std::vector<std::string_view>& names) {
  std::string best;
  for (const std::string_view name : names) {
    for (const std::string& path : paths) {
      if (path != name && !path.ends_with("/" + std::string(name))) continue;
      const auto depth = [](const std::string& one) { return std::count(one.begin(), one.end(), '/'); };
      if (best.empty() || depth(path) < depth(best)) best = path;
    }
    if (!best.empty()) return best;
  }
  return best;
}

void read_liquibase_parameters(const KeyValues& values, const std::string& file,
                               MigrationsSettings& migrations, std::vector<std::string>& notes) {
  constexpr std::string_view prefix = "parameter.";
  for (const KeyValue& pair : values.all()) {
    if (pair.key.starts_with(prefix) && pair.value.find("${") == std::string::npos)
      add_placeholder(pair.key.substr(prefix.size()), pair.value, "LIQUIBASE_PARAMETER_", file, migrations,
                      notes);
  }
}

}  // namespace

namespace {

void read_flyway_names(const KeyValues& values, ScriptNames& names) {
  const auto take = [&](std::string_view key, std::string& name) {
    if (!values.value(key).empty()) name = values.value(key);
  };
  take("flyway.sqlMigrationPrefix", names.versioned);
  take("flyway.undoSqlMigrationPrefix", names.undo);
  take("flyway.repeatableSqlMigrationPrefix", names.repeatable);
  take("flyway.sqlMigrationSeparator", names.separator);
  std::vector<std::string> suffixes;
  for (const std::string& suffix : split(values.value("flyway.sqlMigrationSuffixes"), ',')) {
    if (!trim(suffix).empty()) suffixes.emplace_back(trim(suffix));
  }
  if (!suffixes.empty()) names.suffixes = std::move(suffixes);
}

}  // namespace

KeyValues read_flyway_file(std::string_view text, bool toml) {
  return toml ? read_toml(text) : read_properties(text);
}

void read_flyway_migrations(const KeyValues& values, const std::string& file, MigrationsSettings& migrations,
                            ScriptNames& names, std::vector<std::string>& notes) {
  struct Usual {
    std::string_view key, value;
  };
  constexpr Usual fixed[] = {{"flyway.baselineMigrationPrefix", "B"},
                             {"flyway.placeholderPrefix", "${"},
                             {"flyway.placeholderSuffix", "}"},
                             {"flyway.placeholderReplacement", "true"}};
  for (const Usual& usual : fixed) {
    if (values.has(usual.key) && values.value(usual.key) != usual.value)
      notes.push_back(fmt::format("{}:{}: {} is not carried over: godwit goes by {}", file,
                                  values.line(usual.key), usual.key, usual.value));
  }
  read_flyway_names(values, names);
  migrations.apply_late = values.value("flyway.outOfOrder") == "true";
  const std::string encoding = values.value("flyway.encoding");
  if (to_lower_ascii(encoding) == "iso-8859-1" || to_lower_ascii(encoding) == "latin1") {
    migrations.encoding = "ISO-8859-1";
  } else if (!encoding.empty() && to_lower_ascii(encoding) != "utf-8" && to_lower_ascii(encoding) != "utf8") {
    notes.push_back(
        fmt::format("{}:{}: the encoding {} is not known", file, values.line("flyway.encoding"), encoding));
  }
  for (const KeyValue& pair : values.all()) {
    if (!pair.key.starts_with(placeholder_prefix)) continue;
    add_placeholder(pair.key.substr(placeholder_prefix.size()), pair.value, "FLYWAY_PLACEHOLDERS_", file,
                    migrations, notes);
  }
}

Result<std::string> changelog_of(const std::string& project, const std::vector<std::string>& paths) {
  const std::string file = find_file(paths, {"liquibase.properties"});
  if (file.empty()) return std::string();
  ASSIGN_OR_RETURN(const std::string text, os::read_file(project + "/" + file));
  const KeyValues values = read_properties(text);
  for (const std::string_view key : {"changeLogFile", "changelogFile", "changelog-file"}) {
    if (values.has(key)) return values.value(key);
  }
  return std::string();
}

Status read_tool_configuration(const std::string& tool, const std::string& project,
                               const std::vector<std::string>& paths, MigrationsSettings& migrations,
                               ScriptNames& names, std::vector<std::string>& notes) {
  std::vector<std::string_view> files;
  if (tool == "flyway") files = {"flyway.toml", "flyway.conf"};
  if (tool == "liquibase") files = {"liquibase.properties"};
  if (tool == "devflow") files = {"devflow.yml", "devflow.yaml"};
  const std::string file = find_file(paths, files);
  if (file.empty()) return {};
  ASSIGN_OR_RETURN(const std::string text, os::read_file(project + "/" + file));
  if (tool == "flyway") {
    read_flyway_migrations(read_flyway_file(text, file.ends_with(".toml")), file, migrations, names, notes);
  } else if (tool == "liquibase") {
    read_liquibase_parameters(read_properties(text), file, migrations, notes);
  } else {
    ASSIGN_OR_RETURN(const Settings settings, parse_devflow(text, file));
    migrations.project = settings.project;
  }
  return {};
}

}  // namespace godwit::schema
