// Where a long text is cut so that several threads can work on it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "inkwash/range.h"
#include "inkwash/stage.h"

namespace inkwash {

/// Bytes: long enough that what is lost at the cuts is nothing, short enough that caches hold what a stage makes of it.
/// Text of more than two such parts is cut.
constexpr std::size_t part_size = 256 << 10;

/// Parts of `text`, in their order, which cover it; they depend on nothing but what is given. For the scope page they
/// are its `pages`, which nothing else asks for; for document the text as a whole. What is long is cut further: for lines at a line's end, for pages
/// and articles behind the longest runs of blank lines, best after a sentence's end; where there are none it stays
/// long. Pure; safe to call from any thread.
[[nodiscard]] std::vector<TextRange> parts_of(std::string_view text, std::span<const TextRange> pages, Scope scope);

}  // namespace inkwash
