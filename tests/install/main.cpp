// The example of the README, with a stage of one's own in the chain, against the installed headers and library alone.
#include <inkwash/chain.h>
#include <inkwash/edit.h>
#include <inkwash/log.h>
#include <inkwash/quality.h>
#include <inkwash/stage.h>
#include <inkwash/stitch.h>
#include <inkwash/unicode.h>

#include <cstdio>
#include <memory>
#include <string>

namespace {

constexpr inkwash::RuleInfo ad_rules[] = {{"ads.line", "drops a line that is an advertisement", inkwash::Effect::drop}};
constexpr inkwash::StageInfo ads_info{"ads", "drops advertisements", ad_rules, {}};

class DropAds final : public inkwash::Stage {
 public:
  const inkwash::StageInfo& info() const noexcept override { return ads_info; }
  void propose(const inkwash::Document& document, inkwash::Proposal& proposal) const override {
    for (const inkwash::Line& line : document.lines())
      if (line.ink.of(document.text()).starts_with("广告")) proposal.erase(line.ink, 0);
  }
};

inkwash::expected<std::unique_ptr<const inkwash::Stage>, inkwash::ConfigErrors> make_ads(const inkwash::StageOptions&,
                                                                                         const inkwash::Rules&) {
  return std::make_unique<const DropAds>();
}

}  // namespace

int main() {
  inkwash::Registry registry = inkwash::builtin_stages();
  if (!registry.add({&ads_info, make_ads})) return 1;
  const auto spec = inkwash::ChainSpec::of_stages("decode,ads,spaces,wraps,script:config=s2t");
  if (!spec) return 2;
  const auto chain = inkwash::Chain::make(*spec, registry, inkwash::Rules{});
  auto document = inkwash::Document::from_bytes("永 久 合 作 发 展\n广告 招租\n", inkwash::Account::edits);
  if (!chain || !document || !chain->run(*document)) return 3;
  std::fwrite(document->text().data(), 1, document->text().size(), stdout);
  const auto log = inkwash::Log::parse(inkwash::write_log(*document, {}));
  return log && log->restore(document->text()) ? 0 : 4;
}
