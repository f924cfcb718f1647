/**
 * Forms in a real browser: an officer designs and publishes one, a collector fills it in without a network and hands it in once there is one again, the
 * officer accepts it; a spreadsheet with faults is taken in as far as it is good.
 */
import { expect, test } from 'vitest';
import { expectSound, settled } from './browser.ts';
import { useCity } from './city.ts';

const city = useCity();

interface Records {
  items: { id: string; state: string; caption: string; filledBy: { login: string } }[];
  total: number;
}

test('a form is designed and published, filled in without a network, sent once, accepted; a faulty spreadsheet is taken as far as it is good', async () => {
  const title = `走访登记 ${Date.now().toString(36)}`;
  const name = `visit-${Date.now().toString(36)}`;

  // The officer designs.
  const officer = await city.as('mzj-officer');
  await officer.page.goto(`${city.url}/forms`);
  await settled(officer.page);
  await expectSound(officer, '/forms');
  await officer.page.getByRole('button', { name: '新建表单' }).click();
  const dialog = officer.page.getByRole('dialog');
  await dialog.getByLabel('表单名称').fill(title);
  await dialog.getByLabel('来源代码').fill(name);
  await dialog.getByRole('button', { name: '新建并设计' }).click();
  const canvas = officer.page.getByRole('region', { name: '表单内容' });
  await canvas.waitFor();
  const palette = officer.page.getByRole('region', { name: '可以加入的字段' });
  const add = async (kind: string, label: string, field: string) => {
    await palette.getByRole('button', { name: kind, exact: true }).click();
    await officer.page.getByLabel('名称', { exact: true }).fill(label);
    await officer.page.getByLabel('字段代码').fill(field);
    await officer.page.getByLabel('字段代码').blur();
  };
  await add('整数', '同住人数', 'people');
  await add('是否', '是否独居', 'alone');
  await add('多行文字', '独居情况', 'how');
  // Shown only where somebody lives alone: by choosing, without a formula.
  await officer.page.getByRole('button', { name: '加条件' }).click();
  const term = officer.page.locator('.condition-term');
  await term.getByRole('combobox', { name: '字段' }).click();
  await officer.page.locator('.ant-select-item-option', { hasText: '是否独居' }).click();
  await term.getByText('为“是”').waitFor();
  await canvas.getByText('有条件显示').waitFor();
  // By keyboard: the last field goes up, and a step back brings it down again.
  const how = canvas.getByRole('button', { name: /独居情况 多行文字/ });
  await how.press('Alt+ArrowUp');
  expect(await canvas.locator('li').nth(2).textContent()).toContain('独居情况');
  await officer.page.getByRole('button', { name: '撤销' }).click();
  expect(await canvas.locator('li').nth(3).textContent()).toContain('独居情况');
  await officer.page.getByText('草稿已保存').waitFor();
  await expectSound(officer, '/forms/$form/design');
  await officer.page.getByRole('button', { name: '检查并发布' }).click();
  await officer.page.getByRole('dialog').getByText('检查通过，没有问题。').waitFor();
  await officer.page.getByRole('dialog').getByRole('button', { name: '发布', exact: true }).click();
  await officer.page.waitForURL(/\/forms\/\d+$/);
  const form = Number(new URL(officer.page.url()).pathname.split('/')[2]);

  // The collector fetches it, and loses the network.
  const phone = await city.as('collector', { size: 'phone' });
  await phone.page.goto(`${city.url}/`);
  await phone.page.waitForURL(/\/collect$/);
  await settled(phone.page);
  await expectSound(phone, '/collect');
  await phone.page.locator('.collect-tabs').getByText('表单').click();
  await phone.page.getByRole('button', { name: `填写 ${title}` }).waitFor();
  await phone.page.getByText('本机保存与保护').click();
  await phone.page.getByText('页面已存在本机').waitFor();
  await phone.context.setOffline(true);
  await phone.page.reload();
  await phone.page.getByText('没有网络，照常填写').waitFor();
  await phone.page.getByRole('button', { name: `填写 ${title}` }).click();
  const hand = phone.page.getByRole('button', { name: '提交' });
  await phone.page.getByLabel('同住人数').fill('0');
  await phone.page.getByText('是', { exact: true }).click();
  await phone.page.getByLabel('独居情况').fill('腿脚不便');
  await hand.click();
  // Faults lead to their place.
  const summary = phone.page.locator('#ff-summary');
  await summary.getByRole('button', { name: '姓名' }).click();
  await phone.page.keyboard.type('王阿婆');
  await summary.waitFor({ state: 'detached' });
  await expectSound(phone, '/collect/fill/$draft');
  await hand.click();
  const waiting = phone.page.locator('.collect-card', { hasText: '王阿婆' });
  await waiting.getByText('等待送出').waitFor();
  await phone.page.reload();
  await waiting.getByText('等待送出').waitFor();
  await expectSound(phone, '/collect?tab=waiting');
  const records = () => city.ask<Records>('mzj-officer', `/api/v1/forms/${form}/records`);
  expect((await records()).total).toBe(0);

  // The network is back: sent by itself, once.
  await phone.context.setOffline(false);
  await waiting.waitFor({ state: 'detached' });
  await phone.page.getByText('都已送出').waitFor();
  await phone.page.reload();
  await phone.page.getByText('都已送出').waitFor();
  const { items, total } = await records();
  expect(total).toBe(1);
  expect(items[0]).toMatchObject({ state: 'submitted', filledBy: { login: 'collector' } });
  expect(await phone.page.evaluate('indexedDB.databases().then((all) => all.length)')).toBe(1);
  await phone.context.close();

  // The officer looks at it and accepts it.
  await officer.page.reload();
  await settled(officer.page);
  await expectSound(officer, '/forms/$form');
  await officer.page.locator('table.data tbody th a').first().click();
  await settled(officer.page);
  await officer.page.getByText('腿脚不便', { exact: true }).waitFor();
  await expectSound(officer, '/forms/$form/records/$record');
  await officer.page.getByRole('button', { name: '通过' }).click();
  await officer.page.getByText('已通过').first().waitFor();
  expect((await records()).items[0]?.state).toBe('accepted');
  await officer.page.goto(`${city.url}/forms/${form}/print?record=${items[0]!.id}`);
  await officer.page.locator('.sheet-head h2', { hasText: title }).waitFor();
  await expectSound(officer, '/forms/$form/print');

  // A spreadsheet with a good row and a bad one.
  await officer.page.goto(`${city.url}/forms/${form}/import`);
  await settled(officer.page);
  const sheet = '姓名,同住人数,是否独居\n李大爷,2,否\n,两个,否\n';
  await officer.page
    .locator('input[type="file"]')
    .setInputFiles({ name: '走访.csv', mimeType: 'text/csv', buffer: Buffer.from(sheet, 'utf8') });
  await officer.page.getByRole('button', { name: '收下好的 1 行' }).waitFor();
  await officer.page.locator('table.data tbody tr', { hasText: '两个' }).getByText('B3').waitFor();
  await expectSound(officer, '/forms/$form/import');
  await officer.page.getByRole('button', { name: '收下好的 1 行' }).click();
  await officer.page.getByRole('link', { name: '去看记录' }).waitFor();
  expect((await records()).total).toBe(2);
  await officer.context.close();
});
