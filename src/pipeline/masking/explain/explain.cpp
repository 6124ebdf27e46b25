#include "pipeline/masking/explain/explain.h"

#include "base/check.h"
#include "base/text.h"
#include "base/time.h"
#include "check/dataset_index.h"
#include "mask/rules/rule_book.h"
#include "pipeline/masking/classify.h"
#include "pipeline/masking/explain/known_tables.h"
#include "pipeline/masking/shape.h"
#include "pipeline/plan/dataset_of.h"
#include "pipeline/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

namespace godwit::pipeline {

namespace {

// The key of tests/golden/masking: anybody can recompute what it makes.
constexpr std::string_view published_key = "dGVzdCBrZXkgb2YgdGhlIGdvbGRlbiB2ZWN0b3JzIDEyMzQ=";
constexpr int64_t made_up_subject = 4711;

std::string brief(const MaskSpec& spec) {
  std::string text(to_string(spec.strategy));
  const bool named = spec.strategy == MaskStrategy::dictionary || spec.strategy == MaskStrategy::template_ ||
                     spec.strategy == MaskStrategy::redact;
  return named && !spec.argument.empty() ? text + " " + spec.argument : text;
}

RuleNote note_of(const MaskRule& rule, std::string why) {
  return {rule.name, rule.built_in ? "" : rule.where.text(), brief(rule.mask), std::move(why)};
}

std::vector<std::pair<std::string, std::string>> options_of(const MaskSpec& spec) {
  std::vector<std::pair<std::string, std::string>> options;
  const auto add = [&](std::string_view name, std::string value) {
    if (!value.empty()) options.emplace_back(name, std::move(value));
  };
  const bool ranged = spec.maximum > spec.minimum;
  const std::string alphabet = spec.alphabet.empty() ? "digits" : spec.alphabet;
  switch (spec.strategy) {
    case MaskStrategy::keep:
      add("reason", spec.reason);
      break;
    case MaskStrategy::constant:
      add("value", spec.argument);
      break;
    case MaskStrategy::sql:
      add("expression", spec.argument);
      break;
    case MaskStrategy::dictionary:
      add("dictionary", spec.argument);
      break;
    case MaskStrategy::template_:
      add("template", spec.argument);
      break;
    case MaskStrategy::redact:
      add("form", spec.argument.empty() ? "scan" : spec.argument);
      break;
    case MaskStrategy::token:
      add("length", spec.length > 0 ? std::to_string(spec.length) : "");
      break;
    case MaskStrategy::date_shift:
      add("range_days", std::to_string(spec.range_days));
      if (spec.age_years_min >= 0)
        add("age_years", fmt::format("{} to {}", spec.age_years_min, spec.age_years_max));
      break;
    case MaskStrategy::noise:
      add("percent", fmt::format("{}", spec.percent));
      break;
    case MaskStrategy::fpe:
    case MaskStrategy::permutation:
      add("alphabet", alphabet);
      break;
    case MaskStrategy::json:
      for (const MaskPath& path : spec.paths)
        add(path.path, brief(path.mask));
      add("otherwise", spec.otherwise.empty() ? "redact" : spec.otherwise);
      break;
    default:
      break;
  }
  if (ranged) add("min and max", fmt::format("{} to {}", spec.minimum, spec.maximum));
  if (!spec.reserved) add("reserved", "false");
  return options;
}

std::string display(const mask::Value& value) {
  using mask::ValueType;
  if (value.null) return "NULL";
  if (value.textual()) return std::string(value.text);
  switch (value.type) {
    case ValueType::boolean:
      return value.integer != 0 ? "true" : "false";
    case ValueType::floating:
      return fmt::format("{}", value.floating);
    case ValueType::date_days:
      return iso_utc(value.integer * 86'400'000'000).substr(0, 10);
    case ValueType::timestamp_us:
    case ValueType::timestamptz_us:
      return iso_utc(value.integer);
    default:
      return std::to_string(value.integer);
  }
}

Column text_column(const std::string& name) {
  Column column;
  column.name = name;
  column.type_name = "text";
  column.type_class = TypeClass::text;
  return column;
}

// Where no catalog can be read, a name is all there is, and what the subjects say of the table.
Dataset assumed_dataset(const std::string& table, const std::string& column, const MaskRules& rules) {
  const auto parts = split(table, '.');
  Dataset dataset;
  dataset.store = parts.size() > 1 ? parts[0] : "";
  dataset.table.name = {parts.size() > 2 ? parts[1] : "", parts.back()};
  dataset.id = table;
  dataset.table.columns = {text_column(column)};
  dataset.columns.emplace_back().name = column;
  const check::DatasetIndex index({&dataset});
  for (const MaskSubject& subject : rules.subjects) {
    for (const auto& [reference, person] : subject.columns) {
      if (!index.find("", reference).empty() && dataset.table.column(person) == nullptr)
        dataset.table.columns.push_back(text_column(person));
    }
  }
  return dataset;
}

class Explaining {
 public:
  Explaining(const PipelineSettings& pipeline, const MaskContext& masks, mask::RuleBook book,
             KnownTables known)
      : pipeline_(pipeline), masks_(masks), book_(std::move(book)), known_(std::move(known)) {}

  Result<MaskExplanation> run(const std::string& reference) {
    RETURN_IF_ERROR(find(reference));
    describe_column();
    std::vector<Dataset*> datasets;
    for (Dataset& each : known_.datasets) {
      if (is_copied(each.closure.membership) || !known_.closure_known || &each == dataset_)
        datasets.push_back(&each);
    }
    ASSIGN_OR_RETURN(const auto refusals, classify_columns(datasets, pipeline_.masks, masks_, {}));
    for (const ColumnRefusal& refusal : refusals) {
      if (refusal.dataset == dataset_ && refusal.column == out_.column) out_.refused = refusal.why;
    }
    describe_rules();
    describe_mask();
    out_.notes.insert(out_.notes.end(), known_.notes.begin(), known_.notes.end());
    return std::move(out_);
  }

 private:
  Status find(const std::string& reference) {
    const size_t dot = reference.rfind('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == reference.size()) {
      return make_error(ErrorKind::usage, fmt::format("'{}' is not a column: write table.column", reference),
                        "for example: godwit mask --explain ids.students.email");
    }
    const std::string table = reference.substr(0, dot);
    const std::string column = reference.substr(dot + 1);
    std::vector<const Dataset*> all;
    for (const Dataset& each : known_.datasets)
      all.push_back(&each);
    const check::DatasetIndex index(all);
    const auto found = index.find("", table);
    if (found.size() > 1) {
      std::vector<std::string> ids;
      for (const Dataset* each : found)
        ids.push_back(each->id);
      return make_error(ErrorKind::usage, fmt::format("'{}' is more than one table", table),
                        "one of: " + join(ids, ", "));
    }
    if (found.empty()) return find_without_catalog(table, column, index);
    const auto at = std::find_if(known_.datasets.begin(), known_.datasets.end(),
                                 [&](const Dataset& each) { return &each == found[0]; });
    return take(*at, column);
  }

  Status take(Dataset& dataset, const std::string& column) {
    std::vector<std::string> names;
    for (const DatasetColumn& each : dataset.columns)
      names.push_back(each.name);
    const auto at = std::find(names.begin(), names.end(), column);
    if (at == names.end()) {
      const auto near = nearest(column, names);
      return make_error(ErrorKind::usage, fmt::format("{} has no column '{}'", dataset.id, column),
                        near.empty() ? "it has: " + join(names, ", ") : "did you mean " + near[0] + "?");
    }
    dataset_ = &dataset;
    index_ = static_cast<size_t>(at - names.begin());
    out_.from_catalog = true;
    return {};
  }

  Status find_without_catalog(const std::string& table, const std::string& column,
                              const check::DatasetIndex& index) {
    const std::string store = table.substr(0, table.find('.'));
    const bool of_unread_store =
        std::any_of(known_.unread.begin(), known_.unread.end(),
                    [&](const auto& each) { return each == store || table.find('.') == std::string::npos; });
    if (!of_unread_store) {
      std::vector<std::string> names = index.names();
      for (const Dataset* each : index.all())
        names.push_back(each->table.name.name);
      const auto near = nearest(table, names);
      return make_error(ErrorKind::usage, fmt::format("pipeline {} has no table '{}'", pipeline_.name, table),
                        near.empty() ? fmt::format("its stores are: {}", join(pipeline_.stores, ", "))
                                     : "did you mean " + near[0] + "?");
    }
    known_.datasets.push_back(assumed_dataset(table, column, pipeline_.masks));
    dataset_ = &known_.datasets.back();
    index_ = 0;
    out_.notes.push_back("explained by its name alone: taken for a text column without keys");
    return {};
  }

  void describe_column() {
    const Column& column = *dataset_->table.column(dataset_->columns[index_].name);
    out_.store = dataset_->store;
    out_.table =
        dataset_->table.name.schema.empty() ? dataset_->table.name.name : dataset_->table.name.text();
    out_.column = column.name;
    out_.type = column.type_name;
    out_.nullable = column.nullable;
    out_.estimated_rows = dataset_->table.estimated_rows;
    for (const Key& key : dataset_->table.keys) {
      if (std::find(key.columns.begin(), key.columns.end(), column.name) != key.columns.end())
        out_.unique_in.push_back(key.name);
    }
    if (!known_.closure_known || !out_.from_catalog) return;
    out_.membership = to_string(dataset_->closure.membership);
    out_.membership_reason = dataset_->closure.reason;
    if (!is_copied(dataset_->closure.membership)) out_.notes.push_back("rows of this table do not move");
  }

  // The rules of one column, in order: why each of them decides or not.
  void describe_rules() {
    const std::string through = dataset_->mask_rules[index_].starts_with("foreign key ")
                                    ? dataset_->mask_rules[index_]
                                    : std::string();
    const Column& column = *dataset_->table.column(out_.column);
    const MaskRule* own = book_.decide(dataset_->store, dataset_->table.name, column, {});
    if (!through.empty()) {
      decide_by_parent(*dataset_, out_.column, through);
    } else if (own != nullptr) {
      out_.decided = note_of(*own, "the first rule that matches");
    }
    bool decided = false;
    for (const MaskRule* rule : book_.matching(dataset_->store, dataset_->table.name, column)) {
      if (rule == own) {
        decided = true;
        if (!through.empty())
          out_.lost.push_back(note_of(*rule, through + " gives the column its parent's mask"));
      } else if (!rule->match.detector.empty() && !decided) {
        out_.lost.push_back(note_of(
            *rule, fmt::format("stands before, but wants half of a sample to look like {}: a plan reads "
                               "one, an explanation does not",
                               rule->match.detector)));
      } else if (through.empty()) {
        out_.lost.push_back(note_of(*rule, "stands behind the rule that decides"));
      } else {
        out_.lost.push_back(note_of(*rule, through + " gives the column its parent's mask"));
      }
    }
  }

  // Along the foreign keys to the column whose rule decided.
  void decide_by_parent(const Dataset& child, const std::string& column, const std::string& through) {
    const Dataset* at = &child;
    std::string name = column;
    std::string path = through;
    std::set<std::pair<const Dataset*, std::string>> seen;
    while (seen.insert({at, name}).second) {
      const auto [parent, parent_column] = parent_of(*at, name);
      if (parent == nullptr) break;
      at = parent;
      name = parent_column;
      path += fmt::format(", as {}.{}", at->id, name);
      const Column* described = at->table.column(name);
      if (described == nullptr) break;
      const size_t position = position_of(*at, name);
      if (position < at->mask_rules.size() && at->mask_rules[position].starts_with("foreign key ")) continue;
      const MaskRule* rule = book_.decide(at->store, at->table.name, *described, {});
      if (rule != nullptr) out_.decided = note_of(*rule, path);
      return;
    }
    out_.decided = {through, "", brief(dataset_->masks[index_]), path};
  }

  static size_t position_of(const Dataset& dataset, const std::string& column) {
    const auto at = std::find_if(dataset.columns.begin(), dataset.columns.end(),
                                 [&](const DatasetColumn& each) { return each.name == column; });
    return static_cast<size_t>(at - dataset.columns.begin());
  }

  [[nodiscard]] std::pair<const Dataset*, std::string> parent_of(const Dataset& child,
                                                                 const std::string& column) const {
    const std::string& rule = child.mask_rules[position_of(child, column)];
    for (const NecessityEdge& edge : child.closure.edges) {
      const ForeignKey& key = edge.foreign_key;
      if ("foreign key " + key.name != rule) continue;
      for (size_t k = 0; k < key.columns.size(); ++k) {
        if (key.columns[k] != column) continue;
        const std::string& store = key.parent_store.empty() ? child.store : key.parent_store;
        for (const Dataset& each : known_.datasets) {
          if (each.store == store && each.table.name == key.parent) return {&each, key.parent_columns[k]};
        }
      }
    }
    return {nullptr, ""};
  }

  void describe_mask() {
    out_.mask = dataset_->masks[index_];
    out_.facts = dataset_->mask_facts[index_];
    out_.subject_column = dataset_->subject_columns[index_];
    out_.options = options_of(out_.mask);
    out_.key_fingerprint = masks_.keyring.fingerprint();
    const mask::ColumnShape shape = shape_of_column(*dataset_, out_.column);
    if (!dataset_->mask_rules[index_].empty()) out_.formula = mask::formula_of(out_.mask, shape);
    const auto rows = static_cast<double>(out_.estimated_rows);
    if (out_.facts.injective) {
      out_.odds = out_.facts.mac_bits == 0 ? 0 : rows * rows / std::exp2(out_.facts.mac_bits + 1);
    } else if (out_.facts.capacity > 0) {
      out_.odds = -std::expm1(-rows * (rows - 1) / (2 * out_.facts.capacity));
    }
    show_example(shape);
  }

  void show_example(const mask::ColumnShape& shape) {
    MaskExample& example = out_.example;
    if (!out_.refused.empty()) {
      example.none = "the mask does not fit";
    } else if (dataset_->mask_rules[index_].empty()) {
      example.none = "no rule speaks for the column: it is copied as it is";
    } else if (out_.mask.strategy == MaskStrategy::keep) {
      example.none = "the value stays as it is";
    } else if (out_.mask.strategy == MaskStrategy::sql) {
      example.none = "DuckDB evaluates the expression over a whole row";
    } else {
      const auto made = mask::make(out_.mask, shape, masks_.for_masks());
      std::vector<mask::Value> inputs = {mask::made_up_value(out_.mask, shape)};
      if (!out_.subject_column.empty()) inputs.push_back(mask::Value::of_integer(made_up_subject));
      mask::Scratch scratch;
      mask::Value fake;
      const Status applied = made.ok() ? (*made)->apply(inputs, fake, scratch) : Status(made.error());
      example.input = display(inputs[0]);
      if (!out_.subject_column.empty()) example.subject = std::to_string(made_up_subject);
      if (applied.ok()) {
        example.output = display(fake);
      } else {
        example.none = applied.error().message;
      }
    }
  }

  const PipelineSettings& pipeline_;
  const MaskContext& masks_;
  mask::RuleBook book_;
  KnownTables known_;
  Dataset* dataset_ = nullptr;
  size_t index_ = 0;
  MaskExplanation out_;
};

}  // namespace

Result<MaskExplanation> explain_mask(const Services& services, const Settings& settings,
                                     const PipelineSettings& pipeline, const EnvironmentLookup& environment,
                                     const std::string& reference) {
  Job job;
  job.settings = &settings;
  job.pipeline = &pipeline;
  const auto key = resolve_secret(settings.masking_key, environment);
  const bool test_key = settings.masking_key.empty() || !key.ok();
  job.resolved.masking_key = test_key ? Secret(std::string(published_key)) : *key;
  ASSIGN_OR_RETURN(const MaskContext masks, mask_context(job));
  ASSIGN_OR_RETURN(mask::RuleBook book, mask::RuleBook::compile(pipeline.masks));
  Explaining explaining(pipeline, masks, std::move(book),
                        read_known_tables(services, settings, pipeline, environment));
  ASSIGN_OR_RETURN(MaskExplanation explanation, explaining.run(reference));
  explanation.test_key = test_key;
  return explanation;
}

}  // namespace godwit::pipeline
