#include "schema/lint/lint.h"

#include "base/text.h"
#include "schema/lint/allow.h"
#include "schema/lint/checks/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

namespace godwit::schema::lint {

namespace {

struct Judged {
  sql::Statement statement;
  sql::Classified classified;
};

// A file, its allowances and what was found in it; allowances are weighed when everything was seen.
struct File {
  const Script* script = nullptr;
  std::vector<Allowance> allowances;
  std::vector<std::pair<size_t, Found>> found;  // by the statement's place
};

bool begins(const Judged& judged) {
  const std::string& command = judged.classified.facts.command;
  return judged.classified.facts.transaction_control &&
         (command == "BEGIN" || command == "START TRANSACTION");
}

bool ends(const Judged& judged) {
  const std::string& command = judged.classified.facts.command;
  return judged.classified.facts.transaction_control &&
         (command == "COMMIT" || command == "END" || command == "ROLLBACK" || command == "ABORT");
}

class Linter {
 public:
  Linter(const LintOptions& options, LintReport& report) : options_(options), report_(report) {}

  void read(const LintScript& script);
  void finish();

 private:
  void judge(File& file, std::vector<Judged>& statements);
  void judge_one(Look& look) const;
  void control(Look& look, const std::vector<Judged>& statements, size_t place);
  void problem(File& file, std::string_view rule, const SourceLocation& where, std::string message);
  void settle(File& file);
  bool allowed(File& file, size_t place, const Found& found);
  void judge_allowances(File& file);
  [[nodiscard]] bool stands(const Found& found) const;

