/** Every page of the navigation on a phone: nothing wider than the screen, accessible, no failure, in both languages and themes. */
import { test } from 'vitest';
import { pages } from '../../web/console/src/pages.ts';
import { expectSound, type Language, type Size, settled } from './browser.ts';
import { useCity } from './city.ts';
import type { Login } from './people.ts';

const city = useCity();
const views: [Size, Language, 'light' | 'dark'][] = [
  ['phone', 'zh', 'light'],
  ['phone', 'en', 'dark'],
];

/** Who opens a page: the steward most of them, administrators and archivist their own. */
const opener = (permissions: readonly string[], path: string): Login => {
  if (path.startsWith('/system/users') || permissions.includes('seal.manage')) return 'secadmin';
  if (permissions.includes('archive.manage')) return 'archivist';
  return permissions.includes('audit.read') ? 'auditadmin' : 'steward';
};

test.each(views)('every page holds at %s in %s, %s', async (size, language, theme) => {
  for (const login of ['steward', 'secadmin', 'auditadmin', 'archivist'] as const) {
    const watched = await city.as(login, { size, language, theme });
    for (const page of pages.filter((p) => p.nav && opener(p.permissions, p.path) === login)) {
      await watched.page.goto(city.url + page.path);
      await settled(watched.page);
      await expectSound(watched, `${page.path} ${size} ${language} ${theme}`);
    }
    await watched.context.close();
  }
});

test.each(views)('every public page holds without an account at %s in %s, %s', async (size, language, theme) => {
  const watched = await city.nobody({ size, language, theme });
  for (const page of pages.filter((p) => 'public' in p)) {
    await watched.page.goto(city.url + page.path);
    await settled(watched.page);
    await expectSound(watched, `${page.path} without an account, ${size} ${language} ${theme}`);
  }
  await watched.context.close();
});
