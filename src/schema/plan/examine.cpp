// What is wrong, or remarkable, about a folder and a recorded history.
#include "base/text.h"
#include "schema/plan/plan.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

namespace godwit::schema {

namespace {

using Severity = Finding::Severity;

class Examination {
 public:
  Examination(const History& history, const State& state, const MigrationsSettings& settings)
      : history_(history), state_(state), settings_(settings) {}

  std::vector<Finding> all() {
    duplicates();
    recorded();
    unfinished();
    gaps();
    for (const IgnoredFile& file : state_.folder.ignored) {
      if (file.file.ends_with(".sql"))
        add(Severity::note, "ignored", "", file.file, fmt::format("is not read: {}", file.reason), "");
    }
    return std::move(found_);
  }

 private:
  void add(Severity severity, std::string kind, const std::string& revision, const std::string& file,
           std::string message, std::string repair) {
    found_.push_back({severity, std::move(kind), revision, file, std::move(message), std::move(repair)});
  }

  void duplicates() {
    std::map<std::string, std::vector<std::string>> files;
    for (const Migration& migration : state_.folder.migrations)
      files[migration.revision].push_back(migration.file);
    for (const auto& [revision, named] : files) {
      if (named.size() < 2) continue;
      add(Severity::refusal, "duplicate", revision, named[0],
          fmt::format("{} files claim revision {}: {}", named.size(), revision, join(named, ", ")),
          "rename all but one of them to a new, later version");
    }
  }

  void recorded() {
    for (const AppliedMigration& applied : state_.recorded.applied) {
      if (applied.failed) {
        add(Severity::refusal, "failed", applied.revision, "",
            fmt::format("{} says that {} was begun and not ended", history_.table(), applied.revision),
            fmt::format("look at what it left, then: godwit db repair --applied {0}, or: godwit db repair "
                        "--reverted {0}",
                        applied.revision));
      }
      const auto place = state_.find(applied.revision);
      if (!place) {
        missing(applied);
      } else {
        changed(applied, state_.folder.migrations[*place]);
      }
    }
  }

  void missing(const AppliedMigration& applied) {
    add(settings_.warn_missing ? Severity::warning : Severity::refusal, "missing", applied.revision, "",
        fmt::format("the database has {} applied, and the folder has no such migration", applied.revision),
        fmt::format(
            "bring the file back (another branch may have it), or, if it is gone for good: godwit db repair "
            "--forget {}",
            applied.revision));
  }

  void changed(const AppliedMigration& applied, const Migration& migration) {
    if (migration.kind != Migration::Kind::versioned) return;
    switch (file_change(history_, state_, applied, migration)) {
      case FileChange::layout:
        add(Severity::note, "layout", applied.revision, migration.file,
            "comments or layout changed since it was applied; its SQL says the same", "");
        return;
      case FileChange::edited:
        add(settings_.warn_edited ? Severity::warning : Severity::refusal, "edited", applied.revision,
            migration.file, "its SQL changed since it was applied",
            fmt::format(
                "take the change back and put it into a new migration; or, if the database has it already: "
                "godwit db repair --checksum {}",
                applied.revision));
        return;
      default:
        return;
    }
  }

  void unfinished() {
    for (const Progress& progress : state_.marks.unfinished) {
      add(Severity::note, "unfinished", progress.revision, "",
          fmt::format("{} of {} statements are done ({}): it is continued there", progress.statements_done,
                      progress.statements_total, progress.direction == Direction::down ? "down" : "up"),
          "");
    }
  }

  // 1, 2, 4: only where versions are small numbers that count up, timestamps never do.
  void gaps() {
    int64_t before = 0;
    for (const Migration& migration : state_.folder.migrations) {
      int64_t version = 0;
      const std::string& text = migration.revision;
      const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
      std::from_chars(text.data(), text.data() + digits, version);
      if (version == 0 || version > 99'999) return;
      if (before != 0 && version > before + 1) {
        add(Severity::note, "gap", migration.revision, migration.file,
            fmt::format("no migration lies between {} and {}", before, version), "");
      }
      before = version;
    }
  }

  const History& history_;
  const State& state_;
  const MigrationsSettings& settings_;
  std::vector<Finding> found_;
};

}  // namespace

std::vector<Finding> examine(const History& history, const State& state, const MigrationsSettings& settings) {
  return Examination(history, state, settings).all();
}

}  // namespace godwit::schema
