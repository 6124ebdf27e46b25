// tests/golden/config/<case>/{input.yml, expected.txt}: the whole text of the errors, or a dump of what was
// read. The case's name begins with the file it is: settings_, masks_, checks_. UPDATE_GOLDEN=1 rewrites
// expected.txt; a mismatch writes expected.txt.FAIL beside it.
#include "base/prng.h"
#include "base/text.h"
#include "config/load.h"
#include "config/schema/key_table.h"
#include "os/files.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <string>
#include <vector>

namespace godwit {
namespace {

const std::string golden_folder = GODWIT_GOLDEN_FOLDER;

std::string list_of(const std::vector<std::string>& texts) {
  return "[" + join(texts, ", ") + "]";
}

std::string dump(const MaskSpec& spec) {
  std::string out = std::string(to_string(spec.strategy));
  const auto add = [&](bool given, std::string_view name, const std::string& value) {
    if (given) out += fmt::format(" {}={}", name, value);
  };
  add(!spec.argument.empty(), "argument", spec.argument);
  add(!spec.locale.empty(), "locale", spec.locale);
  add(!spec.domain.empty(), "domain", spec.domain);
  add(spec.version != 1, "version", std::to_string(spec.version));
  add(!spec.subject.empty(), "subject", spec.subject);
  add(!spec.reason.empty(), "reason", spec.reason);
  add(!spec.reserved, "reserved", "false");
  add(spec.length != 0, "length", std::to_string(spec.length));
  add(spec.range_days != 365, "range_days", std::to_string(spec.range_days));
  add(spec.age_years_min >= 0, "age", fmt::format("{}..{}", spec.age_years_min, spec.age_years_max));
  add(spec.percent != 10, "percent", fmt::format("{}", spec.percent));
  add(spec.maximum > spec.minimum, "clamp", fmt::format("{}..{}", spec.minimum, spec.maximum));
  add(!spec.alphabet.empty(), "alphabet", spec.alphabet);
  add(!spec.otherwise.empty(), "otherwise", spec.otherwise);
  for (const auto& [path, inner] : spec.paths)
    out += fmt::format("\n      {}: {}", path, dump(inner));
  return out;
}

std::string dump(const MaskRules& rules) {
  std::string out = fmt::format("defaults {}\n", rules.defaults);
  for (const auto& [name, path] : rules.dictionaries)
    out += fmt::format("dictionary {} {}\n", name, path);
  for (const auto& [name, path] : rules.locales)
    out += fmt::format("locale {} {}\n", name, path);
  for (const auto& subject : rules.subjects) {
    out += fmt::format("subject {} {}:{}\n", subject.name, subject.where.line, subject.where.column);
    for (const auto& [dataset, column] : subject.columns)
      out += fmt::format("    {}: {}\n", dataset, column);
  }
  for (const auto& rule : rules.rules) {
    std::vector<std::string> types;
    for (const auto type : rule.match.types)
      types.emplace_back(to_string(type));
    out += fmt::format(
        "rule {} {}:{}\n    match store={} schema={} table={} column={} types={} detector={}\n    {}\n",
        rule.name, rule.where.line, rule.where.column, rule.match.store, rule.match.schema, rule.match.table,
        rule.match.column, list_of(types), rule.match.detector, dump(rule.mask));
  }
  return out;
}

std::string dump(const CheckRules& rules) {
  std::string out = fmt::format("settings fail_on_warnings={} max_warnings_allowed={} sample_size={}\n",
                                rules.settings.fail_on_warnings, rules.settings.max_warnings_allowed,
                                rules.settings.sample_size);
  for (const auto& rule : rules.rules) {
    out += fmt::format("rule {} {}:{} {} {}", rule.name, rule.where.line, rule.where.column,
                       to_string(rule.kind), to_string(rule.severity));
    const auto add = [&](bool given, std::string_view name, const std::string& value) {
      if (given) out += fmt::format("\n    {} {}", name, value);
    };
    add(!rule.table.empty(), "table", rule.store + "." + rule.table);
    add(rule.table.empty() && !rule.store.empty(), "store", rule.store);
    add(rule.all_tables, "all_tables", "true");
    add(rule.all_id_fields, "all_id_fields", "true");
    add(!rule.condition.empty(), "condition",
        fmt::format("{}:{} {}", rule.condition_where.line, rule.condition_where.column, rule.condition));
    add(!rule.fields.empty(), "fields", list_of(rule.fields));
    add(!rule.field_pattern.empty(), "field_pattern", rule.field_pattern);
    add(!rule.join_table.empty(), "join", rule.join_table + " on " + rule.join_condition);
    add(!rule.group_by.empty(), "group_by", rule.group_by);
    add(!rule.stores.empty(), "stores", list_of(rule.stores));
    add(!rule.measure.empty(), "measure", rule.measure);
    add(rule.tolerance > 0, "tolerance", fmt::format("{}", rule.tolerance));
    add(rule.null_fails, "null_fails", "true");
    add(!rule.message.empty(), "message", rule.message);
    add(!rule.description.empty(), "description", rule.description);
    out += "\n";
  }
  return out;
}

std::string dump_address(const StoreEnvironmentSettings& address) {
  std::string out;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out += fmt::format(" {}={}", name, value);
  };
  add("url", address.url.written);
  add("host", address.host.written);
  add("port", address.port ? std::to_string(*address.port) : address.port_reference.written);
  add("database", address.database.written);
  add("user", address.user.written);
  add("password", address.password.written);
  add("path", address.path.written);
  add("schema", address.schema);
  add("tls", fmt::format("{}{}", to_string(address.tls), address.tls_given ? " (given)" : ""));
  return out;
}

std::string dump(const PipelineSettings& pipeline) {
  std::string out = fmt::format("pipeline {} {}:{} {} -> {} {}\n", pipeline.name, pipeline.where.line,
                                pipeline.where.column, pipeline.from, pipeline.to, list_of(pipeline.stores));
  out += fmt::format("    scope {} {} root {} {}:{}\n", pipeline.scope.name, pipeline.scope.pattern,
                     pipeline.scope.root.written, pipeline.scope.root.where.line,
                     pipeline.scope.root.where.column);
  for (const auto& [table, column] : pipeline.scope.keys)
    out += fmt::format("    key {}: {}\n", table, column);
  out += fmt::format("    outside {}\n", to_string(pipeline.outside));
  for (const auto& [edge, policy] : pipeline.outside_edges) {
    out += fmt::format("    outside {}: {}\n", edge, to_string(policy));
  }
  for (const auto& [table, columns] : pipeline.owner)
    out += fmt::format("    owner {}: {}\n", table, list_of(columns));
  out += fmt::format("    cross_scope {}\n", to_string(pipeline.cross_scope));
  for (const auto& [table, value] : pipeline.cross_scope_tables) {
    out += fmt::format("    cross_scope {}: {}\n", table, to_string(value));
  }
  out += fmt::format("    shared {} skip {}\n", list_of(pipeline.shared), list_of(pipeline.skip));
  for (const auto& link : pipeline.links) {
    out +=
        fmt::format("    link {} -> {} {}:{}\n", link.child, link.parent, link.where.line, link.where.column);
  }
  out += fmt::format("    load {} {} overlap {} atomic {}\n", pipeline.load.strategy, pipeline.load.triggers,
                     pipeline.load.overlap, pipeline.load.atomic);
  for (const auto& [table, strategy] : pipeline.load.strategies) {
    out += fmt::format("    load {}: {}\n", table, strategy);
  }
  if (!pipeline.metrics.push.written.empty()) {
    out += fmt::format("    metrics {} {}:{} {}\n", pipeline.metrics.push.written,
                       pipeline.metrics.push.where.line, pipeline.metrics.push.where.column,
                       pipeline.metrics.tls_root_certificate);
  }
  out +=
      fmt::format("    max_skew_ms {} reuse_max_age_hours {} count_tolerance {} memory_limit_mb {} jobs {}\n",
                  pipeline.max_skew_ms, pipeline.reuse_max_age_hours, pipeline.count_tolerance,
                  pipeline.memory_limit_mb, pipeline.jobs);
  for (const auto& [written, where] : pipeline.references) {
    out += fmt::format("    reference {} {}:{}\n", written, where.line, where.column);
  }
  return out;
}

std::string dump(const Settings& settings) {
  std::string out = fmt::format("project {}\nledger {}\nmasking key {} {}:{}\n", settings.project,
                                settings.ledger.written, settings.masking_key.written,
                                settings.masking_key.where.line, settings.masking_key.where.column);
  for (const auto& [name, environment] : settings.environments) {
    out += fmt::format("environment {} {}:{} read_only={} protected={} approvals={}\n", name,
                       environment.where.line, environment.where.column, environment.read_only,
                       environment.is_protected, environment.approvals);
  }
  for (const auto& [name, store] : settings.stores) {
    out += fmt::format("store {} {}:{} {}\n", name, store.where.line, store.where.column, store.kind);
    for (const auto& [environment, address] : store.environments) {
      out += fmt::format("    {} {}:{}{}\n", environment, address.where.line, address.where.column,
                         dump_address(address));
    }
  }
  for (const auto& [name, pipeline] : settings.pipelines) {
    out += dump(pipeline);
    if (!pipeline.masks.file.empty()) out += dump(pipeline.masks);
    if (!pipeline.checks.file.empty()) out += dump(pipeline.checks);
  }
  for (const auto& [name, database] : settings.databases) {
    const MigrationsSettings& migrations = database.migrations;
    out += fmt::format("database {} {} {} {} {}\n", name, database.store.kind, migrations.directory,
                       migrations.tool,
                       join({migrations.schema, migrations.table, migrations.encoding, migrations.path_prefix,
                             migrations.project},
                            "|"));
    for (const auto& [placeholder, value] : migrations.placeholders)
      out += fmt::format("    placeholder {}: {} {}:{}\n", placeholder, value.written, value.where.line,
                         value.where.column);
    for (const auto& [environment, address] : database.store.environments)
      out += fmt::format("    {}{}\n", environment, dump_address(address));
  }
  return out + fmt::format("sections not used {}\n", list_of(settings.sections_not_used));
}

template <typename T>
std::string outcome(const Result<T>& result) {
  return result.ok() ? "ok\n" + dump(*result) : result.error().text() + "\n";
}

// Files are named as a person in the case's folder would name them.
std::string without_folder(std::string text, const std::string& folder) {
  for (size_t at = 0; (at = text.find(folder + "/", at)) != std::string::npos;)
    text.erase(at, folder.size() + 1);
  return text;
}

std::string run_case(const std::string& name) {
  const std::string folder = golden_folder + "/" + name;
  const std::string file = folder + "/input.yml";
  if (name.starts_with("settings_")) return without_folder(outcome(load_settings(file)), folder);
  const auto yaml = os::read_file(file);
  if (!yaml.ok()) return yaml.error().text();
  if (name.starts_with("masks_")) return without_folder(outcome(parse_mask_rules(*yaml, file)), folder);
  if (name.starts_with("checks_")) return without_folder(outcome(parse_check_rules(*yaml, file)), folder);
  return "the name of a case begins with settings_, masks_ or checks_";
}

std::vector<std::string> cases() {
  std::vector<std::string> names;
  const auto listed = os::list_folder(golden_folder);
  if (listed.ok()) {
    for (const auto& name : *listed) {
      if (os::exists(golden_folder + "/" + name + "/input.yml")) names.push_back(name);
    }
  }
  return names;
}

class GoldenConfig : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenConfig, Matches) {
  const std::string actual = run_case(GetParam());
  const std::string expected_file = golden_folder + "/" + GetParam() + "/expected.txt";
  const char* update = std::getenv("UPDATE_GOLDEN");
  if (update != nullptr && std::string_view(update) == "1") {
    ASSERT_TRUE(os::write_file(expected_file, actual).ok());
    return;
  }
  const auto expected = os::read_file_if_exists(expected_file);
  ASSERT_TRUE(expected.ok()) << expected.error().text();
  const bool same = expected->has_value() && **expected == actual;
  if (!same) {
    EXPECT_TRUE(os::write_file(expected_file + ".FAIL", actual).ok());
  } else {
    EXPECT_TRUE(os::remove_all(expected_file + ".FAIL").ok());
  }
  EXPECT_EQ(expected->value_or("(there is no expected.txt)"), actual);
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenConfig, ::testing::ValuesIn(cases()),
                         [](const auto& parameter) { return parameter.param; });

