#include "stages/script.h"

#include "stages/settings.h"

namespace inkwash::stages {
namespace {

constexpr RuleInfo rules_list[] = {
    {"script.todo", "not written yet", Effect::note},
};

class ScriptStage final : public Stage {
 public:
  const StageInfo& info() const noexcept override { return script_info; }
  void propose(const Document&, Proposal&) const override {}
};

}  // namespace

const StageInfo script_info{"script", "not written yet", rules_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_script(const StageOptions&, const Rules&) {
  return std::make_unique<ScriptStage>();
}

}  // namespace inkwash::stages
