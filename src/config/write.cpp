#include "config/write.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Begins with a letter or a path, and holds nothing that YAML reads as something else inside braces.
bool is_plain(std::string_view text) {
  if (text.empty() || !(is_letter(text[0]) || text[0] == '_' || text[0] == '/')) return false;
  const auto harmless = [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
  };
  if (!std::all_of(text.begin(), text.end(), harmless)) return false;
  const std::string lower = to_lower_ascii(text);
  for (const std::string_view word : {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}) {
    if (lower == word) return false;
  }
  return true;
}

// "key: value, key: value", without what is empty.
class Flow {
 public:
  Flow& text(std::string_view key, std::string_view value) {
    return value.empty() ? *this : raw(key, yaml_text(value));
  }
  Flow& raw(std::string_view key, const std::string& value) {
    if (!value.empty()) pairs_.push_back(fmt::format("{}: {}", yaml_text(key), value));
    return *this;
  }
  [[nodiscard]] std::string in_braces() const { return "{" + join(pairs_, ", ") + "}"; }
  [[nodiscard]] bool empty() const { return pairs_.empty(); }

 private:
  std::vector<std::string> pairs_;
};

// What is Flyway's own is left out.
void add_names(const ScriptNames& names, Flow& flow) {
  const ScriptNames usual;
  const auto add = [&](std::string_view key, const std::string& value, const std::string& own) {
    if (value != own) flow.text(key, value);
  };
  add("sql_migration_prefix", names.versioned, usual.versioned);
  add("undo_sql_migration_prefix", names.undo, usual.undo);
  add("repeatable_sql_migration_prefix", names.repeatable, usual.repeatable);
  add("sql_migration_separator", names.separator, usual.separator);
  if (names.suffixes == usual.suffixes) return;
  std::vector<std::string> suffixes;
  for (const std::string& suffix : names.suffixes)
    suffixes.push_back(yaml_text(suffix));
  flow.raw("sql_migration_suffixes", "[" + join(suffixes, ", ") + "]");
}

std::string migrations_in_braces(const MigrationsSettings& migrations, const ScriptNames& names) {
  Flow flow;
  flow.text("directory", migrations.directory.empty() ? "." : migrations.directory);
  flow.text("format", migrations.tool == "godwit" ? "sql" : migrations.tool);
  flow.text("schema", migrations.schema).text("table", migrations.table);
  Flow placeholders;
  for (const auto& [name, value] : migrations.placeholders)
    placeholders.raw(name, yaml_text(value.written));
  if (!placeholders.empty()) flow.raw("placeholders", placeholders.in_braces());
  flow.text("encoding", migrations.encoding).text("path_prefix", migrations.path_prefix);
  add_names(names, flow);
  flow.text("project", migrations.project);
  if (migrations.apply_late) flow.raw("late", "apply");
  return flow.in_braces();
}

std::string environment_in_braces(const StoreEnvironmentSettings& address, const GateSettings* gates) {
  Flow flow;
  flow.text("path", address.path.written).text("url", address.url.written).text("host", address.host.written);
  if (address.port) flow.raw("port", std::to_string(*address.port));
  flow.text("port", address.port_reference.written).text("database", address.database.written);
  flow.text("user", address.user.written).text("password", address.password.written);
  flow.text("schema", address.schema);
  if (address.tls_given) flow.text("tls", to_string(address.tls));
  if (gates != nullptr && gates->require_approval) flow.raw("require_approval", "true");
  return flow.in_braces();
}

}  // namespace

std::string yaml_text(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\x" + to_hex(std::string_view(&c, 1));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string database_lines(const DatabaseSettings& database, const ScriptNames& names) {
  std::string out = fmt::format("databases:\n  {}:\n    migrations: {}\n    environments:\n",
                                database.store.name, migrations_in_braces(database.migrations, names));
  for (const auto& [name, address] : database.store.environments) {
    const auto gates = database.gates.find(name);
    out +=
        fmt::format("      {}: {}\n", yaml_text(name),
                    environment_in_braces(address, gates == database.gates.end() ? nullptr : &gates->second));
  }
  return out;
}

std::string settings_lines(std::string_view project, const DatabaseSettings& database,
                           const ScriptNames& names) {
  return fmt::format("version: 1\nproject: {}\n{}", yaml_text(project), database_lines(database, names));
}

}  // namespace godwit
