'use strict';
// Rows by name; j and k walk through them, Enter opens one.
const rows = Array.from(document.querySelectorAll('#files tbody tr'));
const search = document.getElementById('search');
search.addEventListener('input', () => {
  for (const row of rows) row.hidden = !row.dataset.n.includes(search.value);
});
let now = null;
document.addEventListener('keydown', (event) => {
  if (event.target === search || event.ctrlKey || event.metaKey || event.altKey) return;
  const shown = rows.filter((row) => !row.hidden);
  if ((event.key === 'j' || event.key === 'k') && shown.length > 0) {
    const at = shown.indexOf(now);
    const next = at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + (event.key === 'j' ? 1 : -1)));
    now?.classList.remove('now');
    now = shown[next];
    now.classList.add('now');
    now.scrollIntoView({block: 'nearest'});
  }
  if (event.key === 'Enter') now?.querySelector('a')?.click();
  if (event.key === '/') {
    event.preventDefault();
    search.focus();
  }
});
