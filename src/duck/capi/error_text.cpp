#include "duck/capi/error_text.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace godwit::duck {
namespace {

// Classes that are decided by the statement, the catalog, the file system or the memory, never by a row.
constexpr std::array statement_classes = {
    std::string_view{"Parser Error"},     std::string_view{"Syntax Error"},
    std::string_view{"Binder Error"},     std::string_view{"Catalog Error"},
    std::string_view{"Permission Error"}, std::string_view{"Out of Memory Error"},
    std::string_view{"IO Error"},         std::string_view{"Missing Extension Error"},
    std::string_view{"INTERRUPT Error"},  std::string_view{"TransactionContext Error"},
};

constexpr std::array vocabulary = {
    std::string_view{"a"},
    std::string_view{"addition"},
    std::string_view{"and"},
    std::string_view{"be"},
    std::string_view{"because"},
    std::string_view{"blob"},
    std::string_view{"boolean"},
    std::string_view{"by"},
    std::string_view{"cannot"},
    std::string_view{"cast"},
    std::string_view{"casted"},
    std::string_view{"casting"},
    std::string_view{"check"},
    std::string_view{"column"},
    std::string_view{"constraint"},
    std::string_view{"conversion"},
    std::string_view{"convert"},
    std::string_view{"could"},
    std::string_view{"date"},
    std::string_view{"decimal"},
    std::string_view{"destination"},
    std::string_view{"division"},
    std::string_view{"double"},
    std::string_view{"duplicate"},
    std::string_view{"error"},
    std::string_view{"expected"},
    std::string_view{"expression"},
    std::string_view{"failed"},
    std::string_view{"field"},
    std::string_view{"float"},
    std::string_view{"for"},
    std::string_view{"format"},
    std::string_view{"from"},
    std::string_view{"function"},
    std::string_view{"in"},
    std::string_view{"index"},
    std::string_view{"input"},
    std::string_view{"int"},
    std::string_view{"internal"},
    std::string_view{"invalid"},
    std::string_view{"is"},
    std::string_view{"json"},
    std::string_view{"key"},
    std::string_view{"limit"},
    std::string_view{"malformed"},
    std::string_view{"mismatch"},
    std::string_view{"multiplication"},
    std::string_view{"negative"},
    std::string_view{"not"},
    std::string_view{"null"},
    std::string_view{"number"},
    std::string_view{"of"},
    std::string_view{"on"},
    std::string_view{"out"},
    std::string_view{"overflow"},
    std::string_view{"parse"},
    std::string_view{"precision"},
    std::string_view{"primary"},
    std::string_view{"range"},
    std::string_view{"regular"},
    std::string_view{"row"},
    std::string_view{"scale"},
    std::string_view{"string"},
    std::string_view{"subtraction"},
    std::string_view{"sum"},
    std::string_view{"the"},
    std::string_view{"time"},
    std::string_view{"timestamp"},
    std::string_view{"to"},
    std::string_view{"too"},
    std::string_view{"type"},
    std::string_view{"unimplemented"},
    std::string_view{"unique"},
    std::string_view{"unsupported"},
    std::string_view{"uuid"},
    std::string_view{"value"},
    std::string_view{"varchar"},
    std::string_view{"violates"},
    std::string_view{"with"},
    std::string_view{"zero"},
    std::string_view{"implemented"},
    std::string_view{"int8"},
    std::string_view{"int16"},
    std::string_view{"int32"},
    std::string_view{"int64"},
    std::string_view{"int128"},
    std::string_view{"hugeint"},
    std::string_view{"bigint"},
    std::string_view{"integer"},
    std::string_view{"smallint"},
    std::string_view{"tinyint"},
    std::string_view{"uint8"},
    std::string_view{"uint16"},
    std::string_view{"uint32"},
    std::string_view{"uint64"},
};

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

// What stands between single quotes, the quotes included, becomes '…'; an open quote swallows the rest.
std::string without_single_quoted(std::string_view text) {
  std::string out;
  size_t at = 0;
  while (at < text.size()) {
    const size_t quote = text.find('\'', at);
    out += text.substr(at, quote == std::string_view::npos ? quote : quote - at);
    if (quote == std::string_view::npos) break;
    out += "'…'";
    const size_t close = text.find('\'', quote + 1);
    if (close == std::string_view::npos) break;
    at = close + 1;
  }
  return out;
}

// Quoted parts go first (greedily: a value may hold quotes), then every word outside the vocabulary.
std::string only_vocabulary(std::string text) {
  // The one apostrophe of DuckDB's own is not a quote.
  constexpr std::string_view contraction = " can't be ";
  for (size_t at = text.find(contraction); at != std::string::npos; at = text.find(contraction)) {
    text.replace(at, contraction.size(), " cannot be ");
  }
  const size_t open = text.find_first_of("'\"");
  std::string bare = text.substr(0, open);
  if (open != std::string::npos) {
    const size_t close = text.find_last_of("'\"");
    bare += " … ";
    if (close > open) bare += text.substr(close + 1);
  }
  std::string out;
  bool gap = false;
  const std::string spaced = bare + ' ';
  std::string word;
  for (const char letter : spaced) {
    if (std::isspace(static_cast<unsigned char>(letter)) == 0) {
      word += letter;
      continue;
    }
    if (word.empty()) continue;
    while (!word.empty() && std::string_view(".,:;!()").find(word.back()) != std::string_view::npos)
      word.pop_back();
    const bool known =
        std::find(vocabulary.begin(), vocabulary.end(), to_lower_ascii(word)) != vocabulary.end();
    if (known) out += (out.empty() ? "" : " ") + word;
    if (!known && !gap) out += out.empty() ? "…" : " …";
    gap = !known;
    word.clear();
  }
  return out;
}

}  // namespace

std::string safe_error_text(std::string_view message) {
  const size_t colon = message.find(": ");
  const std::string_view error_class =
      colon == std::string_view::npos ? std::string_view{} : message.substr(0, colon);
  const bool about_statement =
      std::find(statement_classes.begin(), statement_classes.end(), error_class) != statement_classes.end();
  if (about_statement) {
    return to_lower_ascii(error_class) + ": " + without_single_quoted(first_line(message.substr(colon + 2)));
  }
  const bool named_class = error_class.size() > 6 && error_class.substr(error_class.size() - 6) == " Error" &&
                           error_class.find_first_of("'\"\n") == std::string_view::npos;
  const std::string_view rest = named_class ? message.substr(colon + 2) : message;
  // The class is DuckDB's own word only when the vocabulary knows it.
  const std::string heading =
      named_class ? to_lower_ascii(only_vocabulary(std::string(error_class))) : std::string("error");
  // A value may contain line breaks: the position lines that DuckDB appends are cut off first.
  const size_t position = rest.rfind("\n\nLINE ");
  return heading + ": " + only_vocabulary(std::string(rest.substr(0, position)));
}

}  // namespace godwit::duck
