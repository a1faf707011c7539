// How long each part of cleaning takes, on the raw pages of samples/ repeated to a size.
//
//     build/release/tests/clean_bench                               # all, 8 KB and 256 KB of text
//     build/release/tests/clean_bench --benchmark_filter=wraps
//
// A stage is given what the stages before it in the list of all made of the pages, and is asked for its proposal only:
// carrying it out is Document/apply's, finding the lines Document/lines's.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "inkwash/chain.h"
#include "inkwash/unicode.h"
#include "stages/coherence.h"

namespace {

using namespace inkwash;

/// The raw pages in UTF-8 one after another, as often as it takes for `size` bytes.
std::string pages(std::size_t size) {
  static const std::string all = [] {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(INKWASH_SAMPLES))
      if (entry.path().native().ends_with(".raw.txt")) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::string text;
    for (const auto& path : paths) {
      std::ifstream in(path, std::ios::binary);
      const std::string page{std::istreambuf_iterator<char>(in), {}};
      if (utf8_first_error(page) == page.size()) text += page + "\n";
    }
    return text;
  }();
  std::string text;
  while (text.size() < size) text += all;
  std::size_t end = size;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

Chain chain_of(std::string_view stages, const Registry& registry = builtin_stages()) {
  const auto spec = ChainSpec::of_stages(stages);
  auto chain = spec ? Chain::make(*spec, registry, Rules{}) : unexpected(spec.error());
  if (!chain) {
    fmt::print(stderr, "{}: {}\n", chain.error().front().where, chain.error().front().message);
    std::abort();
  }
  return std::move(*chain);
}

Document document_of(const std::string& text) { return std::move(*Document::from_bytes(text)); }

void set_bytes(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * state.range(0));
}

/// A stage with options that give it something to do.
std::string busy(std::string_view stage) {
  if (stage == "script") return "script:config=hans";
  if (stage == "punctuation") return "punctuation:quotes=corner";
  return std::string(stage);
}

void propose(benchmark::State& state, std::size_t index) {
  Document document = document_of(pages(static_cast<std::size_t>(state.range(0))));
  const auto entries = builtin_stages().entries();
  std::string before;
  for (const StageEntry& entry : entries.first(index)) before += (before.empty() ? "" : ",") + busy(entry.info->name);
  if (!before.empty() && !chain_of(before).run(document)) std::abort();
  const Chain chain = chain_of(busy(entries[index].info->name));
  const Stage& stage = *chain.stages().front();
  benchmark::DoNotOptimize(document.lines());
  Proposal proposal;
  for (auto _ : state) {
    proposal.clear();
    stage.propose(document, proposal);
    benchmark::DoNotOptimize(proposal);
  }
  set_bytes(state);
}

void clean(benchmark::State& state, std::string_view name) {
  const std::string text = pages(static_cast<std::size_t>(state.range(0)));
  const auto chain = Chain::make(name, builtin_stages(), Rules{});
  for (auto _ : state) {
    Document document = document_of(text);
    if (!chain->run(document)) std::abort();
    benchmark::DoNotOptimize(document);
  }
  set_bytes(state);
}

void lines(benchmark::State& state) {
  const std::string text = pages(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(document_of(text).lines().size());
  set_bytes(state);
}

/// Takes the white space out of every text: many small edits.
class Squeeze final : public Stage {
 public:
  static constexpr RuleInfo rules[] = {{"squeeze.space", "", Effect::space}};
  static constexpr StageInfo squeeze_info{"squeeze", "", rules, {}};
  const StageInfo& info() const noexcept override { return squeeze_info; }
  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view text = document.text();
    for (std::size_t at = text.find_first_of(" \n"); at != std::string_view::npos;
         at = text.find_first_of(" \n", at + 1))
      proposal.erase({static_cast<ByteOffset>(at), static_cast<ByteOffset>(at + 1)}, 0);
  }
};

void apply(benchmark::State& state, Account account) {
  const std::string text = pages(static_cast<std::size_t>(state.range(0)));
  Registry registry;
  if (!registry.add({&Squeeze::squeeze_info, [](const StageOptions&, const Rules&) {
                       return expected<std::unique_ptr<const Stage>, ConfigErrors>(std::make_unique<const Squeeze>());
                     }}))
    std::abort();
  const Chain chain = chain_of("squeeze", registry);
  for (auto _ : state) {
    auto document = Document::from_bytes(text, account);
    if (!chain.run(*document)) std::abort();
    benchmark::DoNotOptimize(document);
  }
  set_bytes(state);
}

/// Whether each line goes on with each of the lines near it.
void continuation(benchmark::State& state) {
  const stages::CoherenceModel& model = stages::CoherenceModel::shipped();
  const Document document = document_of(pages(static_cast<std::size_t>(state.range(0))));
  std::vector<stages::CoherenceModel::Tail> tails;
  std::vector<stages::CoherenceModel::Head> heads;
  for (const Line& line : document.lines()) {
    tails.push_back(model.tail_of(line.ink.of(document.text())));
    heads.push_back(model.head_of(line.ink.of(document.text())));
  }
  constexpr std::size_t near = 16;
  for (auto _ : state)
    for (std::size_t i = 0; i < tails.size(); ++i)
      for (std::size_t k = i; k < std::min(i + near, heads.size()); ++k)
        benchmark::DoNotOptimize(model.continuation(tails[i], heads[k]));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * tails.size() * near));
}

void log_probability(benchmark::State& state) {
  const stages::CoherenceModel& model = stages::CoherenceModel::shipped();
  const std::string text = pages(static_cast<std::size_t>(state.range(0)));
  std::vector<stages::CoherenceModel::Symbol> symbols;
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    if (const auto symbol = model.read(codepoint); symbol != 0) symbols.push_back(symbol);
    at += length;
  }
  constexpr std::size_t reach = stages::CoherenceModel::reach;
  for (auto _ : state)
    for (std::size_t i = 0; i + reach < symbols.size(); ++i)
      benchmark::DoNotOptimize(model.log_probability(symbols.data() + i, reach, symbols[i + reach]));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * symbols.size()));
}

/// Everything that a program pays before its first text.
void make_chain(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Chain::make("default", builtin_stages(), Rules{}));
}

}  // namespace

int main(int argc, char** argv) {
  const auto sizes = [](benchmark::internal::Benchmark* benchmark) {
    benchmark->Arg(8 << 10)->Arg(256 << 10)->Unit(benchmark::kMicrosecond);
  };
  const auto entries = builtin_stages().entries();
  for (std::size_t i = 0; i < entries.size(); ++i)
    benchmark::RegisterBenchmark(fmt::format("stage/{}", entries[i].info->name).c_str(), propose, i)->Apply(sizes);
  for (const std::string_view name : {"default", "hans"})
    benchmark::RegisterBenchmark(fmt::format("chain/{}", name).c_str(), clean, name)->Apply(sizes);
  benchmark::RegisterBenchmark("Document/lines", lines)->Apply(sizes);
  benchmark::RegisterBenchmark("Document/apply", apply, Account::counts)->Apply(sizes);
  benchmark::RegisterBenchmark("Document/apply-edits", apply, Account::edits)->Apply(sizes);
  benchmark::RegisterBenchmark("Coherence/continuation", continuation)->Apply(sizes);
  benchmark::RegisterBenchmark("Coherence/log-probability", log_probability)->Apply(sizes);
  benchmark::RegisterBenchmark("Chain/make", make_chain)->Unit(benchmark::kMicrosecond);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
