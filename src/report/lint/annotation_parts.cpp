#include "report/lint/annotation_parts.h"

#include "report/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace godwit::report {

namespace {

using Json = nlohmann::ordered_json;

// The data of a workflow command, and a property of it, which ends at ',' and ':' too.
std::string command_data(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else {
      out += c;
    }
  }
  return out;
}

std::string command_property(std::string_view text) {
  std::string out;
  for (const char c : command_data(text))
    out += c == ':' ? "%3A" : (c == ',' ? "%2C" : std::string(1, c));
  return out;
}

}  // namespace

size_t SarifRules::index_of(const std::string& id, const std::string& why) {
  const auto [entry, added] = indexes_.emplace(id, list_.size());
  if (added) list_.emplace_back(id, why);
  return entry->second;
}

Json SarifRules::json() const {
  Json list = Json::array();
  for (const auto& [id, why] : list_) {
    Json rule;
    rule["id"] = id;
    rule["shortDescription"] = {{"text", id}};
    if (!why.empty()) rule["fullDescription"] = {{"text", one_line(why)}};
    list.push_back(std::move(rule));
  }
  return list;
}

Json sarif_location(const SourceLocation& where) {
  Json out;
  out["physicalLocation"] = {
      {"artifactLocation", {{"uri", uri(where.file)}}},
      {"region", {{"startLine", std::max(where.line, 1)}, {"startColumn", std::max(where.column, 1)}}}};
  return out;
}

std::string github_command(std::string_view severity, const SourceLocation& where, std::string_view title,
                           std::string_view message) {
  std::string place;
  if (where.known())
    place = fmt::format("file={},line={},col={},", command_property(where.file), std::max(where.line, 1),
                        std::max(where.column, 1));
  return fmt::format("::{} {}title={}::{}\n", severity == "note" ? "notice" : severity, place,
                     command_property(title), command_data(message));
}

}  // namespace godwit::report
