/** The walk over every page of the console: each is opened on a desk, judged, made as narrow as a phone and judged again. */
import { pages } from '../../web/console/src/pages.ts';
import {
  expectSound,
  expectUnbroken,
  follow,
  type Language,
  type Size,
  settled,
  sizes,
  type Watched,
} from './browser.ts';
import { useCity } from './city.ts';
import type { Login } from './people.ts';

const city = useCity();

interface Walk {
  size: Size;
  language: Language;
  theme: 'light' | 'dark';
}

/** Who opens a page: the steward most of them, administrators, archivist and a department's officer their own. */
const opener = (permissions: readonly string[], path: string): Login => {
  if (path.startsWith('/system/users') || permissions.includes('seal.manage')) return 'secadmin';
  if (permissions.includes('archive.manage')) return 'archivist';
  if (permissions.includes('archive.deposit') || permissions.includes('sharing.request')) return 'officer';
  if (permissions.includes('forms.fill') || permissions.includes('gateway.use') || permissions.includes('open.propose'))
    return 'officer';
  return permissions.includes('audit.read') ? 'auditadmin' : 'steward';
};

async function judge(watched: Watched, path: string, { size, language, theme }: Walk): Promise<void> {
  const { page } = watched;
  await follow(page, city.url, path);
  await expectSound(watched, `${path} ${size} ${language} ${theme}`, theme === 'light' ? 'all' : 'colours');
  await page.setViewportSize(sizes.phone);
  await settled(page);
  // What is read out does not change with the colours, nor the colours with the width: each is judged once.
  if (theme === 'light') await expectSound(watched, `${path} phone ${language} ${theme}`, 'no-colours');
  else await expectUnbroken(watched, `${path} phone ${language} ${theme}`);
  await page.setViewportSize(sizes[size]);
}

/** Every page of the navigation, by who may open it. */
export async function walkOwnPages(walk: Walk): Promise<void> {
  for (const login of ['steward', 'officer', 'secadmin', 'auditadmin', 'archivist'] as const) {
    const watched = await city.as(login, walk);
    for (const page of pages.filter((p) => p.nav && opener(p.permissions, p.path) === login))
      await judge(watched, page.path, walk);
    await watched.context.close();
  }
}

/** Every page that needs no account. */
export async function walkPublicPages(walk: Walk): Promise<void> {
  const watched = await city.nobody(walk);
  for (const page of pages.filter((p) => 'public' in p && !p.path.includes('$'))) await judge(watched, page.path, walk);
  await watched.context.close();
}
