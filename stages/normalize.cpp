#include "stages/normalize.h"

#include "stages/settings.h"

namespace inkwash::stages {
namespace {

constexpr RuleInfo rules_list[] = {
    {"normalize.todo", "not written yet", Effect::note},
};

class NormalizeStage final : public Stage {
 public:
  const StageInfo& info() const noexcept override { return normalize_info; }
  void propose(const Document&, Proposal&) const override {}
};

}  // namespace

const StageInfo normalize_info{"normalize", "not written yet", rules_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_normalize(const StageOptions&, const Rules&) {
  return std::make_unique<NormalizeStage>();
}

}  // namespace inkwash::stages
