#include "model/mask_rule.h"

#include <array>
#include <utility>

namespace godwit {

namespace {
constexpr std::array<std::pair<MaskStrategy, std::string_view>, 14> strategy_names = {{
    {MaskStrategy::keep, "keep"},
    {MaskStrategy::null, "null"},
    {MaskStrategy::constant, "constant"},
    {MaskStrategy::dictionary, "dictionary"},
    {MaskStrategy::template_, "template"},
    {MaskStrategy::digits, "digits"},
    {MaskStrategy::fpe, "fpe"},
    {MaskStrategy::permutation, "permutation"},
    {MaskStrategy::token, "token"},
    {MaskStrategy::date_shift, "date_shift"},
    {MaskStrategy::noise, "noise"},
    {MaskStrategy::json, "json"},
    {MaskStrategy::redact, "redact"},
    {MaskStrategy::sql, "sql"},
}};
}  // namespace

std::string_view to_string(MaskStrategy strategy) {
  for (const auto& [value, name] : strategy_names) {
    if (value == strategy) return name;
  }
  return "keep";
}

std::optional<MaskStrategy> mask_strategy_from(std::string_view text) {
  for (const auto& [value, name] : strategy_names) {
    if (name == text) return value;
  }
  return std::nullopt;
}

}  // namespace godwit
