#include "report/figures.h"

#include "base/text.h"
#include "report/escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace godwit::report {

namespace {

size_t stores_committed(const RunReport& report) {
  return static_cast<size_t>(std::count_if(report.stores.begin(), report.stores.end(), [](const auto& store) {
    return store.commit_state == "committed";
  }));
}

// Says only what the figures bear out.
std::string what_was_done(const RunReport& report) {
  const Figures sum = add_up(report);
  std::string out = "The scope is in the target";
  if (sum.columns_masked > 0) out += ", masked";
  if (sum.proved_rows > 0) out += ", proved before the commit";
  if (sum.verified_rows > 0)
    out += sum.proved_rows > 0 ? " and read back after it" : ", read back after the commit";
  return out + ".";
}

Headline headline_of_verification(const RunReport& report) {
  const Figures figures = add_up(report);
  if (report.exit_code == 0) {
    return {Tone::good, "Verified",
            fmt::format("The target holds what run {} wrote, row by row.", report.of_run)};
  }
  const int64_t off = figures.mismatched_rows + figures.missing_rows;
  if (off > 0) {
    return {
        Tone::bad, "Differences found",
        fmt::format("{} rows of the target are not what run {} wrote.", with_thousands(off), report.of_run)};
  }
  return {Tone::bad, "Verification failed", "The target was not compared to the end. It was only read."};
}

Headline headline_of_rollback(const RunReport& report) {
  if (report.exit_code == 0) {
    return {Tone::good, "Rolled back",
            fmt::format("What run {} inserted is gone, what it overwrote is restored.", report.of_run)};
  }
  if (report.exit_code == 4) {
    return {Tone::bad, "Partly rolled back",
            "Some stores are undone and some are not. Rolling back again continues where this stopped."};
  }
  if (report.exit_code == 8) {
    return {Tone::bad, "In doubt", "It is not known whether a store was undone. Ask before trying again."};
  }
  return {Tone::bad, "Rollback failed", "The error below says what stood in the way."};
}

Headline headline_of_failure(const RunReport& report) {
  const size_t committed = stores_committed(report);
  switch (report.exit_code) {
    case 4:
      return {Tone::bad, "Partly done",
              fmt::format("The target changed in {} of {} stores. Resume the run or roll it back.", committed,
                          report.stores.size())};
    case 8:
      return {Tone::bad, "In doubt",
              "The outcome of a commit is unknown. Nothing may be repeated before it is known."};
    case 75:
      if (committed == 0) {
        return {Tone::warning, "Interrupted",
                "This attempt committed nothing in the target. The run can be resumed."};
      }
      break;
    default:
      break;
  }
  if (committed > 0) {
    return {Tone::bad, report.exit_code == 3 ? "Differences after loading" : "Failed after loading",
            fmt::format("The data is committed in {} of {} stores; what failed came after that.", committed,
                        report.stores.size())};
  }
  // A resumed run knows only its own part: what an earlier attempt committed stands in that attempt's report.
  const std::string unchanged = "This attempt committed nothing in the target.";
  switch (report.exit_code) {
    case 2:
      return {Tone::bad, "Refused", "The run was refused as it was asked for. " + unchanged};
    case 3:
      return {Tone::bad, "Stopped by checks", "What the checks found keeps the data out. " + unchanged};
    case 5:
      return {Tone::bad, "Store not reached",
              "A store did not answer or refused the credentials. " + unchanged};
    case 6:
      return {Tone::bad, "Stopped at a gate", "A condition for going on did not hold. " + unchanged};
    case 7:
      return {Tone::bad, "Locked out", "Another run holds this pipeline and scope. " + unchanged};
    default:
      return {Tone::bad, "Failed", unchanged};
  }
}

}  // namespace

Figures add_up(const RunReport& report) {
  Figures sum;
  sum.tables = report.tables.size();
  std::set<std::string> stores;
  for (const StoreReport& store : report.stores)
    stores.insert(store.store);
  for (const TableReport& table : report.tables) {
    sum.rows += table.rows;
    sum.owned_rows += table.owned_rows;
    sum.needed_rows += table.needed_rows;
    if (table.membership == "shared") sum.shared_rows += table.rows;
    sum.bytes += table.bytes;
    sum.inserted += table.inserted;
    sum.updated += table.updated;
    sum.kept += table.kept;
    sum.different += table.different;
    sum.deleted += table.deleted;
    sum.proved_rows += table.proved_rows;
    sum.verified_rows += table.verified_rows;
    sum.mismatched_rows += table.mismatched_rows;
    sum.missing_rows += table.missing_rows;
    sum.columns_masked += table.masks.size();
    for (const MaskCount& mask : table.masks)
      sum.values_masked += mask.values;
    stores.insert(table.store);
  }
  sum.stores = stores.size();
  return sum;
}

