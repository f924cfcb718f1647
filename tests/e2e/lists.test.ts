/** Comparison lists and verification in a real browser: pages at each size and language, a case followed up, a list verified. */
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectSound, settled } from './browser.ts';
import { useCity } from './city.ts';

const city = useCity();

test.each([
  ['desktop', 'zh', 'light'],
  ['phone', 'zh', 'dark'],
  ['desktop', 'en', 'dark'],
] as const)('a list is sound: %s, %s, %s', async (size, language, theme) => {
  const watched = await city.as('steward', { size, language, theme });
  await watched.page.goto(`${city.url}/lists/annual-report-missing`);
  await settled(watched.page);
  await expectSound(watched, 'a list');
  await watched.context.close();
});

test('an officer follows a case up; it is kept, counted and can be filtered by', async () => {
  const watched = await city.as('officer');
  const { page } = watched;
  await page.goto(`${city.url}/lists/annual-report-missing`);
  await settled(page);
  await page.locator('table .link-button').first().click();
  const drawer = page.locator('.ant-drawer');
  await drawer.locator('textarea').fill('已电话提醒');
  await drawer.locator('.ant-select').first().click();
  await page.locator('.ant-select-item-option', { hasText: '已联系' }).click();
  await drawer.locator('button.ant-btn-primary').click();
  await drawer.locator('.note', { hasText: '已电话提醒' }).waitFor();
  await page.goto(`${city.url}/lists/annual-report-missing?state=contacted`);
  await settled(page);
  expect(await page.locator('table .link-button').allTextContents()).toEqual(['已联系']);
  await expectSound(watched, 'a list filtered by state');
  await watched.context.close();
});

test('a leader sees figures and no members', async () => {
  const watched = await city.as('leader');
  await watched.page.goto(`${city.url}/lists/annual-report-missing`);
  await settled(watched.page);
  expect(await watched.page.locator('table .link-button').count()).toBe(0);
  await expectSound(watched, 'a list as a leader sees it');
  await watched.context.close();
});

test('a list is uploaded, verified, corrected and downloaded', async () => {
  const file = join(tmpdir(), `jingwei-verify-${process.pid}.csv`);
  writeFileSync(file, '统一社会信用代码,企业名称\r\n91330282MA00000000,查无此企业\r\n,\r\n');
  const watched = await city.as('officer');
  const { page } = watched;
  await page.goto(`${city.url}/verifications`);
  await settled(page);
  await page.locator('input[type="radio"][value="legal-person"]').check();
  await page.setInputFiles('input[type=file]', file);
  await page.waitForURL(/\/verifications\/\d+/);
  const rows = page.locator('table.data tbody tr');
  await rows.nth(1).waitFor();
  expect(await rows.allTextContents()).toEqual([
    expect.stringContaining('库中查无'),
    expect.stringContaining('缺少核对项'),
  ]);
  await rows.nth(0).locator('.ant-select').click();
  await page.locator('.ant-select-item-option', { hasText: '库内有误' }).click();
  await rows.nth(0).locator('.ant-select', { hasText: '库内有误' }).waitFor();
  // What was said is kept, not only shown.
  await page.reload();
  await settled(page);
  await rows.nth(0).locator('.ant-select', { hasText: '库内有误' }).waitFor();
  await expectSound(watched, 'a verification');
  const id = /verifications\/(\d+)/.exec(page.url())![1];
  const answer = await page.request.get(`${city.url}/api/v1/libraries/verifications/${id}/delivery`, {
    headers: { 'Jingwei-Purpose': encodeURIComponent('校核') },
  });
  expect((await answer.text()).split('\r\n')[1]).toBe('91330282MA00000000,查无此企业,unknown,库中查无,');
  // What the library is said to have wrong is asked of the department of the register, and settled with a reason by who asked.
  await page.goto(`${city.url}/corrections`);
  await settled(page);
  const asked = page.locator('table.data tbody tr', { hasText: '有无此记录' });
  await asked.locator('button.link-button').first().click();
  const drawer = page.getByRole('dialog');
  await drawer.getByText('办结').first().click();
  await drawer.locator('textarea').fill('登记档案中查无此单位');
  await drawer.locator('button.ant-btn-primary').click();
  await drawer.getByText('登记档案中查无此单位').first().waitFor();
  // What was said is kept, not only shown.
  await page.goto(`${city.url}/corrections`);
  await settled(page);
  await asked.getByText('已办结').first().waitFor();
  await expectSound(watched, 'corrections');
  rmSync(file);
  await watched.context.close();
});
