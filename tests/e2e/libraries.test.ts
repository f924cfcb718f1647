/** The declared libraries in a real browser: the way from an overview to a building, its people, a household and an enterprise. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectSound, settled, type View, type Watched } from './browser.ts';
import { useCity } from './city.ts';

const city = useCity();

test('the city that arrived by itself is on the start page: what was received is accepted, quarantined or a duplicate', async () => {
  const { page, context } = await city.as('steward');
  await page.goto(city.url);
  await page.locator('svg.flow').waitFor();
  const equation = (await page.locator('.equation').first().textContent())!;
  const [received, accepted, quarantined, duplicate] = [...equation.matchAll(/[\d,]+/g)].map((m) =>
    Number(m[0].replaceAll(',', '')),
  );
  expect(received).toBeGreaterThan(15_000);
  expect(received).toBe(accepted! + quarantined! + duplicate!);
  await context.close();
});
/** Where screenshots are kept, when they are wanted. */
const shots = process.env.JINGWEI_SHOTS;
const shot = async ({ page }: Watched, name: string): Promise<void> => {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
};
const open = (view: View = {}): Promise<Watched> => city.as('steward', view);

describe('the declared libraries', () => {
  test.each([
    ['desktop', 'zh', 'light'],
    ['wide', 'en', 'dark'],
    ['phone', 'zh', 'light'],
  ] as const)('overview, search and a building are sound at %s in %s, %s', async (size, language, theme) => {
    const watched = await open({ size, language, theme });
    const { page } = watched;
    for (const path of ['/libraries', '/libraries/building', '/libraries/person', '/libraries/building/1']) {
      await page.goto(city.url + path);
      await settled(page);
      await expectSound(watched, `${path} ${size} ${language}`);
      await shot(watched, `${path.slice(1).replaceAll('/', '-')}-${size}-${language}`);
    }
    await watched.context.close();
  });

  test('persons ask for a purpose; with one the way leads from a dwelling to a person, the household and an employer', async () => {
    const watched = await open();
    const { page } = watched;
    await page.goto(`${city.url}/libraries/person/1`);
    await page.getByText('查看个人信息须先说明目的').first().waitFor();
    await page.locator('.purpose button').first().click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('#caseReference').fill('慈核〔2026〕1号');
    await dialog.locator('#text').fill('核对户籍与居住情况');
    await dialog.getByRole('button', { name: '确定用途' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.reload();
    await settled(page);
    await expectSound(watched, 'a person');
    await shot(watched, 'person');
    const name = (await page.locator('h1').textContent())!.trim();
    expect(name).toMatch(/^\p{Script=Han}{2,4}$/u);
    await page.getByRole('button', { name: /^为什么 姓名$/ }).click();
    await page.locator('.claim.chosen').waitFor();
    await shot(watched, 'why');
    await page.keyboard.press('Escape');
    // By name, in the list.
    await page.goto(`${city.url}/libraries/person?q=${encodeURIComponent(name)}`);
    await settled(page);
    await expectSound(watched, 'persons found');
    await shot(watched, 'persons');
    await page.locator('table.data a').first().click();
    await page.locator('h1', { hasText: name }).waitFor();
    await page.locator('table.data a[href*="/libraries/dwelling/"]').first().click();
    await page.waitForURL(/libraries\/dwelling\/\d+$/);
    await settled(page);
    await expectSound(watched, 'a dwelling');
    await shot(watched, 'dwelling');
    await page.locator('table.data a[href*="/libraries/building/"]').first().click();
    await page.waitForURL(/libraries\/building\/\d+$/);
    await settled(page);
    await expectSound(watched, 'a building');
    await watched.context.close();
  });

  test('a building with enterprises leads to one of them', async () => {
    const watched = await open();
    const { page } = watched;
    const entity = await page.goto(city.url).then(() =>
      page.evaluate(`(async () => {
        for (let after = 0; ; after += 100) {
          const found = await (await fetch('/api/v1/libraries/base/building/entities?limit=100&after=' + after)).json();
          if (found.items.length === 0) return null;
          for (const item of found.items.slice(0, 100)) {
            const one = await (await fetch('/api/v1/libraries/base/building/entities/' + item.entity)).json();
            if (one.relations.some((r) => r.library === 'legal-person')) return item.entity;
          }
        }
      })()`),
    );
    expect(entity).not.toBeNull();
    await page.goto(`${city.url}/libraries/building/${entity}`);
    await settled(page);
    await shot(watched, 'building-enterprises');
    await page.locator('table.data a[href*="/credit/enterprises/"]').first().click();
    await page.waitForURL(/credit\/enterprises\/\d+/);
    await settled(page);
    await expectSound(watched, 'the enterprise');
    await watched.context.close();
  });
});
