#include "mask/dictionaries/locale_pack.h"

#include "base/check.h"
#include "base/text.h"
#include "unicode/normalize.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace godwit::mask {

namespace {

constexpr std::string_view first_line = "godwit-locale 1";
constexpr size_t words_min = 10;
constexpr size_t codes_min = 2;

const std::vector<std::string>& known_sections() {
  static const std::vector<std::string> names = {"first_name", "last_name",   "street", "place",
                                                 "company",    "job",         "gender", "race",
                                                 "ethnicity",  "lunch_status"};
  return names;
}

bool is_code_list(std::string_view name) {
  return name == "gender" || name == "race" || name == "ethnicity" || name == "lunch_status";
}

class PackReader {
 public:
  explicit PackReader(const std::string& file) : file_(file) {}

  Result<std::vector<PackSection>> read(std::string_view text) {
    for (int line = 1; !text.empty(); ++line) {
      const size_t end = std::min(text.find('\n'), text.size());
      RETURN_IF_ERROR(take(text.substr(0, end), line));
      text.remove_prefix(std::min(end + 1, text.size()));
      last_line_ = line;
    }
    if (!begun_) return refused(1, 1, "is no locale pack", fmt::format("begin it with: {}", first_line));
    if (sections_.empty())
      return refused(last_line_, 1, "holds no dictionary", "begin one with: [first_name]");
    for (const PackSection& section : sections_)
      RETURN_IF_ERROR(check_size(section));
    return std::move(sections_);
  }

 private:
  [[nodiscard]] Error refused(int line, size_t column, const std::string& message, std::string hint) const {
    Error error = make_error(ErrorKind::config, "the locale pack " + message, std::move(hint));
    error.where = {file_, line, static_cast<int>(column)};
    return error;
  }

  Status take(std::string_view whole, int line) {
    if (!is_valid_utf8(whole)) {
      size_t good = 0;
      while (good < whole.size() && is_valid_utf8(whole.substr(0, good + 1)))
        ++good;
      return refused(line, good + 1, "is not valid UTF-8", "save it as UTF-8");
    }
    const std::string_view text = trim(whole.substr(0, whole.find('#')));
    if (text.empty()) return {};
    const size_t column = static_cast<size_t>(text.data() - whole.data()) + 1;
    if (!begun_) {
      if (text != first_line)
        return refused(line, column, "has another format", fmt::format("begin it with: {}", first_line));
      begun_ = true;
      return {};
    }
    if (text.front() == '[') return begin_section(text, line, column);
    if (sections_.empty())
      return refused(line, column, "has a word outside of a dictionary", "begin one with: [first_name]");
    std::string folded;
    CHECK(unicode::append_nfc_case_folded(text.substr(0, word_length(text)), folded));
    const auto [known, added] = words_.emplace(std::move(folded), line);
    if (!added) {
      return refused(
          line, column,
          fmt::format("has a word of {} twice, first in line {}", sections_.back().name, known->second),
          "take one of them out");
    }
    sections_.back().entries.push_back({text, line});
    return {};
  }

  // What must differ from all other entries: a name without its gender, a code; of a place, all of it.
  [[nodiscard]] size_t word_length(std::string_view text) const {
    const std::string_view name = sections_.back().name;
    return name == "first_name" || is_code_list(name) ? std::min(text.find(','), text.size()) : text.size();
  }

  Status begin_section(std::string_view text, int line, size_t column) {
    const std::string name(trim(text.substr(1, text.size() - (text.back() == ']' ? 2 : 1))));
    const std::vector<std::string>& known = known_sections();
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end() || text.back() != ']') {
      const auto near = nearest(name, known);
      return refused(line, column, fmt::format("names an unknown dictionary '{}'", name),
                     near.empty() ? "known: " + join(known, " ") : "did you mean [" + near[0] + "]?");
    }
    for (const PackSection& section : sections_) {
      if (section.name == name)
        return refused(line, column, fmt::format("has [{}] twice", name), "join them");
    }
    sections_.push_back({*found, line, {}});
    words_.clear();
    return {};
  }

  [[nodiscard]] Status check_size(const PackSection& section) const {
    const size_t needed = is_code_list(section.name) ? codes_min : words_min;
    const auto too_few = [&](size_t count, const std::string& what) {
      return refused(section.line, 1, fmt::format("has {} {} in [{}]", count, what, section.name),
                     fmt::format("give at least {}", needed));
    };
    if (section.entries.size() < needed) return too_few(section.entries.size(), "words");
    if (section.name != "first_name") return {};
    for (const auto& [other, what] : {std::pair{'m', "names for women"}, std::pair{'f', "names for men"}}) {
      const auto count = static_cast<size_t>(std::count_if(
          section.entries.begin(), section.entries.end(), [&, unwanted = other](const PackEntry& entry) {
            return entry.text.size() < 2 || entry.text[entry.text.size() - 2] != ',' ||
                   entry.text.back() != unwanted;
          }));
      if (count < needed) return too_few(count, what);
    }
    return {};
  }

  const std::string& file_;
  bool begun_ = false;
  int last_line_ = 1;
  std::vector<PackSection> sections_;
  std::map<std::string, int> words_;  // of the section being read: folded, and where it stands
};

}  // namespace

Result<std::vector<PackSection>> parse_locale_pack(std::string_view text, const std::string& file) {
  return PackReader(file).read(text);
}

}  // namespace godwit::mask
