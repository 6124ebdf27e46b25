#include "model/run.h"

#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace godwit {

namespace {
constexpr std::array<std::pair<RunState, std::string_view>, 19> state_names = {{
    {RunState::planned, "planned"},
    {RunState::extracting, "extracting"},
    {RunState::extracted, "extracted"},
    {RunState::checking, "checking"},
    {RunState::checked, "checked"},
    {RunState::loading, "loading"},
    {RunState::loaded, "loaded"},
    {RunState::committing, "committing"},
    {RunState::committed, "committed"},
    {RunState::verified, "verified"},
    {RunState::completed, "completed"},
    {RunState::failed, "failed"},
    {RunState::check_failed, "check_failed"},
    {RunState::partial, "partial"},
    {RunState::in_doubt, "in_doubt"},
    {RunState::cancelled, "cancelled"},
    {RunState::rolling_back, "rolling_back"},
    {RunState::rolled_back, "rolled_back"},
    {RunState::rollback_partial, "rollback_partial"},
}};

bool all_digits(std::string_view text) {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return !text.empty();
}
}  // namespace

std::string_view to_string(RunState state) {
  for (const auto& [value, name] : state_names) {
    if (value == state) return name;
  }
  return "planned";
}

std::optional<RunState> run_state_from(std::string_view text) {
  for (const auto& [value, name] : state_names) {
    if (name == text) return value;
  }
  return std::nullopt;
}

bool is_final(RunState state) {
  switch (state) {
    case RunState::completed:
    case RunState::failed:
    case RunState::check_failed:
    case RunState::cancelled:
    case RunState::rolled_back:
      return true;
    default:
      return false;
  }
}

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::plan:
      return "plan";
    case Phase::extract:
      return "extract";
    case Phase::check:
      return "check";
    case Phase::load:
      return "load";
    case Phase::commit:
      return "commit";
    case Phase::verify:
      return "verify";
    case Phase::report:
      return "report";
    case Phase::undo:
      return "undo";
  }
  return "plan";
}

bool is_run_id(std::string_view text) {
  std::vector<std::string_view> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find('-', start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  if (parts.size() != 3 && parts.size() != 4) return false;
  if (parts[0] != "mig" && parts[0] != "db" && parts[0] != "rb" && parts[0] != "ver") return false;
  if (parts[1].size() != 8 || !all_digits(parts[1])) return false;
  if (parts.size() == 4 && (parts[2].size() != 6 || !all_digits(parts[2]))) return false;
  return parts.back().size() >= 3 && all_digits(parts.back());
}

std::string format_run_id(std::string_view prefix, int64_t unix_us, int number) {
  return fmt::format("{}-{}-{:03}", prefix, compact_utc(unix_us), number);
}

}  // namespace godwit
