// What SARIF documents and GitHub's annotations of scripts are made of. Internal to this folder and its
// siblings.
//
// Formats: SARIF 2.1.0 (OASIS); "Workflow commands for GitHub Actions".
#pragma once

#include "base/error.h"

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit::report {

// The rules that results of one document name, in the order in which they appeared: id, and why for people.
class SarifRules {
 public:
  // `why`: empty = the id says it.
  [[nodiscard]] size_t index_of(const std::string& id, const std::string& why);
  [[nodiscard]] nlohmann::ordered_json json() const;

 private:
  std::map<std::string, size_t> indexes_;
  std::vector<std::pair<std::string, std::string>> list_;
};

[[nodiscard]] nlohmann::ordered_json sarif_location(const SourceLocation& where);

// One line. `severity`: "error", "warning", "note"; an unknown place is left out.
[[nodiscard]] std::string github_command(std::string_view severity, const SourceLocation& where,
                                         std::string_view title, std::string_view message);

}  // namespace godwit::report
