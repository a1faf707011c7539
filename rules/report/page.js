'use strict';
const all = (selector) => Array.from(document.querySelectorAll(selector));
const changes = all('.c');
const rules = all('#rules li');
const stage_of = (change) => rules[change.dataset.r].dataset.s;
const confidence_of = (change) => Number(change.dataset.k ?? 100);
const detail = document.getElementById('detail');
const limit = document.getElementById('limit');
const boxes = all('.tools input[type=checkbox]');

// Which changes are shown: by stage and by confidence.
function filter() {
  const shown = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  const most = Number(limit.value);
  document.getElementById('limit-shown').textContent = `≤ ${most} %`;
  for (const change of changes)
    change.classList.toggle('off', !shown.has(stage_of(change)) || confidence_of(change) > most);
  document.getElementById('count').textContent = changes.filter((change) => !change.classList.contains('off')).length;
}
boxes.forEach((box) => box.addEventListener('change', filter));
limit.addEventListener('input', filter);

// A paragraph and the places of the source it came from are shown together.
let lit = [];
function light(number) {
  lit.forEach((element) => element.classList.remove('hl'));
  lit = number === undefined ? [] : all(`[data-p="${number}"]`);
  lit.forEach((element) => element.classList.add('hl'));
}
const paragraph_of = (target) => target.closest?.('[data-p]')?.dataset.p;
document.addEventListener('mouseover', (event) => light(paragraph_of(event.target)));
document.addEventListener('click', (event) => {
  const change = event.target.closest?.('.c:not(.off)');
  if (change) return go_to(change);
  const number = paragraph_of(event.target);
  if (number === undefined) return;
  const from_text = event.target.closest('#text') !== null;
  document.querySelector(`${from_text ? '#source' : '#text'} [data-p="${number}"]`)?.scrollIntoView({block: 'center'});
});

// j and k: the next change and the one before; n and p: paragraphs.
let now = null;
function go_to(element) {
  now?.classList.remove('now');
  now = element;
  now.classList.add('now');
  now.scrollIntoView({block: 'center'});
  detail.textContent = now.dataset.r === undefined ? '' :
    `${rules[now.dataset.r].textContent} (${confidence_of(now)} %)   ${now.dataset.d}`;
  light(paragraph_of(now));
}
function step(elements, by) {
  if (elements.length === 0) return;
  const at = elements.indexOf(now);
  go_to(elements[at < 0 ? (by > 0 ? 0 : elements.length - 1) : (at + by + elements.length) % elements.length]);
}
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const shown = () => changes.filter((change) => !change.classList.contains('off'));
  if (event.key === 'j') step(shown(), 1);
  if (event.key === 'k') step(shown(), -1);
  if (event.key === 'n') step(all('.p'), 1);
  if (event.key === 'p') step(all('.p'), -1);
});
filter();
