#include "stages/stitch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "inkwash/stitch.h"
#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/ends.h"
#include "stages/leads.h"
#include "stages/pages.h"
#include "stages/pattern.h"
#include "stages/settings.h"

namespace inkwash {
namespace stages {
namespace {

enum : RuleIndex { join, order, take, give, repeated, kind, loose };
constexpr RuleInfo rule_list[] = {
    {"stitch.join", "join a paragraph that goes on on another page", Effect::space},
    {"stitch.order", "the rest of an article goes behind its beginning", Effect::move},
    {"stitch.take", "take the rest of an article from another document", Effect::character},
    {"stitch.give", "the rest of an article goes to the document where it begins", Effect::drop},
    {"stitch.repeated", "drop the headline that stands above the rest once more", Effect::drop},
    {"stitch.kind", "what the paragraphs taken from another document are", Effect::label},
    {"stitch.loose", "an article whose other part was not found, or not surely", Effect::note},
};

bool is_heading(BlockKind block_kind) {
  return block_kind == BlockKind::kicker || block_kind == BlockKind::headline || block_kind == BlockKind::subheadline;
}

/// Pairs of characters that are no space and no mark, sorted; each once.
std::vector<std::uint64_t> pairs_of(std::string_view text) {
  std::vector<std::uint64_t> pairs;
  Codepoint before = 0;
  for (std::size_t at = 0; at < text.size();) {
    auto [c, length] = valid_utf8_next(text, at);
    at += length;
    const CharClass cls = class_of(c);
    if (!is_ideographic(cls) && !is_alphanumeric(cls)) continue;
    if (c >= U'A' && c <= U'Z') c += U'a' - U'A';
    if (before != 0) pairs.push_back(std::uint64_t{before} << 32 | c);
    before = c;
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

/// The share of the shorter one's pairs of characters that stand in the other too; nullopt: one of them has none.
std::optional<double> likeness(std::string_view a, std::string_view b) {
  const std::vector<std::uint64_t> x = pairs_of(a), y = pairs_of(b);
  if (x.empty() || y.empty()) return std::nullopt;
  std::vector<std::uint64_t> both;
  std::set_intersection(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(both));
  return static_cast<double>(both.size()) / static_cast<double>(std::min(x.size(), y.size()));
}

/// The most alike of two titles of each side; nullopt: a side has none.
std::optional<double> likeness(const LooseEnd& a, const LooseEnd& b) {
  std::optional<double> best;
  for (const std::string* x : {&a.title, &a.headline})
    for (const std::string* y : {&b.title, &b.headline})
      if (const auto share = likeness(*x, *y); share && (!best || *share > *best)) best = share;
  return best;
}

/// Breaks off inside a paragraph that goes on with `right`. A line without a mark may be a headline, or torn.
bool is_torn(const CoherenceModel& model, BlockKind block_kind, std::string_view left, std::string_view right) {
  if (!is_open(left)) return false;
  return !is_heading(block_kind) || model.continuation(left, right) > model.begins_paragraph(right);
}

/// What stands between the two parts of an article: nothing or a space inside a paragraph that was `torn`.
std::string_view separator(bool torn, std::string_view left, std::string_view right) {
  return torn ? joint(left, right) : "\n";
}

}  // namespace

const StageInfo stitch_info{"stitch", "joins articles that go on on another page, by their jump lines", rule_list, {}};

}  // namespace stages

using namespace stages;

struct Stitcher::Data {
  Data(Settings& settings, const Rules& rules)
      : model(CoherenceModel::of(settings, rules)),
        leads(settings, rules, model),
        least(settings.cost("least")),
        margin(settings.cost("margin")),
        pages_agree(settings.cost("pages_agree")),
        page_agrees(settings.cost("page_agrees")),
        pages_unknown(settings.cost("pages_unknown")),
        title_gain(settings.cost("title_gain")),
        title_loss(settings.cost("title_loss")),
        lead(settings.cost("lead")),
        same_title(settings.number("same_title", 0, 1)) {
    const std::string number = settings.string("name.number");
    const auto patterns = [&](std::string_view key) {
      std::vector<Pattern> list;
      for (std::string& pattern : settings.strings(key))
        list.emplace_back(settings, key, std::vector{replace_all(std::move(pattern), "NUMBER", number)});
      return list;
    };
    date = Pattern(settings, "name.date", {settings.string("name.date")});
    in_name = patterns("name.page");
    in_folder = patterns("name.folder");
  }

