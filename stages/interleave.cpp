#include "stages/interleave.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { blank, order, too_large };
constexpr RuleInfo rule_list[] = {
    {"interleave.blank", "blank lines between lines of different columns go", Effect::space},
    {"interleave.order", "set each line below the line it goes on with", Effect::move},
    {"interleave.too-large", "a region too large to search", Effect::note},
};

constexpr std::size_t most_columns = 4;
constexpr std::uint32_t none = ~0u;

class InterleaveStage final : public Stage {
 public:
  explicit InterleaveStage(Settings& s)
      : next_at_most_(number(s, "suspicion.next_at_most")),
        later_at_least_(number(s, "suspicion.later_at_least")),
        better_by_(number(s, "suspicion.better_by")),
        lines_ahead_(count(s, "suspicion.lines_ahead")),
        least_(count(s, "suspicion.least")),
        apart_(count(s, "suspicion.apart")),
        margin_(count(s, "suspicion.margin")),
        base_(number(s, "cost.base")),
        least_cost_(number(s, "cost.least")),
        most_cost_(number(s, "cost.most")),
        column_(number(s, "cost.column")),
        change_(number(s, "cost.change_without_blank")),
        stay_(number(s, "cost.stay_over_blank")),
        gain_(number(s, "cost.gain")),
        gain_per_line_(number(s, "cost.gain_per_line")),
        columns_(static_cast<std::size_t>(s.number("cost.most_columns", 1, most_columns))),
        most_lines_(count(s, "cost.most_lines")),
        beam_(count(s, "cost.beam")) {}

  const StageInfo& info() const noexcept override { return interleave_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view text = document.text();
    const std::span<const Line> lines = document.lines();
    if (lines.size() < 4) return;
    std::vector<TextRange> order_list;
    ByteOffset done = 0;
    bool moved = false;
    for (const auto& [first, last] : find_regions(text, lines)) {
      if (last - first > most_lines_) {
        proposal.note({lines[first].range.begin, lines[last - 1].range.end}, Severity::note, too_large,
                      fmt::format("{} lines seem to be columns read in turn, more than are searched; "
                                  "they are left as they are",
                                  last - first));
        continue;
      }
      const std::vector<std::uint8_t> columns = search(text, lines.subspan(first, last - first));
      if (columns.empty()) continue;
      if (lines[first].range.begin > done) order_list.push_back({done, lines[first].range.begin});
      moved = true;
      done = last < lines.size() ? lines[last].range.begin : static_cast<ByteOffset>(text.size());
      for (std::uint8_t column = 0; column < most_columns; ++column)
        for (std::size_t i = first; i < last; ++i) {
          if (columns[i - first] != column) continue;
          const ByteOffset end = i + 1 < last ? lines[i + 1].range.begin : done;
          order_list.push_back({lines[i].range.begin, end});
        }
      for (std::size_t i = first; i < last; ++i) {
        const TextRange gap{lines[i].range.end, i + 1 < last ? lines[i + 1].range.begin : done};
        if (gap.of(text) != "\n") proposal.replace(gap, "\n", blank);
      }
    }
    if (!moved) return;
    if (done < text.size()) order_list.push_back({done, static_cast<ByteOffset>(text.size())});
    proposal.arrange(std::move(order_list), order, 90);
  }

 private:
  static float number(Settings& s, std::string_view key) {
    return static_cast<float>(s.number(key, -100, 10000));
  }
  static std::size_t count(Settings& s, std::string_view key) {
    return static_cast<std::size_t>(s.number(key, 0, 1e6));
  }

  /// The line ends in mid-sentence.
  static bool is_open(std::string_view ink) {
    const CharClass last = class_of(valid_utf8_previous(ink, ink.size()).codepoint);
    return is_ideographic(last) || last == CharClass::pause || last == CharClass::digit;
  }

  using Span = std::pair<std::size_t, std::size_t>;
  std::vector<Span> find_regions(std::string_view text, std::span<const Line> lines) const {
    const CoherenceModel& model = CoherenceModel::shipped();
    std::vector<Span> regions;
    std::size_t first = 0, last = 0, found = 0;
    const auto flush = [&] {
      if (found >= least_) {
        const std::size_t begin = first - std::min(first, margin_);
        const std::size_t end = std::min(lines.size(), last + margin_ + 1);
        if (!regions.empty() && begin <= regions.back().second)
          regions.back().second = end;
        else
          regions.emplace_back(begin, end);
      }
      found = 0;
    };
    for (std::size_t i = 0; i + 2 < lines.size(); ++i) {
      const std::string_view ink = lines[i].ink.of(text);
      if (lines[i].width < 8 || !is_open(ink)) continue;
      const float next = model.continuation(ink, lines[i + 1].ink.of(text));
      if (next > next_at_most_) continue;
      float later = -100;
      for (std::size_t k = i + 2; k < std::min(lines.size(), i + 2 + lines_ahead_); ++k)
        later = std::max(later, model.continuation(ink, lines[k].ink.of(text)));
      if (later < later_at_least_ || later - next < better_by_) continue;
      if (found > 0 && i - last > apart_) flush();
      if (found++ == 0) first = i;
      last = i + lines_ahead_;
    }
    flush();
    return regions;
  }

