#include "model/schema_report.h"

#include <fmt/format.h>

namespace godwit {

std::string SchemaBlocker::text() const {
  std::string text =
      fmt::format("pid {} ({}{}user {}): {} for {} s", pid, application, application.empty() ? "" : ", ",
                  user.empty() ? "?" : user, state.empty() ? "in a transaction" : state, transaction_s);
  if (!command.empty()) text += ", last " + command;
  if (!lock.empty()) text += fmt::format(", holds {} on {}", lock, relation);
  return text;
}

}  // namespace godwit