  CoherenceModel model;
  Leads leads;
  float least, margin, pages_agree, page_agrees, pages_unknown, title_gain, title_loss, lead;
  double same_title;
  Pattern date;
  std::vector<Pattern> in_name, in_folder;
};

Stitcher::Stitcher(std::unique_ptr<const Data> data) : data_(std::move(data)) {}
Stitcher::Stitcher(Stitcher&&) noexcept = default;
Stitcher& Stitcher::operator=(Stitcher&&) noexcept = default;
Stitcher::~Stitcher() = default;

expected<Stitcher, ConfigErrors> Stitcher::make(const Rules& rules) {
  const StageOptions none;
  Settings settings("stitch", none, rules, "stitch.toml");
  auto data = std::make_unique<const Data>(settings, rules);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return Stitcher(std::move(data));
}

Sheet Stitcher::sheet_of(std::string_view path) const {
  if (utf8_first_error(path) != path.size()) return {std::string(path.substr(0, path.rfind('/') + 1)), {}};
  const std::size_t slash = path.rfind('/');
  std::string_view folder = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  std::string name(slash == std::string_view::npos ? path : path.substr(slash + 1));
  // Endings: 02.txt.gz.
  for (int i = 0; i < 3; ++i)
    if (const std::size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0 && name.size() - dot <= 6 &&
                                                 name.find_first_not_of("0123456789", dot + 1) != std::string::npos)
      name.resize(dot);
  std::string day;
  if (const std::string_view found = data_->date.first_in(name); !found.empty()) {
    for (const char c : found)
      if (c >= '0' && c <= '9') day += c;
    name.erase(static_cast<std::size_t>(found.data() - name.data()), found.size());
  }
  const auto page_in = [](const std::vector<Pattern>& patterns, std::string_view text) {
    for (const Pattern& pattern : patterns)
      if (std::string page = page_name(pattern.first_in(text)); !page.empty()) return page;
    return std::string();
  };
  std::string page = page_in(data_->in_name, name);
  const std::size_t above = folder.rfind('/');
  if (std::string in_folder =
          page_in(data_->in_folder, above == std::string_view::npos ? folder : folder.substr(above + 1));
      !in_folder.empty()) {
    page = std::move(in_folder);
    folder = above == std::string_view::npos ? std::string_view() : folder.substr(0, above);
  }
  return {fmt::format("{}/{}", folder, day), std::move(page)};
}

std::vector<LooseEnd> Stitcher::loose_ends(const Document& document, std::string_view page) const {
  std::vector<LooseEnd> ends;
  if (document.jumps().empty()) return ends;
  const std::string_view text = document.text();
  const std::vector<Block> blocks = document.blocks();
  const std::span<const Folio> folios = document.folios();
  constexpr std::size_t most_jumps = 256, near = 24;

  const auto block_at = [&](ByteOffset at) {
    const auto found = std::upper_bound(blocks.begin(), blocks.end(), at,
                                        [](ByteOffset place, const Block& block) { return place < block.range.begin; });
    return found == blocks.begin() ? blocks.size() : static_cast<std::size_t>(found - blocks.begin()) - 1;
  };
  // The page whose header is above it, or the only one.
  const auto folio_before = [&](ByteOffset at) {
    const auto after = std::upper_bound(folios.begin(), folios.end(), at,
                                        [](ByteOffset place, const Folio& folio) { return place < folio.where.begin; });
    return static_cast<std::size_t>(after - folios.begin());
  };
  const auto page_of = [&](const Jump& jump) {
    if (folios.empty()) return std::string(page);
    const std::size_t before = folio_before(jump.where.begin);
    return folios[before > 0 ? before - 1 : 0].page;
  };

  for (const Jump& jump : document.jumps().first(std::min(most_jumps, document.jumps().size()))) {
    const auto places = document.places_of(jump.beside);
    if (!places) continue;
    const bool onward = jump.way == JumpWay::onward;
    const std::size_t i = block_at(onward ? places->end - 1 : places->begin);
    if (i == blocks.size()) continue;
    LooseEnd end{jump.way, page_of(jump), jump.page, jump.title, {}, {}, blocks[i].kind, {}, {}, {}};
    const TextRange block = blocks[i].range;
    // Where text goes on across the break it was joined before.
    const TextRange beyond = onward ? TextRange{std::min(places->end, block.end), block.end}
                                    : TextRange{block.begin, std::max(block.begin, places->begin)};
    if (!is_blank(beyond.of(text))) continue;
    end.range = block;
    ByteOffset at = onward ? block.end : block.begin;
    for (std::size_t k = 0; k < near && (onward ? at > block.begin : at < block.end); ++k)
      at = onward ? at - valid_utf8_previous(text, at).length : at + valid_utf8_next(text, at).length;
    end.text = onward ? text.substr(at, block.end - at) : text.substr(block.begin, at - block.begin);
    std::size_t first = i;
    constexpr std::size_t most_headline = 300;
    if (onward) {
      while (first > 0 && !blocks[first].starts_article) --first;
      for (std::size_t k = first; k < i && blocks[k].kind != BlockKind::body; ++k)
        if (is_heading(blocks[k].kind) && end.headline.size() < most_headline) end.headline += blocks[k].range.of(text);
    } else {
      while (first > 0 && is_heading(blocks[first - 1].kind) && !blocks[first].starts_article) --first;
      for (std::size_t k = first; k < i; ++k) end.headline += blocks[k].range.of(text);
      if (first < i) end.repeated = {blocks[first].range.begin, blocks[i - 1].range.end};
    }
    const auto same = [&](const LooseEnd& other) {
      return other.way == end.way && other.range.begin == end.range.begin;
    };
    if (std::none_of(ends.begin(), ends.end(), same)) ends.push_back(std::move(end));
  }
  std::stable_sort(ends.begin(), ends.end(),
                   [](const LooseEnd& a, const LooseEnd& b) { return a.range.begin < b.range.begin; });

  // How far the rests go: to the next article, to the next page, to where they are left off again.
  std::map<std::size_t, std::size_t> breaks_off;  // the block, and the index of the end
  std::set<std::size_t> taken_up;
  for (const LooseEnd& end : ends)
    if (end.way == JumpWay::back)
      taken_up.insert(block_at(end.repeated.empty() ? end.range.begin : end.repeated.begin));
  for (std::size_t k = 0; k < ends.size(); ++k)
    if (ends[k].way == JumpWay::onward) breaks_off.emplace(block_at(ends[k].range.begin), k);
  const auto is_text = [&](std::size_t i) { return blocks[i].kind == BlockKind::body; };
  for (LooseEnd& end : ends) {
    if (end.way == JumpWay::onward) continue;
    const std::size_t begin = block_at(end.range.begin);
    const std::size_t on_page = folio_before(document.source_of(end.range).begin);
    std::size_t last = begin;
    for (std::size_t i = begin; i < blocks.size(); ++i) {
      if (i > begin) {
        if (blocks[i].starts_article || taken_up.contains(i) ||
            folio_before(document.source_of(blocks[i].range).begin) != on_page)
          break;
        if (is_heading(blocks[i].kind)) {  // of this article, or of another
          std::size_t below = i;
          while (below < blocks.size() && is_heading(blocks[below].kind)) ++below;
          if (below == blocks.size() || !is_text(below) ||
              data_->leads.likeness(blocks[below].range.of(text)) >= data_->lead)
            break;
        }
      }
      last = i;
      if (const auto off = breaks_off.find(i); off != breaks_off.end()) {
        end.goes_on = off->second;
        break;
      }
    }
    end.range.end = blocks[last].range.end;
  }
  return ends;
}

std::optional<float> Stitcher::gain(const LooseEnd& onward, const LooseEnd& back) const {
  const Data& data = *data_;
  if (!may_be_same_page(onward.other_page, back.page) || !may_be_same_page(back.other_page, onward.page))
    return std::nullopt;
  if (!onward.page.empty() && onward.page == back.page) return std::nullopt;
  const bool there = !onward.other_page.empty() && !back.page.empty();
  const bool here = !back.other_page.empty() && !onward.page.empty();
  float sum = there && here ? data.pages_agree : there || here ? data.page_agrees : data.pages_unknown;
  if (const auto share = likeness(onward, back)) {
    if (*share >= data.same_title)
      sum += data.title_gain;
    else if (!onward.title.empty() || !back.title.empty())
      sum -= data.title_loss;
  }
  const float goes_on = data.model.continuation(onward.text, back.text);
  if (is_torn(data.model, onward.kind, onward.text, back.text)) return sum + goes_on;
  if (begins_badly(back.text)) return std::nullopt;
  return sum + std::max(goes_on, data.model.begins_paragraph(back.text));
}

StitchPlan Stitcher::plan(std::span<const std::vector<LooseEnd>> documents) const {
  const Data& data = *data_;
  struct Pair {
    std::size_t onward, back;  // of the lists below
    float gain;
  };
  std::vector<LooseEndId> onward, back;
  for (std::size_t d = 0; d < documents.size(); ++d)
    for (std::size_t e = 0; e < documents[d].size(); ++e)
      (documents[d][e].way == JumpWay::onward ? onward : back).push_back({d, e});
  const auto end_of = [&](LooseEndId id) -> const LooseEnd& { return documents[id.document][id.end]; };

  // Which backs stand on a page; a letter tells nothing here, it is looked at with the pair.
  const auto number_of = [](std::string_view page) { return page.substr(!page.empty() && page[0] >= 'A'); };
  std::unordered_map<std::string_view, std::vector<std::size_t>> on_page;
  std::vector<std::size_t> anywhere(back.size());
  for (std::size_t b = 0; b < back.size(); ++b) {
    on_page[number_of(end_of(back[b]).page)].push_back(b);
    anywhere[b] = b;
  }
  StitchPlan plan;
  std::vector<std::vector<Pair>> of_onward(onward.size()), of_back(back.size());
  constexpr std::size_t most_candidates = 1000;  // of so many none stands out
  for (std::size_t o = 0; o < onward.size(); ++o) {
    const LooseEnd& end = end_of(onward[o]);
    std::vector<std::size_t> candidates;
    if (end.other_page.empty()) {
      candidates = anywhere;
    } else {
      for (const std::string_view page : {number_of(end.other_page), std::string_view()})
        if (const auto found = on_page.find(page); found != on_page.end())
          candidates.insert(candidates.end(), found->second.begin(), found->second.end());
    }
    if (candidates.size() > most_candidates) continue;
    for (const std::size_t b : candidates) {
      // A rest does not go on with itself.
      if (back[b].document == onward[o].document && end_of(back[b]).goes_on == onward[o].end) continue;
      const auto gained = gain(end, end_of(back[b]));
      if (!gained || *gained < data.least) continue;
      of_onward[o].push_back({o, b, *gained});
      of_back[b].push_back({o, b, *gained});
    }
  }

  // What is sure leaves fewer that fit the others.
  std::vector<bool> onward_done(onward.size()), back_done(back.size());
  const auto stands_out = [&](const std::vector<Pair>& pairs, const Pair& pair) {
    return std::all_of(pairs.begin(), pairs.end(), [&](const Pair& other) {
      return (other.onward == pair.onward && other.back == pair.back) || onward_done[other.onward] ||
             back_done[other.back] || other.gain + data.margin <= pair.gain;
    });
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (const std::vector<Pair>& pairs : of_onward)
      for (const Pair& pair : pairs) {
        if (onward_done[pair.onward] || back_done[pair.back]) continue;
        if (!stands_out(pairs, pair) || !stands_out(of_back[pair.back], pair)) continue;
        plan.joins.push_back({onward[pair.onward], back[pair.back], pair.gain});
        onward_done[pair.onward] = back_done[pair.back] = changed = true;
      }
  }
  const auto before = [](LooseEndId a, LooseEndId b) {
    return a.document != b.document ? a.document < b.document : a.end < b.end;
  };
  std::sort(plan.joins.begin(), plan.joins.end(),
            [&](const auto& a, const auto& b) { return before(a.onward, b.onward); });

  // An article never comes back to where it began.
  const auto next_of = [&](const StitchPlan::Join& join_made) -> const StitchPlan::Join* {
    const auto goes_on = end_of(join_made.back).goes_on;
    if (!goes_on) return nullptr;
    const LooseEndId id{join_made.back.document, *goes_on};
    const auto found = std::lower_bound(plan.joins.begin(), plan.joins.end(), id,
                                        [&](const auto& a, LooseEndId wanted) { return before(a.onward, wanted); });
    return found != plan.joins.end() && found->onward == id ? &*found : nullptr;
  };
  std::vector<bool> round(plan.joins.size());
  for (std::size_t k = 0; k < plan.joins.size(); ++k) {
    std::size_t steps = 0;
    const StitchPlan::Join* at = &plan.joins[k];
    while (at != nullptr && steps++ < plan.joins.size()) {
      at = next_of(*at);
      if (at == &plan.joins[k]) round[k] = true;
    }
  }
  for (std::size_t k = plan.joins.size(); k-- > 0;)
    if (round[k]) plan.joins.erase(plan.joins.begin() + static_cast<std::ptrdiff_t>(k));

  for (std::size_t o = 0; o < onward.size(); ++o) {
    if (onward_done[o]) continue;
    StitchPlan::Doubt doubt{onward[o], {}};
    for (const Pair& pair : of_onward[o])
      if (!back_done[pair.back]) doubt.fits.push_back(back[pair.back]);
    plan.doubts.push_back(std::move(doubt));
  }
  for (std::size_t b = 0; b < back.size(); ++b) {
    if (back_done[b]) continue;
    StitchPlan::Doubt doubt{back[b], {}};
    for (const Pair& pair : of_back[b])
      if (!onward_done[pair.onward]) doubt.fits.push_back(onward[pair.onward]);
    plan.doubts.push_back(std::move(doubt));
  }
  std::sort(plan.doubts.begin(), plan.doubts.end(), [&](const auto& a, const auto& b) { return before(a.end, b.end); });
  return plan;
}

namespace {

/// What is to be done to one document.
struct Work {
  std::vector<Block> blocks;
  std::vector<bool> given, repeated_above;       // of each block
  std::map<std::size_t, std::size_t> moved;      // the block after which others go, and the first of those
  std::map<std::size_t, std::size_t> moved_end;  // the first of those, and the one after the last
  std::map<std::size_t, std::string> taken;      // the block after which text goes, which begins with a separator
  std::map<std::size_t, std::vector<BlockKind>> kinds;  // of the paragraphs that text adds
  std::vector<Proposal::Note> notes;

