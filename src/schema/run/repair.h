// The recorded history made to say what is true: for what was done, or undone, by hand. Internal to
// src/schema.
#pragma once

#include "schema/engine.h"

#include <string>

namespace godwit::schema {

// See Engine::repair. ErrorKind::usage for a revision of which there is nothing to repair.
[[nodiscard]] Result<std::string> repair_history(const Target& target, const Services& services,
                                                 const History& history, const std::string& kind,
                                                 const std::string& revision);

}  // namespace godwit::schema
