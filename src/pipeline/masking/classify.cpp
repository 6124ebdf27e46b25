#include "pipeline/masking/classify.h"

#include "base/text.h"
#include "check/dataset_index.h"
#include "mask/mask.h"
#include "mask/rules/rule_book.h"
#include "pipeline/masking/shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace godwit::pipeline {

namespace {

class Classification {
 public:
  Classification(const std::vector<Dataset*>& datasets, const MaskRules& rules, mask::RuleBook book,
                 const MaskContext& context, const DetectedColumns& detected)
      : datasets_(datasets),
        rules_(rules),
        book_(std::move(book)),
        context_(context),
        detected_(detected),
        index_({datasets.begin(), datasets.end()}) {}

  Result<std::vector<ColumnRefusal>> run() {
    RETURN_IF_ERROR(check_subjects());
    for (Dataset* dataset : datasets_)
      decide(*dataset);
    inherit_over_foreign_keys();
    for (Dataset* dataset : datasets_) {
      for (size_t i = 0; i < dataset->columns.size(); ++i)
        settle(*dataset, i);
    }
    return std::move(refusals_);
  }

 private:
  // What a subject names must be there; datasets that are not copied do not matter.
  Status check_subjects() {
    for (const MaskSubject& subject : rules_.subjects) {
      for (const auto& [table, column] : subject.columns) {
        for (const Dataset* dataset : index_.find("", table)) {
          if (dataset->table.column(column) != nullptr) continue;
          Error error = make_error(ErrorKind::config, fmt::format("subject {}: {} has no column {}",
                                                                  subject.name, dataset->id, column));
          error.where = subject.where;
          return error;
        }
      }
    }
    return {};
  }

  // The column that identifies the subject's person in a dataset; empty when it is not named for it.
  [[nodiscard]] std::string subject_column(const std::string& name, const Dataset& dataset) const {
    for (const MaskSubject& subject : rules_.subjects) {
      if (subject.name != name) continue;
      for (const auto& [table, column] : subject.columns) {
        const auto found = index_.find("", table);
        if (std::find(found.begin(), found.end(), &dataset) != found.end()) return column;
      }
    }
    return "";
  }

  void decide(Dataset& dataset) {
    const size_t count = dataset.columns.size();
    dataset.masks.assign(count, MaskSpec());
    dataset.mask_rules.assign(count, "");
    dataset.mask_facts.assign(count, MaskFacts());
    dataset.subject_columns.assign(count, "");
    from_file_[&dataset].assign(count, false);
    for (size_t i = 0; i < count; ++i) {
      const Column* column = dataset.table.column(dataset.columns[i].name);
      CHECK(column != nullptr);
      const auto sample = detected_.find(dataset.id + "." + column->name);
      const std::vector<std::string> none;
      const MaskRule* rule = book_.decide(dataset.store, dataset.table.name, *column,
                                          sample == detected_.end() ? none : sample->second);
      if (rule == nullptr) continue;
      dataset.masks[i] = rule->mask;
      dataset.mask_rules[i] = rule->name;
      from_file_[&dataset][i] = !rule->built_in;
    }
  }

  // Both sides of a foreign key map alike: the child takes the parent's mask, along chains of keys.
  void inherit_over_foreign_keys() {
    for (bool changed = true; changed;) {
      changed = false;
      for (Dataset* dataset : datasets_) {
        for (const NecessityEdge& edge : dataset->closure.edges)
          changed = inherit(*dataset, edge.foreign_key) || changed;
      }
    }
  }

  bool inherit(Dataset& child, const ForeignKey& key) {
    const Dataset* parent =
        index_.by_table(key.parent_store.empty() ? child.store : key.parent_store, key.parent);
    if (parent == nullptr || parent == &child) return false;
    bool changed = false;
    for (size_t k = 0; k < key.columns.size(); ++k) {
      const auto from = position(*parent, key.parent_columns[k]);
      const auto to = position(child, key.columns[k]);
      if (from && to) changed = inherit_column(*parent, *from, child, *to, key.name) || changed;
    }
    return changed;
  }

  bool inherit_column(const Dataset& parent, size_t from, Dataset& child, size_t to, const std::string& key) {
    const std::string name = "foreign key " + key;
    const bool kept = parent.masks[from].strategy == MaskStrategy::keep;
    const bool child_kept = child.masks[to].strategy == MaskStrategy::keep;
    if (kept && (child_kept ? !child.mask_rules[to].empty() : from_file_[&child][to])) return false;
    // Another foreign key of the same column was first; they agree or the data could not.
    if (child.mask_rules[to].starts_with("foreign key ") && child_kept == kept) return false;
    child.masks[to] = parent.masks[from];
    if (kept) child.masks[to].reason = fmt::format("refers to {}, which is kept", parent.id);
    child.mask_rules[to] = name;
    return true;
  }

