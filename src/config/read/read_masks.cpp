// masks.yml: rules, subjects, dictionaries.
#include "base/text.h"
#include "config/read/fields.h"
#include "config/read/read.h"
#include "config/reference.h"
#include "config/schema/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <set>

namespace godwit::config {

namespace {

// Which keys of a mask say something with which strategy. strategy, domain, version and subject always do.
struct StrategyKeys {
  std::string_view strategy;
  std::string_view required;  // one key, or empty
  std::string_view allowed;   // "a|b"
};
constexpr StrategyKeys strategy_keys[] = {
    {"keep", "reason", ""},
    {"null", "", ""},
    {"constant", "value", ""},
    {"dictionary", "dictionary", "locale"},
    {"template", "template", "reserved|locale"},
    {"digits", "", "reserved"},
    {"fpe", "", "alphabet|reserved"},
    {"permutation", "", "reserved|alphabet|min|max"},
    {"token", "", "length"},
    {"date_shift", "", "range_days|age_years"},
    {"noise", "", "percent|min|max"},
    {"json", "", "paths|otherwise"},
    {"redact", "", "form"},
    {"sql", "expression", ""},
};

// What src/mask knows by name: a rule that names something else is refused here, with its place.
const std::vector<std::string>& shipped_dictionaries() {
  static const std::vector<std::string> names = {
      "first_name", "last_name", "full_name", "gender", "street", "city",      "state",
      "zip",        "place",     "company",   "job",    "race",   "ethnicity", "lunch_status",
  };
  return names;
}

const std::vector<std::string>& named_templates() {
  static const std::vector<std::string> names = {"email", "login", "url", "phone",
                                                 "ssn",   "card",  "ip",  "mac"};
  return names;
}

// "hash", "digits:4", "first": what stands between the braces of a template.
bool is_placeholder(const std::string& text) {
  static const std::regex placeholder(
      "first|last|hash(:([1-9]|[1-3][0-9]|4[0-8]))?|digits(:([1-9]|[12][0-9]|3[0-6]))?");
  return std::regex_match(text, placeholder);
}

TypeClass type_class(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(TypeClass::other); ++i) {
    if (to_string(static_cast<TypeClass>(i)) == text) return static_cast<TypeClass>(i);
  }
  return TypeClass::other;
}

class MasksReader {
 public:
  explicit MasksReader(Problems& problems) : problems_(problems) {}

  MasksFile read(const Node& root, const std::string& file, const std::string& folder) {
    const Fields fields(root);
    out_.rules.file = file;
    out_.rules.defaults = fields.boolean("defaults", true);
    check_version(fields);
    for (const auto& entry : fields.entries("dictionaries")) {
      const std::string& path = entry.value->text;
      out_.rules.dictionaries[entry.key] =
          folder.empty() || path.starts_with('/') ? path : folder + "/" + path;
    }
    for (const auto& entry : fields.entries("locales")) {
      const std::string& path = entry.value->text;
      out_.rules.locales[entry.key] = folder.empty() || path.starts_with('/') ? path : folder + "/" + path;
    }
    read_subjects(fields);
    if (const Node* settings = fields.child("settings")) read_original_settings(Fields(*settings));
    if (const Node* rules = fields.child("rules")) {
      for (const auto& rule : rules->items) {
        if (rule->kind == Node::Kind::mapping) read_rule(*rule);
      }
    }
    return std::move(out_);
  }

 private:
  void rule_problem(const SourceLocation& where, std::string_view message) {
    problems_.add(where, fmt::format("{}: {}", rule_, message));
  }

  void check_version(const Fields& fields) {
    const std::string version = fields.text("version", "1");
    if (version != "1" && version != "1.0") {
      problems_.add(fields.where("version"), fmt::format("version: '{}' is not known: expected 1", version));
    }
  }

  void read_subjects(const Fields& fields) {
    for (const auto& entry : fields.entries("subjects")) {
      MaskSubject subject;
      subject.name = entry.key;
      subject.where = entry.where;
      if (entry.value->entries.empty()) {
        problems_.add(entry.where, fmt::format("subjects.{}: names no table", entry.key));
      }
      for (const auto& column : entry.value->entries) {
        const auto parts = split_reference(column.key);
        if (!parts.ok()) {
          problems_.add(column.where, fmt::format("subjects.{}: {}", entry.key, parts.error().message));
        } else if (parts->size() < 2 || parts->size() > 3) {
          problems_.add(column.where,
                        fmt::format("subjects.{}: '{}' is not store.table or store.schema.table", entry.key,
                                    column.key));
        }
        subject.columns.emplace_back(column.key, column.value->text);
      }
      out_.rules.subjects.push_back(std::move(subject));
    }
  }

  void read_original_settings(const Fields& settings) {
    out_.salt_variable = settings.text("salt_env_var");
    out_.salt_where = settings.where("salt_env_var");
    if (!settings.boolean("consistency_required", true)) {
      problems_.add(settings.where("consistency_required"),
                    "consistency_required: false is not possible: the same value always has the same fake");
    }
  }

