#include "report/sarif_document.h"

#include "base/time.h"
#include "report/escape.h"

#include <nlohmann/json.hpp>

namespace godwit::report {

namespace {

using Json = nlohmann::ordered_json;

}  // namespace

Json sarif_invocation(int exit_code, int64_t started_us, int64_t finished_us, const std::string& error) {
  Json out;
  out["executionSuccessful"] = exit_code == 0;
  out["exitCode"] = exit_code;
  if (started_us != 0) out["startTimeUtc"] = iso_utc(started_us);
  if (finished_us != 0) out["endTimeUtc"] = iso_utc(finished_us);
  if (!error.empty()) {
    out["toolExecutionNotifications"] =
        Json::array({{{"level", "error"}, {"message", {{"text", one_line(error)}}}}});
  }
  return out;
}

std::string sarif_document(const Json& rules, const Json& results, const std::string& version,
                           const std::string& automation_id, const Json& invocations) {
  Json driver;
  driver["name"] = "godwit";
  if (!version.empty()) driver["version"] = version;
  driver["rules"] = rules;
  Json run;
  run["tool"] = {{"driver", driver}};
  run["automationDetails"] = {{"id", automation_id}};
  if (!invocations.is_null()) run["invocations"] = invocations;
  run["columnKind"] = "unicodeCodePoints";
  run["results"] = results;
  Json document;
  document["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json";
  document["version"] = "2.1.0";
  document["runs"] = Json::array({run});
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace godwit::report
