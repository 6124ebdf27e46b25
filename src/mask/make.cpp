#include "mask/mask.h"
#include "mask/strategies/strategies.h"

#include <fmt/format.h>

#include <cmath>

namespace godwit::mask {

namespace {

constexpr double odds_max = 1e-6;

MaskResult build(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  switch (spec.strategy) {
    case MaskStrategy::keep:
      return make_keep(spec, shape, context);
    case MaskStrategy::null:
      return make_null(spec, shape, context);
    case MaskStrategy::constant:
      return make_constant(spec, shape, context);
    case MaskStrategy::sql:
      return refused("strategy sql is evaluated by the pipeline",
                     "call the mask functions inside the expression");
    default:
      break;
  }
  if (shape.type == ValueType::array_text) return make_array(spec, shape, context);
  switch (spec.strategy) {
    case MaskStrategy::dictionary:
      return make_dictionary(spec, shape, context);
    case MaskStrategy::template_:
      return make_template(spec, shape, context);
    case MaskStrategy::digits:
      return make_digits(spec, shape, context);
    case MaskStrategy::fpe:
    case MaskStrategy::permutation:
      return make_fpe(spec, shape, context);
    case MaskStrategy::token:
      return make_token(spec, shape, context);
    case MaskStrategy::date_shift:
      return make_date_shift(spec, shape, context);
    case MaskStrategy::noise:
      return make_noise(spec, shape, context);
    case MaskStrategy::json:
      return make_json(spec, shape, context);
    case MaskStrategy::redact:
      return make_redact(spec, shape, context);
    default:
      break;
  }
  return refused("unknown mask strategy", "");
}

// What to write for a unique column instead.
std::string unique_hint(const MaskSpec& spec, const ColumnShape& shape) {
  if (shape.type == ValueType::integer) return "use strategy permutation or fpe";
  if (shape.type == ValueType::uuid_text) return "use strategy token without a subject";
  const bool numbers = spec.argument == "phone" || spec.argument == "ssn" || spec.argument == "card";
  if (numbers || spec.strategy == MaskStrategy::digits) {
    return "write {strategy: fpe, alphabet: digits, domain: " +
           (numbers ? spec.argument : std::string("digits")) + ", reserved: false}";
  }
  if (spec.strategy == MaskStrategy::template_)
    return "put {hash} (16 characters, 80 bits) into the template";
  if (spec.strategy == MaskStrategy::token) return "give the token 20 or more characters and no subject";
  return "use template login or email, token with 20 or more characters, or fpe";
}

Status check_unique(const MaskSpec& spec, const ColumnShape& shape, const Traits& traits) {
  if (!shape.unique) return {};
  if (!traits.injective) {
    return refused(fmt::format("mask {} on a unique column: {} possible fakes are not unique by construction",
                               to_string(spec.strategy), traits.capacity),
                   unique_hint(spec, shape));
  }
  const double odds = traits.collision_odds(static_cast<double>(shape.rows));
  if (odds > odds_max) {
    return refused(fmt::format("two of {} rows share a fake with odds {:.1e}", shape.rows, odds),
                   "give the mask more bits: a longer token or {hash:24}");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Mask>> make(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  ASSIGN_OR_RETURN(std::unique_ptr<Mask> mask, build(spec, shape, context));
  RETURN_IF_ERROR(check_unique(spec, shape, mask->traits()));
  return mask;
}

const std::vector<SqlFunction>& sql_functions() {
  static const std::vector<SqlFunction> functions = [] {
    std::vector<SqlFunction> result;
    for (const char* name :
         {"first_name", "last_name", "full_name", "street", "city", "state", "zip", "company", "job"}) {
      MaskSpec spec;
      spec.strategy = MaskStrategy::dictionary;
      spec.argument = name;
      result.push_back({std::string("mask_") + name, spec});
    }
    for (const char* name : {"email", "login", "url", "phone", "ssn", "card", "ip", "mac"}) {
      MaskSpec spec;
      spec.strategy = MaskStrategy::template_;
      spec.argument = name;
      result.push_back({std::string("mask_") + name, spec});
    }
    for (const MaskStrategy strategy : {MaskStrategy::token, MaskStrategy::digits, MaskStrategy::redact}) {
      MaskSpec spec;
      spec.strategy = strategy;
      result.push_back({"mask_" + std::string(to_string(strategy)), spec});
    }
    return result;
  }();
  return functions;
}

}  // namespace godwit::mask
