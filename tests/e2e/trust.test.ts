/** Trust: a file is signed and verified in the browser, with and without an account; certificates can be read and printed; rows are proven. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectSound, settled } from './browser.ts';
import { useCity } from './city.ts';

const city = useCity();
const plan = Buffer.from('规划图第一稿\n');
const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/octet-stream', buffer });
const drop = (page: Page, files: ReturnType<typeof file>[]) =>
  page.setInputFiles('.ant-upload input[type=file]', files);

test('a file is signed and its signature proves it to anybody; one byte changed is refused in plain words', async () => {
  const steward = await city.as('steward');
  await steward.page.goto(`${city.url}/trust`);
  await drop(steward.page, [file('规划.txt', plan)]);
  await steward.page.getByRole('button', { name: '签名 1 个文件' }).click();
  const button = steward.page.getByRole('button', { name: '下载签名' });
  const [download] = await Promise.all([steward.page.waitForEvent('download'), button.click()]);
  expect(download.suggestedFilename()).toBe('规划.txt.ksig');
  const signature = readFileSync(await download.path());
  await expectSound(steward, 'signed file');
  await steward.context.close();

  const anybody = await city.nobody();
  const { page } = anybody;
  await page.goto(`${city.url}/verify`);
  await drop(page, [file('规划.txt', plan), file('规划.txt.ksig', signature)]);
  await page.locator('.verdict.good').getByText('验证通过').waitFor();
  // The account is drawn from the signature at once; what its names stand for is asked of the hub and comes after.
  await page.locator('.account-origin').getByText('慈溪市').waitFor();
  await expectSound(anybody, 'verified file');

  await page.getByRole('button', { name: '清空' }).click();
  const changed = Buffer.from(plan);
  changed[0]! ^= 1;
  await drop(page, [file('规划.txt', changed), file('规划.txt.ksig', signature)]);
  const verdict = page.locator('.verdict');
  await verdict.getByText('验证不通过').waitFor();
  expect(await verdict.innerText()).toMatch(/这份文件不是当时签名的那一份[\s\S]*GEN-01/);
  expect(await page.locator('.verdict.good').count()).toBe(0);
  await page.getByText('以下是签名自己的说法，没有得到证明').waitFor();
  await expectSound(anybody, 'refused file');

  await page.getByRole('button', { name: '清空' }).click();
  await drop(page, [file('坏.ksig', Buffer.from('no signature'))]);
  await page.locator('.verdict.bad').getByText('这不是一份可用的签名').waitFor();
  await anybody.context.close();
});

test('a certificate answers what, when, who, unchanged and by what, fits on two pages, and is open to who has its address', async () => {
  const { items } = await city.ask<{ items: { id: number; level: number }[] }>(
    'steward',
    '/api/v1/seals?kind=run&state=sealed&limit=100',
  );
  // A run of many rows: what is signed of it is the root of their tree, which is no file to compare with.
  const { id } = items.find((seal) => seal.level > 0)!;
  const { reference } = await city.ask<{ reference: string }>('steward', `/api/v1/seals/${id}`);
  const steward = await city.as('steward');
  await steward.page.goto(`${city.url}/trust/seals/${id}`);
  await steward.page.locator('.verdict.good').waitFor();
  expect(await steward.page.locator('.account-part > h3').allInnerTexts()).toEqual([
    '签的是什么',
    '何时签的',
    '由谁请求',
    '是否被改动',
    '由什么证明',
    '计算过程（供技术核验）',
  ]);
  await expectSound(steward, 'certificate');
  const pdf = (await steward.page.pdf({ preferCSSPageSize: true })).toString('latin1');
  expect(pdf.match(/\/Type\s*\/Page\b/g)?.length).toBe(2);
  await steward.page.emulateMedia({ media: 'print' });
  expect(await steward.page.locator('.certificate-qr svg').isVisible()).toBe(true);
  for (const hidden of ['.frame-top', '.frame-side', '.frame-ribbon', '.page-head'])
    expect(await steward.page.locator(hidden).first().isVisible(), hidden).toBe(false);
  await steward.context.close();

  const anybody = await city.nobody({ size: 'phone', language: 'en', theme: 'dark' });
  await anybody.page.goto(`${city.url}/verify?ref=${reference}`);
  await anybody.page.locator('.verdict.info').getByText('The signature is valid', { exact: true }).waitFor();
  await settled(anybody.page);
  await expectSound(anybody, 'public certificate');
  await anybody.context.close();
});

test('a received row is proven from its run, by a signature of its own', async () => {
  const { items } = await city.ask<{ items: { subject: string }[] }>(
    'steward',
    '/api/v1/seals?kind=run&state=sealed&limit=1',
  );
  const steward = await city.as('steward');
  const { page } = steward;
  await page.goto(`${city.url}/exchange/runs/${items[0]!.subject}`);
  await page.getByRole('button', { name: '取得证明' }).click();
  await page.getByRole('button', { name: '本行的可信标签' }).click();
  await page.locator('.ant-drawer .verdict.good').waitFor();
  const save = page.getByRole('button', { name: '本行的签名（.ksig）' });
  const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
  expect(download.suggestedFilename()).toMatch(/-1\.json\.ksig$/);
  await steward.context.close();
});
