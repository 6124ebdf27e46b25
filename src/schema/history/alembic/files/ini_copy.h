// A copy of alembic.ini that lies elsewhere and is for another database. Pure.
#pragma once

#include <string>
#include <string_view>

namespace godwit::schema::alembic {

// `text` with %(here)s spelt out as `here`, the absolute folder of the original, and sqlalchemy.url of
// [section] replaced by `url`, in plain text. A section that is not there comes at the end.
[[nodiscard]] std::string ini_copy(std::string_view text, std::string_view section, std::string_view here,
                                   std::string_view url);

}  // namespace godwit::schema::alembic
