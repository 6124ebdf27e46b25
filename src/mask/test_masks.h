// For the tests of this folder: a fixed key, and masks applied to plain texts.
#pragma once

#include "mask/mask.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace godwit::mask {

inline const Keyring& test_keyring() {
  static const Keyring keyring = [] {
    auto result = Keyring::from(Secret("dGVzdCBrZXkgb2YgdGhlIGdvbGRlbiB2ZWN0b3JzIDEyMzQ="));
    return std::move(result).value();
  }();
  return keyring;
}

inline const Dictionaries& test_dictionaries() {
  static const Dictionaries dictionaries = Dictionaries::built_in();
  return dictionaries;
}

// 2024-09-01
inline Context test_context() {
  return {test_keyring(), test_dictionaries(), 19967};
}

inline MaskSpec spec_of(MaskStrategy strategy, std::string argument = {}, std::string subject = {}) {
  MaskSpec spec;
  spec.strategy = strategy;
  spec.argument = std::move(argument);
  spec.subject = std::move(subject);
  return spec;
}

inline std::unique_ptr<Mask> must_make(const MaskSpec& spec, const ColumnShape& shape = {}) {
  auto mask = make(spec, shape, test_context());
  if (!mask.ok()) {
    ADD_FAILURE() << mask.error().text();
    return nullptr;
  }
  return std::move(mask).value();
}

// "" + NULL come back as "NULL".
inline std::string run(const Mask& mask, std::vector<Value> inputs) {
  Scratch scratch;
  Value out;
  const Status status = mask.apply(inputs, out, scratch);
  if (!status.ok()) return "error: " + status.error().message;
  if (out.null) return "NULL";
  return out.textual() ? std::string(out.text) : std::to_string(out.integer);
}
inline std::string run(const Mask& mask, std::string_view text) {
  return run(mask, {Value::of(text)});
}
inline std::string run(const Mask& mask, std::string_view text, int64_t subject) {
  return run(mask, {Value::of(text), Value::of_integer(subject)});
}
inline std::string run(const MaskSpec& spec, std::string_view text) {
  return run(*must_make(spec), text);
}

inline std::string refusal(const MaskSpec& spec, const ColumnShape& shape) {
  const auto mask = make(spec, shape, test_context());
  return mask.ok() ? std::string("accepted") : std::string(info(mask.error().kind).name);
}

}  // namespace godwit::mask
