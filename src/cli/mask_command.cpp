#include "base/text.h"
#include "cli/commands.h"
#include "pipeline/masking/explain/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace godwit::cli {

namespace {

using Json = nlohmann::ordered_json;
using pipeline::MaskExplanation;
using pipeline::RuleNote;

constexpr size_t lost_rules_shown = 6;

Result<const PipelineSettings*> chosen_pipeline(const Settings& settings, const std::string& name) {
  if (name.empty() && settings.pipelines.size() == 1) return &settings.pipelines.begin()->second;
  const auto found = settings.pipelines.find(name);
  if (found != settings.pipelines.end()) return &found->second;
  std::vector<std::string> names;
  for (const auto& [each, unused] : settings.pipelines)
    names.push_back(each);
  return make_error(ErrorKind::usage,
                    name.empty() ? fmt::format("{} has {} pipelines", settings.file, names.size())
                                 : fmt::format("{} has no pipeline {}", settings.file, name),
                    "choose one with --pipeline: " + join(names, ", "));
}

std::string rule_text(const RuleNote& rule) {
  return fmt::format("'{}' ({}): {}; {}", rule.name, rule.where.empty() ? "shipped" : rule.where, rule.mask,
                     rule.why);
}

class Page {
 public:
  void line(std::string_view name, std::string_view value) {
    if (!value.empty()) text_ += fmt::format("  {:<16} {}\n", name, value);
  }
  void head(std::string_view text) { text_ += fmt::format("{}\n", text); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string uniqueness(const MaskExplanation& column) {
  if (column.facts.text.empty()) return "";
  std::string text = !column.facts.injective ? "not injective: two values may share a fake"
                     : column.facts.mac_bits > 0
                         ? fmt::format("injective but for {} bits of MAC", column.facts.mac_bits)
                         : "a bijection: distinct values have distinct fakes";
  text += fmt::format("; {:.3g} possible fakes", column.facts.capacity);
  if (column.estimated_rows > 0 && column.odds > 0) {
    text += fmt::format("; odds that two of {} values share one: {:.1e}",
                        with_thousands(column.estimated_rows), column.odds);
  }
  return text;
}

void add_rules(const MaskExplanation& column, Page& page) {
  page.line("rule", column.decided.name.empty() ? "none speaks for it" : rule_text(column.decided));
  for (size_t i = 0; i < std::min(column.lost.size(), lost_rules_shown); ++i)
    page.line(i == 0 ? "lost" : "", rule_text(column.lost[i]));
  if (column.lost.size() > lost_rules_shown)
    page.line("", fmt::format("and {} more", column.lost.size() - lost_rules_shown));
}

void add_mask(const MaskExplanation& column, Page& page) {
  if (column.decided.name.empty()) return;
  std::vector<std::string> options;
  for (const auto& [name, value] : column.options)
    options.push_back(name + " " + value);
  page.line("strategy", fmt::format("{}{}{}", to_string(column.mask.strategy), options.empty() ? "" : ": ",
                                    join(options, ", ")));
  page.line("", column.facts.text);
  page.line("domain", column.formula.domain.empty()
                          ? std::string()
                          : fmt::format("{}, version {}", column.formula.domain, column.mask.version));
  if (!column.mask.subject.empty()) {
    page.line("subject",
              fmt::format("{}, in column {}; drawn under {}; a NULL there leaves the value to speak",
                          column.mask.subject, column.subject_column, column.formula.subject_domain));
  }
  page.line("canonical form", column.formula.canonical_form);
  page.line("fake", column.formula.words);
  page.line("range", column.formula.range);
  page.line("uniqueness", uniqueness(column));
}

void add_example(const MaskExplanation& column, Page& page) {
  if (!column.example.none.empty()) {
    page.line("example", "none: " + column.example.none);
    return;
  }
  page.line("example",
            fmt::format("{} -> {}{}", column.example.input, column.example.output,
                        column.example.subject.empty() ? "" : " (subject " + column.example.subject + ")"));
  page.line("", fmt::format("a made-up value, {} ({})",
                            column.test_key ? "under the published test key, because keys.masking is not set"
                                            : "under the configured key",
                            column.key_fingerprint));
}

std::string to_text(const MaskExplanation& column) {
  Page page;
  page.head(fmt::format("{}{}.{}  {}{}{}", column.store.empty() ? "" : column.store + ".", column.table,
                        column.column, column.type, column.from_catalog ? "" : " (assumed)",
                        column.nullable ? "" : " NOT NULL"));
  page.line("table",
            column.membership.empty() ? std::string() : column.membership + ": " + column.membership_reason);
  add_rules(column, page);
  page.line("refused", column.refused);
  page.line("unique in", join(column.unique_in, ", "));
  add_mask(column, page);
  add_example(column, page);
  for (const std::string& note : column.notes)
    page.line("note", note);
  return page.text();
}

Json to_json(const RuleNote& rule) {
  return {{"rule", rule.name},
          {"where", rule.where},
          {"shipped", rule.where.empty()},
          {"mask", rule.mask},
          {"why", rule.why}};
}

Json mask_json(const MaskExplanation& column) {
  Json options = Json::object();
  for (const auto& [name, value] : column.options)
    options[name] = value;
  return {{"strategy", to_string(column.mask.strategy)},
          {"text", column.facts.text},
          {"options", options},
          {"domain", column.formula.domain},
          {"version", column.mask.version},
          {"subject", column.mask.subject},
          {"subject_column", column.subject_column},
          {"subject_domain", column.formula.subject_domain},
          {"canonical_form", column.formula.canonical_form},
          {"formula", column.formula.words},
          {"range", column.formula.range},
          {"reserved", column.facts.reserved},
          {"injective", column.facts.injective},
          {"mac_bits", column.facts.mac_bits},
          {"capacity", column.facts.capacity},
          {"always_changes", column.facts.always_changes},
          {"collision_odds", column.odds}};
}

Json to_json(const MaskExplanation& column, const std::string& pipeline) {
  Json lost = Json::array();
  for (const RuleNote& rule : column.lost)
    lost.push_back(to_json(rule));
  const bool decided = !column.decided.name.empty();
  const bool shown = column.example.none.empty();
  return {{"version", 1},
          {"pipeline", pipeline},
          {"store", column.store},
          {"table", column.table},
          {"column", column.column},
          {"type", column.type},
          {"nullable", column.nullable},
          {"from_catalog", column.from_catalog},
          {"membership", column.membership},
          {"estimated_rows", column.estimated_rows},
          {"unique_in", column.unique_in},
          {"decided", decided ? to_json(column.decided) : Json(nullptr)},
          {"lost", lost},
          {"refused", column.refused},
          {"mask", decided ? mask_json(column) : Json(nullptr)},
          {"example",
           {{"input", shown ? Json(column.example.input) : Json(nullptr)},
            {"subject", column.example.subject.empty() ? Json(nullptr) : Json(column.example.subject)},
            {"output", shown ? Json(column.example.output) : Json(nullptr)},
            {"none", column.example.none},
            {"key", column.test_key ? "published" : "configured"},
            {"key_fingerprint", column.key_fingerprint}}},
          {"notes", column.notes}};
}

}  // namespace

Status mask_command(Application& app) {
  ASSIGN_OR_RETURN(const Settings* settings, app.settings());
  ASSIGN_OR_RETURN(const PipelineSettings* pipeline, chosen_pipeline(*settings, app.arguments().pipeline));
  ASSIGN_OR_RETURN(const MaskExplanation column,
                   pipeline::explain_mask(app.world().services, *settings, *pipeline, app.world().environment,
                                          app.arguments().explain));
  if (app.arguments().json) {
    app.print_json(to_json(column, pipeline->name).dump(1, ' ', false, Json::error_handler_t::replace) +
                   "\n");
  } else {
    app.print(to_text(column));
  }
  return {};
}

}  // namespace godwit::cli
