// Result<T>: a value or an Error. Ignoring one does not compile.
#pragma once

#include "base/check.h"
#include "base/error.h"

#include <utility>
#include <variant>

namespace godwit {

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)  // NOLINT(google-explicit-constructor): return a value or an error
      : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error)  // NOLINT(google-explicit-constructor): return a value or an error
      : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // CHECKs ok().
  [[nodiscard]] T& value() & {
    CHECK(ok());
    return std::get<0>(state_);
  }
  [[nodiscard]] const T& value() const& {
    CHECK(ok());
    return std::get<0>(state_);
  }
  [[nodiscard]] T&& value() && {
    CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // CHECKs !ok().
  [[nodiscard]] const Error& error() const& {
    CHECK(!ok());
    return std::get<1>(state_);
  }
  [[nodiscard]] Error&& error() && {
    CHECK(!ok());
    return std::get<1>(std::move(state_));
  }

 private:
  std::variant<T, Error> state_;
};

// Success or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error)  // NOLINT(google-explicit-constructor): return a value or an error
      : error_(std::make_shared<const Error>(std::move(error))) {}

  [[nodiscard]] bool ok() const { return error_ == nullptr; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const {
    CHECK(!ok());
    return *error_;
  }

 private:
  std::shared_ptr<const Error> error_;
};

}  // namespace godwit

#define GODWIT_CONCAT_INNER(a, b) a##b
#define GODWIT_CONCAT(a, b) GODWIT_CONCAT_INNER(a, b)

// Leaves the function with the Error of a failed Status or Result.
#define RETURN_IF_ERROR(expression)                             \
  do {                                                          \
    if (auto godwit_status = (expression); !godwit_status.ok()) \
      return ::godwit::Error(godwit_status.error());            \
  } while (false)

// ASSIGN_OR_RETURN(auto value, expression): the value, or out of the function with the Error.
#define ASSIGN_OR_RETURN(target, expression) \
  ASSIGN_OR_RETURN_INNER(GODWIT_CONCAT(godwit_result_, __LINE__), target, expression)
#define ASSIGN_OR_RETURN_INNER(result, target, expression)  \
  auto result = (expression);                               \
  if (!result.ok()) return ::godwit::Error(result.error()); \
  target = std::move(result).value()
