#include "schema/program/program.h"

#include "base/text.h"
#include "base/time.h"
#include "os/files.h"
#include "schema/program/alembic_runner.h"
#include "schema/program/knex_runner.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

// What Node, Python and SQLite themselves say, whatever the program is about.
constexpr std::string_view usual_words =
    " a an already allowed and argument arguments argument(s) as assignment at attribute be before call "
    "called can cannot cascade check column column(s) connection const constant constraint constructor "
    "convert database datatype declaration default defined delete does duplicate end exist exists expected "
    "expression failed find for foreign from function got has have identifier import in index initialization "
    "input invalid is it iterable key keyword limit list literal mismatch missing module must name named "
    "near "
    "no not null object of on one only or positional primary properties property range read reading "
    "referenced "
    "required returned row select set string such supported syntax table takes text the to token trigger "
    "type "
    "undefined unexpected unique unknown unterminated update use value values variable view was with ";

bool is_usual(std::string_view word) {
  if (word.ends_with("Error") || word.ends_with("Exception") || word.starts_with("psycopg")) return true;
  return usual_words.find(fmt::format(" {} ", to_lower_ascii(word))) != std::string_view::npos;
}

// Whether every word of a message is the language's own, or stands in the source: then it tells no value.
bool says_only(std::string_view message, std::string_view source) {
  constexpr std::string_view between = " \t\"'`,:;()[]{}<>=";
  for (size_t begin = 0; (begin = message.find_first_not_of(between, begin)) != std::string_view::npos;) {
    const size_t end = std::min(message.find_first_of(between, begin), message.size());
    const std::string_view word = message.substr(begin, end - begin);
    if (!is_usual(word) && source.find(word) == std::string_view::npos) return false;
    begin = end;
  }
  return true;
}

}  // namespace

std::unique_ptr<ProgramRunner> make_program_runner(const Target& target, const StoreEndpoint& endpoint,
                                                   const Services& services) {
  if (target.migrations.tool == "knex") return make_knex_runner(target, endpoint, services);
  if (target.migrations.tool == "alembic" && target.programs.bodies != "print")
    return make_alembic_runner(target, endpoint, services);
  return nullptr;
}

void log_program(const std::string& log, const Migration& migration, Direction direction,
                 std::string_view output, std::string_view errors) {
  if (log.empty() || !os::make_folder(os::parent_folder(log)).ok()) return;
  auto file = os::LineFile::open(log);
  if (!file.ok()) return;
  file->append(fmt::format("--- {} {}", direction == Direction::up ? "up" : "down", migration.file));
  for (const std::string_view text : {output, errors}) {
    for (const std::string& line : split(text, '\n'))
      if (!line.empty()) file->append(line);
  }
}

std::string told_message(std::string_view message, std::string_view kind, std::string_view source,
                         bool may_quote) {
  const std::string line(trim(message.substr(0, message.find('\n'))));
  if (!may_quote || says_only(line, source)) return line;
  return fmt::format("{} (what it says may quote data)", kind);
}

}  // namespace godwit::schema