  void read_rule(const Node& node) {
    const Fields fields(node);
    const std::string name = fields.text("name");
    rule_ = fmt::format("rule '{}'", name);
    if (!name.empty() && !names_.insert(name).second) {
      rule_problem(fields.where("name"), "the name appears twice");
    }
    if (fields.has("field_pattern") || fields.has("strategy")) {
      if (fields.has("match") || fields.has("mask")) {
        rule_problem(node.where, "has either match and mask, or field_pattern and strategy");
      }
      MaskRule rule = read_original_mask_rule(node, problems_);
      out_.rules.rules.push_back(std::move(rule));
      return;
    }
    MaskRule rule;
    rule.name = name;
    rule.where = node.where;
    if (const Node* match = fields.child("match")) {
      read_match(*match, rule.match);
    } else {
      rule_problem(node.where, "key 'match' is missing");
    }
    if (const Node* mask = fields.child("mask")) {
      if (mask->kind == Node::Kind::mapping) rule.mask = read_mask(*mask, false);
    } else {
      rule_problem(node.where, "key 'mask' is missing");
    }
    out_.rules.rules.push_back(std::move(rule));
  }

  void read_match(const Node& node, MaskMatch& match) {
    const Fields fields(node);
    match.store = fields.text("store");
    match.schema = fields.text("schema");
    match.table = fields.text("table");
    match.column = fields.text("column");
    match.detector = fields.text("detector");
    for (const auto& type : fields.plain_texts("types"))
      match.types.push_back(type_class(type));
    if (node.kind == Node::Kind::mapping && node.entries.empty()) {
      rule_problem(node.where,
                   "match names nothing, so the rule would match every column; write column: \".*\"");
    }
  }

  MaskSpec read_mask(const Node& node, bool inside_json) {
    const Fields fields(node);
    MaskSpec spec;
    const std::string strategy = fields.text("strategy");
    spec.strategy = mask_strategy_from(strategy).value_or(MaskStrategy::keep);
    spec.domain = fields.text("domain");
    spec.version = static_cast<int>(fields.integer("version", 1));
    spec.reason = fields.text("reason");
    spec.subject = fields.text("subject");
    spec.locale = fields.text("locale");
    spec.reserved = fields.boolean("reserved", true);
    spec.length = static_cast<int>(fields.integer("length", 0));
    spec.range_days = fields.integer("range_days", 365);
    if (const auto age = fields.integer_pair("age_years")) {
      spec.age_years_min = age->first;
      spec.age_years_max = age->second;
    }
    spec.percent = fields.number("percent", 10);
    spec.minimum = fields.number("min", 0);
    spec.maximum = fields.number("max", 0);
    spec.alphabet = fields.text("alphabet");
    spec.otherwise = fields.text("otherwise");
    for (const std::string_view key : {"dictionary", "template", "value", "expression", "form"}) {
      if (fields.has(key)) spec.argument = fields.text(key);
    }
    check_strategy_keys(node, strategy);
    check_arguments(fields, spec, inside_json);
    for (const auto& path : fields.entries("paths")) {
      check_path(path);
      if (path.value->kind == Node::Kind::mapping)
        spec.paths.push_back({path.key, read_mask(*path.value, true)});
    }
    return spec;
  }

  void check_strategy_keys(const Node& node, std::string_view strategy) {
    const auto* row = std::find_if(std::begin(strategy_keys), std::end(strategy_keys),
                                   [&](const StrategyKeys& keys) { return keys.strategy == strategy; });
    if (row == std::end(strategy_keys)) return;  // reported by the validator
    if (!row->required.empty() && node.find(row->required) == nullptr) {
      rule_problem(node.where, fmt::format("strategy {} needs '{}'", strategy, row->required));
    }
    const auto allowed = split(row->allowed, '|');
    for (const auto& entry : node.entries) {
      constexpr std::string_view always[] = {"strategy", "domain", "version", "subject", "reason"};
      if (std::find(std::begin(always), std::end(always), entry.key) != std::end(always)) continue;
      if (entry.key == row->required || find_key_in(allowed, entry.key)) continue;
      if (!known_key(entry.key)) continue;
      rule_problem(entry.where, fmt::format("'{}' says nothing with strategy {}", entry.key, strategy));
    }
  }

  static bool find_key_in(const std::vector<std::string>& keys, const std::string& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  }

  static bool known_key(std::string_view key) {
    for (const auto& row : strategy_keys) {
      if (row.required == key || find_key_in(split(row.allowed, '|'), std::string(key))) return true;
    }
    return false;
  }