  explicit Work(const Document& document)
      : blocks(document.blocks()), given(blocks.size()), repeated_above(blocks.size()) {}

  [[nodiscard]] std::size_t block_at(ByteOffset at) const {
    const auto found = std::upper_bound(blocks.begin(), blocks.end(), at,
                                        [](ByteOffset place, const Block& block) { return place < block.range.begin; });
    return static_cast<std::size_t>(found - blocks.begin()) - 1;
  }
  [[nodiscard]] std::size_t end_at(ByteOffset at) const { return block_at(at - 1) + 1; }

  /// The blocks in their new order.
  [[nodiscard]] std::vector<std::size_t> sequence() const {
    std::set<std::size_t> elsewhere;
    for (const auto& [after, first] : moved) elsewhere.insert(first);
    std::vector<std::size_t> list;
    const auto append = [&](const auto& self, std::size_t first, std::size_t last, bool top) -> void {
      for (std::size_t i = first; i < last;) {
        if (top && elsewhere.contains(i)) {
          i = moved_end.at(i);
          continue;
        }
        list.push_back(i);
        if (const auto found = moved.find(i); found != moved.end())
          self(self, found->second, moved_end.at(found->second), false);
        ++i;
      }
    };
    append(append, 0, blocks.size(), true);
    return list;
  }

