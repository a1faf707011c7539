// The rules of `ocr`, by their places in its list.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages::ocr {

enum : RuleIndex {
  mark,
  stop,
  lost_stop,
  lost_mark,
  bracket,
  half,
  quote,
  other_half,
  nested,
  ellipsis,
  dash,
  numeral,
  doubled,
  shadow,
  inserted,
  noise,
  confused,
  parts,
  word,
  character,
  choice,
  suspect
};

}  // namespace inkwash::stages::ocr