  /// The last and first line of each column so far, and how this state came about.
  struct State {
    std::array<std::uint32_t, most_columns> last, first;
    float cost;
    std::uint32_t parent;
    std::uint8_t columns, column;
  };

  /// For each line its column, or nothing where the lines are better left as they stand.
  std::vector<std::uint8_t> search(std::string_view text, std::span<const Line> lines) const {
    const CoherenceModel& model = CoherenceModel::shipped();
    std::map<std::pair<std::uint32_t, std::uint32_t>, float> known;
    const auto below = [&](std::uint32_t a, std::uint32_t b) {
      const auto [place, fresh] = known.try_emplace({a, b});
      if (fresh)
        place->second = std::clamp(base_ - model.continuation(lines[a].ink.of(text), lines[b].ink.of(text)),
                                   least_cost_, most_cost_);
      return place->second;
    };
    const auto count = static_cast<std::uint32_t>(lines.size());
    float as_they_stand = 0;
    for (std::uint32_t i = 1; i < count; ++i) as_they_stand += below(i - 1, i);

    std::vector<std::vector<State>> fronts(count);
    State start{};
    start.last.fill(none);
    start.first.fill(none);
    start.last[0] = start.first[0] = 0;
    start.columns = 1;
    start.parent = none;
    fronts[0].push_back(start);
    for (std::uint32_t i = 1; i < count; ++i) {
      std::vector<State>& front = fronts[i];
      const bool blank_before = lines[i].blanks_before > 0;
      for (std::uint32_t p = 0; p < fronts[i - 1].size(); ++p) {
        const State& before = fronts[i - 1][p];
        const std::size_t choices = std::min<std::size_t>(before.columns + 1u, columns_);
        for (std::uint8_t c = 0; c < choices; ++c) {
          State state = before;
          state.parent = p;
          state.column = c;
          if (c == before.columns) {
            state.cost += column_;
            state.first[c] = i;
            ++state.columns;
          } else {
            state.cost += below(before.last[c], i);
          }
          if (before.columns > 1 || c > 0) {
            if (c != before.column && !blank_before) state.cost += change_;
            if (c == before.column && blank_before) state.cost += stay_;
          }
          state.last[c] = i;
          front.push_back(state);
        }
      }
      if (front.size() > beam_) {
        std::nth_element(front.begin(), front.begin() + static_cast<std::ptrdiff_t>(beam_), front.end(),
                         [](const State& a, const State& b) { return a.cost < b.cost; });
        front.resize(beam_);
      }
    }
    // A column goes on at the top of the next.
    const State* best = nullptr;
    float best_cost = 0;
    for (const State& state : fronts[count - 1]) {
      float cost = state.cost;
      for (std::uint8_t c = 0; c + 1 < state.columns; ++c) cost += below(state.last[c], state.first[c + 1u]);
      if (best == nullptr || cost < best_cost) {
        best = &state;
        best_cost = cost;
      }
    }
    std::vector<std::uint8_t> columns(count);
    const State* state = best;
    for (std::uint32_t i = count; i-- > 0;) {
      columns[i] = state->column;
      if (i > 0) state = &fronts[i - 1][state->parent];
    }
    std::size_t changes = 0;
    for (std::uint32_t i = 1; i < count; ++i) changes += columns[i] != columns[i - 1];
    if (as_they_stand - best_cost < gain_ + gain_per_line_ * static_cast<float>(changes)) return {};
    return columns;
  }

  float next_at_most_, later_at_least_, better_by_;
  std::size_t lines_ahead_, least_, apart_, margin_;
  float base_, least_cost_, most_cost_, column_, change_, stay_, gain_, gain_per_line_;
  std::size_t columns_, most_lines_, beam_;
};

}  // namespace

const StageInfo interleave_info{"interleave", "puts lines of columns that were read in turn back into columns",
                                rule_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_interleave(const StageOptions& options,
                                                                     const Rules& rules) {
  Settings settings("interleave", options, rules, "interleave.toml");
  auto stage = std::make_unique<InterleaveStage>(settings);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