std::string origin_of_rows(const Figures& sum) {
  if (sum.needed_rows == 0 && sum.shared_rows == 0) return "all of the scope";
  return fmt::format("{} owned · {} needed · {} shared", with_thousands(sum.owned_rows),
                     with_thousands(sum.needed_rows), with_thousands(sum.shared_rows));
}

int64_t duration_us(const RunReport& report) {
  if (report.started_us == 0 || report.finished_us < report.started_us) return 0;
  return report.finished_us - report.started_us;
}

int64_t duration_us(const PhaseOutcome& phase) {
  return std::max<int64_t>(0, phase.finished_us == 0 ? 0 : phase.finished_us - phase.started_us);
}

Headline headline(const RunReport& report) {
  if (report.dry_run && report.exit_code == 0) {
    return {Tone::neutral, "Planned", "This is the plan only: no target was opened for writing."};
  }
  if (report.kind == "ver") return headline_of_verification(report);
  if (report.kind == "rb") return headline_of_rollback(report);
  if (report.exit_code != 0) return headline_of_failure(report);
  switch (report.state) {
    case RunState::completed:
    case RunState::verified:
      return {Tone::good, "Completed", what_was_done(report)};
    case RunState::checked:
      return {Tone::good, "Checked, not loaded",
              "The masked data stands in the run's folder. The target was not touched."};
    case RunState::rolled_back:
      return {Tone::neutral, "Rolled back", "The run was undone later."};
    default:
      return {Tone::neutral, "Not finished",
              fmt::format("The run is {}: it has not come to an end.", to_string(report.state))};
  }
}

std::string notes_of(const StoreReport& store) {
  std::vector<std::string> notes = store.connection_notes;
  if (!store.load_note.empty()) notes.push_back(store.load_note);
  return join(notes, "; ");
}

std::string_view kind_name(const RunReport& report) {
  if (report.kind == "rb") return "Rollback";
  if (report.kind == "ver") return "Verification";
  if (report.kind == "db") return "Schema change";
  return "Migration";
}

std::vector<CheckCategoryCount> count_checks(const RunReport& report) {
  if (!report.check_categories.empty()) return report.check_categories;
  constexpr size_t categories = static_cast<size_t>(CheckCategory::cross_store) + 1;
  std::array<CheckCategoryCount, categories> counts{};
  for (size_t i = 0; i < categories; ++i)
    counts[i].category = static_cast<CheckCategory>(i);
  for (const CheckOutcome& outcome : report.checks) {
    CheckCategoryCount& count = counts[static_cast<size_t>(outcome.check.category)];
    switch (outcome.verdict) {
      case CheckVerdict::passed:
        ++count.passed;
        break;
      case CheckVerdict::failed:
        ++count.failed;
        break;
      case CheckVerdict::warned:
        ++count.warned;
        break;
      case CheckVerdict::skipped:
        ++count.skipped;
        break;
    }
  }
  std::vector<CheckCategoryCount> out;
  for (const CheckCategoryCount& count : counts) {
    if (count.passed + count.failed + count.warned + count.skipped > 0) out.push_back(count);
  }
  return out;
}

std::string_view category_name(CheckCategory category) {
  switch (category) {
    case CheckCategory::schema:
      return "Types and lengths";
    case CheckCategory::not_null:
      return "Not null";
    case CheckCategory::unique:
      return "Keys and uniqueness";
    case CheckCategory::referential:
      return "References";
    case CheckCategory::constraint:
      return "Constraints";
    case CheckCategory::masking:
      return "Masking";
    case CheckCategory::completeness:
      return "Completeness";
    case CheckCategory::business:
      return "Business rules";
    case CheckCategory::data_quality:
      return "Data quality";
    case CheckCategory::cross_store:
      return "Across stores";
  }
  return "Other";
}

std::vector<const CheckOutcome*> findings_of(const RunReport& report) {
  std::vector<const CheckOutcome*> found;
  for (const CheckOutcome& outcome : report.checks) {
    if (outcome.verdict != CheckVerdict::passed) found.push_back(&outcome);
  }
  const auto rank = [](const CheckOutcome& outcome) {
    if (outcome.verdict == CheckVerdict::failed) return 0;
    if (outcome.verdict == CheckVerdict::skipped) return 1;
    return outcome.check.severity == Severity::info ? 3 : 2;
  };
  std::stable_sort(found.begin(), found.end(), [&](const CheckOutcome* a, const CheckOutcome* b) {
    return rank(*a) != rank(*b) ? rank(*a) < rank(*b) : a->findings > b->findings;
  });
  return found;
}