  void check_arguments(const Fields& fields, const MaskSpec& spec, bool inside_json) {
    if (spec.strategy == MaskStrategy::keep && fields.has("reason") && trim(spec.reason).empty()) {
      rule_problem(fields.where("reason"), "the reason is empty");
    }
    if (fields.has("dictionary")) check_dictionary(spec.argument, fields.where("dictionary"));
    if (fields.has("template")) check_template(spec.argument, fields.where("template"));
    const bool by_value = spec.strategy == MaskStrategy::fpe || spec.strategy == MaskStrategy::permutation;
    if (by_value && fields.has("subject")) {
      rule_problem(fields.where("subject"),
                   fmt::format("strategy {} follows the value, not a subject", to_string(spec.strategy)));
    }
    if (!spec.subject.empty()) check_subject(spec.subject, fields.where("subject"));
    check_locale(spec, fields.has("locale") ? fields.where("locale") : fields.where("strategy"));
    if (fields.has("min") && fields.has("max") && spec.minimum >= spec.maximum) {
      rule_problem(fields.where("min"), "'min' is not below 'max'");
    }
    if (fields.has("min") != fields.has("max")) {
      rule_problem(fields.where(fields.has("min") ? "min" : "max"), "'min' and 'max' go together");
    }
    if (inside_json && (spec.strategy == MaskStrategy::sql || spec.strategy == MaskStrategy::json)) {
      rule_problem(fields.where("strategy"),
                   fmt::format("strategy {} has no meaning at a path", to_string(spec.strategy)));
    }
  }

  void check_dictionary(const std::string& name, const SourceLocation& where) {
    std::vector<std::string> known = shipped_dictionaries();
    for (const auto& [own, path] : out_.rules.dictionaries)
      known.push_back(own);
    if (!find_key_in(known, name)) {
      problems_.add_unknown(where, fmt::format("{}: '{}' is no dictionary", rule_, name), name, known);
    }
  }

  void check_template(const std::string& text, const SourceLocation& where) {
    const std::vector<std::string>& named = named_templates();
    if (find_key_in(named, text)) return;
    if (text.find('{') == std::string::npos) {
      problems_.add_unknown(
          where, fmt::format("{}: '{}' is no template, and has no placeholder", rule_, text), text, named);
      return;
    }
    for (size_t open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
      const size_t close = text.find('}', open);
      const std::string name = close == std::string::npos ? "" : text.substr(open + 1, close - open - 1);
      if (!is_placeholder(name)) {
        rule_problem(where, fmt::format("'{{{}}}' is no placeholder: {{hash}}, {{hash:20}}, {{digits}}, "
                                        "{{digits:4}}, {{first}}, {{last}}",
                                        name));
      }
    }
  }

  void check_subject(const std::string& name, const SourceLocation& where) {
    std::vector<std::string> known;
    for (const auto& subject : out_.rules.subjects)
      known.push_back(subject.name);
    if (!find_key_in(known, name)) {
      problems_.add_unknown(where, fmt::format("{}: '{}' is not in subjects", rule_, name), name, known);
    }
  }

  // A person has one name: masks of one subject that draw names and places take them from one locale.
  void check_locale(const MaskSpec& spec, const SourceLocation& where) {
    std::vector<std::string> known;
    for (const auto& [name, path] : out_.rules.locales)
      known.push_back(name);
    if (!spec.locale.empty() && !find_key_in(known, spec.locale)) {
      problems_.add_unknown(where, fmt::format("{}: '{}' is not in locales", rule_, spec.locale), spec.locale,
                            known);
      return;
    }
    const bool draws_words =
        spec.strategy == MaskStrategy::dictionary ||
        (spec.strategy == MaskStrategy::template_ && (spec.argument == "email" || spec.argument == "login" ||
                                                      spec.argument.find('{') != std::string::npos));
    if (spec.subject.empty() || !draws_words) return;
    const auto [first, added] = locale_of_.emplace(spec.subject, std::pair(spec.locale, where));
    if (added || first->second.first == spec.locale) return;
    rule_problem(
        where, fmt::format("subject {} takes its words from locale '{}' here and from '{}' at {}: the person "
                           "would have two names",
                           spec.subject, spec.locale, first->second.first, first->second.second.text()));
  }

  // $ followed by .name, ..name, [*], [number] or ["name"].
  void check_path(const Entry& path) {
    const std::string& text = path.key;
    const auto wrong = [&] {
      rule_problem(path.where, fmt::format("'{}' is no path: $.a.b, $.list[*].c, $..name", text));
    };
    if (text.size() < 2 || text[0] != '$') return wrong();
    for (size_t i = 1; i < text.size();) {
      if (text[i] == '.') {
        i += text.compare(i, 2, "..") == 0 ? 2U : 1U;
        const size_t from = i;
        while (i < text.size() && text[i] != '.' && text[i] != '[')
          ++i;
        if (i == from) return wrong();
      } else if (text[i] == '[') {
        const size_t close = text.find(']', i);
        if (close == std::string::npos || close == i + 1) return wrong();
        i = close + 1;
      } else {
        return wrong();
      }
    }
  }

  Problems& problems_;
  MasksFile out_;
  std::string rule_;  // the one being read, in words
  std::set<std::string> names_;
  std::map<std::string, std::pair<std::string, SourceLocation>> locale_of_;  // subject → locale, and where
};

}  // namespace

MasksFile read_masks_file(std::string_view yaml, const std::string& file, const std::string& folder,
                          Problems& problems) {
  const NodePointer root = parse_yaml(yaml, file, problems);
  if (root == nullptr) return {};
  validate(*root, masks_schema(), folder, problems);
  return MasksReader(problems).read(*root, file, folder);
}

}  // namespace godwit::config
