// The keys of `databases:`. Internal to this folder.
#pragma once

#include "config/schema/key_table.h"

namespace godwit::config {

extern const ObjectSchema database_object;

}  // namespace godwit::config
