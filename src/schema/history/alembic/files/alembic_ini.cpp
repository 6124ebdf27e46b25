#include "schema/history/alembic/files/alembic_ini.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

namespace godwit::schema::alembic {

namespace {

constexpr int nesting_max = 10;  // of %(name)s inside of values, as in ConfigParser

struct Option {
  std::string value;  // raw
  SourceLocation where;
};
using Options = std::map<std::string, Option, std::less<>>;

Error at(const SourceLocation& where, std::string message, std::string hint = {}) {
  Error error = make_error(ErrorKind::config, std::move(message), std::move(hint));
  error.where = where;
  return error;
}

size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

// The options of one section, with those of [DEFAULT] below them.
class Reader {
 public:
  Reader(const std::string& path, std::string_view section) : path_(path), section_(section) {}

  // `may_lack`: it need not be there.
  Result<Options> read(std::string_view text, bool may_lack) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    for (const std::string& line : godwit::split(text, '\n')) {
      ++line_;
      RETURN_IF_ERROR(take(line));
    }
    if (!found_ && !may_lack) {
      return at({path_, 1, 1}, fmt::format("there is no section [{}]", section_),
                "is it Alembic's configuration?");
    }
    for (auto& [name, option] : options_)
      option.value = trim(option.value);
    for (auto& [name, option] : defaults_) {
      option.value = trim(option.value);
      options_.emplace(name, option);
    }
    return std::move(options_);
  }

 private:
  [[nodiscard]] SourceLocation here(size_t column) const {
    return {path_, line_, static_cast<int>(column) + 1};
  }

  Status take(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string_view content = trim(line);
    if (content.starts_with('#') || content.starts_with(';')) return {};
    const size_t indent = indent_of(line);
    if (content.empty()) {
      if (open_ != nullptr) open_->value += '\n';
      return {};
    }
    if (in_option_ && indent > option_indent_) {
      if (open_ != nullptr) open_->value += "\n" + std::string(content);
      return {};
    }
    open_ = nullptr;
    in_option_ = false;
    if (content.front() == '[') return take_section(content, indent);
    return take_option(content, indent);
  }

  Status take_section(std::string_view content, size_t indent) {
    const size_t close = content.find(']');
    if (close == std::string_view::npos || close == 1)
      return at(here(indent), "a section is [name]", "close the bracket");
    const std::string name(content.substr(1, close - 1));
    if (name != "DEFAULT" && std::find(seen_.begin(), seen_.end(), name) != seen_.end())
      return at(here(indent), fmt::format("a second section [{}]", name), "join the two");
    seen_.push_back(name);
    in_section_ = true;
    found_ = found_ || name == section_;
    into_ = name == section_ ? &options_ : (name == "DEFAULT" ? &defaults_ : nullptr);
    return {};
  }

  Status take_option(std::string_view content, size_t indent) {
    if (!in_section_) return at(here(indent), "text before the first section", "put [alembic] above it");
    const size_t sign = content.find_first_of("=:");
    if (sign == std::string_view::npos || sign == 0)
      return at(here(indent), "neither a section nor 'key = value'", "indent a line that continues a value");
    in_option_ = true;
    option_indent_ = indent;
    if (into_ == nullptr) return {};
    const std::string key = to_lower_ascii(trim(content.substr(0, sign)));
    const size_t value = std::min(content.find_first_not_of(" \t", sign + 1), content.size());
    const auto [place, fresh] =
        into_->emplace(key, Option{std::string(content.substr(value)), here(indent + value)});
    if (!fresh) return at(here(indent), fmt::format("a second '{}' in this section", key), "remove one");
    open_ = &place->second;
    return {};
  }

  const std::string& path_;
  std::string_view section_;
  Options options_, defaults_;
  Options* into_ = nullptr;
  Option* open_ = nullptr;
  std::vector<std::string> seen_;
  bool in_section_ = false, in_option_ = false, found_ = false;
  size_t option_indent_ = 0;
  int line_ = 0;
};

// Values with what %(name)s stands for.
class Values {
 public:
  Values(Options options, std::string here) : options_(std::move(options)), here_(std::move(here)) {}

  [[nodiscard]] const Option* find(std::string_view name) const {
    const auto found = options_.find(name);
    return found == options_.end() ? nullptr : &found->second;
  }

  // Empty when there is no such option.
  [[nodiscard]] Result<std::string> text(std::string_view name) const {
    const Option* option = find(name);
    if (option == nullptr) return std::string();
    return expand(option->value, option->where, 1);
  }

 private:
  [[nodiscard]] Result<std::string> expand(std::string_view raw, const SourceLocation& where,
                                           int depth) const {
    if (depth > nesting_max) return at(where, "the value stands inside of itself", "break the circle");
    std::string out;
    size_t i = 0;
    while (i < raw.size()) {
      if (raw[i] != '%') {
        out += raw[i++];
        continue;
      }
      if (raw.substr(i).starts_with("%%")) {
        out += '%';
        i += 2;
        continue;
      }
      const size_t close = raw.find(")s", i);
      if (!raw.substr(i).starts_with("%(") || close == std::string_view::npos)
        return at(where, "a '%' that begins no %(name)s", "write %% for the sign itself");
      const std::string name = to_lower_ascii(raw.substr(i + 2, close - i - 2));
      const Option* option = find(name);
      if (option == nullptr && name != "here")
        return at(where, fmt::format("%({})s is not known", name), "write %% for the sign itself");
      if (option != nullptr) {
        ASSIGN_OR_RETURN(const std::string inner, expand(option->value, option->where, depth + 1));
        out += inner;
      } else {
        out += here_;
      }
      i = close + 2;
    }
    return out;
  }

