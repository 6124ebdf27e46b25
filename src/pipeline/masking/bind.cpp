#include "pipeline/masking/bind.h"

#include "base/text.h"
#include "mask/mask.h"
#include "pipeline/masking/fake_memo.h"
#include "pipeline/masking/shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>

namespace godwit::pipeline {

namespace {

using mask::Value;
using mask::ValueType;

struct Counters {
  std::atomic<int64_t> values{0}, nulls{0}, unchanged{0};
};

// How a value type crosses the boundary to DuckDB; other staged types are cast to and from it in SQL.
duck::Type carrier(ValueType type) {
  switch (type) {
    case ValueType::integer:
      return {duck::TypeId::int64};
    case ValueType::floating:
      return {duck::TypeId::float64};
    case ValueType::boolean:
      return {duck::TypeId::boolean};
    case ValueType::date_days:
      return {duck::TypeId::date};
    case ValueType::timestamp_us:
      return {duck::TypeId::timestamp};
    case ValueType::timestamptz_us:
      return {duck::TypeId::timestamptz};
    default:
      return {duck::TypeId::varchar};
  }
}

Value read_value(const duck::ColumnReader& column, size_t row, ValueType type) {
  if (column.is_null(row)) return Value::of_null(type);
  switch (column.type().id) {
    case duck::TypeId::int64:
      return Value::of_integer(column.get<int64_t>(row), type);
    case duck::TypeId::boolean:
      return Value::of_integer(column.get<bool>(row) ? 1 : 0, type);
    case duck::TypeId::date:
      return Value::of_integer(column.get<int32_t>(row), type);
    case duck::TypeId::timestamp:
    case duck::TypeId::timestamptz:
      return Value::of_integer(column.get<int64_t>(row), type);
    case duck::TypeId::float64: {
      Value value = Value::of_null(type);
      value.null = false;
      value.floating = column.get<double>(row);
      return value;
    }
    default: {
      Value value = Value::of(column.text(row));
      value.type = type;
      return value;
    }
  }
}

void write_value(duck::ColumnWriter& column, size_t row, const Value& value) {
  if (value.null) return column.set_null(row);
  switch (column.type().id) {
    case duck::TypeId::int64:
    case duck::TypeId::timestamp:
    case duck::TypeId::timestamptz:
      return column.set<int64_t>(row, value.integer);
    case duck::TypeId::boolean:
      return column.set<bool>(row, value.integer != 0);
    case duck::TypeId::date:
      return column.set<int32_t>(row, static_cast<int32_t>(value.integer));
    case duck::TypeId::float64:
      return column.set<double>(row, value.floating);
    default:
      return column.set_text(row, value.text);
  }
}

bool same(const Value& a, const Value& b) {
  if (a.null || b.null) return a.null == b.null;
  if (a.textual()) return a.text == b.text;
  return a.type == ValueType::floating ? a.floating == b.floating : a.integer == b.integer;
}

// An empty text stays empty: there is nothing in it to change.
bool is_empty_text(const Value& value) {
  return value.textual() && value.text.empty();
}

// value, subject, and three more of the row.
constexpr size_t inputs_max = 5;

struct Argument {
  std::string expression;  // SQL over `source`
  ValueType type = ValueType::text;
};

// The value types of the other inputs (subject, names) follow from their columns.
Argument argument_for(const Dataset& dataset, const std::string& column) {
  const ValueType type = shape_of_column(dataset, column).type;
  return {fmt::format("CAST(source.{} AS {})", quote_identifier(column), duck::sql_name(carrier(type))),
          type};
}

// One mask over chunks of rows, from any thread.
class ColumnMasking {
 public:
  ColumnMasking(std::shared_ptr<const mask::Mask> mask, std::shared_ptr<Counters> counters,
                std::vector<ValueType> types)
      : mask_(std::move(mask)),
        counters_(std::move(counters)),
        types_(std::move(types)),
        memos_(types_.size() == 1 && types_[0] == ValueType::text) {}

  Status run(const duck::ChunkReader& input, duck::ColumnWriter& output) {
    std::unique_ptr<FakeMemo> memo = memos_.borrow();
    const Status done = run(input, output, memo.get());
    memos_.give_back(std::move(memo));
    return done;
  }

