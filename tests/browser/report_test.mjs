// The report in a real browser: node report_test.mjs INKWASH SAMPLES WORK
// Exit code 77: there is no browser or no Playwright here, the test is skipped.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

const [inkwash, samples, work] = process.argv.slice(2).map((word) => path.resolve(word));
const browser_path = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
let chromium;
try {
  ({chromium} = createRequire(path.join(work, 'package.json'))('playwright-core'));
} catch {
  // told below
}
if (!browser_path || !chromium) {
  console.log('skipped: scripts/setup_browser installs the browser and Playwright this test needs');
  process.exit(77);
}

const input = path.join(work, 'in'), clean = path.join(work, 'clean'), report = path.join(work, 'report');
for (const folder of [input, clean, report]) rmSync(folder, {recursive: true, force: true});
mkdirSync(input, {recursive: true});
writeFileSync(path.join(input, 'markup.txt'),
              '<script>document.title = "taken over"</script>\n"><img src=x onerror="document.title=1">\n永 久 合 作 发 展\n');
writeFileSync(path.join(input, 'long.txt'),
              Array.from({length: 10000}, (_, i) => `第${i}段的内容在这里，港务局昨日完工。\n`).join(''));
const run = (...words) => execFileSync(inkwash, words, {stdio: ['ignore', 'ignore', 'inherit']});
run('clean', '-q', samples, input, '-o', clean, '--edits', '--exclude', '*.clean.txt', '--exclude', '*.md');
run('report', clean, '-o', report);

const browser = await chromium.launch({executablePath: browser_path, args: ['--no-sandbox']});
const page = await browser.newPage({viewport: {width: 1300, height: 900}});
const errors = [], requests = [];
page.on('pageerror', (error) => errors.push(error.message));
page.on('request', (request) => requests.push(request.url()));
const open = (file) => page.goto(pathToFileURL(path.join(report, file)).href);
const shown = async () => Number(await page.textContent('#count'));
const screenshot = (name) => page.screenshot({path: path.join(work, name)});

try {
  // The index: the worst first, searched and walked by keys.
  await open('index.html');
  const rows = await page.locator('#files tbody tr').count();
  assert.ok(rows >= 10, `${rows} rows`);
  const qualities = (await page.locator('#files tbody tr td:nth-child(2)').allTextContents()).map(Number);
  assert.deepEqual(qualities, [...qualities].sort((a, b) => a - b));
  assert.ok(await page.locator('svg rect').count() === 10);
  await screenshot('index.png');
  await page.fill('#search', 'markup');
  assert.equal(await page.locator('#files tbody tr:visible').count(), 1);
  await page.locator('h1').click();
  await page.locator('#search').evaluate((element) => element.blur());
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#text');

  // Markup in a text is text.
  assert.match(await page.title(), /markup/);
  assert.match(await page.textContent('#source'), /<script>document\.title/);
  assert.equal(await page.locator('#source script, #source img, #text img').count(), 0);

  // Filters by stage and by confidence.
  const all = await shown();
  assert.ok(all > 0);
  await page.uncheck('.tools input[value=spaces]');
  assert.ok(await shown() < all);
  await page.check('.tools input[value=spaces]');
  assert.equal(await shown(), all);
  await page.locator('#limit').fill('50');
  assert.ok(await shown() < all);
  await page.locator('#limit').fill('100');

  // Keys walk through the changes; a change says what it is.
  await page.keyboard.press('j');
  assert.equal(await page.locator('.c.now').count(), 1);
  assert.match(await page.textContent('#detail'), /: .*→/);
  await page.keyboard.press('k');
  await page.keyboard.press('n');
  assert.equal(await page.locator('.p.now').count(), 1);

  // A paragraph and its source are shown together, on both sides; dark mode has other colours.
  await page.locator('#text .p').first().hover();
  assert.ok(await page.locator('#source .hl').count() > 0);
  await screenshot('page.png');
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.emulateMedia({colorScheme: 'dark'});
  assert.notEqual(await ground(), light);
  await screenshot('page-dark.png');

  // Ten thousand paragraphs can be read.
  await open('pages/long.txt.html');
  assert.equal(await page.locator('#text .p').count(), 10000);
  await page.keyboard.press('p');
  assert.equal(await page.locator('.p.now').getAttribute('data-p'), '9999');

  assert.deepEqual(errors, []);
  assert.ok(requests.every((url) => url.startsWith('file:')), requests.join(' '));
  console.log('passed');
} finally {
  await browser.close();
}
