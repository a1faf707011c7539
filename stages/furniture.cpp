#include "stages/furniture.h"

#include "stages/settings.h"

namespace inkwash::stages {
namespace {

constexpr RuleInfo rules_list[] = {
    {"furniture.todo", "not written yet", Effect::note},
};

class FurnitureStage final : public Stage {
 public:
  const StageInfo& info() const noexcept override { return furniture_info; }
  void propose(const Document&, Proposal&) const override {}
};

}  // namespace

const StageInfo furniture_info{"furniture", "not written yet", rules_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_furniture(const StageOptions&, const Rules&) {
  return std::make_unique<FurnitureStage>();
}

}  // namespace inkwash::stages