 private:
  Status run(const duck::ChunkReader& input, duck::ColumnWriter& output, FakeMemo* memo) {
    thread_local mask::Scratch scratch;
    int64_t nulls = 0;
    int64_t unchanged = 0;
    std::array<Value, inputs_max> values;
    for (size_t row = 0; row < input.rows(); ++row) {
      for (size_t i = 0; i < types_.size(); ++i)
        values[i] = read_value(input.column(i), row, types_[i]);
      const Value& value = values[0];
      Value out;
      if (memo == nullptr || value.null || !memo->worthwhile()) {
        RETURN_IF_ERROR(mask_->apply({values.data(), types_.size()}, out, scratch));
      } else if (const std::string* fake = memo->find(value.text); fake != nullptr) {
        out = Value::of(*fake);
      } else {
        RETURN_IF_ERROR(mask_->apply({values.data(), 1}, out, scratch));
        if (!out.null) memo->remember(value.text, out.text);
      }
      if (value.null) {
        ++nulls;
      } else if (same(value, out) && !is_empty_text(value)) {
        ++unchanged;
      }
      write_value(output, row, out);
    }
    counters_->values += static_cast<int64_t>(input.rows()) - nulls;
    counters_->nulls += nulls;
    counters_->unchanged += unchanged;
    return {};
  }

  const std::shared_ptr<const mask::Mask> mask_;
  const std::shared_ptr<Counters> counters_;
  const std::vector<ValueType> types_;  // of the arguments
  FakeMemos memos_;
};

class DatasetMasks final : public BoundMasks {
 public:
  DatasetMasks(const Dataset& dataset, int serial) : dataset_(dataset), serial_(serial) {}

  Status bind(duck::Connection& connection, const MaskContext& context) {
    for (size_t i = 0; i < dataset_.columns.size(); ++i) {
      ASSIGN_OR_RETURN(std::string expression, bind_column(connection, context, i));
      expressions_.push_back(expression + " AS " + quote_identifier(dataset_.columns[i].name));
    }
    if (dataset_.has_owned_column) expressions_.push_back("source." + quote_identifier(owned_column_name));
    return {};
  }

  [[nodiscard]] std::string select_list() const override { return join(expressions_, ", "); }

  [[nodiscard]] std::vector<MaskCount> counts() const override {
    std::vector<MaskCount> out;
    for (const auto& [index, counters] : counters_) {
      out.push_back({dataset_.columns[index].name, dataset_.mask_rules[index], counters->values,
                     counters->nulls, counters->unchanged});
    }
    return out;
  }

 private:
  Result<std::string> bind_column(duck::Connection& connection, const MaskContext& context, size_t index) {
    const DatasetColumn& column = dataset_.columns[index];
    const MaskSpec& spec = dataset_.masks[index];
    const std::string source = "source." + quote_identifier(column.name);
    const std::string staged = staged_type(column);
    switch (spec.strategy) {
      case MaskStrategy::keep:
        return source;
      case MaskStrategy::null:
        return "CAST(NULL AS " + staged + ")";
      case MaskStrategy::sql: {
        RETURN_IF_ERROR(register_sql_functions(connection, context));
        return fmt::format("CAST(({}) AS {})", spec.argument, staged);
      }
      default:
        break;
    }
    ASSIGN_OR_RETURN(auto made,
                     mask::make(spec, shape_of_column(dataset_, column.name), context.for_masks()));
    std::shared_ptr<const mask::Mask> mask = std::move(made);
    const std::vector<Argument> arguments = arguments_of(index, *mask);
    const auto counters = std::make_shared<Counters>();
    counters_.emplace_back(index, counters);
    const std::string name = fmt::format("godwit_mask_{}_{}", serial_, index);
    RETURN_IF_ERROR(register_mask(connection, name, mask, arguments, counters));
    std::vector<std::string> expressions;
    for (const Argument& argument : arguments)
      expressions.push_back(argument.expression);
    return fmt::format("CAST({}({}) AS {})", name, join(expressions, ", "), staged);
  }

