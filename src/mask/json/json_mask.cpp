// json: masks at paths inside a JSON document, rewritten in one pass: the order of keys, numbers, blanks and
// everything no path names stay as they are, except other strings, which `otherwise` decides (redact by
// default).
#include "mask/json/json_path.h"
#include "mask/json/json_text.h"
#include "mask/rules/detectors.h"
#include "mask/strategies/strategies.h"

#include <charconv>

namespace godwit::mask {

namespace {

constexpr size_t depth_max = 200;

// One path with its mask, made for each kind of leaf that it can serve.
struct PathMask {
  JsonPath path;
  MaskStrategy strategy = MaskStrategy::keep;
  std::unique_ptr<Mask> text;
  std::unique_ptr<Mask> integer;  // null: numbers at this path become null
  std::unique_ptr<Mask> decimal;
};

struct JsonMasks {
  std::vector<PathMask> paths;
  std::unique_ptr<Mask> otherwise;                // null: other strings are kept
  std::unique_ptr<Mask> email, phone, ssn, card;  // for keys that are private values themselves
  Dictionaries dictionaries;
};

Error not_json() {
  return make_error(ErrorKind::failed, "a value is not valid JSON", "mask the column with redact");
}

// One document: reads `text_`, appends to `out_`.
class Rewriter {
 public:
  Rewriter(const JsonMasks& masks, std::span<const Value> inputs, Scratch& scratch)
      : masks_(masks),
        text_(inputs[0].text),
        inputs_(inputs.begin(), inputs.end()),
        out_(scratch.out),
        inner_(scratch.inner()) {}

  // False when the text is not JSON. An Error comes from a mask.
  Result<bool> run() {
    out_.clear();
    ASSIGN_OR_RETURN(const bool good, value(nullptr));
    if (!good) return false;
    blanks();
    return at_ == text_.size();
  }

 private:
  void blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      out_.push_back(text_[at_++]);
    }
  }

  [[nodiscard]] const PathMask* rule_here() const {
    for (const PathMask& candidate : masks_.paths) {
      if (candidate.path.matches(steps_)) return &candidate;
    }
    return nullptr;
  }

  Result<bool> value(const PathMask* inherited) {
    blanks();
    if (at_ >= text_.size() || steps_.size() > depth_max) return false;
    const PathMask* rule = rule_here();
    if (rule == nullptr) rule = inherited;
    const char c = text_[at_];
    if (c == '{' || c == '[') {
      // null and constant stand for the whole subtree.
      if (rule != nullptr &&
          (rule->strategy == MaskStrategy::null || rule->strategy == MaskStrategy::constant)) {
        return replaced_subtree(*rule);
      }
      return c == '{' ? object(rule) : array(rule);
    }
    if (c == '"') return string(rule);
    if (c == '-' || (c >= '0' && c <= '9')) return number(rule);
    return word(rule);
  }

  Result<bool> replaced_subtree(const PathMask& rule) {
    const size_t start = out_.size();
    const auto depth = steps_.size();
    ASSIGN_OR_RETURN(const bool good, text_[at_] == '{' ? object(&rule) : array(&rule));
    steps_.resize(depth);
    out_.resize(start);
    if (!good) return false;
    RETURN_IF_ERROR(write(*rule.text, Value::of("x")));
    return true;
  }

  Result<bool> object(const PathMask* rule) {
    out_.push_back(text_[at_++]);
    blanks();
    if (take('}')) return true;
    while (true) {
      blanks();
      std::string key;
      const size_t start = at_;
      if (!read_json_string(text_, at_, key)) return false;
      RETURN_IF_ERROR(write_key(key, text_.substr(start, at_ - start)));
      blanks();
      if (!take(':')) return false;
      steps_.push_back({key, -1});
      ASSIGN_OR_RETURN(const bool good, value(rule));
      steps_.pop_back();
      if (!good) return false;
      blanks();
      if (take('}')) return true;
      if (!take(',')) return false;
    }
  }

  Result<bool> array(const PathMask* rule) {
    out_.push_back(text_[at_++]);
    blanks();
    if (take(']')) return true;
    for (int64_t index = 0;; ++index) {
      steps_.push_back({{}, index});
      ASSIGN_OR_RETURN(const bool good, value(rule));
      steps_.pop_back();
      if (!good) return false;
      blanks();
      if (take(']')) return true;
      if (!take(',')) return false;
    }
  }

