// Secret: a password, key or token that cannot be printed by accident.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace godwit {

// Owns its bytes and wipes them when destroyed. There is no operator<< and no formatter; reveal() is the one
// way to the value and is called only where the value leaves for the system that needs it.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) noexcept = default;
  ~Secret() { wipe(); }

  [[nodiscard]] std::string_view reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  [[nodiscard]] static std::string_view redacted() { return "<redacted>"; }

 private:
  void wipe() {
    for (char& c : value_) {
      volatile char* p = &c;  // volatile: the store is not optimised away
      *p = '\0';
    }
  }
  std::string value_;
};

}  // namespace godwit
