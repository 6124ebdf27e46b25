// A mask over each element of a PostgreSQL array in text form: {a,"b \"c\"",NULL}, nested ones too.
#include "mask/strategies/strategies.h"

namespace godwit::mask {

namespace {

Error malformed_array() {
  return make_error(ErrorKind::failed, "a value is not a PostgreSQL array in text form",
                    "mask the column with strategy null or constant");
}

bool needs_quotes(std::string_view text) {
  if (text.empty() ||
      ((text.size() == 4) && (text[0] == 'N' || text[0] == 'n') && (text[1] == 'U' || text[1] == 'u') &&
       (text[2] == 'L' || text[2] == 'l') && (text[3] == 'L' || text[3] == 'l'))) {
    return true;
  }
  return text.find_first_of("{}\",\\ \t\n\r\v\f") != std::string_view::npos;
}

class ArrayMask final : public Mask {
 public:
  ArrayMask(std::unique_ptr<Mask> element, Traits traits)
      : Mask(std::move(traits)), element_(std::move(element)) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    const std::string_view text = inputs[0].text;
    std::vector<Value> element_inputs(inputs.begin(), inputs.end());
    scratch.out.clear();
    size_t at = 0;
    if (text[0] == '[') {  // lower bounds: [0:2]={...}
      at = text.find('=');
      if (at == std::string_view::npos) return malformed_array();
      scratch.out.append(text.substr(0, ++at));
    }
    int depth = 0;
    while (at < text.size()) {
      const char c = text[at];
      if (c == '{' || c == '}' || c == ',') {
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        scratch.out.push_back(c);
        ++at;
        if (depth == 0) break;
        continue;
      }
      if (depth == 0) return malformed_array();
      RETURN_IF_ERROR(element(text, at, element_inputs, scratch));
    }
    if (depth != 0 || at != text.size()) return malformed_array();
    out = inputs[0];
    out.text = scratch.out;
    return {};
  }

  // Reads one element from `at` on and appends its fake.
  Status element(std::string_view text, size_t& at, std::vector<Value>& inputs, Scratch& scratch) const {
    std::string& plain = scratch.spare;
    plain.clear();
    const bool quoted = text[at] == '"';
    if (quoted) ++at;
    for (; at < text.size(); ++at) {
      if (quoted ? text[at] == '"' : text[at] == ',' || text[at] == '}' || text[at] == '{') break;
      if (text[at] == '\\' && ++at == text.size()) return malformed_array();
      plain.push_back(text[at]);
    }
    if (at == text.size()) return malformed_array();
    if (quoted) ++at;
    if (!quoted && plain == "NULL") {
      scratch.out.append(plain);
      return {};
    }
    inputs[0] = Value::of(plain);
    Value fake;
    RETURN_IF_ERROR(element_->apply(inputs, fake, scratch.inner()));
    append(fake, scratch.out);
    return {};
  }

  static void append(const Value& fake, std::string& out) {
    if (fake.null) {
      out.append("NULL");
    } else if (!needs_quotes(fake.text)) {
      out.append(fake.text);
    } else {
      out.push_back('"');
      for (const char c : fake.text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
      }
      out.push_back('"');
    }
  }

  std::unique_ptr<Mask> element_;
};

}  // namespace

MaskResult make_array(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  ColumnShape element_shape = shape;
  element_shape.type = ValueType::text;
  element_shape.nullable = true;
  element_shape.unique = false;
  ASSIGN_OR_RETURN(std::unique_ptr<Mask> element, make(spec, element_shape, context));
  Traits traits = element->traits();
  traits.always_changes = false;  // {} and {NULL} stay
  traits.text = "each element: " + traits.text;
  return std::unique_ptr<Mask>(std::make_unique<ArrayMask>(std::move(element), traits));
}

}  // namespace godwit::mask
