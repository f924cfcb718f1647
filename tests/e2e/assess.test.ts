/** Scores, ranking, warnings, chains and analysis in a real browser: each page sound at both sizes, and a warning handled. */
import { describe, expect, test } from 'vitest';
import { expectSound, type Size, settled, type Watched } from './browser.ts';
import { useCity } from './city.ts';

const city = useCity();
const ask = <T>(path: string) => city.ask<T>('steward', path);

/** Opens a page as the steward. */
async function open(path: string, size: Size = 'desktop', language: 'zh' | 'en' = 'zh'): Promise<Watched> {
  const opened = await city.as('steward', { size, language });
  await opened.page.goto(city.url + path);
  await settled(opened.page);
  return opened;
}

describe('pages of enterprise credit', () => {
  test.each([
    '/credit/ranking?tab=statistics',
    '/credit/ranking?tab=statistics&by=town&across=grade',
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
    const { total } = await ask<{ total: number }>('/api/v1/credit/warnings');
    expect(total).toBeGreaterThan(0);
    await opened.page.locator('table.data tbody button', { hasText: '处置' }).first().click();
    const dialog = opened.page.getByRole('dialog');
    await dialog.getByText('排除', { exact: true }).click();
    const submit = dialog.getByRole('button', { name: /提\s*交/ });
    await dialog.getByText('排除须说明理由').waitFor();
    expect(await submit.isDisabled()).toBe(true);
    await dialog.locator('textarea').fill('经核实已整改');
    await submit.click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await ask<{ total: number }>('/api/v1/credit/warnings')).toMatchObject({ total: total - 1 });
    const [handled] = (
      await ask<{ items: { reason: string; steps: unknown[] }[] }>('/api/v1/credit/warnings?state=dismissed')
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
