// The rules of `ocr`, by their places in its list.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages::ocr {

enum : RuleIndex {
  mark,
  stop,
  lost_stop,
  bracket,
  half,
  quote,
  ellipsis,
  dash,
  numeral,
  doubled,
  shadow,
  inserted,
  noise,
  confused,
  parts,
  character,
  choice,
  suspect
};

}  // namespace inkwash::stages::ocr
