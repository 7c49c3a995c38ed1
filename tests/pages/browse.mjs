// Drives Chromium for tests/pages/run: `browse.mjs visits|scanner|flow PLAN FOUND`. What is wrong is written to FOUND.

import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';

const [part, planFile, foundFile] = process.argv.slice(2);
const plan = JSON.parse(fs.readFileSync(planFile, 'utf8'));
const load = createRequire(path.join(plan.home, 'index.js'));
const { chromium } = load('playwright-core');
const axe = fs.readFileSync(load.resolve('axe-core/axe.min.js'), 'utf8');

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const WIDTHS = plan.quick ? { id: [360], en: [320] } : { id: [320, 360, 1280], en: [320, 360, 1280] };
const SCHEMES = plan.quick ? { id: ['light'], en: ['dark'] } : { id: ['light', 'dark'], en: ['light', 'dark'] };
const CSS_BYTES = 6144;
// Pages looked at side by side.
const LANES = 2;

const wrong = new Set();
const browser = await chromium.launch({
  executablePath: plan.chromium,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

/// A browser of its own, with nothing remembered.
async function visitor(options = {}) {
  const context = await browser.newContext({
    baseURL: plan.url, locale: 'id-ID', timezoneId: 'Asia/Jayapura', viewport: { width: 360, height: 740 }, ...options,
  });
  context.setDefaultTimeout(20000);
  return context;
}

/// Signs somebody in by the form, with a code where one is asked for.
async function signIn(page, who) {
  const { email, password, codes } = plan.people[who];
  await page.goto('/sign-in');
  await page.fill('[name=email]', email);
  await page.fill('[name=password]', password);
  await page.click('main form button');
  if (new URL(page.url()).pathname === '/sign-in/code') {
    await page.fill('[name=code]', codes.shift());
    await page.click('main form button');
  }
  if (new URL(page.url()).pathname !== '/') {
    throw new Error(`${who} could not sign in: ${page.url()}`);
  }
}

/// A browser of somebody, who has signed in once for all of them.
const sessions = new Map();
async function asVisitor(who) {
  const enter = async () => {
    const context = await visitor();
    await signIn(await context.newPage(), who);
    const state = await context.storageState();
    await context.close();
    return state;
  };
  if (who && !sessions.has(who)) sessions.set(who, enter());
  return visitor({ storageState: who ? await sessions.get(who) : undefined });
}

/// What Tab should reach, and whether it does, in order and with a mark that can be seen.
async function walk(page, say) {
  const expected = await page.evaluate(() => {
    const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0;
    const groups = new Set();
    const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')];
    const reached = all.filter((one) => {
      if (one.disabled || one.tabIndex < 0 || !shown(one)) return false;
      if (one.type !== 'radio') return true;
      // Of radio buttons that belong together, Tab reaches the chosen one, or the first.
      const group = [...document.getElementsByName(one.name)].filter((other) => other.form === one.form);
      const of = group.find((other) => other.checked) ?? group[0];
      if (of !== one || groups.has(of)) return false;
      groups.add(of);
      return true;
    });
    reached.forEach((one, at) => { one.dataset.walk = at; });
    return reached.map((one) => (one.innerText || one.name || one.tagName).trim().slice(0, 40));
  });
  await page.evaluate(() => { document.activeElement?.blur(); window.scrollTo(0, 0); });
  for (let at = 0; at < expected.length; at += 1) {
    await page.keyboard.press('Tab');
    // A date is several stops for Tab: its day, its month, its year, and its calendar.
    const before = String(at - 1);
    for (let stop = 0; stop < 4 && await page.evaluate((last) => document.activeElement.type === 'date'
      && document.activeElement.dataset.walk === last, before); stop += 1) {
      await page.keyboard.press('Tab');
    }
    const seen = await page.evaluate(() => {
      const one = document.activeElement;
      const style = getComputedStyle(one);
      const box = one.getBoundingClientRect();
      const mark = parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none';
      const inner = one.closest('svg') && getComputedStyle(one.querySelector('rect') ?? one).strokeWidth >= '2';
      return {
        at: one.dataset?.walk, name: one.outerHTML.slice(0, 80), marked: mark || Boolean(inner),
        inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
      };
    });
    if (seen.at !== String(at)) {
      say(`Tab goes to ${seen.name} where "${expected[at]}" should be`);
      return;
    }
    if (!seen.marked) say(`no mark of focus on "${expected[at]}"`);
    if (!seen.inView) say(`"${expected[at]}" has focus out of view`);
  }
}

/// Sizes, words and frame of a page.
async function looks(page) {
  return page.evaluate(() => {
    const found = [];
    const root = document.scrollingElement;
    if (root.scrollWidth > root.clientWidth) {
      const wide = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1
        && !one.closest('.hidden, .skip'));
      found.push(`scrolls sideways: ${root.scrollWidth} px of ${root.clientWidth}: ${wide.at(-1)?.outerHTML.slice(0, 100)}`);
    }
    for (const one of document.querySelectorAll('button, .button, select, input:not([type=hidden]), textarea, summary')) {
      const box = (one.closest('label') ?? one).getBoundingClientRect();
      if (box.height > 0 && box.height < 43.5 && !one.closest('.pairs')) {
        found.push(`${box.height.toFixed(0)} px high: ${one.outerHTML.slice(0, 80)}`);
      }
    }
    const text = document.body.innerText;
    const key = text.match(/\b(pages|run|home|page|error|mode|status|calendar|certificate|admin|credit)\.[a-z_]+(\.[a-z_]+)+/);
    if (key) found.push(`a text without words: ${key[0]}`);
    if (text.includes('%{')) found.push('a text with a place that was not filled');
    if (document.querySelectorAll('h1').length !== 1) found.push(`${document.querySelectorAll('h1').length} h1`);
    if (document.title.trim().length < 5) found.push('no title');
    return found;
  });
}

async function oneVisit(context, visit, lang, weighed) {
  const page = await context.newPage();
  const name = `${visit.who ?? 'nobody'} ${visit.path} ${lang}`;
  const say = (text) => wrong.add(`${name}: ${text}`);
  let quiet = false;
  page.on('console', (message) => {
    const expected = visit.status >= 400 && message.text().includes('Failed to load resource');
    if (!quiet && ['error', 'warning'].includes(message.type()) && !expected) say(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => say(`error: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(plan.url)) say(`asks another host: ${request.url()}`);
  });
  await page.setViewportSize({ width: WIDTHS[lang][0], height: 740 });
  const answer = await page.goto(visit.path, { waitUntil: 'load' });
  if (answer.status() !== (visit.status ?? 200)) {
    say(`answers ${answer.status()}`);
  } else if (answer.request().redirectedFrom()) {
    say(`leads elsewhere: ${page.url()}`);
  }
  if (await page.evaluate(() => document.documentElement.lang) !== lang) say('is in another language');
  const bytes = gzipSync(await answer.body()).length;
  weighed.push([bytes, name]);
  if (bytes > (visit.html ?? 8) * 1024) say(`weighs ${bytes} bytes`);
  if (answer.headers()['content-security-policy'] === undefined) say('has no Content-Security-Policy');
  await page.waitForTimeout(20);
  quiet = true;
  await page.evaluate(axe);
  for (const width of WIDTHS[lang]) {
    await page.setViewportSize({ width, height: 740 });
    for (const text of await looks(page)) say(`at ${width} px: ${text}`);
    for (const scheme of SCHEMES[lang]) {
      await page.emulateMedia({ colorScheme: scheme });
      const { violations } = await page.evaluate((tags) => window.axe.run(document, {
        runOnly: { type: 'tag', values: tags }, preload: false, resultTypes: ['violations'],
      }), TAGS);
      for (const { id, nodes } of violations) {
        say(`at ${width} px, ${scheme}: ${id}: ${nodes[0].html.slice(0, 120)} (${nodes.length}) `
          + nodes[0].failureSummary.split('\n').slice(1, 2).join(' '));
      }
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  if (plan.pictures) {
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 740 });
      const file = `${visit.who ?? 'nobody'}${visit.path.replace(/[^a-z0-9]+/gi, '-').slice(0, 70)}`;
      await page.screenshot({ path: path.join(plan.pictures, `${file}.${lang}.${width}.png`), fullPage: true });
    }
  }
  await page.setViewportSize({ width: WIDTHS[lang].at(-1), height: 740 });
  await walk(page, say);
  await page.close();
}

async function visits() {
  if (plan.pictures) fs.mkdirSync(plan.pictures, { recursive: true });
  const style = await fetch(`${plan.url}/assets/site.css`);
  const css = gzipSync(Buffer.from(await style.arrayBuffer())).length;
  if (css > CSS_BYTES) wrong.add(`the stylesheet weighs ${css} bytes`);
  const weighed = [];
  const groups = new Map();
  plan.visits.forEach((visit, at) => {
    for (const lang of ['id', 'en']) {
      // In the bounded version every page is looked at in one of the languages.
      if (plan.quick && (at % 2 === 0) !== (lang === 'id')) continue;
      const name = `${visit.who} ${lang}`;
      const group = groups.get(name) ?? { who: visit.who, lang, visits: [] };
      groups.set(name, group);
      group.visits.push(visit);
    }
  });
  const waiting = [...groups.values()];
  const lane = async () => {
    for (let group = waiting.shift(); group; group = waiting.shift()) {
      const { who, lang } = group;
      const context = await asVisitor(who);
      await context.addCookies([{ name: 'coachnet_language', value: lang, url: plan.url }]);
      for (const visit of group.visits) {
        try {
          await oneVisit(context, visit, lang, weighed);
        } catch (error) {
          wrong.add(`${who ?? 'nobody'} ${visit.path} ${lang}: ${error.message.split('\n')[0]}`);
        }
      }
      await context.close();
      fs.writeFileSync(foundFile, JSON.stringify([...wrong]));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  weighed.sort(([a], [b]) => b - a);
  console.log(`stylesheet ${css} bytes; heaviest: ${weighed.slice(0, 3).map((one) => one.join(' ')).join('; ')}`);
}

/// A scanner follows every link of every mail twice, and presses every button that stands alone.
async function scanner() {
  const context = await visitor();
  const page = await context.newPage();
  for (const link of plan.mailed) {
    for (let turn = 0; turn < 2; turn += 1) {
      for (const method of ['HEAD', 'GET']) {
        const answer = await fetch(plan.url + link, { method });
        if (answer.status >= 500) wrong.add(`${method} ${link}: ${answer.status}`);
      }
    }
    await page.goto(link);
    const forms = await page.locator('main form').count();
    for (let at = 0; at < forms; at += 1) {
      await page.goto(link);
      const button = page.locator('main form').nth(at).locator('button').first();
      if (await button.count()) await button.click();
    }
  }
  await context.close();
  console.log(`a scanner followed ${plan.mailed.length} links`);
}

/// From signing in to feedback on a session, by forms alone.
async function flow() {
  const { coachee, coach, code, request, begun } = plan.flow;
  const open = async (who) => {
    const context = await visitor({ javaScriptEnabled: false });
    const page = await context.newPage();
    await signIn(page, who);
    return page;
  };
  const at = (page) => new URL(page.url());
  const expect = (page, pattern, what) => {
    if (!pattern.test(at(page).pathname + at(page).search)) throw new Error(`${what}: at ${page.url()}`);
  };
  const [mentee, mentor] = [await open(coachee), await open(coach)];

  await mentee.click('.box a.button');
  expect(mentee, new RegExp(`^/requests/${request}/coaches`), 'the next step is to choose');
  await mentee.check(`[name=coach][value="${code}"]`);
  await mentee.click('main form button');
  expect(mentee, /\/choices\?/, 'the choices are checked');
  await mentee.click('#coach button');
  expect(mentee, /done=chosen/, 'the coach is asked');

  await mentor.goto('/');
  await mentor.click('main .list a.button');
  expect(mentor, /^\/offers\//, 'the offer opens');
  await mentor.click('.decide button');
  if (!(await mentor.locator('.summary').count())) wrong.add('an offer was answered without a choice');
  await mentor.check('[name=answer][value=yes]');
  await mentor.click('.decide button');
  expect(mentor, /^\/pairings\/.*done=accepted/, 'the two are a pair');

  await mentor.fill('[name=goals]', 'Memimpin tim baru');
  await mentor.locator('form[action$=agreement] button').last().click();
  expect(mentor, /done=signed/, 'the coach has signed');
  await mentee.goto(at(mentor).pathname);
  await mentee.locator('form[action$=agreement] button').first().click();
  expect(mentee, /done=signed/, 'the coachee has signed');

  await mentee.click('a[href$="/work"]');
  await mentee.fill('[name=goal]', 'Memimpin rapat lintas unit');
  await mentee.click('form[action$="/goals"] button');
  expect(mentee, /done=goal_added/, 'a goal is written down');
  await mentee.click('section[aria-labelledby=items] summary');
  await mentee.fill('[name=what]', 'Satu rapat tanpa naskah');
  await mentee.click('form[action$="/action-items"] button');
  expect(mentee, /done=item_added/, 'there is something to do');
  await mentor.goto(at(mentee).pathname);
  await mentor.click('form[action$="/action-items/done"] button');
  expect(mentor, /done=item_done/, 'it is done');
  await mentee.click('.crumb a');
  await mentee.click('a[href$="/sessions/new"]');
  await mentee.locator('[name=starts_at]').first().check();
  await mentee.locator('main form button').first().click();
  expect(mentee, /done=session_proposed/, 'a time is proposed');
  const session = at(mentee).pathname;
  await mentor.goto(session);
  await mentor.click('form[action$=confirmation] button');
  expect(mentor, /done=session_confirmed/, 'the time is agreed');
  await mentor.click('a[href$="/time"]');
  await mentor.locator('[name=starts_at]').nth(2).check();
  await mentor.locator('main form button').first().click();
  expect(mentor, /done=session_moved/, 'the time is moved');
  await mentee.goto(session);
  await mentee.click('a[href$="/cancellation"]');
  await mentee.click('main form button');
  expect(mentee, /done=session_cancelled/, 'the session is called off');

  for (const who of [begun.coachee, begun.coach]) {
    const page = await open(who);
    await page.goto(`/sessions/${begun.session}`);
    await page.check('[name=attendance][value=held]');
    await page.click('form[action$=attendance] button');
    expect(page, /done=session_attended/, 'the session was held');
    for (const field of ['progress', 'preparation', 'trust']) await page.check(`[name=${field}][value="4"]`);
    await page.click('form[action$=feedback] button');
    expect(page, /done=session_spoken/, 'there is feedback');
    await page.click('.who form button');
    expect(page, /^\/sign-in/, 'the visitor signs out');
  }
}

try {
  await { visits, scanner, flow }[part]();
} catch (error) {
  wrong.add(error.stack.split('\n').slice(0, 3).join(' '));
}
fs.writeFileSync(foundFile, JSON.stringify([...wrong]));
await browser.close();