// Every default of the key table, written out for the object at `indentation`.
std::string defaults_of(const config::ObjectSchema& object, const std::string& indentation) {
  std::string out;
  for (const auto& key : object.keys) {
    if (!key.fallback.empty()) out += fmt::format("{}{}: {}\n", indentation, key.name, key.fallback);
  }
  return out;
}

const config::ObjectSchema& inside(const config::ObjectSchema& object, std::string_view key) {
  return *config::find_key(object, key)->object;
}

// `written` adds the defaults.
std::string settings_text(bool written) {
  const auto& top = config::settings_schema();
  const auto add = [&](const config::ObjectSchema& object, int spaces) {
    return written ? defaults_of(object, std::string(static_cast<size_t>(spaces), ' ')) : "";
  };
  const auto& address = *inside(top, "stores").others->object;
  const auto& pipeline = inside(top, "pipelines");
  std::string out = "version: 1\nproject: p\n" + add(top, 0) + "environments:\n";
  for (const std::string name : {"prod", "cert"})
    out += "  " + name + ":\n" + add(inside(top, "environments"), 4);
  out += "stores:\n  ids:\n    kind: postgres\n";
  for (const std::string name : {"prod", "cert"}) {
    out += "    " + name + ":\n      host: h\n      database: d\n" + add(address, 6);
  }
  out += "pipelines:\n  move:\n    from: prod\n    to: cert\n    stores: [ids]\n" + add(pipeline, 4);
  out += "    scope:\n      root: ids.districts.id\n" + add(inside(pipeline, "scope"), 6);
  return out + (written ? "    load:\n" + add(inside(pipeline, "load"), 6) : "");
}

