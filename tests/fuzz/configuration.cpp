// godwit.yml, masks.yml, checks.yml from anybody: read, or refused with a place for every problem.
#include "config/load.h"
#include "tests/fuzz/input.h"

#include <cctype>

namespace godwit {
namespace {

constexpr const char* name = "no-such-folder/fuzzed.yml";

bool takes_digits(std::string_view& text) {
  const size_t length = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(length);
  return length > 0;
}

// file:line:column, then what is wrong.
bool has_place(std::string_view line) {
  if (!line.starts_with(name)) return false;
  line.remove_prefix(std::string_view(name).size());
  const auto takes_colon = [&line] {
    if (!line.starts_with(':')) return false;
    line.remove_prefix(1);
    return true;
  };
  return takes_colon() && takes_digits(line) && takes_colon() && takes_digits(line) && line.size() > 3;
}

void look_at(const Error& error) {
  fuzz::demand(error.kind == ErrorKind::config || error.kind == ErrorKind::io,
               "a wrong file is an error of the configuration");
  fuzz::demand(has_place(error.text()), "the first problem has a place");
}

template <typename Read>
void read(Read&& reader, std::string_view yaml) {
  const auto first = reader(yaml, name);
  const auto second = reader(yaml, name);
  fuzz::demand(first.ok() == second.ok(), "the same text is read the same way twice");
  if (first.ok()) return;
  look_at(first.error());
  fuzz::demand(first.error().text() == second.error().text(), "the same text has the same problems twice");
}

}  // namespace
}  // namespace godwit

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godwit;
  fuzz::Input input(data, size);
  const unsigned kind = input.byte() % 3;
  const std::string_view yaml = input.rest();
  // A configuration may name files to read: not those of devices, which have no end.
  if (yaml.find("/dev") != std::string_view::npos || yaml.find("/proc") != std::string_view::npos) return 0;
  if (kind == 0) read(parse_settings, yaml);
  if (kind == 1) read(parse_mask_rules, yaml);
  if (kind == 2) read(parse_check_rules, yaml);
  return 0;
}
