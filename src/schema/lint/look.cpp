#include "schema/lint/look.h"

#include "base/check.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace godwit::schema::lint {

namespace {

using nlohmann::json;

Severity one_less(Severity severity) {
  return severity <= Severity::note ? severity : static_cast<Severity>(static_cast<int>(severity) - 1);
}

Severity one_more(Severity severity) {
  return severity == Severity::warning ? Severity::error : severity;
}

bool takes_long(Duration duration) {
  return duration == Duration::scan || duration == Duration::rewrite;
}

std::string line_of(const Script& script, const sql::Statement& statement) {
  const std::string_view sql = script.sql;
  const size_t before = sql.rfind('\n', statement.offset);
  const size_t begin = statement.offset == 0 || before == std::string_view::npos ? 0 : before + 1;
  size_t end = std::min(sql.find('\n', statement.offset), sql.size());
  if (end > begin && sql[end - 1] == '\r') --end;
  return std::string(sql.substr(begin, end - begin));
}

// Skips what stands in quotes or is a comment, from `at`; where it ends, or `at` itself.
size_t past_quoted(std::string_view text, size_t at) {
  const char c = text[at];
  if (c == '\'' || c == '"') {
    const size_t end = text.find(c, at + 1);
    return end == std::string_view::npos ? text.size() : end + 1;
  }
  if (text.substr(at, 2) == "--") return std::min(text.find('\n', at), text.size());
  if (text.substr(at, 2) == "/*") {
    const size_t end = text.find("*/", at + 2);
    return end == std::string_view::npos ? text.size() : end + 2;
  }
  return at;
}

// The sizes that the database tells change how long it takes, and with that how bad it is.
void weigh(const Rule& rule, const Look& look, bool configured, Severity& severity, Duration& duration) {
  const LiveTable* largest = nullptr;
  for (const sql::TableLock& lock : look.facts.tables) {
    const LiveTable* table = look.live(lock.table);
    if (table == nullptr) continue;
    if (largest == nullptr || table->bytes > largest->bytes || table->rows > largest->rows) largest = table;
  }
  if (largest == nullptr || !takes_long(rule.duration)) return;
  if (is_small(*largest)) {
    duration = Duration::instant;
    if (!configured) severity = one_less(severity);
  } else if (is_large(*largest)) {
    duration = Duration::unbounded;
    if (!configured) severity = one_more(severity);
  }
}

}  // namespace

Found& Look::report(std::string_view id, std::string message, std::string rewrite, bool lower) {
  const Rule* rule = find_rule(id);
  CHECK(rule != nullptr);
  const auto configured = options.severities.find(std::string(rule->id));
  Severity severity = configured == options.severities.end() ? rule->severity : configured->second;
  const bool fixed = configured != options.severities.end();
  if (lower && !fixed) severity = one_less(severity);
  Duration duration = rule->duration;
  weigh(*rule, *this, fixed, severity, duration);
  Found one;
  one.rule = rule;
  one.finding.rule = rule->id;
  one.finding.severity = to_string(severity);
  one.finding.where = {script.file, script.first_line + statement.line - 1, statement.column};
  one.finding.excerpt = line_of(script, statement);
  one.finding.command = facts.command;
  one.finding.message = std::move(message);
  one.finding.why = rule->why;
  if (rule->lock != sql::LockMode::none) {
    const sql::LockMode lock = facts.lock == sql::LockMode::none ? rule->lock : facts.lock;
    one.finding.lock = sql::to_string(lock);
    one.finding.blocks = blocked_by(lock);
    for (const sql::TableLock& table : facts.tables)
      one.finding.tables.push_back(table.table);
  }
  one.finding.duration = to_string(duration);
  one.finding.rewrite = std::move(rewrite);
  found.push_back(std::move(one));
  return found.back();
}

void say_held(Found& found, sql::LockMode lock, std::vector<std::string> tables) {
  found.finding.lock = sql::to_string(lock);
  found.finding.blocks = blocked_by(lock);
  found.finding.tables = std::move(tables);
}

const LiveTable* Look::live(std::string_view table) const {
  return options.live == nullptr ? nullptr : options.live->find(std::string(table));
}