  // value, subject, and what a re-draw must know of the row: as mask.h numbers its inputs.
  [[nodiscard]] std::vector<Argument> arguments_of(size_t index, const mask::Mask& mask) const {
    std::vector<Argument> arguments = {argument_for(dataset_, dataset_.columns[index].name)};
    if (!mask.uses_subject() || dataset_.subject_columns[index].empty()) return arguments;
    arguments.push_back(argument_for(dataset_, dataset_.subject_columns[index]));
    const MaskSpec& spec = dataset_.masks[index];
    const bool place = spec.argument == "city" || spec.argument == "state" || spec.argument == "zip";
    if (spec.strategy == MaskStrategy::template_) {
      const auto first = sibling(index, "first_name");
      const auto last = sibling(index, "last_name");
      const auto full = first || last ? std::nullopt : sibling(index, "full_name");
      add_originals(arguments, {first, last, full});
    } else if (spec.strategy == MaskStrategy::dictionary && place) {
      add_originals(arguments, {sibling(index, "city"), sibling(index, "zip")});
    }
    return arguments;
  }

  // Each in its place, NULL before a known one, nothing behind the last.
  void add_originals(std::vector<Argument>& arguments,
                     std::vector<std::optional<std::string>> columns) const {
    while (!columns.empty() && !columns.back())
      columns.pop_back();
    for (const auto& column : columns)
      arguments.push_back(column ? argument_for(dataset_, *column) : Argument{"CAST(NULL AS VARCHAR)"});
  }

  // The column of the same person whose mask draws from this dictionary.
  [[nodiscard]] std::optional<std::string> sibling(size_t index, std::string_view dictionary) const {
    for (size_t i = 0; i < dataset_.columns.size(); ++i) {
      const MaskSpec& spec = dataset_.masks[i];
      const bool same_person = spec.subject == dataset_.masks[index].subject &&
                               dataset_.subject_columns[i] == dataset_.subject_columns[index];
      if (spec.strategy == MaskStrategy::dictionary && spec.argument == dictionary && same_person)
        return dataset_.columns[i].name;
    }
    return std::nullopt;
  }

  static Status register_mask(duck::Connection& connection, const std::string& name,
                              std::shared_ptr<const mask::Mask> mask, const std::vector<Argument>& arguments,
                              std::shared_ptr<Counters> counters) {
    duck::ScalarFunction function;
    function.name = name;
    std::vector<ValueType> types;
    for (const Argument& argument : arguments) {
      function.parameters.push_back(carrier(argument.type));
      types.push_back(argument.type);
    }
    function.result = carrier(arguments[0].type);
    function.run = [masking = std::make_shared<ColumnMasking>(std::move(mask), std::move(counters), types)](
                       const duck::ChunkReader& input, duck::ColumnWriter& output) {
      return masking->run(input, output);
    };
    return connection.register_scalar(std::move(function));
  }

  // mask_email(x), mask_first_name(x)... for expressions of strategy sql; once per database.
  Status register_sql_functions(duck::Connection& connection, const MaskContext& context) {
    if (sql_functions_registered_) return {};
    sql_functions_registered_ = true;
    for (const mask::SqlFunction& offered : mask::sql_functions()) {
      mask::ColumnShape shape;
      ASSIGN_OR_RETURN(auto made, mask::make(offered.spec, shape, context.for_masks()));
      Status registered =
          register_mask(connection, offered.name, std::shared_ptr<const mask::Mask>(std::move(made)),
                        {{"", ValueType::text}}, std::make_shared<Counters>());
      // Another dataset of the same store may have registered them on this database already.
      if (!registered.ok() && registered.error().message.find("exist") == std::string::npos)
        return registered;
    }
    return {};
  }

  const Dataset& dataset_;
  int serial_;
  std::vector<std::string> expressions_;
  std::vector<std::pair<size_t, std::shared_ptr<Counters>>> counters_;
  bool sql_functions_registered_ = false;
};

}  // namespace

Result<std::unique_ptr<BoundMasks>> bind_masks(duck::Connection& connection, const Dataset& dataset,
                                               const MaskContext& context, int serial) {
  auto masks = std::make_unique<DatasetMasks>(dataset, serial);
  RETURN_IF_ERROR(masks->bind(connection, context));
  return std::unique_ptr<BoundMasks>(std::move(masks));
}

}  // namespace godwit::pipeline
