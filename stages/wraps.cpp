#include "stages/wraps.h"

#include "stages/settings.h"

namespace inkwash::stages {
namespace {

constexpr RuleInfo rules_list[] = {
    {"wraps.todo", "not written yet", Effect::note},
};

class WrapsStage final : public Stage {
 public:
  const StageInfo& info() const noexcept override { return wraps_info; }
  void propose(const Document&, Proposal&) const override {}
};

}  // namespace

const StageInfo wraps_info{"wraps", "not written yet", rules_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_wraps(const StageOptions&, const Rules&) {
  return std::make_unique<WrapsStage>();
}

}  // namespace inkwash::stages