  Options options_;
  std::string here_;
};

std::vector<std::string> split_locations(std::string_view text, std::string_view separators, bool legacy) {
  std::vector<std::string> pieces;
  std::string piece;
  const auto finish = [&] {
    if (const std::string_view trimmed = trim(piece); !trimmed.empty()) pieces.emplace_back(trimmed);
    piece.clear();
  };
  for (const char c : text) {
    if (separators.find(c) != std::string_view::npos || (legacy && c == ' ')) {
      finish();
    } else {
      piece += c;
    }
  }
  finish();
  return pieces;
}

// [tool.alembic]: values with %(here)s, and lists.
class Pyproject {
 public:
  Pyproject(const std::vector<PyprojectOption>& options, const std::string& here) : here_(here) {
    for (const PyprojectOption& option : options)
      options_[option.key] = option;
  }
  [[nodiscard]] const PyprojectOption* find(std::string_view name) const {
    const auto found = options_.find(name);
    return found == options_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] Result<std::vector<std::string>> texts(std::string_view name) const {
    std::vector<std::string> out;
    const PyprojectOption* option = find(name);
    if (option == nullptr) return out;
    for (const std::string& item : option->items) {
      Options one;
      one["value"] = {item, option->where};
      ASSIGN_OR_RETURN(std::string text, Values(std::move(one), here_).text("value"));
      out.push_back(std::move(text));
    }
    return out;
  }

 private:
  std::map<std::string, PyprojectOption, std::less<>> options_;
  std::string here_;
};

// Of the section, or of [tool.alembic] where the section does not have it.
struct Layers {
  Values ini;
  Pyproject pyproject;

  [[nodiscard]] SourceLocation where(std::string_view name, const std::string& path) const {
    if (const Option* option = ini.find(name)) return option->where;
    const PyprojectOption* below = pyproject.find(name);
    return below == nullptr ? SourceLocation{path, 1, 1} : below->where;
  }
  [[nodiscard]] Result<std::string> text(std::string_view name) const {
    if (ini.find(name) != nullptr) return ini.text(name);
    ASSIGN_OR_RETURN(const std::vector<std::string> texts, pyproject.texts(name));
    return texts.empty() ? std::string() : texts.front();
  }
};

// What separates paths in version_locations: path_separator, the older version_path_separator, or, where the
// file has neither, blanks and commas.
Result<std::vector<std::string>> version_locations(const Layers& layers) {
  const Values& values = layers.ini;
  ASSIGN_OR_RETURN(const std::string text, values.text("version_locations"));
  if (text.empty() && layers.pyproject.find("version_locations") != nullptr)
    return layers.pyproject.texts("version_locations");
  for (const std::string_view name : {"path_separator", "version_path_separator"}) {
    const Option* option = values.find(name);
    if (option == nullptr) continue;
    ASSIGN_OR_RETURN(const std::string word, values.text(name));
    constexpr std::pair<std::string_view, std::string_view> words[] = {
        {"space", " "}, {"newline", "\n"}, {"os", ":"}, {":", ":"}, {";", ";"}};
    for (const auto& [known, separator] : words) {
      if (word == known) return split_locations(text, separator, false);
    }
    return at(option->where, fmt::format("'{}' is not a valid value for {}", word, name),
              "expected: space, newline, os, ':' or ';'");
  }
  return split_locations(text, ",", true);
}

Result<int> slug_length(const Layers& layers, const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, layers.text("truncate_slug_length"));
  if (text.empty()) return 0;
  int number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || number < 0)
    return at(layers.where("truncate_slug_length", path), "truncate_slug_length is not a number");
  return number;
}

// "package:folder" is a place inside of a Python package, which only Python finds.
Status check_path(const std::string& location, const SourceLocation& where) {
  if (location.starts_with('/') || location.find(':') == std::string::npos) return {};
  return at(where, fmt::format("'{}' is a place inside of a Python package", location),
            "write the path of the folder");
}

}  // namespace

Result<AlembicIni> read_alembic_ini(std::string_view text, const std::string& path, const std::string& here,
                                    std::string_view section, const std::vector<PyprojectOption>& below) {
  ASSIGN_OR_RETURN(Options options, Reader(path, section).read(text, !below.empty()));
  const Layers layers{Values(std::move(options), here), Pyproject(below, here)};
  AlembicIni ini;
  ASSIGN_OR_RETURN(ini.script_location, layers.text("script_location"));
  const SourceLocation location = layers.where("script_location", path);
  if (ini.script_location.empty()) {
    return at(location, fmt::format("No 'script_location' key found in configuration section [{}]", section),
              "it names the folder that holds env.py");
  }
  RETURN_IF_ERROR(check_path(ini.script_location, location));
  ASSIGN_OR_RETURN(ini.version_locations, version_locations(layers));
  for (const std::string& folder : ini.version_locations)
    RETURN_IF_ERROR(check_path(folder, layers.where("version_locations", path)));
  if (ini.version_locations.empty()) ini.version_locations.push_back(ini.script_location + "/versions");
  ASSIGN_OR_RETURN(ini.file_template, layers.text("file_template"));
  ASSIGN_OR_RETURN(ini.slug_length_max, slug_length(layers, path));
  ASSIGN_OR_RETURN(const std::string recursive, layers.text("recursive_version_locations"));
  ini.recursive = recursive == "true";
  // env.py asks the ini alone for it.
  ASSIGN_OR_RETURN(std::string url, layers.ini.text("sqlalchemy.url"));
  ini.url = Secret(std::move(url));
  if (const Option* option = layers.ini.find("sqlalchemy.url")) ini.url_at = option->where;
  return ini;
}

}  // namespace godwit::schema::alembic
