// The factories of src/mask: one per family of strategies, called by make() alone. Each refuses what it
// cannot fit.
#pragma once

#include "mask/canonical.h"
#include "mask/mask.h"

#include <memory>
#include <string>
#include <string_view>

namespace godwit::mask {

using MaskResult = Result<std::unique_ptr<Mask>>;

MaskResult make_keep(const MaskSpec& spec, const ColumnShape& shape, const Context& context);
MaskResult make_null(const MaskSpec& spec, const ColumnShape& shape, const Context& context);
MaskResult make_constant(const MaskSpec& spec, const ColumnShape& shape, const Context& context);
MaskResult make_label(const MaskSpec& spec, const ColumnShape& shape, const Context& context);
MaskResult make_dictionary(const MaskSpec& spec, const ColumnShape& shape, const Context& context);
MaskResult make_linked_place(const MaskSpec& spec, const ColumnShape& shape,
                             const Context& context);  // city, state, zip of a subject
MaskResult make_person_name(const MaskSpec& spec, const ColumnShape& shape, const Context& context);
MaskResult make_template(const MaskSpec& spec, const ColumnShape& shape, const Context& context);
MaskResult make_number_kind(const MaskSpec& spec, const ColumnShape& shape,
                            const Context& context);  // phone, ssn, card
MaskResult make_network(const MaskSpec& spec, const ColumnShape& shape, const Context& context);  // ip, mac
MaskResult make_digits(const MaskSpec& spec, const ColumnShape& shape, const Context& context);
MaskResult make_token(const MaskSpec& spec, const ColumnShape& shape, const Context& context);
MaskResult make_date_shift(const MaskSpec& spec, const ColumnShape& shape, const Context& context);
MaskResult make_noise(const MaskSpec& spec, const ColumnShape& shape, const Context& context);
MaskResult make_fpe(const MaskSpec& spec, const ColumnShape& shape,
                    const Context& context);  // and permutation
MaskResult make_json(const MaskSpec& spec, const ColumnShape& shape, const Context& context);
MaskResult make_redact(const MaskSpec& spec, const ColumnShape& shape, const Context& context);
MaskResult make_array(const MaskSpec& spec, const ColumnShape& shape, const Context& context);

Error refused(std::string message, std::string hint);
Error wrong_type(const MaskSpec& spec, const ColumnShape& shape);

// Where a mask's draws come from: the value under the domain's key, or the subject under the key of
// "<domain>@<subject>" when the mask is linked and the row names a subject.
class Origin {
 public:
  Origin(const MaskSpec& spec, std::string_view default_domain, Canon canon, const ColumnShape& shape,
         const Context& context);

  // Fills scratch.canonical with the value's canonical form, scratch.subject when the row has a subject.
  [[nodiscard]] Status prepare(std::span<const Value> inputs, Scratch& scratch) const;
  // After prepare().
  [[nodiscard]] Draw draw(const Scratch& scratch, uint32_t counter = 0) const;
  // The value under the domain's key, whether linked or not.
  [[nodiscard]] Draw draw_value(const Scratch& scratch, uint32_t counter = 0) const {
    return own_.draw(scratch.canonical, counter);
  }
  [[nodiscard]] bool linked() const { return linked_ != nullptr; }

 private:
  DomainKey own_;
  std::unique_ptr<DomainKey> linked_;
  Canon canon_;
  bool fixed_length_;
};

// More re-draws than any honest mask needs: after them the fake stays what it is.
constexpr uint32_t redraws_max = 24;

// Length in characters of varchar(n) against the limit; 0 = unlimited.
[[nodiscard]] bool fits(std::string_view text, int max_length);
// " by subject student" or nothing: for Traits::text.
[[nodiscard]] std::string by_subject(const MaskSpec& spec);

}  // namespace godwit::mask