std::string finding_text(const CheckOutcome& outcome) {
  const std::string& said =
      outcome.check.description.empty() ? outcome.check.rule : outcome.check.description;
  return outcome.reason.empty() ? said : said.empty() ? outcome.reason : said + ": " + outcome.reason;
}

std::vector<NextStep> next_steps(const RunReport& report) {
  const std::string run = shell_word(report.run);
  const std::string again =
      fmt::format("godwit run {} {}", shell_word(report.pipeline), shell_word(report.scope));
  std::vector<NextStep> steps;
  if (!report.hint.empty()) steps.push_back({"", report.hint});
  if (report.dry_run) {
    steps.push_back({again, "carries the plan out"});
    return steps;
  }
  if (report.kind == "ver" || report.kind == "rb") {
    const std::string of_run = shell_word(report.of_run);
    if (report.kind == "rb" && report.exit_code != 0)
      steps.push_back({"godwit rollback " + of_run, "continues; what is undone stays undone"});
    if (report.kind == "ver" && report.exit_code != 0)
      steps.push_back({"godwit inspect " + of_run, "shows what the run wrote, masked"});
    steps.push_back({"godwit report " + of_run, "the report of the run this one is about"});
    return steps;
  }
  if (report.run.empty()) return steps;
  const bool changed = stores_committed(report) > 0;
  if (report.exit_code == 8) {
    steps.push_back({"godwit status " + run, "asks the target what really happened"});
  } else if (report.exit_code == 4 || report.exit_code == 75) {
    steps.push_back({fmt::format("{} --resume {}", again, run), "goes on from the proved files"});
    if (changed) steps.push_back({"godwit rollback " + run, "undoes what is committed"});
  } else if (report.exit_code == 0 && report.state == RunState::checked) {
    steps.push_back({fmt::format("{} --from-run {}", again, run), "loads these files"});
    steps.push_back({"godwit inspect " + run, "shows masked samples and a profile of each column"});
  } else if (report.exit_code == 0 || changed) {
    steps.push_back({"godwit verify " + run, "compares the target with this run again, at any time"});
    steps.push_back({"godwit inspect " + run, "shows masked samples and a profile of each column"});
    steps.push_back({fmt::format("godwit rollback {} --dry-run", run), "says what undoing would touch"});
    steps.push_back(
        {"godwit rollback " + run, "undoes the run: deletes what it inserted, restores what it overwrote"});
  } else {
    if (report.exit_code == 3)
      steps.push_back({"godwit inspect " + run,
                       "shows masked samples; failing keys stand in checks.json on the machine of the run"});
    steps.push_back({again, "starts anew when the cause is gone"});
  }
  return steps;
}

const std::vector<Explanation>& explanations() {
  static const std::vector<Explanation> all = {
      {"Counts and names only",
       "This report holds no value of any row: tables, columns, rules, counts and times. The keys of rows "
       "that failed a "
       "check stand in checks.json, which stays in the run's folder."},
      {"Masked means pseudonymised, not anonymous",
       "Fakes are computed from the originals under a secret key, so that the same person gets the "
       "same "
       "fake everywhere. Whoever holds the key and a guess can test the guess; and columns that are kept on "
       "purpose (grades, dates within a range, rare combinations) may still point at a person who is known "
       "otherwise. "
       "Treat the target as personal data with a lower risk, not as public data."},
      {"Values masked, NULL, unchanged",
       "Counted while the rows streamed. NULL stays NULL. Unchanged counts values that came out as they went "
       "in: "
       "empty texts, values that a rule leaves as they are, and the rare fake that equals its original."},
      {"Rows: owned, needed, shared",
       "Owned rows belong to the scope. Needed rows are parents of owned rows that belong to nobody or to "
       "everybody, copied so that references hold. Shared rows are those of tables that are copied whole, on "
       "purpose."},
      {"Kept and different",
       "Kept rows stood in the target already and were left alone. Different ones among them do not equal "
       "the "
       "source's row: shared rows are compared, never overwritten."},
      {"Checks passed",
       "Each check looked at every staged row of its table. A check that could not be evaluated is counted "
       "as skipped, never as "
       "passed. Checks find what they were written to find: they do not prove that data is right."},
      {"Proved and verified",
       "Proved: counted inside the open transaction, before the commit, with keys and references. Verified: "
       "read back from the "
       "target after the commit and compared row by row with the staged data."},
      {"Digest",
       "A 128-bit digest of the masked rows of a table, independent of their order. Two runs of the same "
       "plan over the same data "
       "have the same digests."},
      {"Snapshot skew",
       "Each store is read at one moment of its own. The skew is the time between the first and the last of "
       "these moments: what "
       "changed in between may be in one store and not in another."},
  };
  return all;
}

}  // namespace godwit::report
