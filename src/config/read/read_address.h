// Addresses: of a store in an environment, of a database in one. Internal to this folder.
#pragma once

#include "config/read/fields.h"
#include "config/settings.h"

#include <string>
#include <string_view>

namespace godwit::config {

[[nodiscard]] SecretText secret_text(const Fields& fields, std::string_view key);
[[nodiscard]] StoreEnvironmentSettings read_address(const Entry& entry);
// Keys that say nothing for this kind of store, or contradict each other. `name`: "stores.ids.prod".
void check_address(const Entry& entry, std::string_view kind, const std::string& name, Problems& problems);

}  // namespace godwit::config
