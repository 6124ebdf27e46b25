#include "base/text.h"
#include "mask/strategies/strategies.h"
#include "unicode/normalize.h"

namespace godwit::mask {

Error refused(std::string message, std::string hint) {
  return make_error(ErrorKind::plan_refused, std::move(message), std::move(hint));
}

Error wrong_type(const MaskSpec& spec, const ColumnShape& shape) {
  std::string name(to_string(spec.strategy));
  if (!spec.argument.empty() && spec.strategy != MaskStrategy::constant) name += " " + spec.argument;
  return refused(
      "mask " + name + " does not fit a column of type " +
          (shape.type_name.empty() ? std::string(to_string(shape.type)) : shape.type_name),
      "use keep with a reason, null, constant, token, fpe, noise or date_shift as the type allows");
}

Origin::Origin(const MaskSpec& spec, std::string_view default_domain, Canon canon, const ColumnShape& shape,
               const Context& context)
    : own_(context.keyring, spec.domain.empty() ? default_domain : std::string_view(spec.domain),
           spec.version),
      canon_(canon),
      fixed_length_(shape.fixed_length) {
  if (spec.subject.empty()) return;
  const std::string domain =
      (spec.domain.empty() ? std::string(default_domain) : spec.domain) + "@" + spec.subject;
  linked_ = std::make_unique<DomainKey>(context.keyring, domain, spec.version);
}

Status Origin::prepare(std::span<const Value> inputs, Scratch& scratch) const {
  if (fixed_length_ && inputs[0].textual()) {
    Value unpadded = inputs[0];
    while (!unpadded.text.empty() && unpadded.text.back() == ' ')
      unpadded.text.remove_suffix(1);
    RETURN_IF_ERROR(canonicalize(unpadded, canon_, scratch.canonical));
  } else {
    RETURN_IF_ERROR(canonicalize(inputs[0], canon_, scratch.canonical));
  }
  scratch.linked = linked_ != nullptr && inputs.size() > 1 && !inputs[1].null;
  if (scratch.linked) RETURN_IF_ERROR(canonicalize_subject(inputs[1], scratch.subject));
  return {};
}

Draw Origin::draw(const Scratch& scratch, uint32_t counter) const {
  return scratch.linked ? linked_->draw(scratch.subject, counter) : own_.draw(scratch.canonical, counter);
}

bool fits(std::string_view text, int max_length) {
  return max_length <= 0 || text.size() <= static_cast<size_t>(max_length) ||
         unicode::length(text) <= static_cast<size_t>(max_length);
}

std::string by_subject(const MaskSpec& spec) {
  return spec.subject.empty() ? std::string() : ", by subject " + spec.subject;
}

}  // namespace godwit::mask
