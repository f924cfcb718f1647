/**
 * The console in a real browser against a real hub in demo mode: signing in as every role, every page of the navigation
 * at three sizes and in both languages, and the ways that a person goes through it.
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  expectSound,
  fillNewPassword,
  fillSignIn,
  firstSignIn,
  type Language,
  newPassword,
  openBrowser,
  openPage,
  type Size,
  settled,
  type View,
} from './browser.ts';
import { startHub, type TestHub } from './hub.ts';
import { totpCode } from './totp.ts';

/** Pages of credit that judge. */
const assess = ['/credit/ranking', '/credit/warnings', '/credit/chains', '/credit/analysis'] as const;

/** What each role's navigation holds, in order. */
const navigation = {
  steward: [
    '/',
    '/exchange/sources',
    '/exchange/runs',
    '/exchange/quarantine',
    '/catalogue/resources',
    '/catalogue/organisations',
    '/refinery/quality',
    '/refinery/profile',
    '/refinery/review',
    '/libraries',
    '/credit/search',
    '/credit/persons',
    '/credit/classes',
    ...assess,
    '/lists',
    '/verifications',
    '/system/jobs',
  ],
  officer: [
    '/',
    '/exchange/sources',
    '/exchange/runs',
    '/exchange/quarantine',
    '/catalogue/resources',
    '/catalogue/organisations',
    '/refinery/quality',
    '/refinery/profile',
    '/libraries',
    '/credit/search',
    '/credit/persons',
    '/credit/classes',
    ...assess,
    '/lists',
    '/verifications',
  ],
  analyst: [
    '/',
    '/exchange/sources',
    '/exchange/runs',
    '/exchange/quarantine',
    '/catalogue/resources',
    '/catalogue/organisations',
    '/refinery/quality',
    '/refinery/profile',
    '/libraries',
    '/credit/search',
    '/credit/persons',
    '/credit/classes',
    ...assess,
    '/lists',
  ],
  bank: ['/credit/search', '/credit/persons', '/credit/classes', ...assess],
  leader: [
    '/',
    '/catalogue/resources',
    '/catalogue/organisations',
    '/libraries',
    '/credit/search',
    '/credit/classes',
    ...assess,
    '/lists',
  ],
  sysadmin: ['/system/jobs', '/system/users'],
  secadmin: ['/system/users'],
  auditadmin: ['/system/audit'],
} as const;
type Login = keyof typeof navigation;
const logins = Object.keys(navigation) as Login[];

let hub: TestHub;
let browser: Browser;
const states = new Map<Login, View['state']>();

/** A page of someone who signed in before. */
const as = (login: Login, view: View = {}) => openPage(browser, { ...view, state: states.get(login) });

