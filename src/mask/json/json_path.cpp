#include "mask/json/json_path.h"

#include <charconv>

namespace godwit::mask {

namespace {

bool take(std::string_view& rest, std::string_view wanted) {
  if (rest.substr(0, wanted.size()) != wanted) return false;
  rest.remove_prefix(wanted.size());
  return true;
}

}  // namespace

bool JsonPath::parse_step(std::string_view& rest, Want& want) {
  if (take(rest, "..")) {
    want.at_any_depth = true;
  } else if (!rest.empty() && rest.front() != '[' && !take(rest, ".")) {
    return false;
  }
  if (take(rest, "[")) {
    const size_t close = rest.find(']');
    if (close == std::string_view::npos) return false;
    std::string_view inside = rest.substr(0, close);
    rest.remove_prefix(close + 1);
    if (inside == "*") {
      want.kind = Want::Kind::any;
    } else if (inside.size() >= 2 && (inside.front() == '\'' || inside.front() == '"') &&
               inside.back() == inside.front()) {
      want.key = std::string(inside.substr(1, inside.size() - 2));
    } else {
      want.kind = Want::Kind::index;
      const auto [end, error] = std::from_chars(inside.data(), inside.data() + inside.size(), want.index);
      return error == std::errc() && end == inside.data() + inside.size() && want.index >= 0;
    }
    return true;
  }
  const std::string_view key = rest.substr(0, rest.find_first_of(".["));
  if (key.empty()) return false;
  rest.remove_prefix(key.size());
  if (key == "*") {
    want.kind = Want::Kind::any;
  } else {
    want.key = std::string(key);
  }
  return true;
}

Result<JsonPath> JsonPath::parse(const std::string& text) {
  JsonPath path;
  std::string_view rest = text;
  bool good = take(rest, "$");
  while (good && !rest.empty()) {
    Want want;
    good = parse_step(rest, want);
    path.wants_.push_back(std::move(want));
  }
  if (!good) {
    return make_error(ErrorKind::config, "malformed JSON path " + text,
                      "write for example $.guardian.email, $.contacts[*].phone or $..name");
  }
  return path;
}

bool JsonPath::matches(size_t want, const std::vector<JsonStep>& steps, size_t step) const {
  if (want == wants_.size()) return step == steps.size();
  const Want& wanted = wants_[want];
  const size_t last = wanted.at_any_depth ? steps.size() : std::min(step + 1, steps.size());
  for (size_t i = step; i < last; ++i) {
    const JsonStep& here = steps[i];
    const bool member = here.index < 0;
    const bool fits = wanted.kind == Want::Kind::any ||
                      (wanted.kind == Want::Kind::key && member && wanted.key == here.key) ||
                      (wanted.kind == Want::Kind::index && !member && wanted.index == here.index);
    if (fits && matches(want + 1, steps, i + 1)) return true;
  }
  return false;
}

}  // namespace godwit::mask
