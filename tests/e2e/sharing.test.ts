/** Sharing in a real browser: an officer asks by the wizard, both heads agree, the delivery is downloaded and its receipt confirmed. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expectSound, settled } from './browser.ts';
import { useCity } from './city.ts';

const city = useCity();

interface Found {
  items: { id: string; collected: boolean; sharing: { type: string } }[];
}

test('an officer asks by the wizard, the heads agree, what is delivered is downloaded and confirmed by its fingerprint', async () => {
  const { items } = await city.ask<Found>('rsj-officer', '/api/v1/sharing/entries?search=scjg.market-entity');
  const entry = items.find((i) => i.collected && i.sharing.type === 'unconditional')!;

  // The officer of one department asks.
  const asker = await city.as('rsj-officer');
  const { page } = asker;
  await page.goto(`${city.url}/sharing/new?entry=${entry.id}`);
  await settled(page);
  await page.getByRole('button', { name: '全选', exact: true }).click();
  await page.getByRole('button', { name: '下一步' }).click();
  const scene = `稽核 ${Date.now().toString(36)}`;
  await page.getByLabel('使用依据').fill('《社会保险法》第七十七条');
  await page.getByLabel('使用场景').fill(scene);
  await page.getByLabel('使用范围').fill('稽核科内部使用');
  await page.getByText('文件下载', { exact: true }).click();
  const until = page.getByLabel('使用时限');
  await until.fill(`${new Date().getFullYear() + 1}-06-30`);
  await until.press('Enter');
  await page.locator('.ant-picker-dropdown:visible').waitFor({ state: 'detached' });
  await page.getByLabel('联系人').fill('张三 63800000');
  await expectSound(asker, '/sharing/new');
  await page.getByRole('button', { name: '下一步' }).click();
  await page.getByRole('button', { name: '提请本部门负责人同意' }).click();
  await page.waitForURL(/\/sharing\/requests\/\d+$/);
  const path = new URL(page.url()).pathname;

  // Each head agrees.
  for (const [login, step] of [
    ['rsj-head', '同意提出申请'],
    ['head', '同意共享'],
  ] as const) {
    const head = await city.as(login);
    await head.page.goto(`${city.url}${path}`);
    await settled(head.page);
    await head.page.getByRole('button', { name: step, exact: true }).click();
    await head.page.getByRole('button', { name: '确定', exact: true }).click();
    await head.page.getByRole('button', { name: step, exact: true }).waitFor({ state: 'detached' });
    await head.page.context().close();
  }

  // What nobody needs to judge is delivered at once.
  const request = await city.ask<{ share: number; state: string }>('rsj-officer', `/api/v1${path}`);
  expect(request.state).toBe('granted');
  await page.goto(`${city.url}/sharing/shares/${request.share}`);
  const download = page.getByRole('button', { name: '下载', exact: true });
  await download.waitFor({ timeout: 20_000 });
  await expectSound(asker, '/sharing/shares/$share');
  await page.getByLabel('下载用途').fill('社保稽核');
  const [file] = await Promise.all([page.waitForEvent('download'), download.click()]);
  const got = readFileSync((await file.path())!);
  expect(got.toString().split('\n')[0]).toContain('_record,');
  await page.locator('summary', { hasText: '确认收讫' }).click();
  await page.locator('input[type=file]').setInputFiles({ name: 'got.csv', mimeType: 'text/csv', buffer: got });
  await page.getByRole('button', { name: '确认收讫' }).click();
  await page.getByText('指纹一致').first().waitFor();
  const share = await city.ask<{ deliveryList: { sha256: string; receipt: { matches: boolean } }[] }>(
    'rsj-officer',
    `/api/v1/sharing/shares/${request.share}`,
  );
  expect(share.deliveryList[0]).toMatchObject({
    sha256: createHash('sha256').update(got).digest('hex'),
    receipt: { matches: true },
  });
});
