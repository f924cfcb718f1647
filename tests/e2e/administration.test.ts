/**
 * Pages of administration beyond the walk: a person with what they hold and their history, an organisation on a day, a review of roles from its beginning
 * to an answer, keys and operations as the hub tells them, a data element with its uses and a set of codes.
 */
import { expect, test } from 'vitest';
import { expectUnbroken, follow, settled } from './browser.ts';
import { useCity } from './city.ts';
import { judge } from './walk.ts';

const city = useCity();

interface Person {
  name: string;
  roles: string[];
  held: { count: number; title: { zh: string } }[];
  rolesHistory: unknown[];
}

test('a person’s page says what they hold and were; an organisation’s says who was in it on a day; both hold in every view', async () => {
  const { items } = await city.ask<{ items: { id: string; login: string }[] }>('sysadmin', '/api/v1/users');
  const { id } = items.find((u) => u.login === 'rsj-officer')!;
  const person = await city.ask<Person>('secadmin', `/api/v1/people/users/${id}`);
  expect(person.held.length, 'the demonstration gives its officers something in hand').toBeGreaterThan(0);
  const watched = await city.as('secadmin', { theme: 'system' });
  const { page } = watched;
  await page.goto(`${city.url}/people/${id}`);
  await settled(page);
  expect(await page.locator('h1').textContent()).toBe(person.name);
  const held = page.getByRole('group', { name: '名下事项' });
  for (const h of person.held) {
    const row = held.getByRole('row').filter({ hasText: h.title.zh });
    expect(await row.first().textContent()).toContain(String(h.count));
  }
  expect(await page.getByRole('group', { name: /角色/ }).locator('tbody tr').count()).toBe(person.rolesHistory.length);
  await judge(watched, `/people/${id}`);
  // Of a day before there was anybody nobody is told; of today all are.
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${city.url}/system/organisations/rsj`);
  await settled(page);
  const members = page.locator('table').filter({ hasText: 'rsj-officer' });
  expect(await members.count()).toBe(1);
  await page.goto(`${city.url}/system/organisations/rsj?day=2020-01-01`);
  await settled(page);
  expect(await page.getByText('rsj-officer').count()).toBe(0);
  await judge(watched, '/system/organisations/rsj');
  await page.goto(`${city.url}/system/organisations/no-such-place`);
  await page.locator('[role="alert"]').first().waitFor();
  await watched.context.close();
});

test('a review of roles is begun once, asked of the head, answered one by one, and its progress is told', async () => {
  const security = await city.as('secadmin');
  await follow(security.page, city.url, '/system/recertification');
  await security.page.getByRole('button', { name: '开始复核' }).click();
  await security.page.locator('.ant-popconfirm').getByRole('button', { name: '开始复核' }).click();
  await security.page.getByRole('group', { name: /年复核/ }).waitFor();
  await settled(security.page);
  expect(await security.page.getByRole('button', { name: '开始复核' }).count(), 'one at a time').toBe(0);
  await expectUnbroken(security, 'a review under way');

  const head = await city.as('head', { theme: 'system' });
  await head.page.goto(`${city.url}/account/recertification`);
  await settled(head.page);
  const rows = head.page.locator('tbody tr');
  const officer = rows.filter({ hasText: 'officer' }).first();
  await officer.getByRole('button', { name: '确认', exact: true }).click();
  await officer.getByText('已确认').waitFor();
  expect(await rows.filter({ hasText: 'rsj-officer' }).count(), 'people of other organisations').toBe(0);
  await judge(head, '/account/recertification');
  await head.context.close();

  await security.page.reload();
  await settled(security.page);
  const answered = security.page
    .getByRole('group', { name: /年复核/ })
    .getByRole('row')
    .filter({ hasText: '已确认' });
  expect(await answered.count()).toBe(1);
  await security.context.close();
});

test('keys are told without their material, operations with what needs a hand and how long what is kept', async () => {
  const watched = await city.as('sysadmin');
  const { page } = watched;
  const { keys } = await city.ask<{ keys: { id: string; state: string }[] }>('sysadmin', '/api/v1/keys');
  await follow(page, city.url, '/system/keys');
  const active = keys.filter((k) => k.state === 'active').length;
  expect(active).toBeGreaterThan(3);
  expect(await page.locator('.figure, .figures > *').filter({ hasText: '使用中' }).first().textContent()).toContain(
    String(active),
  );
  // No bytes in any writing: neither hexadecimal nor base64 of a key's length.
  expect(await page.locator('main').textContent()).not.toMatch(/[0-9a-f]{32}|[A-Za-z0-9+/]{43}=/);
  await follow(page, city.url, '/system/operations');
  const { parts } = await city.ask<{ parts: { title: { zh: string }; standing: string }[] }>(
    'sysadmin',
    '/api/v1/operations',
  );
  const table = page.getByRole('group', { name: '各部分' });
  for (const part of parts)
    expect(await table.getByText(part.title.zh, { exact: true }).count(), part.title.zh).toBeGreaterThan(0);
  expect(
    await page.getByText('政务数据共享条例', { exact: false }).count(),
    'the law that periods rest on',
  ).toBeGreaterThan(0);
  await expectUnbroken(watched, '/system/operations');
  await watched.context.close();
});

test('a data element leads to what uses it and to its codes; a set of codes is searched', async () => {
  const watched = await city.as('steward', { theme: 'system' });
  const { page } = watched;
  const { items } = await city.ask<{ items: { id: string; codes: string | null; title: { zh: string } }[] }>(
    'steward',
    '/api/v1/elements',
  );
  const one = items.find((e) => e.codes === 'currency') ?? items.find((e) => e.codes)!;
  await page.goto(`${city.url}/elements/${one.id}`);
  await settled(page);
  expect(await page.locator('h1').textContent()).toBe(one.title.zh);
  expect(
    await page.locator('a[href^="/catalogue/resources/"], a[href^="/catalogue/entries/"]').count(),
    'who uses it',
  ).toBeGreaterThan(0);
  await judge(watched, `/elements/${one.id}`);
  await page.setViewportSize({ width: 1440, height: 900 });
  const set = page.locator(`a[href="/codes/${one.codes}"]`).first();
  await set.click();
  await page.waitForURL(`${city.url}/codes/${one.codes}`);
  await settled(page);
  const codes = page.locator('tbody tr');
  const all = await codes.count();
  const first = (await codes.first().locator('code').first().textContent())!;
  await page.goto(`${city.url}/codes/${one.codes}?q=${encodeURIComponent(first)}`);
  await settled(page);
  expect(await codes.count()).toBeLessThanOrEqual(all);
  expect(await codes.first().locator('code').first().textContent()).toBe(first);
  await page.goto(`${city.url}/codes/${one.codes}?q=${encodeURIComponent('没有这样的代码')}`);
  await settled(page);
  expect(await codes.filter({ has: page.locator('code') }).count()).toBe(0);
  await judge(watched, `/codes/${one.codes}`);
  await page.goto(`${city.url}/codes/no-such-set`);
  await page.locator('[role="alert"]').first().waitFor();
  await watched.context.close();
});
