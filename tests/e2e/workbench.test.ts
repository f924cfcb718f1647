/** The query workbench in the browser: run, plan, chart, save and share, open as somebody else with their own rights, export, and what is wrong. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dress, expectSound, follow, settled } from './browser.ts';
import { useCity } from './city.ts';

const city = useCity();
const statement = 'SELECT status, count(*) AS n FROM v.legal_person_v1 GROUP BY status ORDER BY n DESC, status LIMIT 3';

test('a query is run, planned, drawn, saved for a role, opened and exported by another; a wrong one names its line', async () => {
  const watched = await city.as('analyst', { theme: 'system' });
  const { page } = watched;
  await follow(page, city.url, '/workbench');
  const editor = page.getByRole('textbox', { name: '查询', exact: true });
  const run = page.getByRole('button', { name: '运行', exact: true });

  // What is wrong is told with its place, and nothing is run.
  await editor.fill('SELECT status,\n  no_such_column\nFROM v.legal_person_v1');
  await run.click();
  const alert = page.locator('[role="alert"]').first();
  await alert.waitFor();
  expect(await alert.textContent()).toContain('no_such_column');
  expect(await editor.getAttribute('aria-invalid')).toBe('true');

  await editor.fill(statement);
  await editor.press('Control+Enter');
  const rows = page.getByRole('group', { name: '结果' }).locator('tbody tr');
  await expect.poll(() => rows.count(), { timeout: 15_000 }).toBeGreaterThan(1);
  const told = await rows.locator('td, th').allTextContents();
  await dress(page, { size: 'phone', language: 'zh', theme: 'dark' });
  await expectSound(watched, 'an answer on a phone, dark');
  await dress(page, { size: 'desktop', language: 'zh', theme: 'light' });

  await page.getByRole('tab', { name: '图表' }).click();
  await page.getByRole('img', { name: '图表' }).or(page.locator('canvas, svg[role="img"]')).first().waitFor();
  await expectSound(watched, 'a chart');
  await page.getByRole('button', { name: '执行计划' }).click();
  const plan = page.locator('.wb-plan');
  await plan.waitFor();
  expect(await plan.textContent()).toMatch(/分组汇总|取前几名/);
  await expectSound(watched, 'a plan');

  await page.getByRole('button', { name: '保存查询' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('名称').fill('各状态企业数');
  await dialog.getByText('指定角色').click();
  await dialog.getByRole('combobox').click();
  await page.locator('.ant-select-item-option', { hasText: '部门数据专员' }).click();
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: '保存查询' }).click();
  await page.waitForURL(/query=\d+/);
  const saved = new URL(page.url()).searchParams.get('query')!;
  await page.getByRole('tab', { name: '历史' }).click();
  await page.getByText('FROM v.legal_person_v1').last().waitFor();
  await watched.context.close();

  // An officer finds it among what is shared, runs it with their own rights and takes the file.
  const officer = await city.as('officer');
  await officer.page.goto(`${city.url}/workbench/saved`);
  await settled(officer.page);
  await officer.page.getByRole('link', { name: '各状态企业数' }).click();
  await officer.page.waitForURL(new RegExp(`query=${saved}`));
  await settled(officer.page);
  await officer.page.getByRole('button', { name: '运行', exact: true }).click();
  const same = officer.page.getByRole('group', { name: '结果' }).locator('tbody tr');
  await expect.poll(() => same.count(), { timeout: 15_000 }).toBeGreaterThan(1);
  expect(await same.locator('td, th').allTextContents()).toEqual(told);
  await officer.page.getByRole('button', { name: '导出', exact: true }).click();
  const exporting = officer.page.getByRole('dialog');
  await exporting.getByText('CSV').click();
  const take = exporting.getByRole('button', { name: '导出', exact: true });
  expect(await take.isDisabled(), 'without a purpose').toBe(true);
  await exporting.getByLabel(/导出用途/).fill('年度工作总结用数');
  const [file] = await Promise.all([officer.page.waitForEvent('download'), take.click()]);
  const text = readFileSync((await file.path())!, 'utf8');
  expect(text.split('\n')[0]).toContain('status');
  for (const cell of told) expect(text).toContain(cell);
  await officer.context.close();

  // It stays the analyst's: a leader, whose role has no workbench, cannot open it.
  await expect(city.ask('leader', `/api/v1/workbench/saved/${saved}`)).rejects.toThrow('403');
});
