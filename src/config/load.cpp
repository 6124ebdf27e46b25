#include "config/load.h"

#include "base/text.h"
#include "config/devflow.h"
#include "config/read/read.h"
#include "config/reference.h"
#include "config/schema/validate.h"
#include "config/secret_text.h"
#include "os/files.h"

#include <fmt/format.h>

namespace godwit {

namespace {

using config::Problems;

std::vector<std::string> store_names(const Settings& settings) {
  std::vector<std::string> names;
  for (const auto& [name, store] : settings.stores)
    names.push_back(name);
  return names;
}

// A path as a person would write it from where the settings file was named.
std::string beside(const std::string& file, const std::string& path) {
  const size_t slash = file.rfind('/');
  if (path.starts_with('/') || slash == std::string::npos) return path;
  return file.substr(0, slash + 1) + path;
}

void check_store(const Settings& settings, const std::string& store, const SourceLocation& where,
                 const std::string& what, Problems& problems) {
  if (settings.stores.find(store) != settings.stores.end()) return;
  problems.add_unknown(where,
                       fmt::format("{}: store '{}' is not in stores of {}", what, store, settings.file),
                       store, store_names(settings));
}

std::string first_part(const std::string& reference) {
  const auto parts = split_reference(reference);
  return parts.ok() ? parts->front() : "";
}

// Rules of stores that this file does not have could never match, nor be evaluated.
void check_masks(const Settings& settings, const config::MasksFile& masks, Problems& problems) {
  for (const auto& rule : masks.rules.rules) {
    if (!rule.match.store.empty()) {
      check_store(settings, rule.match.store, rule.where, fmt::format("rule '{}'", rule.name), problems);
    }
  }
  for (const auto& subject : masks.rules.subjects) {
    for (const auto& [dataset, column] : subject.columns) {
      const std::string store = first_part(dataset);
      if (!store.empty()) {
        check_store(settings, store, subject.where, fmt::format("subjects.{}", subject.name), problems);
      }
    }
  }
  if (!masks.salt_variable.empty()) {
    const std::string reference = fmt::format("${{env:{}}}", masks.salt_variable);
    if (settings.masking_key.written != reference) {
      problems.add(masks.salt_where, fmt::format("salt_env_var: keys.masking of {} does not refer to {}",
                                                 settings.file, reference));
    }
  }
}

void check_checks(const Settings& settings, const CheckRules& checks, Problems& problems) {
  for (const auto& rule : checks.rules) {
    const std::string what = fmt::format("rule '{}'", rule.name);
    if (!rule.store.empty()) check_store(settings, rule.store, rule.where, what, problems);
    for (const auto& store : rule.stores) {
      const std::string name = first_part(store);
      if (!name.empty()) check_store(settings, name, rule.where, what, problems);
    }
  }
}

// Masks and checks that `entry` (one pipeline) names. A file that cannot be read is a problem at its key.
void read_rule_files(const config::Entry& entry, Settings& settings, Problems& problems) {
  PipelineSettings& pipeline = settings.pipelines[entry.key];
  const auto content_of = [&](std::string_view key, std::string& path) -> std::optional<std::string> {
    const config::Entry* named = entry.value->find(key);
    if (named == nullptr || named->value->kind != config::Node::Kind::scalar) return std::nullopt;
    path = beside(settings.file, named->value->text);
    if (!os::exists(path)) return std::nullopt;  // reported by the validator
    auto content = os::read_file(path);
    if (content.ok()) return std::move(content).value();
    problems.add(named->value->where, fmt::format("{}: {}", key, content.error().message));
    return std::nullopt;
  };
  std::string path;
  if (const auto content = content_of("masks", path)) {
    const size_t slash = path.rfind('/');
    auto masks = config::read_masks_file(*content, path,
                                         slash == std::string::npos ? "." : path.substr(0, slash), problems);
    check_masks(settings, masks, problems);
    pipeline.masks = std::move(masks.rules);
  }
  if (const auto content = content_of("checks", path)) {
    pipeline.checks = config::read_checks_file(*content, path, problems);
    check_checks(settings, pipeline.checks, problems);
  }
}

}  // namespace

Result<std::string> find_settings_file(const std::string& directory) {
  const std::string start = os::absolute_path(directory);
  for (std::string folder = start;; folder = os::parent_folder(folder)) {
    const std::string file = (folder == "/" ? "" : folder) + "/godwit.yml";
    if (os::exists(file)) return file;
    if (folder.empty() || folder == "/" || folder == ".") break;
  }
  return make_error(ErrorKind::config,
                    fmt::format("there is no godwit.yml in {} or any folder above it", start),
                    "godwit init writes one; -c/--config names another file");
}

Result<Settings> load_settings(const std::string& file) {
  ASSIGN_OR_RETURN(const auto content, os::read_file_if_exists(file));
  if (!content) {
    return make_error(ErrorKind::config, fmt::format("there is no file {}", file),
                      "godwit init writes a godwit.yml; -c/--config names another file");
  }
  return is_devflow_file(file) ? parse_devflow(*content, file) : parse_settings(*content, file);
}

Result<Settings> parse_settings(std::string_view yaml, const std::string& file) {
  Problems problems;
  const config::NodePointer root = config::parse_yaml(yaml, file, problems);
  if (root == nullptr) return problems.error();
  const std::string folder = os::parent_folder(os::absolute_path(file));
  const size_t slash = file.rfind('/');
  config::validate(*root, config::settings_schema(), slash == std::string::npos ? "." : file.substr(0, slash),
                   problems);
  Settings settings = config::read_settings(*root, problems);
  settings.file = file;  // as people named it, while messages are made
  if (const config::Entry* pipelines = root->find("pipelines")) {
    for (const auto& entry : pipelines->value->entries)
      read_rule_files(entry, settings, problems);
  }
  if (!problems.empty()) return problems.error();
  settings.file = os::absolute_path(file);
  settings.folder = folder;
  return settings;
}

Result<MaskRules> parse_mask_rules(std::string_view yaml, const std::string& file) {
  Problems problems;
  auto masks = config::read_masks_file(yaml, file, "", problems);
  if (!problems.empty()) return problems.error();
  return std::move(masks.rules);
}

Result<CheckRules> parse_check_rules(std::string_view yaml, const std::string& file) {
  Problems problems;
  auto checks = config::read_checks_file(yaml, file, problems);
  if (!problems.empty()) return problems.error();
  return checks;
}

}  // namespace godwit
