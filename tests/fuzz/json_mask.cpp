// A JSON document and the paths of a rule. First line: how to treat what no path names, then paths; the rest
// is the document. What was masked is JSON again where the document was; its shape, its numbers and, with
// `keep`, everything that no path names are the document's own; no string that had to be masked is still
// there.
#include "mask/json/json_path.h"
#include "mask/test_masks.h"
#include "tests/fuzz/input.h"

#include <nlohmann/json.hpp>

namespace godwit::mask {
namespace {

using Json = nlohmann::ordered_json;

struct Rule {
  MaskSpec spec;
  std::vector<JsonPath> paths;
};

std::optional<Rule> rule_of(const std::string& line) {
  Rule rule;
  rule.spec = spec_of(MaskStrategy::json);
  rule.spec.otherwise = line.starts_with("k") ? "keep" : line.starts_with("s") ? "scan" : "redact";
  for (size_t at = line.find(' '); at != std::string::npos && rule.paths.size() < 4;) {
    const size_t end = line.find(' ', at + 1);
    const std::string text = line.substr(at + 1, end == std::string::npos ? end : end - at - 1);
    auto path = JsonPath::parse(text);
    if (!path.ok()) {
      fuzz::demand(path.error().kind == ErrorKind::config && !path.error().hint.empty(),
                   "a malformed path is an error");
      return std::nullopt;
    }
    rule.paths.push_back(std::move(path).value());
    rule.spec.paths.push_back({text, spec_of(MaskStrategy::token)});
    rule.spec.paths.back().mask.length = 20;
    at = end;
  }
  return rule;
}

class Comparison {
 public:
  explicit Comparison(const Rule& rule) : rule_(rule) {}

  // `named`: a path names this value or one that it stands in.
  void compare(const Json& before, const Json& after, bool named) {
    for (const JsonPath& path : rule_.paths)
      named = named || path.matches(steps_);
    if (before.is_object() || before.is_array()) {
      compare_members(before, after, named);
    } else if (before.is_string()) {
      if (!named && rule_.spec.otherwise == "keep")
        fuzz::demand(before == after, "what no path names is kept");
      if (named && !before.get_ref<const std::string&>().empty())
        fuzz::demand(before != after, "what a path names is masked");
    } else if (!named) {
      fuzz::demand(before == after, "numbers and words that no path names stay");
    }
  }

 private:
  void compare_members(const Json& before, const Json& after, bool named) {
    fuzz::demand(before.type() == after.type() && before.size() == after.size(), "the shape stays");
    auto other = after.begin();
    int64_t index = 0;
    for (auto member = before.begin(); member != before.end(); ++member, ++other) {
      steps_.push_back(before.is_object() ? JsonStep{member.key(), -1} : JsonStep{{}, index++});
      compare(*member, *other, named);
      steps_.pop_back();
    }
  }

  const Rule& rule_;
  std::vector<JsonStep> steps_;
};

// Members of one name replace each other in a parser that builds a tree; the mask sees them all.
bool names_a_member_twice(std::string_view document) {
  std::vector<std::set<std::string>> objects;
  bool twice = false;
  const auto look = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) objects.emplace_back();
    if (event == Json::parse_event_t::object_end) objects.pop_back();
    if (event == Json::parse_event_t::key)
      twice = !objects.back().insert(parsed.get<std::string>()).second || twice;
    return true;
  };
  [[maybe_unused]] const Json parsed = Json::parse(document, look, false);
  return twice;
}

void look_at(const Rule& rule, std::string_view document) {
  ColumnShape shape;
  shape.type = ValueType::json_text;
  const auto mask = make(rule.spec, shape, test_context());
  fuzz::demand(mask.ok(), "a rule of well-formed paths can be made");
  Value value = Value::of(document);
  value.type = ValueType::json_text;
  Scratch scratch;
  Value out;
  const Status masked = (*mask)->apply(std::vector<Value>{value}, out, scratch);
  const Json before = Json::parse(document, nullptr, false);
  if (!masked.ok()) {
    fuzz::demand(!masked.error().message.empty(), "a refusal says why");
    return;
  }
  fuzz::demand(!out.null, "a document stays a document");
  if (document.empty()) return;
  const Json after = Json::parse(out.text, nullptr, false);
  fuzz::demand(!after.is_discarded() || before.is_discarded(), "a masked document is JSON");
  if (before.is_discarded() || names_a_member_twice(document)) return;
  Comparison(rule).compare(before, after, false);
}

}  // namespace
}  // namespace godwit::mask

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  fuzz::Input input(data, size);
  const auto rule = mask::rule_of(input.line());
  if (rule) mask::look_at(*rule, input.rest());
  return 0;
}