  bool take(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    out_.push_back(wanted);
    ++at_;
    return true;
  }

  Result<bool> string(const PathMask* rule) {
    const size_t start = at_;
    std::string leaf;
    if (!read_json_string(text_, at_, leaf)) return false;
    const Mask* mask = rule != nullptr ? rule->text.get() : masks_.otherwise.get();
    const bool keep = rule != nullptr ? rule->strategy == MaskStrategy::keep : mask == nullptr;
    if (keep) {
      out_.append(text_.substr(start, at_ - start));
      return true;
    }
    RETURN_IF_ERROR(write(*mask, Value::of(leaf)));
    return true;
  }

  Result<bool> number(const PathMask* rule) {
    const size_t length = json_number_length(text_, at_);
    if (length == 0) return false;
    const std::string_view digits = text_.substr(at_, length);
    at_ += length;
    if (rule == nullptr || rule->strategy == MaskStrategy::keep) {
      out_.append(digits);
      return true;
    }
    Value value = Value::of(digits);
    value.type = ValueType::decimal_text;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value.integer);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    if (whole) value.type = ValueType::integer;
    const Mask* mask = whole ? rule->integer.get() : rule->decimal.get();
    if (rule->strategy == MaskStrategy::constant) mask = rule->text.get();
    if (mask == nullptr || digits.find_first_of("eE") != std::string_view::npos) {
      out_.append("null");
      return true;
    }
    RETURN_IF_ERROR(write(*mask, value));
    return true;
  }

  Result<bool> word(const PathMask* rule) {
    for (const std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      const bool replace = word != "null" && rule != nullptr &&
                           (rule->strategy == MaskStrategy::null || rule->strategy == MaskStrategy::constant);
      if (!replace) {
        out_.append(word);
        return true;
      }
      RETURN_IF_ERROR(write(*rule->text, Value::of(word)));
      return true;
    }
    return false;
  }

  // A key that is somebody's e-mail, phone, SSN or card number is masked like the value it is.
  Status write_key(const std::string& key, std::string_view raw) {
    if (masks_.otherwise != nullptr && key.size() >= 7) {
      for (const auto& [detector, mask] :
           {std::pair<std::string_view, const Mask*>{"email", masks_.email.get()},
            {"ssn", masks_.ssn.get()},
            {"phone", masks_.phone.get()},
            {"card", masks_.card.get()}}) {
        if (detects(detector, key, masks_.dictionaries)) return write(*mask, Value::of(key));
      }
    }
    out_.append(raw);
    return {};
  }

  Status write(const Mask& mask, const Value& original) {
    inputs_[0] = original;
    Value fake;
    RETURN_IF_ERROR(mask.apply(inputs_, fake, inner_));
    if (fake.null) {
      out_.append("null");
    } else if (fake.type == ValueType::integer) {
      out_.append(std::to_string(fake.integer));
    } else if (fake.type == ValueType::decimal_text) {
      out_.append(fake.text);
    } else {
      append_json_string(fake.text, out_);
    }
    return {};
  }

  const JsonMasks& masks_;
  std::string_view text_;
  std::vector<Value> inputs_;
  std::string& out_;
  Scratch& inner_;
  std::vector<JsonStep> steps_;
  size_t at_ = 0;
};

class JsonMask final : public Mask {
 public:
  JsonMask(JsonMasks masks, std::unique_ptr<Mask> whole, Traits traits)
      : Mask(std::move(traits)), masks_(std::move(masks)), whole_(std::move(whole)) {}

 private:
  Status compute(std::span<const Value> inputs, Value& out, Scratch& scratch) const override {
    Rewriter rewriter(masks_, inputs, scratch);
    ASSIGN_OR_RETURN(const bool good, rewriter.run());
    if (!good) {
      // In a text column the value is then free text: nothing of it may pass.
      if (whole_ == nullptr) return not_json();
      return whole_->apply(inputs, out, scratch.inner());
    }
    out = inputs[0];
    out.text = scratch.out;
    return {};
  }

