/**
 * The first hour of a hub: signing in as every role, one-time passwords, start pages while nothing is there yet, two-step
 * sign-in and the lock-out. A hub of its own, since accounts are changed; no city, which would cost a minute of work.
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rolePermissions } from '../../hub/src/platform/auth/principal.ts';
import { pages, startPage } from '../../web/console/src/pages.ts';
import { fillNewPassword, fillSignIn, firstSignIn, openBrowser, openPage, settled, type View } from './browser.ts';
import { newPassword, startHub, type TestHub } from './hub.ts';
import { ask, type Login, logins, roleOf, signedIn } from './people.ts';
import { totpCode } from './totp.ts';

let hub: TestHub;
let browser: Browser;
const states = new Map<Login, NonNullable<View['state']>>();

/** A page of someone who signed in before. */
const as = (login: Login, view: View = {}) => openPage(browser, { ...view, state: states.get(login) });

/** The first login of every start page; the steward signs in before. */
function firstOfEachStart(): Login[] {
  const found = new Map<string, Login>();
  for (const login of logins) {
    const start = startPage(new Set(rolePermissions[roleOf[login]]));
    if (login !== 'steward' && !found.has(start)) found.set(start, login);
  }
  return [...found.values()];
}

beforeAll(async () => {
  [hub, browser] = await Promise.all([startHub(0), openBrowser()]);
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

  // Where a role starts follows from its permissions alone: one of those that start at the same page is enough.
  test.each(firstOfEachStart())('%s signs in and starts where their work is', async (login) => {
    const { page, context } = await openPage(browser);
    await firstSignIn(page, hub.url, login, hub.passwords.get(login)!);
    await settled(page);
    const state = await context.storageState();
    const { permissions } = await ask<{ permissions: string[] }>(hub.url, state, '/api/v1/me');
    const start = startPage(new Set(permissions));
    expect(pages.map((entry) => entry.path)).toContain(start);
    await page.waitForURL(hub.url + start);
    states.set(login, state);
    await context.close();
  });

  test('everybody else of the demonstration can sign in as well', async () => {
    for (const login of logins.filter((l) => !states.has(l)))
      states.set(login, await signedIn(hub.url, login, hub.passwords.get(login)!));
    expect([...states.keys()].sort()).toEqual([...logins].sort());
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
