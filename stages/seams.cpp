#include "stages/seams.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "inkwash/unicode.h"
#include "stages/seams_rows.h"
#include "stages/seams_search.h"
#include "stages/settings.h"
#include "stages/tables.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { cut, order, noise };
constexpr RuleInfo rule_list[] = {
    {"seams.cut", "the space at which two columns were joined becomes a line end", Effect::space},
    {"seams.order", "columns that were read across are put below each other", Effect::move},
    {"seams.noise", "marks that recognition read in a gutter or at a page's edge are dropped", Effect::drop},
};

class SeamsStage final : public Stage {
 public:
  SeamsStage(Settings& s, const StageOptions& options, const Rules& rules)
      : rules_(s, options, rules),
        search_(SeamSearch::costs_of(s)),
        window_(static_cast<std::size_t>(s.number("window", 10, 10000))),
        least_noise_(static_cast<std::size_t>(s.number("noise.least", 1, 1000))),
        gain_(s.cost("cost.gain")),
        gain_per_row_(s.cost("cost.gain_per_row")),
        gain_per_lone_row_(s.cost("cost.gain_per_lone_row")),
        many_(s.number("cost.many", 0, 1)),
        beam_(static_cast<std::size_t>(s.number("cost.beam", 1, 100000))),
        narrow_beam_(static_cast<std::size_t>(s.number("cost.narrow_beam", 1, 100000))),
        tries_(s.count("cost.tries")),
        far_(s.cost("cost.far")) {}

  const StageInfo& info() const noexcept override { return seams_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::span<const Line> lines = document.lines();
    std::vector<TextRange> order_list;
    ByteOffset done = 0;
    for (std::size_t first = 0; first < lines.size(); first += window_) {
      const std::size_t last = std::min(lines.size(), first + window_);
      search_window(document, first, last, done, order_list, proposal);
    }
    if (order_list.empty()) return;
    const auto size = static_cast<ByteOffset>(document.text().size());
    if (done < size) order_list.push_back({done, size});
    if (!document.text().ends_with('\n')) proposal.insert(size, "\n", cut);
    proposal.arrange(std::move(order_list), order, 90);
  }

 private:
  using Result = SeamSearch::Result;

  static const SeamReading& chosen_of(const SeamWindow& window, const Result& result, std::size_t row) {
    return window.readings()[row][result.readings[row]];
  }
  static bool cuts_any(const SeamWindow& window, const Result& result) {
    for (std::size_t i = 0; i < result.readings.size(); ++i)
      if (chosen_of(window, result, i).count > 1) return true;
    return false;
  }

