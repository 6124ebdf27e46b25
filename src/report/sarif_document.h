// The frame of a SARIF document, whatever its results are of. Internal to this folder.
//
// Format: SARIF 2.1.0 (OASIS).
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace godwit::report {

// How a run ended. Times in microseconds since 1970, 0 = not known.
[[nodiscard]] nlohmann::ordered_json sarif_invocation(int exit_code, int64_t started_us, int64_t finished_us,
                                                      const std::string& error);
// `rules` and `results`: lists as the format has them; `invocations`: null = not said. Columns count
// characters.
[[nodiscard]] std::string sarif_document(const nlohmann::ordered_json& rules,
                                         const nlohmann::ordered_json& results, const std::string& version,
                                         const std::string& automation_id,
                                         const nlohmann::ordered_json& invocations);

}  // namespace godwit::report
