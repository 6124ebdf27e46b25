#include "mask/mask.h"
#include "mask/strategies/strategies.h"

#include <fmt/format.h>

#include <algorithm>
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

// The lists that a mask of a locale takes its words from.
std::vector<std::string> lists_of(const MaskSpec& spec) {
  if (spec.argument == "full_name") return {"first_name", "last_name"};
  if (spec.argument == "city" || spec.argument == "state" || spec.argument == "zip") return {"place"};
  return {spec.argument};
}

// With the dictionaries of the locale. Its words are the user's own choice: one that does not fit the column
// is refused, not cut.
MaskResult make_in_locale(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  if (!context.dictionaries.has_locale(spec.locale))
    return make_error(ErrorKind::config, "unknown locale " + spec.locale, "name it under `locales`");
  const Dictionaries dictionaries = context.dictionaries.in_locale(spec.locale);
  if (spec.strategy == MaskStrategy::dictionary && shape.max_length > 0 && spec.argument != "full_name") {
    for (const std::string& name : lists_of(spec)) {
      const auto list = dictionaries.find(name);
      if (list == nullptr) continue;
      const auto& words = spec.argument == "state" ? list->second
                          : spec.argument == "zip" ? list->third
                                                   : list->entries;
      const auto too_long = std::count_if(
          words.begin(), words.end(), [&](const std::string& word) { return !fits(word, shape.max_length); });
      if (too_long > 0) {
        return refused(fmt::format("{} words of {} in locale {} are longer than the column's {} characters",
                                   too_long, spec.argument, spec.locale, shape.max_length),
                       "take them out of the pack, or mask this column with another dictionary");
      }
    }
  }
  MaskSpec inner = spec;
  inner.locale.clear();
  return make(inner, shape, {context.keyring, dictionaries, context.reference_day});
}

}  // namespace

Result<std::unique_ptr<Mask>> make(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  if (!spec.locale.empty()) return make_in_locale(spec, shape, context);
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
