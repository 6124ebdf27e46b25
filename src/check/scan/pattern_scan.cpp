#include "check/scan/pattern_scan.h"

#include "base/text.h"
#include "check/expression.h"

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <map>
#include <memory>

namespace godwit::check {

namespace {

constexpr size_t patterns_min = 4;
constexpr size_t patterns_max = 60;  // bits of one answer
constexpr int64_t automaton_bytes_max = int64_t{64} << 20;

RE2::Options options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(automaton_bytes_max);
  return options;
}

// Case folding and classes of characters beyond ASCII follow tables that differ between releases of RE2.
bool is_plain(const std::string& pattern) {
  const bool ascii = std::all_of(pattern.begin(), pattern.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return ascii && pattern.find("(?") == std::string::npos && pattern.find("\\p") == std::string::npos &&
         pattern.find("\\P") == std::string::npos;
}

// Up to patterns_max patterns. Immutable once compiled; safe from any thread.
class PatternSet {
 public:
  PatternSet() : set_(options(), RE2::UNANCHORED) {}

  // Before compile(); false when RE2 does not take it.
  bool add(const std::string& pattern) {
    auto alone = std::make_unique<RE2>(pattern, options());
    if (!alone->ok() || set_.Add(pattern, nullptr) < 0) return false;
    alone_.push_back(std::move(alone));
    return true;
  }
  bool compile() { return set_.Compile(); }

  [[nodiscard]] int64_t match(std::string_view text) const {
    const re2::StringPiece piece(text.data(), text.size());
    thread_local std::vector<int> matched;
    RE2::Set::ErrorInfo error{};
    int64_t bits = 0;
    if (set_.Match(piece, &matched, &error)) {
      for (const int index : matched)
        bits |= int64_t{1} << index;
    } else if (error.kind != RE2::Set::kNoError) {
      // The automaton outgrew its memory: one by one, each has its own.
      for (size_t i = 0; i < alone_.size(); ++i)
        bits |= static_cast<int64_t>(RE2::PartialMatch(piece, *alone_[i])) << i;
    }
    return bits;
  }

 private:
  RE2::Set set_;
  std::vector<std::unique_ptr<RE2>> alone_;
};

duck::ScalarFunction function_of(const std::string& name, std::shared_ptr<const PatternSet> set) {
  duck::ScalarFunction function;
  function.name = name;
  function.parameters = {duck::Type{duck::TypeId::varchar}};
  function.result = duck::Type{duck::TypeId::int64};
  function.run = [set = std::move(set)](const duck::ChunkReader& input,
                                        duck::ColumnWriter& output) -> Status {
    const duck::ColumnReader& column = input.column(0);
    for (size_t row = 0; row < input.rows(); ++row) {
      if (column.is_null(row)) {
        output.set_null(row);
      } else {
        output.set<int64_t>(row, set->match(column.text(row)));
      }
    }
    return {};
  };
  return function;
}

class Rewriting {
 public:
  Rewriting(duck::Connection& connection, const std::vector<duck::ColumnDef>& columns, int& serial)
      : connection_(connection), serial_(serial) {
    for (const duck::ColumnDef& column : columns) {
      if (column.type.id == duck::TypeId::varchar) text_columns_.push_back(column.name);
    }
  }

  Status run(std::vector<std::string>& expressions) {
    std::map<std::string, std::vector<std::string>> patterns;  // by column, each once
    for (const std::string& expression : expressions) {
      replace_pattern_matches(expression, [&](const std::string& column, const std::string& pattern) {
        const auto name = text_column(column);
        if (!name || !is_plain(pattern)) return std::string();
        std::vector<std::string>& known = patterns[*name];
        if (std::find(known.begin(), known.end(), pattern) == known.end()) known.push_back(pattern);
        return std::string();
      });
    }
    for (const auto& [column, wanted] : patterns) {
      if (wanted.size() >= patterns_min) RETURN_IF_ERROR(cover(column, wanted));
    }
    for (std::string& expression : expressions) {
      expression =
          replace_pattern_matches(expression, [&](const std::string& column, const std::string& pattern) {
            const auto name = text_column(column);
            const auto found = name ? answers_.find({*name, pattern}) : answers_.end();
            return found == answers_.end() ? std::string() : found->second;
          });
    }
    return {};
  }

 private:
  // As DuckDB resolves a name: without regard to case.
  [[nodiscard]] std::optional<std::string> text_column(const std::string& name) const {
    for (const std::string& column : text_columns_) {
      if (to_lower_ascii(column) == to_lower_ascii(name)) return column;
    }
    return std::nullopt;
  }

  Status cover(const std::string& column, const std::vector<std::string>& patterns) {
    for (size_t from = 0; from < patterns.size(); from += patterns_max) {
      auto set = std::make_shared<PatternSet>();
      std::vector<std::string> taken;
      for (size_t i = from; i < std::min(patterns.size(), from + patterns_max); ++i) {
        if (set->add(patterns[i])) taken.push_back(patterns[i]);
      }
      if (taken.size() < patterns_min || !set->compile()) continue;
      const std::string name = fmt::format("godwit_patterns_{}", serial_++);
      RETURN_IF_ERROR(connection_.register_scalar(function_of(name, std::move(set))));
      for (size_t bit = 0; bit < taken.size(); ++bit) {
        answers_[{column, taken[bit]}] =
            fmt::format("((({}({}) >> {}) & 1) = 1)", name, quote_identifier(column), bit);
      }
    }
    return {};
  }

  duck::Connection& connection_;
  int& serial_;
  std::vector<std::string> text_columns_;
  std::map<std::pair<std::string, std::string>, std::string> answers_;  // by column and pattern
};

}  // namespace

Status match_patterns_together(duck::Connection& connection, const std::vector<duck::ColumnDef>& columns,
                               int& serial, std::vector<std::string>& expressions) {
  return Rewriting(connection, columns, serial).run(expressions);
}

}  // namespace godwit::check
