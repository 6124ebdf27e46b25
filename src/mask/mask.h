// The mask: an immutable, deterministic function from a value (and the person it belongs to) to a fake.
//
// make() decides at plan time whether a mask fits a column: type, length, nullability, uniqueness. What it
// accepts holds for every value: the fake has the column's type and fits its length, NULL stays NULL, an
// empty text stays empty, equal canonical values have equal fakes on every store, and the fake is not the
// original (except in domains of fewer than 100 values, where "never itself" would be a hint).
#pragma once

#include "base/result.h"
#include "mask/dictionaries/dictionaries.h"
#include "mask/keyring.h"
#include "mask/value.h"
#include "model/mask_rule.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace godwit::mask {

// Buffers that a thread brings along, so that no call allocates once they have grown. One per thread; an
// output that points into it is good until the next call with the same Scratch.
class Scratch {
 public:
  std::string canonical;
  std::string subject;
  std::string out;
  std::string spare;
  bool linked = false;

  // For a mask inside a mask (JSON leaves, words of a text, elements of an array).
  [[nodiscard]] Scratch& inner() {
    if (inner_ == nullptr) inner_ = std::make_unique<Scratch>();
    return *inner_;
  }

 private:
  std::unique_ptr<Scratch> inner_;
};

// What a plan must know and print of a mask.
struct Traits {
  bool injective = false;  // distinct canonical values have distinct fakes
  int mac_bits = 0;      // of an injective mask: 0 = a bijection; else the bits of MAC that keep fakes apart
  double capacity = 0;   // how many distinct fakes there are
  bool reserved = true;  // fakes belong to nobody by construction; false: they may hit a real value
  bool uses_subject = false;
  bool always_changes = false;  // no value but an empty text comes out as it went in
  std::string text;             // "first name from 815, by subject student"

  // The chance that two of `rows` distinct values share a fake: rows^2 / 2^(bits + 1).
  [[nodiscard]] double collision_odds(double rows) const;
};

class Mask {
 public:
  virtual ~Mask() = default;
  Mask(const Mask&) = delete;
  Mask& operator=(const Mask&) = delete;

  // inputs[0] the value; inputs[1] the subject when traits().uses_subject (a NULL or absent subject leaves
  // the value to speak for itself). More of the same row, each NULL where it is not known, keeps a person's
  // columns agreeing in the rare case of a re-draw. For e-mails, logins and templates: inputs[2] and [3] the
  // original first and last name, or inputs[4] the original full name. For city, state and ZIP code:
  // inputs[2] the original city, inputs[3] the original ZIP code. Safe from any thread, each with its own
  // Scratch. Fails on invalid UTF-8 and on values that the mask's declared domain excludes; errors name no
  // value: the caller adds table and column.
  [[nodiscard]] Status apply(std::span<const Value> inputs, Value& out, Scratch& scratch) const;

  [[nodiscard]] const Traits& traits() const { return traits_; }
  [[nodiscard]] double capacity() const { return traits_.capacity; }
  [[nodiscard]] bool injective() const { return traits_.injective; }
  [[nodiscard]] bool uses_subject() const { return traits_.uses_subject; }
  [[nodiscard]] const std::string& describe() const { return traits_.text; }

 protected:
  explicit Mask(Traits traits) : traits_(std::move(traits)) {}
  virtual Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const = 0;

  Traits traits_;
};

// Outlives no mask: masks keep what they need of it.
struct Context {
  const Keyring& keyring;
  const Dictionaries& dictionaries;
  int64_t reference_day = 0;  // days since 1970-01-01: the day at which age_years bands are measured
};

// ErrorKind::plan_refused when the mask does not fit the column, with what to write instead;
// ErrorKind::config when the specification itself is wrong (unknown dictionary, malformed JSON path).
// Strategy sql is refused: the caller evaluates it with the functions of sql_functions().
[[nodiscard]] Result<std::unique_ptr<Mask>> make(const MaskSpec& spec, const ColumnShape& shape,
                                                 const Context& context);

// The masks that an SQL expression may call by name, each a function of one text: mask_email(x),
// mask_first_name(x)...
struct SqlFunction {
  std::string name;
  MaskSpec spec;
};
[[nodiscard]] const std::vector<SqlFunction>& sql_functions();

}  // namespace godwit::mask