std::string without_places(const std::string& text) {
  static const std::regex places(R"( ?\b\d+:\d+| \(given\)| tls=\S+)");
  return std::regex_replace(text, places, "");
}

TEST(ConfigDefaults, WrittenOutMeanTheSame) {
  const auto short_form = parse_settings(settings_text(false), "f.yml");
  ASSERT_TRUE(short_form.ok()) << short_form.error().text();
  const auto long_form = parse_settings(settings_text(true), "f.yml");
  ASSERT_TRUE(long_form.ok()) << long_form.error().text() << settings_text(true);
  const std::string expected = without_places(dump(*short_form));
  std::string actual = without_places(dump(*long_form));
  // The one default that is kept as "not given": a URL may bring its own port.
  for (size_t at = 0; (at = actual.find(" port=5432")) != std::string::npos;)
    actual.erase(at, 10);
  EXPECT_EQ(expected, actual);
  EXPECT_GT(settings_text(true).size(), settings_text(false).size() + 300);
}

// A mutated file is refused or read, never more.
TEST(ConfigMutations, NeverStopTheProgram) {
  Prng prng(20261121);
  int refused = 0;
  for (const auto& name : cases()) {
    const auto yaml = os::read_file(golden_folder + "/" + name + "/input.yml");
    ASSERT_TRUE(yaml.ok());
    for (int round = 0; round < 40; ++round) {
      std::string text = *yaml;
      const std::string_view pieces[] = {"{",  "}",   "[",  "]", "\n",   ":",    ": ", "- ",
                                         "*a", "&a ", "\"", "'", "<<: ", "null", "${", "->",
                                         ".",  "\t",  "#",  "|", "\xC3", "1e9"};
      for (int change = 0; change < 3 && !text.empty(); ++change) {
        const size_t at = prng.below(text.size());
        if (prng.below(2) == 0) text.erase(at, prng.below(8));
        text.insert(std::min(at, text.size()), pieces[prng.below(std::size(pieces))]);
      }
      const auto kind_of = [](const auto& result) {
        return result.ok() ? ErrorKind::config : result.error().kind;
      };
      const auto settings = parse_settings(text, golden_folder + "/" + name + "/input.yml");
      refused += settings.ok() ? 0 : 1;
      EXPECT_EQ(kind_of(settings), ErrorKind::config) << text;
      EXPECT_EQ(kind_of(parse_mask_rules(text, "f.yml")), ErrorKind::config) << text;
      EXPECT_EQ(kind_of(parse_check_rules(text, "f.yml")), ErrorKind::config) << text;
    }
  }
  EXPECT_GT(refused, 100);
}

TEST(GoldenConfigFolder, HoldsTheCases) {
  EXPECT_GE(cases().size(), 40U) << golden_folder;
}

}  // namespace
}  // namespace godwit
