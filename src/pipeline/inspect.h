// A look at a run's masked data: a profile per column, and a few rows.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace godwit::pipeline {

struct ColumnProfile {
  std::string name, type, mask;
  int64_t nulls = 0;
  int64_t distinct = 0;  // approximate
  std::string
      shortest;  // length of the shortest text; smallest value for numbers of kept columns is not shown
  std::string longest;
};

struct DatasetProfile {
  std::string dataset;
  int64_t rows = 0;
  std::vector<ColumnProfile> columns;
  std::vector<std::vector<std::string>> samples;  // masked values, as text; NULL as "NULL"
};

// `table` empty: profiles of all datasets without samples. Samples hold masked rows of the run's folder: they
// are for the person at the terminal.
[[nodiscard]] Result<std::vector<DatasetProfile>> inspect(const std::string& settings_folder,
                                                          const std::string& run, const std::string& table,
                                                          int samples);

}  // namespace godwit::pipeline