  const LintOptions& options_;
  LintReport& report_;
  Scene scene_;
  std::deque<File> files_;
};

void Linter::read(const LintScript& given) {
  const Script& script = *given.script;
  ++report_.files;
  File& file = files_.emplace_back();
  file.script = &script;
  auto statements = sql::split(script.sql, options_.dialect);
  if (!statements.ok()) {
    SourceLocation where = statements.error().where;
    where.file = script.file;
    where.line += script.first_line - 1;
    problem(file, "syntax-error", where, statements.error().message);
    return;
  }
  file.allowances = read_allowances(given.head, script.sql, *statements);
  std::vector<Judged> judged;
  for (const sql::Statement& statement : *statements) {
    if (statement.kind == sql::Statement::Kind::meta) continue;
    ++report_.statements;
    auto classified = sql::classify_with_tree(statement.text, options_.dialect, options_.server_version);
    if (!classified.ok()) continue;
    judged.push_back({statement, std::move(*classified)});
  }
  // Allowances count all statements: give the places back that psql's commands took.
  for (Allowance& allowance : file.allowances) {
    if (!allowance.statement) continue;
    const size_t offset = (*statements)[std::min(*allowance.statement, statements->size() - 1)].offset;
    const auto place =
        std::ranges::find(judged, offset, [](const Judged& one) { return one.statement.offset; });
    allowance.statement = static_cast<size_t>(place - judged.begin());
  }
  judge(file, judged);
  scene_.end_file(options_.together);
}

void Linter::problem(File& file, std::string_view rule, const SourceLocation& where, std::string message) {
  LintReport found;
  add_file_finding(rule, where, std::move(message), options_, found);
  for (LintFinding& finding : found.findings) {
    const std::vector<std::string> lines = split(file.script->sql, '\n');
    const int line = where.line - file.script->first_line;
    if (line >= 0 && static_cast<size_t>(line) < lines.size())
      finding.excerpt = lines[static_cast<size_t>(line)];
    Found one;
    one.rule = find_rule(rule);
    one.finding = std::move(finding);
    file.found.emplace_back(SIZE_MAX, std::move(one));
  }
}

void Linter::judge(File& file, std::vector<Judged>& statements) {
  const Script& script = *file.script;
  const bool wrapped = statements.size() > 1 && begins(statements.front()) && ends(statements.back());
  const bool by_statement = !wrapped && (script.transaction == TransactionMode::never ||
                                         std::ranges::any_of(statements, [](const Judged& one) {
                                           return !one.classified.facts.transactional;
                                         }));
  for (size_t place = 0; place < statements.size(); ++place) {
    Judged& one = statements[place];
    const sql::StatementFacts& facts = one.classified.facts;
    std::vector<Found> found;
    const sql::Node node =
        one.classified.tree ? one.classified.tree->statement() : sql::unwrap(nlohmann::json());
    Look look{options_,          scene_, script, one.statement, facts, node, scene_.begun || !by_statement,
              statements.size(), found};
    control(look, statements, place);
    if (!facts.transaction_control) judge_one(look);
    for (Found& each : found)
      file.found.emplace_back(place, std::move(each));
    note_statement(facts, node, one.statement.text, scene_);
    if (begins(one)) scene_.begun = true;
    if (ends(one)) scene_.begun = false;
    if (!look.in_transaction || ends(one)) scene_.end_transaction();
  }
}

void Linter::judge_one(Look& look) const {
  if (options_.dialect == sql::Dialect::sqlite) {
    check_sqlite(look);
    return;
  }
  if (look.node.type.empty()) {
    const auto error = sql::syntax_error(look.statement.text);
    if (!error) return;
    const std::string_view before = look.statement.text.substr(0, error->offset);
    const auto lines = std::ranges::count(before, '\n');
    Found& found = look.report("syntax-error", error->message);
    if (lines == 0) found.finding.where.column += static_cast<int>(before.size());
    if (lines > 0) {
      const size_t begin = before.rfind('\n') + 1;
      found.finding.where.line += static_cast<int>(lines);
      found.finding.where.column = static_cast<int>(before.size() - begin) + 1;
      const std::string_view rest = look.statement.text.substr(begin);
      found.finding.excerpt = rest.substr(0, rest.find('\n'));
    }
    return;
  }
  check_indexes(look);
  check_constraints(look);
  check_columns(look);
  check_transaction(look);
  check_compatibility(look);
  check_data(look);
  check_design(look);
  check_script(look);
}

// BEGIN and COMMIT around the whole file say what happens anyway; anywhere else they are refused.
void Linter::control(Look& look, const std::vector<Judged>& statements, size_t place) {
  const Judged& one = statements[place];
  if (!begins(one) && !ends(one)) return;
  const bool wrapped = statements.size() > 1 && begins(statements.front()) && ends(statements.back());
  if (wrapped && (place == 0 || place + 1 == statements.size())) return;
  const bool closed =
      begins(one) && std::any_of(statements.begin() + static_cast<ptrdiff_t>(place), statements.end(), ends);
  if (begins(one) && !closed) {
    look.report("begin-without-commit", "nothing ends this transaction");
  } else {
    look.report("nested-transaction", fmt::format("{} in the middle of a migration", look.facts.command));
  }
}

bool Linter::stands(const Found& found) const {
  if (found.finding.severity == "off") return false;
  if (!found.unless_indexed.empty() && scene_.indexed.contains(found.unless_indexed)) return false;
  return found.unless_primary_key.empty() || !scene_.with_primary_key.contains(found.unless_primary_key);
}

bool Linter::allowed(File& file, size_t place, const Found& found) {
  for (Allowance& allowance : file.allowances) {
    if (allowance.reason.empty() || allowance.misplaced || find_rule(allowance.rule) != found.rule) continue;
    if (allowance.statement && *allowance.statement != place) continue;
    allowance.used = true;
    report_.allowed.push_back({found.finding.rule, allowance.reason, found.finding.where});
    return true;
  }
  return false;
}

void Linter::judge_allowances(File& file) {
  for (const Allowance& allowance : file.allowances) {
    const SourceLocation where = {file.script->file, allowance.line + file.script->first_line - 1,
                                  allowance.column};
    if (find_rule(allowance.rule) == nullptr) {
      std::vector<std::string> ids;
      for (const Rule* rule : all_rules())
        ids.emplace_back(rule->id);
      const auto near = nearest(allowance.rule, ids);
      problem(file, "unknown-allowance", where,
              fmt::format("there is no rule '{}'{}", allowance.rule,
                          near.empty() ? "" : ": did you mean " + near[0] + "?"));
    } else if (allowance.reason.empty()) {
      problem(file, "allow-without-reason", where,
              fmt::format("say why: -- godwit:allow {}: REASON", allowance.rule));
    } else if (!allowance.used) {
      problem(file, "unused-allowance", where,
              allowance.misplaced
                  ? "it does not stand directly above a statement, or before the first one for the file"
                  : fmt::format("{} finds nothing there", allowance.rule));
    }
  }
}

void Linter::settle(File& file) {
  for (const auto& [place, found] : file.found) {
    if (!stands(found) || allowed(file, place, found)) continue;
    report_.findings.push_back(found.finding);
  }
  file.found.clear();
  judge_allowances(file);
  for (const auto& [place, found] : file.found)
    report_.findings.push_back(found.finding);
}

void Linter::finish() {
  for (File& file : files_)
    settle(file);
}

}  // namespace

void lint_scripts(const std::vector<LintScript>& scripts, const LintOptions& options, LintReport& report) {
  Linter linter(options, report);
  for (const LintScript& script : scripts)
    linter.read(script);
  linter.finish();
  sort_findings(report);
}

void sort_findings(LintReport& report) {
  const auto key = [](const LintFinding& finding) {
    return std::tie(finding.where.file, finding.where.line, finding.where.column, finding.rule,
                    finding.message);
  };
  std::ranges::stable_sort(report.findings, [&](const LintFinding& left, const LintFinding& right) {
    return key(left) < key(right);
  });
}

void add_file_finding(std::string_view id, SourceLocation where, std::string message,
                      const LintOptions& options, LintReport& report) {
  const Rule& rule = *find_rule(id);
  const auto configured = options.severities.find(std::string(id));
  const Severity severity = configured == options.severities.end() ? rule.severity : configured->second;
  if (severity == Severity::off) return;
  LintFinding finding;
  finding.rule = id;
  finding.severity = to_string(severity);
  finding.where = std::move(where);
  finding.message = std::move(message);
  finding.why = rule.why;
  report.findings.push_back(std::move(finding));
}

void lint_folder(const MigrationFolder& folder, std::string_view today, const LintOptions& options,
                 LintReport& report) {
  std::map<std::string, std::string> first;
  for (const Migration& migration : folder.migrations) {
    const SourceLocation where = {migration.file, 1, 1};
    const auto [known, added] = first.emplace(migration.revision, migration.file);
    if (!added) {
      add_file_finding("duplicate-version", where,
                       fmt::format("{} claims version {} too", known->second, migration.revision), options,
                       report);
    }
    const bool versioned = migration.kind == Migration::Kind::versioned;
    if (versioned && migration.up.kind == Script::Kind::sql && migration.down.kind == Script::Kind::none)
      add_file_finding("missing-down", where, "there is no down script", options, report);
    const std::string digits =
        migration.revision.substr(0, migration.revision.find_first_not_of("0123456789"));
    if (versioned && !today.empty() && digits.size() == today.size() && digits.starts_with("20") &&
        digits > today)
      add_file_finding("version-in-future", where, fmt::format("{} has not come yet", migration.revision),
                       options, report);
  }
  sort_findings(report);
}

Result<std::map<std::string, Severity>> read_severities(const std::map<std::string, std::string>& configured,
                                                        const SourceLocation& where) {
  std::map<std::string, Severity> severities;
  for (const auto& [name, word] : configured) {
    const Rule* rule = find_rule(name);
    const auto severity = severity_of(word);
    if (rule != nullptr && severity) {
      severities[std::string(rule->id)] = *severity;
      continue;
    }
    std::vector<std::string> ids;
    for (const Rule* one : all_rules())
      ids.emplace_back(one->id);
    const auto near = nearest(name, ids);
    Error error = make_error(ErrorKind::config, fmt::format("lint: there is no rule '{}'", name),
                             near.empty() ? "docs/LINT.md lists them" : "did you mean " + near[0] + "?");
    error.where = where;
    return error;
  }
  return severities;
}

}  // namespace godwit::schema::lint
