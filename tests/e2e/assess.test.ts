/** Scores, ranking, warnings, chains and analysis in a real browser: each page sound at both sizes, and a warning handled. */
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSound, firstSignIn, openBrowser, openPage, type Size, settled, type Watched } from './browser.ts';
import { startHub, type TestHub } from './hub.ts';

let hub: TestHub;
let browser: Browser;
let state: Awaited<ReturnType<BrowserContext['storageState']>>;

/** Asks the hub as the page that is open would. */
async function ask<T>({ page }: Watched, path: string): Promise<T> {
  return (await page.evaluate(`fetch(${JSON.stringify(path)}).then((r) => r.json())`)) as T;
}

beforeAll(async () => {
  hub = await startHub(20_000);
  browser = await openBrowser();
  const opened = await openPage(browser);
  await firstSignIn(opened.page, hub.url, 'steward', hub.passwords.get('steward')!);
  state = await opened.context.storageState();
  // Scored, warned and measured by itself after the integration.
  for (;;) {
    const { jobs } = await ask<{ jobs: { kind: string; state: string }[] }>(
      opened,
      '/api/v1/jobs?kind=credit.measures',
    );
    if (jobs.some((job) => job.state === 'done')) break;
    expect(jobs.filter((job) => job.state === 'failed')).toEqual([]);
    await opened.page.waitForTimeout(1000);
  }
  await opened.context.close();
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await hub?.stop();
});

/** Opens a page as the steward. */
async function open(path: string, size: Size = 'desktop', language: 'zh' | 'en' = 'zh'): Promise<Watched> {
  const opened = await openPage(browser, { state, size, language });
  await opened.page.goto(hub.url + path);
  await settled(opened.page);
  return opened;
}

describe('pages of enterprise credit', () => {
  test.each([
    '/credit/ranking',
    '/credit/ranking?tab=statistics',
    '/credit/ranking?tab=statistics&by=town&across=grade',
    '/credit/warnings',
    '/credit/chains',
    '/credit/analysis',
    '/credit/analysis?by=link&chain=home-appliances',
  ])('%s is sound on a desk and on a phone, in both languages', async (path) => {
    for (const [size, language] of [
      ['desktop', 'zh'],
      ['phone', 'en'],
    ] as const) {
      const opened = await open(path, size, language);
      await expectSound(opened, `${path} ${size} ${language}`);
      await opened.context.close();
    }
  });

  test('an enterprise shows its score, its lines sum to it, and a record behind a point opens', async () => {
    const opened = await open('/credit/ranking');
    await opened.page.locator('table.data tbody a').first().click();
    const panel = opened.page.locator('#score');
    await panel.locator('table.data').waitFor();
    const total = Number(await panel.locator('.score-number').textContent());
    const points = await panel.locator('table.data tbody tr td:nth-child(4)').allTextContents();
    const numbers = points.map((text) => Number(text.replace('−', '-').replace('+', '')));
    expect(numbers.at(-1)).toBe(total);
    expect(numbers.slice(0, -1).reduce((a, b) => a + b, 0)).toBeCloseTo(total, 5);
    await panel.getByRole('button', { name: '记录 1' }).first().click();
    await opened.page.getByRole('dialog').waitFor();
    await opened.context.close();
  });

  test('a warning is dismissed with its reason and leaves the open ones', async () => {
    const opened = await open('/credit/warnings');
    const { total } = await ask<{ total: number }>(opened, '/api/v1/credit/warnings');
    expect(total).toBeGreaterThan(0);
    await opened.page.locator('table.data tbody button', { hasText: '处置' }).first().click();
    const dialog = opened.page.getByRole('dialog');
    await dialog.getByText('排除', { exact: true }).click();
    const submit = dialog.getByRole('button', { name: /提\s*交/ });
    expect(await submit.isDisabled()).toBe(true);
    await dialog.locator('textarea').fill('经核实已整改');
    await submit.click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await ask<{ total: number }>(opened, '/api/v1/credit/warnings')).toMatchObject({ total: total - 1 });
    const [handled] = (
      await ask<{ items: { reason: string; steps: unknown[] }[] }>(opened, '/api/v1/credit/warnings?state=dismissed')
    ).items;
    expect(handled).toMatchObject({ reason: '经核实已整改' });
    expect(handled!.steps).toHaveLength(1);
    await opened.context.close();
  });

  test('a group of the analysis is drilled into, down to enterprises', async () => {
    const opened = await open('/credit/analysis?by=section');
    await opened.page.locator('table.data').first().locator('tbody .link-button').first().click();
    await opened.page.waitForURL(/section=/);
    await settled(opened.page);
    await opened.page.locator('section', { hasText: '企业名单' }).locator('tbody a').first().click();
    await opened.page.waitForURL(/credit\/enterprises/);
    await opened.context.close();
  });
});
