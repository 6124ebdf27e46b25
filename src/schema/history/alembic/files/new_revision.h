// The file that begins a new revision: its id, its name and its text, as `alembic revision` would write them.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema::alembic {

struct NewRevision {
  std::string id;
  std::string title;
  std::string timestamp;  // YYYYMMDDHHMMSS, UTC
  std::vector<std::string> parents;
};

// Twelve hexadecimal digits, like Alembic's own, which are random: here the end of the SHA-256 of all that is
// known of the revision, so that the same question gives the same answer.
[[nodiscard]] std::string new_id(std::string_view timestamp, std::string_view title,
                                 const std::vector<std::string>& parents);

// "Add the e-mail" -> "add_the_e_mail": what is letter, digit or '_', in lower case (ASCII), joined by '_'.
// Cut at `length_max` characters, back to the last '_', which then ends it.
[[nodiscard]] std::string slug_of(std::string_view title, int length_max);

// `file_template`: Python's %-format of rev, slug, epoch, year, month, day, hour, minute and second, as
// alembic.ini holds it after its own %% became %. ErrorKind::config for what it cannot mean.
[[nodiscard]] Result<std::string> file_name(const NewRevision& revision, std::string_view file_template,
                                            int slug_length_max);
[[nodiscard]] std::string file_text(const NewRevision& revision);

}  // namespace godwit::schema::alembic