  /// Marks stand at several seams: the text was recognised, and a rule or a shadow with it.
  bool is_noisy(std::string_view text, const SeamWindow& window, const Result& result) const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < result.readings.size(); ++i) {
      const SeamReading& reading = chosen_of(window, result, i);
      for (std::size_t k = 0; k + 1u < reading.count; ++k)
        found += rules_.noise().after(window.range(reading.pieces[k]).of(text)) > 0 ||
                 rules_.noise().before(window.range(reading.pieces[k + 1]).of(text)) > 0;
    }
    return found >= least_noise_;
  }

  void drop_noise(std::string_view document, const SeamWindow& window, const Result& result, Proposal& proposal) const {
    const SeamNoise& marks = rules_.noise();
    for (std::size_t i = 0; i < result.readings.size(); ++i) {
      const SeamReading& reading = chosen_of(window, result, i);
      if (reading.across) continue;
      for (std::size_t k = 0; k < reading.count; ++k) {
        const TextRange range = window.range(reading.pieces[k]);
        const std::string_view text = range.of(document);
        std::size_t before = marks.before(text);
        // A mark that may not begin a line was read in the gutter.
        while (k > 0 && before < text.size()) {
          const auto [c, length] = valid_utf8_next(text, before);
          if (!marks.is_mark(c) ||
              (class_of(c) != CharClass::stop && class_of(c) != CharClass::pause && class_of(c) != CharClass::close))
            break;
          before += length;
        }
        if (before == text.size()) continue;
        const std::size_t after = marks.after(text.substr(before));
        if (before > 0) proposal.erase({range.begin, range.begin + static_cast<ByteOffset>(before)}, noise, 80);
        if (after > 0) proposal.erase({range.end - static_cast<ByteOffset>(after), range.end}, noise, 80);
      }
    }
  }

  /// Rows cut into columns of one width.
  struct Candidate {
    SeamWindow window;
    float cost;   ///< by a narrow search
    float uncut;  ///< with all rows as they stand
  };
  /// Most widths, and of most texts all, are told by a narrow search to be none.
  std::vector<Candidate> likely_widths(std::span<const SeamRow> rows, SeamParts& parts) const {
    std::vector<Candidate> candidates;
    std::size_t tried = 0;
    float least = std::numeric_limits<float>::infinity();
    std::int32_t best_width = 0;
    for (const SeamGrid& grid : rules_.grids(rows, parts)) {
      // After the likeliest widths only such that several of them make what was found.
      if (++tried > tries_ && (candidates.empty() || 3 * grid.width > 2 * best_width)) continue;
      SeamWindow window = rules_.read(rows, grid, parts);
      const auto search = [&](std::size_t most_pieces) {
        return search_(window.readings(), window, most_pieces, narrow_beam_);
      };
      const Result result = search(most_seam_columns);
      const float uncut = search(0).cost;
      if (result.cost >= uncut || !cuts_any(window, result)) continue;
      if (result.cost < least) {
        least = result.cost;
        best_width = grid.width;
      }
      candidates.push_back({std::move(window), result.cost, uncut});
    }
    std::erase_if(candidates, [&](const Candidate& candidate) { return candidate.cost > least + far_; });
    return candidates;
  }

  void search_window(const Document& document, std::size_t first, std::size_t last, ByteOffset& done,
                     std::vector<TextRange>& order_list, Proposal& proposal) const {
    const std::string_view text = document.text();
    const std::span<const Line> lines = document.lines().subspan(first, last - first);
    std::vector<SeamRow> rows;
    rows.reserve(lines.size());
    for (const Line& line : lines) rows.push_back(SeamRows::row_of(text, line));
    if (const std::vector<bool> found = find_table_rows(text, lines); !found.empty())
      for (std::size_t i = 0; i < rows.size(); ++i)
        if (found[i]) {
          rows[i].in_table = true;
          rows[i].seams.clear();
        }
    SeamParts parts(text, rows.size(), rules_.noise(), rules_.joint_costs());
    const std::vector<Candidate> candidates = likely_widths(rows, parts);
    const Candidate* chosen = nullptr;
    Result best;
    for (const Candidate& candidate : candidates) {
      const SeamWindow& window = candidate.window;
      const auto search = [&](std::size_t most_pieces) {
        return search_(window.readings(), window, most_pieces, beam_);
      };
      Result result = search(most_seam_columns);
      std::size_t cuts = 0, in_turn = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const SeamReading& reading = chosen_of(window, result, i);
        cuts += reading.count > 1;
        in_turn += reading.count == 1 && !reading.across && reading.columns[0] > 0 && lines[i].blanks_before == 0;
      }
      if (cuts == 0) continue;
      // Rows that are only in turn are another stage's work where blank lines show them, so the columns must be better
      // than those, too.
      const auto is_many = [&](std::size_t count) {
        return static_cast<double>(count) >= many_ * static_cast<double>(rows.size());
      };
      const bool are_in_turn = is_many(2 * in_turn);  // they come in pairs
      const float uncut = are_in_turn ? candidate.uncut : std::min(candidate.uncut, search(1).cost);
      // Where few rows are cut the rest does not bear them out, but rows in turn do.
      const float gain_per_row = is_many(cuts + 2 * in_turn) ? gain_per_row_ : gain_per_lone_row_;
      if (uncut - result.cost < gain_ + gain_per_row * static_cast<float>(are_in_turn ? cuts + in_turn : cuts))
        continue;
      if (chosen != nullptr && best.cost <= result.cost) continue;
      best = std::move(result);
      chosen = &candidate;
    }
    if (chosen == nullptr) return;
    const SeamWindow& window = chosen->window;
    if (is_noisy(text, window, best)) drop_noise(text, window, best, proposal);
    // Each region's columns one after another.
    const auto end_of_row = [&](std::size_t i) {
      return i + 1 < rows.size()              ? lines[i + 1].range.begin
             : last < document.lines().size() ? document.lines()[last].range.begin
                                              : static_cast<ByteOffset>(text.size());
    };
    for (std::size_t i = 0; i < rows.size();) {
      const SeamReading& reading = chosen_of(window, best, i);
      if (reading.across) {
        ++i;
        continue;
      }
      std::size_t end = i;
      while (end < rows.size() && !chosen_of(window, best, end).across) ++end;
      if (lines[i].range.begin > done) order_list.push_back({done, lines[i].range.begin});
      for (std::uint8_t column = 0; column < most_seam_columns; ++column)
        for (std::size_t row = i; row < end; ++row) {
          const SeamReading& r = chosen_of(window, best, row);
          for (std::size_t k = 0; k < r.count; ++k) {
            if (r.columns[k] != column) continue;
            const ByteOffset from = k == 0 ? lines[row].range.begin : window.range(r.pieces[k]).begin;
            const ByteOffset to = k + 1u == r.count ? end_of_row(row) : window.range(r.pieces[k + 1]).begin;
            order_list.push_back({from, to});
            if (k + 1u < r.count) proposal.replace({window.range(r.pieces[k]).end, to}, "\n", cut, 90);
          }
        }
      done = end_of_row(end - 1);
      i = end;
    }
  }

  SeamRows rules_;
  SeamSearch search_;
  std::size_t window_, least_noise_;
  float gain_, gain_per_row_, gain_per_lone_row_;
  double many_;
  std::size_t beam_, narrow_beam_, tries_;
  float far_;
};

}  // namespace

const StageInfo seams_info{"seams",    "cuts rows at which columns were joined by one space", rule_list, {}, 1, false,
                           Scope::page};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_seams(const StageOptions& options, const Rules& rules) {
  Settings settings("seams", options, rules, "seams.toml");
  auto stage = std::make_unique<SeamsStage>(settings, options, rules);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
