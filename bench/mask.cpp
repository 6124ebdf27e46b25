// What one value costs in each mask, on one core: mask_bench [--benchmark_filter=email].
#include "mask/mask.h"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace {

using namespace godwit;

const mask::Keyring& keyring() {
  static const mask::Keyring ring = [] {
    auto result = mask::Keyring::from(Secret("dGVzdCBrZXkgb2YgdGhlIGdvbGRlbiB2ZWN0b3JzIDEyMzQ="));
    return std::move(result).value();
  }();
  return ring;
}

MaskSpec spec_of(MaskStrategy strategy, const char* argument, const char* subject = "") {
  MaskSpec spec;
  spec.strategy = strategy;
  spec.argument = argument;
  spec.subject = subject;
  return spec;
}

// A thousand values, so that no branch is learnt by heart.
void measure(benchmark::State& state, const MaskSpec& spec, const char* head, const char* tail,
             mask::ValueType type = mask::ValueType::text) {
  const mask::Dictionaries dictionaries = mask::Dictionaries::built_in();
  mask::ColumnShape shape;
  shape.type = type;
  const auto made = mask::make(spec, shape, {keyring(), dictionaries, 19967});
  if (!made.ok()) {
    state.SkipWithError(made.error().message.c_str());
    return;
  }
  std::vector<std::string> values;
  for (int i = 100000; i < 101000; ++i)
    values.push_back(head + std::to_string(i) + tail);
  mask::Scratch scratch;
  size_t next = 0;
  for (auto unused : state) {
    static_cast<void>(unused);
    mask::Value inputs[2] = {mask::Value::of(values[next]),
                             mask::Value::of_integer(static_cast<int64_t>(next))};
    inputs[0].type = type;
    inputs[0].integer = static_cast<int64_t>(1000000 + 37 * next);
    mask::Value out;
    const Status status = (*made)->apply({inputs, spec.subject.empty() ? 1U : 2U}, out, scratch);
    if (!status.ok()) state.SkipWithError(status.error().message.c_str());
    benchmark::DoNotOptimize(out);
    next = next + 1 == values.size() ? 0 : next + 1;
  }
  state.SetItemsProcessed(state.iterations());
}

using S = MaskStrategy;
BENCHMARK_CAPTURE(measure, first_name, spec_of(S::dictionary, "first_name"), "Maria", "");
BENCHMARK_CAPTURE(measure, first_name_linked, spec_of(S::dictionary, "first_name", "student"), "Maria", "");
BENCHMARK_CAPTURE(measure, full_name, spec_of(S::dictionary, "full_name"), "Maria Lopez", "");
BENCHMARK_CAPTURE(measure, city, spec_of(S::dictionary, "city"), "Town ", "");
BENCHMARK_CAPTURE(measure, email, spec_of(S::template_, "email"), "maria.lopez", "@school.edu");
BENCHMARK_CAPTURE(measure, email_linked, spec_of(S::template_, "email", "student"), "maria.lopez",
                  "@school.edu");
BENCHMARK_CAPTURE(measure, phone, spec_of(S::template_, "phone"), "312-8", "9");
BENCHMARK_CAPTURE(measure, ssn, spec_of(S::template_, "ssn"), "123-", "");
BENCHMARK_CAPTURE(measure, token, spec_of(S::token, ""), "district-", "");
BENCHMARK_CAPTURE(measure, digits, spec_of(S::digits, ""), "S-", "");
BENCHMARK_CAPTURE(measure, date_shift, spec_of(S::date_shift, ""), "", "", mask::ValueType::timestamp_us);
BENCHMARK_CAPTURE(measure, noise, spec_of(S::noise, ""), "", "", mask::ValueType::integer);
BENCHMARK_CAPTURE(measure, fpe_text, spec_of(S::fpe, ""), "S-9", "");
BENCHMARK_CAPTURE(measure, fpe_integer, spec_of(S::fpe, ""), "", "", mask::ValueType::integer);
BENCHMARK_CAPTURE(measure, permutation_integer, spec_of(S::permutation, ""), "", "",
                  mask::ValueType::integer);
BENCHMARK_CAPTURE(measure, redact_whole, spec_of(S::redact, "whole"), "Maria was absent ", "");
BENCHMARK_CAPTURE(measure, redact_scan, spec_of(S::redact, "scan"), "Maria Lopez (312-867-5309) was absent ",
                  " again");
BENCHMARK_CAPTURE(measure, json, spec_of(S::json, ""),
                  R"({"guardian": {"email": "a@b.org", "n": 1}, "id": ")", "\"}", mask::ValueType::json_text);

}  // namespace

BENCHMARK_MAIN();