std::string Look::altered_table() const {
  if (node.type != "AlterTableStmt" || sql::text_of(*node.value, "objtype") != "OBJECT_TABLE") return {};
  return sql::relation_name(sql::child(*node.value, "relation"));
}

std::vector<AlterCommand> Look::alter_commands() const {
  std::vector<AlterCommand> commands;
  if (altered_table().empty()) return commands;
  const json& list = sql::items_of(*node.value, "cmds");
  const std::vector<std::string_view> texts = divide_alter(statement.text, list.size());
  for (size_t i = 0; i < list.size(); ++i) {
    const json& command = sql::child(list[i], "AlterTableCmd");
    AlterCommand one;
    one.form = sql::text_of(command, "subtype");
    one.name = sql::text_of(command, "name");
    one.definition = &sql::child(command, "def");
    one.cascades = sql::text_of(command, "behavior") == "DROP_CASCADE";
    if (!texts.empty()) one.text = texts[i];
    commands.push_back(std::move(one));
  }
  return commands;
}

std::string Look::others_than(const AlterCommand& command) const {
  std::vector<std::string> others;
  for (const AlterCommand& one : alter_commands()) {
    if (one.text.data() != command.text.data()) others.emplace_back(one.text);
  }
  return others.empty() ? "" : fmt::format("ALTER TABLE {} {};\n", altered_table(), join(others, ", "));
}

std::string Look::in_its_own_file(const std::string& sql) const {
  if (sql.empty()) return {};
  std::string_view directive = "-- godwit:no-transaction";
  if (options.tool == "goose") directive = "-- +goose NO TRANSACTION";
  if (options.tool == "dbmate") directive = "-- migrate:up transaction:false";
  if (options.tool == "atlas") directive = "-- atlas:txmode none";
  return fmt::format("-- in a migration of its own:\n{}\n{};", directive, sql);
}

std::vector<std::string_view> divide_alter(std::string_view text, size_t count) {
  // Behind ALTER TABLE [IF EXISTS] [ONLY] name [*].
  const std::string lower = to_lower_ascii(text);
  size_t at = lower.find("table");
  if (at == std::string::npos || at > 16) return {};
  at += 5;
  const auto skip_blanks = [&] {
    while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) != 0)
      ++at;
  };
  skip_blanks();
  for (const std::string_view word : {"if exists ", "only "}) {
    if (std::string_view(lower).substr(at).starts_with(word)) at += word.size();
    skip_blanks();
  }
  while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) == 0)
    at = text[at] == '"' ? past_quoted(text, at) : at + 1;
  skip_blanks();
  std::vector<std::string_view> pieces;
  size_t begin = at;
  int depth = 0;
  while (at < text.size()) {
    if (text[at] == '$') return {};  // dollar quotes: not worth a second lexer
    if (const size_t past = past_quoted(text, at); past != at) {
      at = past;
      continue;
    }
    depth += text[at] == '(' || text[at] == '[' ? 1 : 0;
    depth -= text[at] == ')' || text[at] == ']' ? 1 : 0;
    if (text[at] == ',' && depth == 0) {
      pieces.push_back(trim(text.substr(begin, at - begin)));
      begin = at + 1;
    }
    ++at;
  }
  pieces.push_back(trim(text.substr(begin)));
  return pieces.size() == count ? pieces : std::vector<std::string_view>{};
}

std::string with_word_after(std::string_view text, std::string_view after, std::string_view word) {
  size_t at = 0;
  const std::string lower = to_lower_ascii(text);
  while (at < text.size()) {
    if (const size_t past = past_quoted(text, at); past != at) {
      at = past;
      continue;
    }
    const bool starts = at == 0 || std::isspace(static_cast<unsigned char>(text[at - 1])) != 0;
    const size_t end = at + after.size();
    const bool ends = end >= text.size() || std::isspace(static_cast<unsigned char>(text[end])) != 0;
    if (starts && ends && std::string_view(lower).substr(at).starts_with(after))
      return fmt::format("{} {}{}", text.substr(0, end), word, text.substr(end));
    ++at;
  }
  return {};
}

}  // namespace godwit::schema::lint