beforeAll(async () => {
  [hub, browser] = await Promise.all([startHub(), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await hub?.stop();
});

describe('signing in', () => {
  test('a wrong password is refused with its code and sentence, in both languages', async () => {
    for (const [language, sentence] of [
      ['zh', /问题代码/],
      ['en', /Problem code/],
    ] as const) {
      const { page, context, faults } = await openPage(browser, { language });
      await page.goto(hub.url);
      await fillSignIn(page, 'analyst', 'not the password');
      const alert = page.locator('[role="alert"]');
      await alert.waitFor();
      expect(await alert.textContent()).toContain('auth.sign-in-failed');
      expect(await alert.textContent()).toMatch(sentence);
      expect(faults).toEqual([]);
      await context.close();
    }
  });

  test('a one-time password must be changed first; a weak one is refused with the rules that it breaks', async () => {
    const { page, context } = await openPage(browser);
    const oneTime = hub.passwords.get('steward')!;
    await page.goto(hub.url);
    await fillSignIn(page, 'steward', oneTime);
    await fillNewPassword(page, oneTime, 'steward');
    const alert = page.locator('[role="alert"]').first();
    await alert.waitFor();
    expect(await alert.textContent()).toContain('auth.password-weak');
    await fillNewPassword(page, oneTime, newPassword);
    await settled(page);
    expect(await page.title()).toMatch(/^总览/);
    states.set('steward', await context.storageState());
    await context.close();
  });

  test.each(logins.filter((login) => login !== 'steward'))(
    '%s signs in and starts where their work is',
    async (login) => {
      const { page, context } = await openPage(browser);
      await firstSignIn(page, hub.url, login, hub.passwords.get(login)!);
      await page.waitForURL(hub.url + navigation[login][0]);
      await settled(page);
      states.set(login, await context.storageState());
      await context.close();
    },
  );
});

/** Waits until the demonstration city is collected and integrated. */
async function cityReady(): Promise<void> {
  const { page, context } = await as('steward');
  await page.goto(hub.url);
  const ready = `(async () => {
    const get = (path) => fetch(path).then((r) => r.json());
    const { jobs } = await get('/api/v1/jobs?limit=1000');
    if (jobs.some((job) => job.state === 'running' || job.state === 'queued')) return false;
    const [library, refinery, search] = await Promise.all([
      get('/api/v1/libraries/summary'), get('/api/v1/refinery/summary'), get('/api/v1/credit/search?q=' + encodeURIComponent('慈溪')),
    ]);
    return library.entities > 0 && refinery.waiting === 0 && search.total > 0;
  })()`;
  const deadline = performance.now() + 160_000;
  while (!(await page.evaluate(ready))) {
    if (performance.now() > deadline) throw new Error('the demonstration city was not ready in time');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  await context.close();
}

describe('the demonstration city', () => {
  test('is collected and integrated by itself, while the start page shows it alive', async () => {
    const { page, context } = await as('steward');
    await page.goto(hub.url);
    await settled(page);
    await cityReady();
    await page.reload();
    await page.locator('svg.flow').waitFor();
    const equation = (await page.locator('.equation').first().textContent())!;
    const [received, accepted, quarantined, duplicate] = [...equation.matchAll(/[\d,]+/g)].map((m) =>
      Number(m[0].replaceAll(',', '')),
    );
    expect(received).toBeGreaterThan(10_000);
    expect(received).toBe(accepted! + quarantined! + duplicate!);
    await context.close();
  });
});

describe('every page of the navigation', () => {
  const views: [Size, Language, 'light' | 'dark'][] = [
    ['desktop', 'zh', 'light'],
    ['wide', 'en', 'dark'],
    ['phone', 'zh', 'light'],
    ['phone', 'en', 'dark'],
  ];

  test.each(logins)('%s is offered exactly the pages of the role, and each of them is sound', async (login) => {
    const watched = await as(login);
    await watched.page.goto(hub.url + navigation[login][0]);
    await settled(watched.page);
    const links = await watched.page
      .locator('.frame-side a')
      .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    expect(links).toEqual([...navigation[login]]);
    for (const path of [...navigation[login], '/account']) {
      await watched.page.goto(hub.url + path);
      await settled(watched.page);
      expect(await watched.page.locator('.frame-ribbon').isVisible(), `ribbon on ${path}`).toBe(true);
      await expectSound(watched, `${login} ${path}`);
    }
    await watched.context.close();
  });

  test.each(views)('holds at %s in %s, %s', async (size, language, theme) => {
    const watched = await as('steward', { size, language, theme });
    for (const path of navigation.steward) {
      await watched.page.goto(hub.url + path);
      await settled(watched.page);
      await expectSound(watched, `${path} ${size} ${language} ${theme}`);
    }
    await watched.context.close();
  });

  test('a page that is not for the role says so, and an address without a page too', async () => {
    const watched = await as('bank');
    await watched.page.goto(`${hub.url}/system/audit`);
    await watched.page.getByText('您的角色不能打开这个页面').waitFor();
    await watched.page.goto(`${hub.url}/no/such/page`);
    await watched.page.getByText('没有这个页面').waitFor();
    await watched.context.close();
  });

  test('on a phone the navigation is a drawer that opens by its button', async () => {
    const { page, context } = await as('steward', { size: 'phone' });
    await page.goto(hub.url);
    await settled(page);
    expect(await page.locator('.frame-side').isVisible()).toBe(false);
    await page.getByRole('button', { name: '打开导航' }).click();
    await page.locator('.ant-drawer a[href="/exchange/sources"]').click();
    await page.waitForURL(`${hub.url}/exchange/sources`);
    await settled(page);
    await context.close();
  });
});

describe('an enterprise', () => {
  test('is found while one types, opened, and every value says where it comes from, down to the run', async () => {
    const watched = await as('steward');
    const { page } = watched;
    await page.goto(`${hub.url}/credit/search?q=${encodeURIComponent('慈溪')}`);
    await page.locator('.hit-name').first().waitFor();
    const name = (await page.locator('.hit-name').first().textContent())!;
    await expectSound(watched, 'search results');
    await page.locator('a.hit-name').first().click();
    await page.locator('.ent-main h1').waitFor();
    expect(await page.locator('.ent-main h1').textContent()).toBe(name);
    await settled(page);
    await expectSound(watched, 'panorama');
    await page.locator('.why').first().click();
    await page.waitForURL(/why=/);
    await page.locator('.claim .chain').first().waitFor();
    expect(await page.locator('.claim.chosen').count()).toBeGreaterThan(0);
    await expectSound(watched, 'why');
    await page.locator('.chain a').first().click();
    await page.waitForURL(/\/exchange\/runs\/\d+/);
    await settled(page);
    await expectSound(watched, 'run');
    await watched.context.close();
  });

  test.each(['phone', 'wide'] as const)('holds at %s', async (size) => {
    const watched = await as('steward', { size, language: 'en', theme: 'dark' });
    await watched.page.goto(`${hub.url}/credit/enterprises/1`);
    await settled(watched.page);
    await expectSound(watched, `panorama ${size}`);
    await watched.context.close();
  });

  test('personal data are masked until a purpose is stated, then plain for the steward', async () => {
    const { page, context } = await as('steward');
    await page.goto(`${hub.url}/credit/enterprises/1`);
    await settled(page);
    expect(await page.locator('.ent-facts .masked').count()).toBeGreaterThan(0);
    await page.locator('.purpose button').click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('#caseReference').fill('慈信〔2026〕1号');
    await dialog.locator('#text').fill('核对登记信息的来处');
    await dialog.getByRole('button', { name: '确定用途' }).click();
    await page.getByText('慈信〔2026〕1号').waitFor();
    await page.locator('.ent-facts .masked').first().waitFor({ state: 'detached' });
    await context.close();
  });
});

describe('two-step sign-in', () => {
  test('is turned on with a QR code and asked for at the next sign-in', async () => {
    const { page, context } = await as('analyst');
    await page.goto(`${hub.url}/account`);
    const panel = page.locator('.panel', { has: page.getByText('启用两步验证') });
    await panel.locator('input[type="password"]').fill(newPassword);
    await panel.locator('button[type="submit"]').click();
    await page.locator('.qr svg').waitFor();
    const secret = (await page.locator('.panel .hash').first().textContent())!;
    await page.locator('input[autocomplete="one-time-code"]').fill(totpCode(secret, Date.now()));
    await page.getByRole('button', { name: '确认启用' }).click();
    await page.locator('.codes li').first().waitFor();
    const recovery = (await page.locator('.codes li').first().textContent())!;
    await context.close();

    const again = await openPage(browser);
    await again.page.goto(hub.url);
    await fillSignIn(again.page, 'analyst', newPassword);
    await again.page.locator('input[autocomplete="one-time-code"]').fill(recovery);
    await again.page.locator('button[type="submit"]').click();
    await settled(again.page);
    await again.context.close();
  });
});

describe('lock-out', () => {
  test('after five wrong passwords the right one is refused too, and the page says why', async () => {
    const { page, context } = await openPage(browser);
    await page.goto(hub.url);
    for (const password of ['wrong 1', 'wrong 2', 'wrong 3', 'wrong 4', 'wrong 5', newPassword]) {
      const answer = page.waitForResponse((r) => r.url().endsWith('/api/v1/session'));
      await fillSignIn(page, 'leader', password);
      await answer;
    }
    await page.getByText('auth.locked').waitFor();
    expect(await page.locator('.sign-form').isVisible()).toBe(true);
    await context.close();
  });
});
