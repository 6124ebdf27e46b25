#include "mask/dictionaries/dictionaries.h"

#include "base/check.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "mask/dictionaries/locale_pack.h"
#include "mask/dictionaries/shipped.h"
#include "unicode/normalize.h"

#include <algorithm>

namespace godwit::mask {

namespace {

bool is_code_list(std::string_view name) {
  return name == "gender" || name == "race" || name == "ethnicity" || name == "lunch_status";
}

Error malformed(std::string_view name, const std::string& file, int line, std::string_view expected) {
  Error error = make_error(ErrorKind::config, "malformed entry of dictionary " + std::string(name),
                           "write " + std::string(expected));
  error.where = {file, line, 1};
  return error;
}

void add_first_name(std::string_view entry, Dictionary& list) {
  const size_t comma = entry.rfind(',');
  const std::string name(trim(entry.substr(0, comma)));
  const std::string_view tag = comma == std::string_view::npos ? "n" : trim(entry.substr(comma + 1));
  list.entries.push_back(name);
  if (tag != "m") list.female.push_back(name);
  if (tag != "f") list.male.push_back(name);
}

// False when the entry has not as many fields as the list wants.
bool add_entry(std::string_view name, std::string_view entry, Dictionary& list) {
  if (name == "first_name") {
    add_first_name(entry, list);
    return true;
  }
  const size_t fields_wanted = name == "place" ? 3 : is_code_list(name) ? 2 : 1;
  if (fields_wanted == 1) {
    list.entries.emplace_back(entry);
    return true;
  }
  const std::vector<std::string> fields = split(entry, ',');
  if (fields.size() != fields_wanted) return false;
  list.entries.emplace_back(trim(fields[0]));
  list.second.emplace_back(trim(fields[1]));
  if (fields_wanted == 3) list.third.emplace_back(trim(fields[2]));
  return true;
}

Status index_folded(Dictionary& list) {
  for (const std::string& entry : list.entries) {
    std::string folded;
    if (!unicode::append_nfc_case_folded(entry, folded)) {
      return make_error(ErrorKind::config, "a dictionary entry is not valid UTF-8");
    }
    list.folded.push_back(std::move(folded));
  }
  std::sort(list.folded.begin(), list.folded.end());
  return {};
}

}  // namespace

bool Dictionary::contains_folded(std::string_view folded_word) const {
  return std::binary_search(folded.begin(), folded.end(), folded_word, std::less<>());
}

Dictionaries Dictionaries::built_in() {
  static const Dictionaries shipped = [] {
    Dictionaries result;
    for (const ShippedDictionary& list : shipped_dictionaries()) {
      const Status status = result.replace(std::string(list.name), list.text, std::string(list.name));
      CHECK(status.ok());
    }
    return result;
  }();
  return shipped;
}

Status Dictionaries::replace(const std::string& name, std::string_view text, const std::string& file) {
  auto list = std::make_shared<Dictionary>();
  int line_number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++line_number;
    const std::string_view entry = trim(std::string_view(line).substr(0, line.find('#')));
    if (entry.empty()) continue;
    if (!add_entry(name, entry, *list)) {
      return malformed(name, file, line_number, name == "place" ? "City,ST,ZIP" : "C,Word");
    }
  }
  const bool genders = name != "first_name" || (!list->female.empty() && !list->male.empty());
  if (list->entries.size() < 2 || !genders) {
    return make_error(ErrorKind::config, "dictionary " + name + " holds too few entries: " + file,
                      "give at least two, and a first_name for either gender");
  }
  RETURN_IF_ERROR(index_folded(*list));
  lists_[name] = std::move(list);
  digests_[name] = crypto::sha256_hex(text);
  return {};
}

Status Dictionaries::add_locale(const std::string& name, std::string_view text, const std::string& file) {
  ASSIGN_OR_RETURN(const auto sections, parse_locale_pack(text, file));
  auto& lists = locales_[name];
  for (const PackSection& section : sections) {
    const std::string dictionary(section.name);
    auto list = std::make_shared<Dictionary>();
    for (const PackEntry& entry : section.entries) {
      if (!add_entry(dictionary, entry.text, *list))
        return malformed(dictionary, file, entry.line, dictionary == "place" ? "City,ST,ZIP" : "C,Word");
    }
    RETURN_IF_ERROR(index_folded(*list));
    lists[dictionary] = std::move(list);
  }
  digests_["locale " + name] = crypto::sha256_hex(text);
  return {};
}

bool Dictionaries::has_locale(std::string_view name) const {
  return locales_.find(name) != locales_.end();
}

Dictionaries Dictionaries::in_locale(std::string_view name) const {
  Dictionaries result = *this;
  if (const auto found = locales_.find(name); found != locales_.end()) {
    for (const auto& [dictionary, list] : found->second)
      result.lists_[dictionary] = list;
  }
  return result;
}

std::shared_ptr<const Dictionary> Dictionaries::find(std::string_view name) const {
  const auto found = lists_.find(name);
  return found == lists_.end() ? nullptr : found->second;
}

std::vector<std::string> Dictionaries::names() const {
  std::vector<std::string> result;
  for (const auto& [name, list] : lists_)
    result.push_back(name);
  return result;
}

std::string Dictionaries::hash() const {
  crypto::Sha256 state;
  for (const auto& [name, digest] : digests_)
    state.update(name).update("\n").update(digest).update("\n");
  return to_hex(crypto::as_bytes(state.finish()));
}

}  // namespace godwit::mask
