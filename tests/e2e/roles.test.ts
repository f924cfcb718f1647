/** What each role finds: exactly its pages, each without a fault, and a plain word where a page is not for it. */
import { expect, test } from 'vitest';
import { mayOpen, pages } from '../../web/console/src/pages.ts';
import { expectUnbroken, follow, settled } from './browser.ts';
import { useCity } from './city.ts';
import { logins } from './people.ts';

/** One of each role: people of other departments are offered what those of the first are. */
const ofEachRole = logins.filter((login) => !/^(rsj|mzj)-/.test(login));

const city = useCity();

test.each(ofEachRole)(
  '%s is offered exactly the pages of the role, and each of them opens without a fault',
  async (login) => {
    const { permissions } = await city.ask<{ permissions: string[] }>(login, '/api/v1/me');
    const held = new Set(permissions);
    const offered = pages.filter((page) => page.nav && mayOpen(page, held)).map((page) => page.path);
    const watched = await city.as(login);
    await watched.page.goto(city.url + offered[0]);
    await settled(watched.page);
    const links = await watched.page
      .locator('.frame-side a')
      .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    expect([...links].sort()).toEqual([...offered].sort());
    // The steward's pages are opened by the walk over every page.
    for (const path of login === 'steward' ? ['/account'] : [...offered, '/account']) {
      await follow(watched.page, city.url, path);
      expect(await watched.page.locator('.frame-ribbon').isVisible(), `ribbon on ${path}`).toBe(true);
      await expectUnbroken(watched, `${login} ${path}`);
    }
    await watched.context.close();
  },
);

test('a page that is not for the role says so, and an address without a page too', async () => {
  const watched = await city.as('bank');
  await watched.page.goto(`${city.url}/system/audit`);
  await watched.page.getByText('您的角色不能打开这个页面').waitFor();
  await watched.page.goto(`${city.url}/no/such/page`);
  await watched.page.getByText('没有这个页面').waitFor();
  await watched.context.close();
});

test('on a phone the navigation is a drawer that opens by its button', async () => {
  const { page, context } = await city.as('steward', { size: 'phone' });
  await page.goto(city.url);
  await settled(page);
  expect(await page.locator('.frame-side').isVisible()).toBe(false);
  await page.getByRole('button', { name: '打开导航' }).click();
  await page.locator('.ant-drawer summary', { hasText: '归集' }).click();
  await page.locator('.ant-drawer a[href="/exchange/sources"]').click();
  await page.waitForURL(`${city.url}/exchange/sources`);
  await settled(page);
  await context.close();
});
