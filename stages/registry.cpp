// The one list of the stages that come with inkwash, in the order of the default chain.
#include <cassert>

#include "inkwash/stage.h"
#include "stages/blocks.h"
#include "stages/columns.h"
#include "stages/decode.h"
#include "stages/furniture.h"
#include "stages/interleave.h"
#include "stages/normalize.h"
#include "stages/ocr.h"
#include "stages/order.h"
#include "stages/punctuation.h"
#include "stages/script.h"
#include "stages/seams.h"
#include "stages/spaces.h"
#include "stages/stitch.h"
#include "stages/strays.h"
#include "stages/wraps.h"

namespace inkwash {

const Registry& builtin_stages() {
  static const Registry registry = [] {
    Registry list;
    for (const StageEntry& entry :
         {StageEntry{&stages::decode_info, stages::make_decode},
          StageEntry{&stages::normalize_info, stages::make_normalize},
          StageEntry{&stages::furniture_info, stages::make_furniture},
          StageEntry{&stages::columns_info, stages::make_columns}, StageEntry{&stages::seams_info, stages::make_seams},
          StageEntry{&stages::interleave_info, stages::make_interleave},
          StageEntry{&stages::strays_info, stages::make_strays}, StageEntry{&stages::ocr_info, stages::make_ocr},
          StageEntry{&stages::spaces_info, stages::make_spaces}, StageEntry{&stages::order_info, stages::make_order},
          StageEntry{&stages::wraps_info, stages::make_wraps}, StageEntry{&stages::blocks_info, stages::make_blocks},
          StageEntry{&stages::stitch_info, stages::make_stitch},
          StageEntry{&stages::punctuation_info, stages::make_punctuation},
          StageEntry{&stages::script_info, stages::make_script}}) {
      const auto added = list.add(entry);
      assert(added);
      (void)added;
    }
    return list;
  }();
  return registry;
}

}  // namespace inkwash
