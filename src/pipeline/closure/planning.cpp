#include "pipeline/closure/planning.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace godwit::pipeline {
namespace {

bool is_plain(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
  });
}

std::string part(const std::string& name) {
  return is_plain(name) ? name : quote_identifier(name);
}

}  // namespace

void Problems::add_config(const SourceLocation& where, std::string message) {
  found_.push_back({true, where, std::move(message)});
}

void Problems::add_refusal(std::string message) {
  found_.push_back({false, {}, std::move(message)});
}

bool Problems::has_config() const {
  return std::any_of(found_.begin(), found_.end(), [](const Problem& problem) { return problem.config; });
}

Error Problems::error(const std::string& pipeline) const {
  const ErrorKind kind = has_config() ? ErrorKind::config : ErrorKind::plan_refused;
  if (found_.size() == 1) {
    Error error = make_error(kind, found_.front().message);
    error.where = found_.front().where;
    return error;
  }
  std::string message = fmt::format("pipeline '{}' cannot be planned: {} problems", pipeline, found_.size());
  for (const auto& problem : found_) {
    message += "\n- " + (problem.where.known() ? problem.where.text() + ": " : "") + problem.message;
  }
  return make_error(kind, message);
}

std::optional<size_t> Planning::find(size_t store, const TableName& name) const {
  const auto found = index.find({store, name});
  if (found == index.end()) return std::nullopt;
  return found->second;
}

std::optional<size_t> Planning::find_store(const std::string& name) const {
  for (size_t store = 0; store < sources.size(); ++store) {
    if (sources[store]->store == name) return store;
  }
  return std::nullopt;
}

SourceLocation Planning::where(const std::string& written) const {
  const auto found = settings->references.find(written);
  return found == settings->references.end() ? settings->where : found->second;
}

std::string Planning::reference(size_t table) const {
  const PlannedTable& planned = tables[table];
  const Catalog& catalog = *sources[planned.store];
  std::string text = part(catalog.store) + ".";
  if (planned.table->name.schema != catalog.default_schema) text += part(planned.table->name.schema) + ".";
  return text + part(planned.table->name.name);
}

std::string Planning::reference(size_t table, const std::vector<std::string>& columns) const {
  std::vector<std::string> parts;
  for (const auto& column : columns)
    parts.push_back(part(column));
  const std::string list = join(parts, ",");
  return reference(table) + "." + (parts.size() == 1 ? list : "(" + list + ")");
}

std::string yaml_text(const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
  });
  // The words of YAML that are no text.
  const bool word = text == "null" || text == "true" || text == "false" || text == "~";
  if (plain && !word && !text.empty()) return text;
  std::string quoted = "'";
  for (const char c : text)
    quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

std::string yaml_to_add(const Planning& planning, const std::string& yaml) {
  return fmt::format("\n    add to pipelines.{}: {}", planning.settings->name, yaml);
}

void list_tables(Planning& planning) {
  for (size_t store = 0; store < planning.sources.size(); ++store) {
    for (const auto& table : planning.sources[store]->tables) {
      PlannedTable planned;
      planned.table = &table;
      planned.store = store;
      planned.closure.table = table.name;
      const bool ours = table.name.schema == "godwit" || table.name.name.rfind("godwit_", 0) == 0;
      planned.ordinary = !ours && (table.kind == TableKind::table || table.kind == TableKind::partitioned) &&
                         !table.partition_of.has_value();
      planning.index[{store, table.name}] = planning.tables.size();
      planning.tables.push_back(std::move(planned));
    }
  }
}

}  // namespace godwit::pipeline