  void propose(const CoherenceModel& model, std::string_view text, Proposal& proposal) const {
    for (const Proposal::Note& note : notes) proposal.note(note.range, note.severity, note.rule, note.message);
    if (moved.empty() && taken.empty() && std::none_of(given.begin(), given.end(), [](bool g) { return g; })) return;
    const std::vector<std::size_t> list = sequence();
    const auto begin_of = [&](std::size_t i) { return i == 0 ? 0 : blocks[i].range.begin; };
    std::vector<TextRange> ranges;
    const auto stays = [&](std::size_t i) { return !given[i] && !repeated_above[i]; };
    for (std::size_t k = 0; k < list.size(); ++k) {
      const std::size_t i = list[k];
      const TextRange range{begin_of(i),
                            i + 1 < blocks.size() ? begin_of(i + 1) : static_cast<ByteOffset>(text.size())};
      ranges.push_back(range);
      if (!stays(i)) {
        proposal.erase(range, given[i] ? give : repeated, 90);
        continue;
      }
      std::size_t next = k + 1;
      while (next < list.size() && !stays(list[next])) ++next;
      std::string gap = next < list.size() && blocks[list[next]].starts_article ? "\n\n" : "\n";
      if (const auto found = moved.find(i); found != moved.end()) {
        const std::string_view left = blocks[i].range.of(text), right = blocks[found->second].range.of(text);
        gap = separator(is_torn(model, blocks[i].kind, left, right), left, right);
      } else if (const auto text_taken = taken.find(i); text_taken != taken.end()) {
        proposal.insert(blocks[i].range.end, text_taken->second, take, 90);
      }
      const TextRange old_gap{blocks[i].range.end, range.end};
      if (old_gap.of(text) != gap) proposal.replace(old_gap, gap, join, 90);
    }
    if (!std::is_sorted(list.begin(), list.end())) proposal.arrange(std::move(ranges), order, 90);
  }

