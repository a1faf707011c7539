#include "stages/decode.h"

#include "stages/settings.h"

namespace inkwash::stages {
namespace {

constexpr RuleInfo rules_list[] = {
    {"decode.todo", "not written yet", Effect::note},
};

class DecodeStage final : public Stage {
 public:
  const StageInfo& info() const noexcept override { return decode_info; }
  void propose(const Document&, Proposal&) const override {}
};

}  // namespace

const StageInfo decode_info{"decode", "not written yet", rules_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_decode(const StageOptions&, const Rules&) {
  return std::make_unique<DecodeStage>();
}

}  // namespace inkwash::stages
