#include "stages/spaces.h"

#include "stages/settings.h"

namespace inkwash::stages {
namespace {

constexpr RuleInfo rules_list[] = {
    {"spaces.todo", "not written yet", Effect::note},
};

class SpacesStage final : public Stage {
 public:
  const StageInfo& info() const noexcept override { return spaces_info; }
  void propose(const Document&, Proposal&) const override {}
};

}  // namespace

const StageInfo spaces_info{"spaces", "not written yet", rules_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_spaces(const StageOptions&, const Rules&) {
  return std::make_unique<SpacesStage>();
}

}  // namespace inkwash::stages
