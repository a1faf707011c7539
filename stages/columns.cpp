#include "stages/columns.h"

#include "stages/settings.h"

namespace inkwash::stages {
namespace {

constexpr RuleInfo rules_list[] = {
    {"columns.todo", "not written yet", Effect::note},
};

class ColumnsStage final : public Stage {
 public:
  const StageInfo& info() const noexcept override { return columns_info; }
  void propose(const Document&, Proposal&) const override {}
};

}  // namespace

const StageInfo columns_info{"columns", "not written yet", rules_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_columns(const StageOptions&, const Rules&) {
  return std::make_unique<ColumnsStage>();
}

}  // namespace inkwash::stages
