/** The inbox in the browser: a request waits for a head, the bell says so live, the notice leads to it and is settled by the decision. */
import { expect, test } from 'vitest';
import { dress, expectSound, follow, settled, sizes } from './browser.ts';
import { useCity } from './city.ts';

const city = useCity();

test('the bell leads to the inbox, what is read is read, settings are kept; both hold in light and dark, on desk and phone', async () => {
  const watched = await city.as('officer', { theme: 'system' });
  const { page } = watched;
  await follow(page, city.url, '/notices');
  await expect.poll(() => page.locator('.notices > li').count()).toBeGreaterThan(0);
  const bell = page.locator('a.bell');
  const unread = async () => Number(/\d+/.exec((await bell.getAttribute('aria-label')) ?? '')?.[0] ?? 0);
  const before = await unread();
  expect(before).toBeGreaterThan(0);
  await page
    .locator('.notices > li.unread')
    .first()
    .getByRole('button', { name: /标为已读/ })
    .click();
  await expect.poll(unread).toBe(before - 1);
  for (const path of ['/notices', '/notices/settings']) {
    await follow(page, city.url, path);
    for (const [language, theme] of [
      ['zh', 'light'],
      ['en', 'dark'],
    ] as const) {
      await dress(page, { size: 'desktop', language, theme });
      await expectSound(watched, `${path} ${language} ${theme}`, theme === 'light' ? 'all' : 'colours');
      await page.setViewportSize(sizes.phone);
      await settled(page);
      await expectSound(watched, `${path} phone ${language} ${theme}`, 'no-colours');
    }
    await dress(page, { size: 'desktop', language: 'zh', theme: 'light' });
  }
  await page.getByLabel('电子邮箱').fill('officer@city.example');
  await page.getByRole('switch', { name: '启用免打扰时段' }).click();
  await page.getByRole('button', { name: '保存', exact: true }).click();
  await expect
    .poll(
      async () =>
        (await city.ask<{ settings: { quiet: unknown } }>('officer', '/api/v1/notices/settings')).settings.quiet,
    )
    .toEqual({ from: '22:00', to: '07:30' });
  await watched.context.close();
});
