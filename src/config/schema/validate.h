// Checks a tree against the key table: unknown and missing keys, types, choices, ranges, patterns,
// references, files. Everything that one key's own row can say; what keys say about each other is
// src/config/read's.
#pragma once

#include "config/schema/key_table.h"
#include "config/yaml/tree.h"

#include <string>

namespace godwit::config {

// `folder`: where relative files count from; empty = files are not looked for.
void validate(const Node& root, const ObjectSchema& schema, const std::string& folder, Problems& problems);

}  // namespace godwit::config