  JsonMasks masks_;
  std::unique_ptr<Mask> whole_;
};

// A mask for numbers where the strategy has one; null where it has none.
std::unique_ptr<Mask> make_for(ValueType type, const MaskSpec& spec, const Context& context) {
  ColumnShape shape;
  shape.type = type;
  auto mask = make(spec, shape, context);
  if (!mask.ok()) return nullptr;
  return std::move(mask).value();
}

Result<PathMask> make_path(const std::string& path, const MaskSpec& spec, const Context& context) {
  PathMask result;
  ASSIGN_OR_RETURN(result.path, JsonPath::parse(path));
  result.strategy = spec.strategy;
  if (spec.strategy == MaskStrategy::json) {
    return make_error(ErrorKind::config, "a JSON path cannot carry strategy json",
                      "write the longer path instead");
  }
  auto text = make(spec, ColumnShape{}, context);
  result.integer = make_for(ValueType::integer, spec, context);
  result.decimal = make_for(ValueType::decimal_text, spec, context);
  if (text.ok()) {
    result.text = std::move(text).value();
    return result;
  }
  // noise serves numbers alone: a string at its path is redacted.
  if (result.integer == nullptr) return wrap(text.error(), "at " + path);
  MaskSpec redact;
  redact.strategy = MaskStrategy::redact;
  redact.argument = "whole";
  ASSIGN_OR_RETURN(result.text, make(redact, ColumnShape{}, context));
  return result;
}

MaskSpec template_spec(const char* kind) {
  MaskSpec spec;
  spec.strategy = MaskStrategy::template_;
  spec.argument = kind;
  return spec;
}

}  // namespace

MaskResult make_json(const MaskSpec& spec, const ColumnShape& shape, const Context& context) {
  if (shape.type != ValueType::json_text && shape.type != ValueType::text) return wrong_type(spec, shape);
  if (!spec.otherwise.empty() && spec.otherwise != "redact" && spec.otherwise != "keep" &&
      spec.otherwise != "scan") {
    return make_error(ErrorKind::config, "otherwise must be redact, scan or keep");
  }
  JsonMasks masks;
  masks.dictionaries = context.dictionaries;
  Traits traits;
  for (const auto& [path, path_spec] : spec.paths) {
    MaskSpec inner = path_spec;
    const bool links = inner.strategy != MaskStrategy::fpe && inner.strategy != MaskStrategy::permutation;
    if (inner.subject.empty() && links) inner.subject = spec.subject;
    ASSIGN_OR_RETURN(PathMask path_mask, make_path(path, inner, context));
    traits.uses_subject = traits.uses_subject || path_mask.text->uses_subject();
    masks.paths.push_back(std::move(path_mask));
  }
  MaskSpec redact;
  redact.strategy = MaskStrategy::redact;
  redact.version = spec.version;
  redact.argument = "whole";
  std::unique_ptr<Mask> whole;
  ASSIGN_OR_RETURN(whole, make(redact, ColumnShape{}, context));
  if (shape.type == ValueType::json_text) whole = nullptr;
  if (spec.otherwise == "scan" || spec.argument == "scan") redact.argument = "scan";
  if (spec.otherwise != "keep") {
    ASSIGN_OR_RETURN(masks.otherwise, make(redact, ColumnShape{}, context));
  }
  ASSIGN_OR_RETURN(masks.email, make(template_spec("email"), ColumnShape{}, context));
  ASSIGN_OR_RETURN(masks.phone, make(template_spec("phone"), ColumnShape{}, context));
  ASSIGN_OR_RETURN(masks.ssn, make(template_spec("ssn"), ColumnShape{}, context));
  ASSIGN_OR_RETURN(masks.card, make(template_spec("card"), ColumnShape{}, context));
  traits.capacity = 1e18;
  traits.reserved = spec.otherwise != "keep";
  traits.text = "JSON, " + std::to_string(spec.paths.size()) + " paths, other strings " +
                (spec.otherwise == "keep" ? "kept" : "redacted") + by_subject(spec);
  return std::unique_ptr<Mask>(std::make_unique<JsonMask>(std::move(masks), std::move(whole), traits));
}

}  // namespace godwit::mask
