#include "schema/lint/rules/rule.h"

#include "base/text.h"

#include <array>
#include <map>

namespace godwit::schema::lint {

namespace {

constexpr std::array<std::string_view, 4> severities = {"off", "note", "warning", "error"};
constexpr std::array<std::string_view, 5> durations = {"", "instant", "scan", "rewrite", "unbounded"};
constexpr std::array<std::string_view, 6> topics = {"locks",  "compatibility", "data",
                                                    "design", "script",        "history"};

std::map<std::string_view, const Rule*> rules_by_name() {
  std::map<std::string_view, const Rule*> names;
  for (const Rule* rule : all_rules()) {
    names.emplace(rule->id, rule);
    std::string_view rest = rule->alias;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(", "), rest.size());
      names.emplace(rest.substr(0, end), rule);
      rest.remove_prefix(std::min(end + 2, rest.size()));
    }
  }
  return names;
}

}  // namespace

std::string_view to_string(Severity severity) {
  return severities[static_cast<size_t>(severity)];
}
std::string_view to_string(Duration duration) {
  return durations[static_cast<size_t>(duration)];
}
std::string_view to_string(Topic topic) {
  return topics[static_cast<size_t>(topic)];
}

std::optional<Severity> severity_of(std::string_view word) {
  for (size_t i = 0; i < severities.size(); ++i)
    if (severities[i] == word) return static_cast<Severity>(i);
  return std::nullopt;
}

const std::vector<const Rule*>& all_rules() {
  static const std::vector<const Rule*> all = [] {
    std::vector<const Rule*> rules;
    for (const auto part :
         {index_rules(), constraint_rules(), column_rules(), transaction_rules(), compatibility_rules(),
          data_rules(), design_rules(), script_rules(), history_rules()}) {
      for (const Rule& rule : part)
        rules.push_back(&rule);
    }
    return rules;
  }();
  return all;
}

const Rule* find_rule(std::string_view id_or_alias) {
  static const std::map<std::string_view, const Rule*> names = rules_by_name();
  const auto found = names.find(id_or_alias);
  return found == names.end() ? nullptr : found->second;
}

std::string_view blocked_by(sql::LockMode lock) {
  switch (lock) {
    case sql::LockMode::access_exclusive:
      return "reads, writes, DDL";
    case sql::LockMode::exclusive:
    case sql::LockMode::share_row_exclusive:
    case sql::LockMode::share:
      return "writes, DDL";
    case sql::LockMode::share_update_exclusive:
      return "DDL, VACUUM";
    case sql::LockMode::row_exclusive:
    case sql::LockMode::row_share:
    case sql::LockMode::access_share:
      return "DDL";
    case sql::LockMode::none:
      return "";
  }
  return "";
}

}  // namespace godwit::schema::lint
