/** One enterprise in a real browser: found, opened, explained down to the run; personal data only for a purpose. */
import { expect, test } from 'vitest';
import { expectSound, settled } from './browser.ts';
import { useCity } from './city.ts';

const city = useCity();

test('an enterprise is found while one types, opened, and every value says where it comes from, down to the run', async () => {
  const watched = await city.as('steward');
  const { page } = watched;
  await page.goto(`${city.url}/credit/search?q=${encodeURIComponent('慈溪')}`);
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

test.each(['phone', 'wide'] as const)('an enterprise holds at %s', async (size) => {
  const watched = await city.as('steward', { size, language: 'en', theme: 'dark' });
  await watched.page.goto(`${city.url}/credit/enterprises/1`);
  await settled(watched.page);
  await expectSound(watched, `panorama ${size}`);
  await watched.context.close();
});

test('personal data are masked until a purpose is stated, then plain for the steward', async () => {
  const { page, context } = await city.fresh('steward');
  await page.goto(`${city.url}/credit/enterprises/1`);
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