  /// Kinds of the paragraphs that were taken, which have none yet.
  void label(const Document& document, Proposal& proposal) const {
    if (kinds.empty()) return;
    std::vector<BlockKind> added;
    for (const std::size_t i : sequence())
      if (const auto found = kinds.find(i); found != kinds.end())
        added.insert(added.end(), found->second.begin(), found->second.end());
    auto next = added.begin();
    for (const Line& line : document.lines())
      if (line.kind == BlockKind::unknown && next != added.end()) proposal.label(line.ink, *next++, kind, 90);
  }
};

/// What a plan wants done to each document, and what there is to say about it.
std::vector<Work> works_of(std::span<const Document* const> documents, std::span<const std::vector<LooseEnd>> ends,
                           const StitchPlan& plan, std::span<const std::string> names, const CoherenceModel& model,
                           double same_title) {
  std::vector<Work> works;
  works.reserve(documents.size());
  for (const Document* document : documents) works.emplace_back(*document);
  const auto end_of = [&](LooseEndId id) -> const LooseEnd& { return ends[id.document][id.end]; };
  const auto join_from = [&](LooseEndId id) -> const StitchPlan::Join* {
    const auto found =
        std::find_if(plan.joins.begin(), plan.joins.end(), [&](const auto& j) { return j.onward == id; });
    return found == plan.joins.end() ? nullptr : &*found;
  };

  // Text that another document takes is taken with all that goes on from it.
  std::vector<LooseEndId> within;
  for (const StitchPlan::Join& top : plan.joins)
    if (top.onward.document != top.back.document)
      for (const StitchPlan::Join* at = &top; at != nullptr;) {
        const auto goes_on = end_of(at->back).goes_on;
        if (!goes_on) break;
        within.push_back({at->back.document, *goes_on});
        at = join_from(within.back());
      }
  for (const StitchPlan::Join& top : plan.joins) {
    if (std::find(within.begin(), within.end(), top.onward) != within.end()) continue;
    Work& to = works[top.onward.document];
    const std::size_t after = to.block_at(end_of(top.onward).range.begin);
    const auto drop_repeated = [&](const StitchPlan::Join& made) {
      const LooseEnd& back = end_of(made.back);
      if (back.repeated.empty()) return;
      const auto share = likeness(end_of(made.onward), back);
      if (!share || *share < same_title) return;
      Work& from = works[made.back.document];
      for (std::size_t i = from.block_at(back.repeated.begin); i < from.end_at(back.repeated.end); ++i)
        from.repeated_above[i] = true;
    };
    if (top.onward.document == top.back.document) {
      const TextRange rest = end_of(top.back).range;
      const std::size_t first = to.block_at(rest.begin);
      to.moved[after] = first;
      to.moved_end[first] = to.end_at(rest.end);
      to.blocks[first].starts_article = false;
      drop_repeated(top);
      continue;
    }
    std::string text;
    std::vector<BlockKind> kinds;
    BlockKind tail_kind = end_of(top.onward).kind;
    std::string_view tail = end_of(top.onward).range.of(documents[top.onward.document]->text());
    for (const StitchPlan::Join* made = &top; made != nullptr;) {
      const LooseEnd& back = end_of(made->back);
      Work& from = works[made->back.document];
      const std::string_view source = documents[made->back.document]->text();
      for (std::size_t i = from.block_at(back.range.begin); i < from.end_at(back.range.end); ++i) {
        const bool begins = i == from.block_at(back.range.begin);
        const std::string_view paragraph = from.blocks[i].range.of(source);
        const std::string_view between =
            begins ? separator(is_torn(model, tail_kind, tail, paragraph), tail, paragraph) : "\n";
        text += between;
        text += paragraph;
        if (between == "\n") kinds.push_back(from.blocks[i].kind);
        from.given[i] = true;
        tail = paragraph;
        tail_kind = from.blocks[i].kind;
      }
      drop_repeated(*made);
      works[made->back.document].notes.push_back(
          {back.range, Severity::note, give,
           fmt::format("this is the rest of an article that begins in {}; it stands there now",
                       names[top.onward.document])});
      to.notes.push_back({end_of(top.onward).range, Severity::note, take,
                          fmt::format("the article goes on with text of {}", names[made->back.document])});
      made = back.goes_on ? join_from({made->back.document, *back.goes_on}) : nullptr;
    }
    to.taken[after] = std::move(text);
    to.kinds[after] = std::move(kinds);
  }

  for (const StitchPlan::Doubt& doubt : plan.doubts) {
    const LooseEnd& end = end_of(doubt.end);
    std::string message = end.way == JumpWay::onward ? "the article goes on" : "the article comes from elsewhere";
    if (!end.other_page.empty())
      message = fmt::format("the article {} page {}", end.way == JumpWay::onward ? "goes on on" : "comes from",
                            end.other_page);
    std::vector<std::string_view> fits;
    for (const LooseEndId fit : doubt.fits)
      if (std::find(fits.begin(), fits.end(), names[fit.document]) == fits.end()) fits.push_back(names[fit.document]);
    constexpr std::size_t most = 5;
    if (doubt.fits.empty())
      message += ", where nothing surely fits";
    else if (doubt.fits.size() == 1)
      message += fmt::format("; {} may fit, which may fit another as well", fits[0]);
    else
      message += fmt::format(
          "; more than one place may fit: {}",
          fmt::join(fits.begin(), fits.begin() + static_cast<std::ptrdiff_t>(std::min(most, fits.size())), ", "));
    works[doubt.end.document].notes.push_back({end.range, Severity::note, loose, std::move(message)});
  }

  return works;
}

}  // namespace

void Stitcher::propose(const Document& document, std::span<const LooseEnd> ends, const StitchPlan& plan,
                       Proposal& proposal) const {
  const Document* const documents[] = {&document};
  const std::vector<LooseEnd> all[] = {{ends.begin(), ends.end()}};
  // Of the rest only what names one of these pages has its other part here, if anywhere.
  const std::span<const Folio> folios = document.folios();
  StitchPlan within{plan.joins, {}};
  for (const StitchPlan::Doubt& doubt : plan.doubts) {
    const std::string& other = ends[doubt.end.end].other_page;
    if (folios.size() >= 2 && !other.empty() &&
        std::any_of(folios.begin(), folios.end(), [&](const Folio& folio) { return folio.page == other; }))
      within.doubts.push_back(doubt);
  }
  const std::string names[] = {"another page of this document"};
  works_of(documents, all, within, names, data_->model, data_->same_title)
      .front()
      .propose(data_->model, document.text(), proposal);
}

expected<void, Error> Stitcher::carry_out(std::span<Document* const> documents,
                                          std::span<const std::vector<LooseEnd>> ends, const StitchPlan& plan,
                                          std::span<const std::string> names) const {
  const std::vector<const Document*> seen(documents.begin(), documents.end());
  const std::vector<Work> works = works_of(seen, ends, plan, names, data_->model, data_->same_title);
  for (std::size_t d = 0; d < documents.size(); ++d) {
    Proposal proposal;
    works[d].propose(data_->model, documents[d]->text(), proposal);
    if (proposal.empty()) continue;
    if (auto done = documents[d]->apply(proposal, stitch_info); !done) return done;
    proposal.clear();
    works[d].label(*documents[d], proposal);
    if (!proposal.empty())
      if (auto done = documents[d]->apply(proposal, stitch_info); !done) return done;
  }
  return {};
}

namespace stages {
namespace {

class StitchStage final : public Stage {
 public:
  explicit StitchStage(Stitcher stitcher) : stitcher_(std::move(stitcher)) {}
  const StageInfo& info() const noexcept override { return stitch_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::vector<LooseEnd> ends[] = {stitcher_.loose_ends(document)};
    if (ends[0].empty()) return;
    const StitchPlan plan = stitcher_.plan(ends);
    stitcher_.propose(document, ends[0], plan, proposal);
  }

 private:
  Stitcher stitcher_;
};

}  // namespace

expected<std::unique_ptr<const Stage>, ConfigErrors> make_stitch(const StageOptions&, const Rules& rules) {
  auto stitcher = Stitcher::make(rules);
  if (!stitcher) return unexpected(std::move(stitcher.error()));
  return std::make_unique<StitchStage>(std::move(*stitcher));
}

}  // namespace stages
}  // namespace inkwash
