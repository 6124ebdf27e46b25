#include "schema/history/atlas/sum_file.h"

#include "base/text.h"
#include "crypto/sha256.h"
#include "schema/history/checksum.h"
#include "schema/history/lines.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

constexpr std::string_view mark = "h1:";

std::optional<std::string> directive_of(std::string_view line, std::string_view name) {
  const size_t at = line.find("atlas:");
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = trim(line.substr(at + 6));
  if (!rest.starts_with(name)) return std::nullopt;
  rest.remove_prefix(name.size());
  if (!rest.empty() && rest[0] != ' ') return std::nullopt;
  return std::string(trim(rest));
}

std::string encoded(crypto::Sha256 running) {
  return base64(crypto::as_bytes(running.finish()));
}

std::string total_of(const std::vector<AtlasSum>& sums) {
  crypto::Sha256 total;
  for (const AtlasSum& sum : sums)
    total.update(sum.file).update(sum.sum);
  return encoded(total);
}

Result<std::vector<AtlasSum>> parse(const MigrationFile& recorded) {
  std::vector<AtlasSum> sums;
  int number = 0;
  for (const std::string_view raw : lines_of(recorded.text)) {
    if (++number == 1) continue;
    const std::string_view line = without_terminator(raw);
    const size_t at = line.find(mark);
    if (at == std::string_view::npos) return error_at(recorded, number, "a line without a sum");
    sums.push_back({std::string(trim(line.substr(0, at))), std::string(line.substr(at + mark.size()))});
  }
  return sums;
}

}  // namespace

std::vector<AtlasSum> atlas_sums(const std::vector<const MigrationFile*>& files) {
  std::vector<AtlasSum> sums;
  crypto::Sha256 running;
  for (const MigrationFile* file : files) {
    running.update(file->path);
    if (first_directive(file->text, "sum") == "ignore") continue;
    running.update(file->text);
    sums.push_back({file->path, encoded(running)});
  }
  return sums;
}

std::string atlas_sum_text(const std::vector<AtlasSum>& sums) {
  std::string text = fmt::format("{}{}\n", mark, total_of(sums));
  for (const AtlasSum& sum : sums)
    text += fmt::format("{} {}{}\n", sum.file, mark, sum.sum);
  return text;
}

Status verify_sums(const MigrationFile& recorded, const std::vector<AtlasSum>& sums) {
  constexpr std::string_view hint = "if that is meant: atlas migrate hash";
  ASSIGN_OR_RETURN(const std::vector<AtlasSum> noted, parse(recorded));
  for (size_t i = 0; i < std::max(noted.size(), sums.size()); ++i) {
    const int line = static_cast<int>(i) + 2;
    if (i >= noted.size()) return error_at(recorded, line, sums[i].file + " was added", std::string(hint));
    if (i >= sums.size()) return error_at(recorded, line, noted[i].file + " was removed", std::string(hint));
    if (noted[i].file != sums[i].file) {
      const bool added = sums[i].file < noted[i].file;
      return error_at(recorded, line,
                      (added ? sums[i].file : noted[i].file) + (added ? " was added" : " was removed"),
                      std::string(hint));
    }
    if (noted[i].sum != sums[i].sum)
      return error_at(recorded, line, sums[i].file + " was edited", std::string(hint));
  }
  const std::string first(trim(recorded.text.substr(0, recorded.text.find('\n'))));
  if (first != std::string(mark) + total_of(sums))
    return error_at(recorded, 1, "its first line is not the sum of the others", std::string(hint));
  return {};
}

std::optional<std::string> first_directive(std::string_view text, std::string_view name) {
  return directive_of(text.substr(0, text.find('\n')), name);
}

std::optional<std::string> head_directive(std::string_view text, std::string_view name) {
  std::optional<std::string> found;
  for (const std::string_view line : lines_of(text)) {
    if (!line.starts_with("--") && !line.starts_with('#')) return trim(line).empty() ? found : std::nullopt;
    if (!found) found = directive_of(line, name);
  }
  return std::nullopt;  // comments alone
}

}  // namespace godwit::schema
