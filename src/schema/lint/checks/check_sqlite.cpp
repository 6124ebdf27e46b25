#include "base/text.h"
#include "schema/lint/checks/checks.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema::lint {

namespace {

using Words = std::vector<std::string>;

bool follow(const Words& words, size_t at, std::initializer_list<std::string_view> expected) {
  if (at + expected.size() > words.size()) return false;
  return std::equal(expected.begin(), expected.end(), words.begin() + static_cast<ptrdiff_t>(at));
}

bool has(const Words& words, std::initializer_list<std::string_view> expected) {
  for (size_t at = 0; at < words.size(); ++at)
    if (follow(words, at, expected)) return true;
  return false;
}

void altered(Look& look, const Words& words) {
  if (words.size() < 5 || look.scene.is_new(words[2])) return;
  const std::string& table = words[2];
  if (words[3] == "rename") {
    if (words[4] == "to") {
      // The second half of a rebuild: the new table takes the old one's name.
      look.report("rename-table", fmt::format("running code knows the table as {}", table));
    } else {
      look.report("rename-column", fmt::format("running code knows the column as {}.{}", table,
                                               words[words[4] == "column" ? 5 : 4]));
    }
  }
  if (words[3] == "drop")
    look.report("drop-column", fmt::format("a column of {} and its values are gone", table));
  if (words[3] != "add") return;
  if (has(words, {"not", "null"}) && !has(words, {"default"}) && !has(words, {"generated"}))
    look.report("sqlite-add-required-column", "SQLite refuses it: rows that are there have no value",
                fmt::format("{} DEFAULT …;", look.statement.text));
  if (has(words, {"unique"}) || has(words, {"primary", "key"}))
    look.report("sqlite-add-unique-column", "SQLite refuses it");
}

void dropped(Look& look, const Words& words) {
  const size_t at = follow(words, 2, {"if", "exists"}) ? 4 : 2;
  if (at >= words.size() || words[1] != "table" || look.scene.is_new(words[at])) return;
  // Rows that this file copied into a new table are not lost.
  const bool rebuilt = look.scene.copied_from.contains(words[at]);
  if (!rebuilt) look.report("drop-table", fmt::format("{} and its rows are gone", words[at]));
  if (rebuilt && !look.scene.foreign_keys_off) {
    look.report(
        "sqlite-rebuild-with-foreign-keys",
        fmt::format("rows that refer to {} go too, or the statement fails", words[at]),
        fmt::format("-- godwit:no-transaction\nPRAGMA foreign_keys = OFF;\n{};\n-- … RENAME TO …\nPRAGMA "
                    "foreign_key_check;\nPRAGMA foreign_keys = ON;",
                    look.statement.text));
  }
}

}  // namespace

Words words_of(std::string_view text) {
  Words words;
  std::string word;
  const auto end = [&] {
    if (!word.empty()) words.push_back(to_lower_ascii(word));
    word.clear();
  };
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("--") || rest.starts_with("/*")) {
      const size_t close = rest.find(rest.starts_with("--") ? "\n" : "*/");
      if (close == std::string_view::npos) break;
      at += close;
      end();
    } else if (c == '\'' || c == '"' || c == '`') {
      const size_t close = std::min(text.find(c, at + 1), text.size());
      if (c == '\'') {
        end();
        words.emplace_back("''");
      } else {
        word += text.substr(at + 1, close - at - 1);
      }
      at = close;
    } else if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '(' || c == ')' || c == ',' ||
               c == '=') {
      end();
    } else {
      word += c;
    }
  }
  end();
  return words;
}

void check_sqlite(Look& look) {
  const Words words = words_of(look.statement.text);
  const std::string& command = look.facts.command;
  if (command == "ALTER TABLE") altered(look, words);
  if (command == "DROP TABLE") dropped(look, words);
  if (words.size() > 2 && command == "CREATE TABLE") {
    const size_t at = follow(words, 2, {"if", "not", "exists"}) ? 5 : 2;
    if (at < words.size() && look.scene.dropped.contains("TABLE " + words[at]))
      look.report("drop-if-exists-then-create",
                  fmt::format("where {} existed, its rows are gone", words[at]));
  }
  const bool writes = command == "UPDATE" || command == "DELETE";
  const size_t at = command == "DELETE" ? 2 : 1;
  if (writes && !has(words, {"where"}) && at < words.size() && !look.scene.is_new(words[at])) {
    look.report(command == "UPDATE" ? "update-without-where" : "delete-without-where",
                fmt::format("every row of {}", words[at]));
  }
}

}  // namespace godwit::schema::lint
