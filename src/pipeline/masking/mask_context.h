// What all masks of a run share: keys, dictionaries, subjects, the reference day.
#pragma once

#include "mask/dictionaries/dictionaries.h"
#include "mask/keyring.h"
#include "mask/mask.h"

#include <cstdint>

namespace godwit::pipeline {

// Outlives every bound mask.
struct MaskContext {
  mask::Keyring keyring;
  mask::Dictionaries dictionaries;
  // Age bands are measured on this day: fixed, so that a mask is the same function on every day it runs.
  int64_t reference_day = 20'454;  // 2026-01-01

  [[nodiscard]] mask::Context for_masks() const { return {keyring, dictionaries, reference_day}; }
};

}  // namespace godwit::pipeline
