/**
 * What each role finds: exactly its pages, each without a fault, and a plain word where a page is not for it.
 *
 * Every page is opened by the one of those it is for who sees least (the walk over every page opens it as the one who sees most, walk.ts):
 * what a page wants and a role does not get shows there first. What it asked the hub for is then asked as everybody else it is for.
 */
import { expect, test } from 'vitest';
import { mayOpen, type PageEntry, pages } from '../../web/console/src/pages.ts';
import { expectUnbroken, follow, settled } from './browser.ts';
import { useCity } from './city.ts';
import { leastSeeing, ofEachRole, opener, openersOf } from './openers.ts';

const navigation = (pages as readonly PageEntry[]).filter((page) => page.nav);

const city = useCity();

/** What a phone's store goes on asking by itself after its page was left: it is no question of the page that is open then. */
const unasked = /^\/api\/v1\/forms\/sync$/;

/** What each page asked the hub for and was given. */
const asked = new Map<PageEntry, Set<string>>();

test.each(ofEachRole)(
  '%s is offered exactly the pages of the role, and those that show it least open without a fault',
  async (login) => {
    const { permissions } = await city.ask<{ permissions: string[] }>(login, '/api/v1/me');
    const held = new Set(permissions);
    const offered = navigation.filter((page) => mayOpen(page, held)).map((page) => page.path);
    const watched = await city.as(login);
    const { page: tab } = watched;
    let said = new Set<string>();
    tab.on('response', (answer) => {
      const request = answer.request();
      const { pathname, search } = new URL(answer.url());
      const json = answer.headers()['content-type']?.includes('json');
      if (request.method() === 'GET' && pathname.startsWith('/api/') && answer.ok() && json && !unasked.test(pathname))
        said.add(pathname + search);
    });
    await tab.goto(`${city.url}/account`);
    await settled(tab);
    const links = await tab.locator('.frame-side a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    expect([...links].sort()).toEqual([...offered].sort());
    await expectUnbroken(watched, `${login} /account`);
    for (const page of navigation.filter((p) => leastSeeing(p) === login)) {
      said = new Set();
      await follow(tab, city.url, page.path);
      expect(await tab.locator('.frame-ribbon').isVisible(), `ribbon on ${page.path}`).toBe(true);
      await expectUnbroken(watched, `${login} ${page.path}`);
      asked.set(page, said);
    }
    await watched.context.close();
  },
);

test('what a page asks the hub for is given to everybody whom the page is for', async () => {
  const refused: string[] = [];
  const known = new Set<string>();
  for (const [page, questions] of asked)
    for (const login of openersOf(page).filter((l) => l !== opener(page) && l !== leastSeeing(page)))
      for (const question of questions) {
        if (known.has(`${login} ${question}`)) continue;
        known.add(`${login} ${question}`);
        await city.ask(login, question).catch((e: Error) => refused.push(`${login} on ${page.path}: ${e.message}`));
      }
  expect(refused).toEqual([]);
  // Nearly every page asks something, and most are for several.
  expect(known.size).toBeGreaterThan(100);
});

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
