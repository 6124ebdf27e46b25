// Paths into a JSON document: $.guardian.email, $.contacts[*].phone, $.list[0], $..name, $['odd key'],
// $.map.*
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::mask {

// One step from a document's root to a value.
struct JsonStep {
  std::string_view key;  // of an object member
  int64_t index = -1;    // of an array element; -1 for a member
};

class JsonPath {
 public:
  // ErrorKind::config when malformed.
  static Result<JsonPath> parse(const std::string& text);
  [[nodiscard]] bool matches(const std::vector<JsonStep>& steps) const { return matches(0, steps, 0); }

 private:
  struct Want {
    enum class Kind : uint8_t { key, index, any } kind = Kind::key;
    std::string key;
    int64_t index = 0;
    bool at_any_depth = false;
  };
  [[nodiscard]] bool matches(size_t want, const std::vector<JsonStep>& steps, size_t step) const;
  static bool parse_step(std::string_view& rest, Want& want);

  std::vector<Want> wants_;
};

}  // namespace godwit::mask