  static std::optional<size_t> position(const Dataset& dataset, const std::string& column) {
    for (size_t i = 0; i < dataset.columns.size(); ++i) {
      if (dataset.columns[i].name == column) return i;
    }
    return std::nullopt;
  }

  // Makes the mask once, at plan time, so that what does not fit is refused before anything is read.
  void settle(Dataset& dataset, size_t i) {
    const Column& column = *dataset.table.column(dataset.columns[i].name);
    MaskSpec& spec = dataset.masks[i];
    if (dataset.mask_rules[i].empty()) {
      if (mask::needs_classification(column, is_key(dataset, column.name))) {
        refusals_.push_back({&dataset, column.name,
                             fmt::format("no rule speaks for this {} column", to_string(column.type_class))});
      }
      return;
    }
    if (spec.strategy == MaskStrategy::keep || spec.strategy == MaskStrategy::sql) return;
    if (spec.strategy == MaskStrategy::null) {
      if (!column.nullable) {
        refusals_.push_back(
            {&dataset, column.name,
             fmt::format("rule '{}' makes it NULL, and it is NOT NULL", dataset.mask_rules[i])});
      }
      return;
    }
    if (!spec.subject.empty()) dataset.subject_columns[i] = subject_column(spec.subject, dataset);
    // In a table that the subject does not name there is nobody to follow: the value speaks for itself.
    if (dataset.subject_columns[i].empty()) spec.subject.clear();
    const auto made = mask::make(spec, shape_of_column(dataset, column.name), context_.for_masks());
    if (!made.ok()) {
      const Error& error = made.error();
      refusals_.push_back({&dataset, column.name,
                           fmt::format("rule '{}': {}{}{}", dataset.mask_rules[i], error.message,
                                       error.hint.empty() ? "" : "; ", error.hint)});
      return;
    }
    note_facts((*made)->traits(), dataset.mask_facts[i]);
  }

  static void note_facts(const mask::Traits& traits, MaskFacts& facts) {
    facts.injective = traits.injective;
    facts.mac_bits = traits.mac_bits;
    facts.capacity = traits.capacity;
    facts.reserved = traits.reserved;
    facts.text = traits.text;
    facts.always_changes = traits.always_changes;
  }

  static bool is_key(const Dataset& dataset, const std::string& column) {
    const auto holds = [&](const std::vector<std::string>& columns) {
      return std::find(columns.begin(), columns.end(), column) != columns.end();
    };
    return std::any_of(dataset.table.keys.begin(), dataset.table.keys.end(),
                       [&](const Key& key) { return key.primary && holds(key.columns); }) ||
           std::any_of(dataset.table.foreign_keys.begin(), dataset.table.foreign_keys.end(),
                       [&](const ForeignKey& key) { return holds(key.columns); });
  }

  const std::vector<Dataset*>& datasets_;
  const MaskRules& rules_;
  mask::RuleBook book_;
  const MaskContext& context_;
  const DetectedColumns& detected_;
  check::DatasetIndex index_;
  std::map<const Dataset*, std::vector<bool>> from_file_;
  std::vector<ColumnRefusal> refusals_;
};

Status refuse(const std::vector<ColumnRefusal>& refusals, const MaskRules& rules) {
  if (refusals.empty()) return {};
  std::string message = fmt::format("{} columns cannot be copied as the masks stand:", refusals.size());
  std::string hint =
      fmt::format("decide for each in {}, under rules:", rules.file.empty() ? "masks.yml" : rules.file);
  for (size_t i = 0; i < refusals.size(); ++i) {
    const ColumnRefusal& refusal = refusals[i];
    message += fmt::format("\n  {}.{}: {}", refusal.dataset->id, refusal.column, refusal.why);
    if (i >= 20) continue;
    const std::string& table = refusal.dataset->table.name.name;
    hint += fmt::format(
        "\n    - {{name: \"{0} {1}\", match: {{store: {2}, table: \"{0}\", column: \"{1}\"}}, mask: "
        "{{strategy: redact}}}}  # or keep, with a reason",
        table, refusal.column, refusal.dataset->store);
  }
  return make_error(ErrorKind::plan_refused, message, hint);
}

}  // namespace

Result<std::vector<ColumnRefusal>> classify_columns(const std::vector<Dataset*>& datasets,
                                                    const MaskRules& rules, const MaskContext& context,
                                                    const DetectedColumns& detected) {
  ASSIGN_OR_RETURN(mask::RuleBook book, mask::RuleBook::compile(rules));
  return Classification(datasets, rules, std::move(book), context, detected).run();
}

Status classify(const std::vector<Dataset*>& datasets, const MaskRules& rules, const MaskContext& context,
                const DetectedColumns& detected) {
  ASSIGN_OR_RETURN(const auto refusals, classify_columns(datasets, rules, context, detected));
  return refuse(refusals, rules);
}

}  // namespace godwit::pipeline
