// One converter per kind of file. Internal to this folder. `file`: its absolute path.
#pragma once

#include "schema/convert/convert.h"

namespace godwit::schema {

[[nodiscard]] Result<Conversion> convert_alembic(const std::string& file);
[[nodiscard]] Result<Conversion> convert_flyway(const std::string& text, const std::string& file);
[[nodiscard]] Result<Conversion> convert_supabase(const std::string& text, const std::string& file);
[[nodiscard]] Result<Conversion> convert_dotenv(const std::string& text, const std::string& file);
[[nodiscard]] Result<Conversion> convert_devflow(const std::string& text, const std::string& file);
[[nodiscard]] Result<Conversion> convert_knexfile(const std::string& file, const Services& services);

// The folder of migrations: `written` as the tool has it, relative to `folder`.
[[nodiscard]] std::string below_folder(const std::string& folder, const std::string& written);

}  // namespace godwit::schema
