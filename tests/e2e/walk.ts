/** The walk over every page of the console: each is opened on a desk, judged, made as narrow as a phone and judged again. */
import { expect } from 'vitest';
import { rolePermissions } from '../../hub/src/platform/auth/principal.ts';
import { mayOpen, type PageEntry, pages } from '../../web/console/src/pages.ts';
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
import { type Login, roleOf } from './people.ts';

const city = useCity();

interface Walk {
  size: Size;
  language: Language;
  theme: 'light' | 'dark';
}

/** Who walks, the most seeing first. */
const walkers: readonly Login[] = [
  ...(['steward', 'officer', 'head', 'duty', 'field'] as const),
  ...(['secadmin', 'auditadmin', 'archivist', 'sysadmin'] as const),
];

/** Who opens a page: the first of them who may. */
function opener(page: PageEntry): Login {
  const walker = walkers.find((login) => mayOpen(page, new Set(rolePermissions[roleOf[login]])));
  if (!walker) throw new Error(`nobody who walks may open ${page.path}`);
  return walker;
}

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

/** What does not hold on a page: a walk goes on and tells all of it at its end. */
async function faultsOf(watched: Watched, path: string, walk: Walk): Promise<string[]> {
  try {
    await judge(watched, path, walk);
    return [];
  } catch (fault) {
    watched.faults.length = 0;
    await watched.page.setViewportSize(sizes[walk.size]);
    return [String(fault)];
  }
}

/** Every page of the navigation, by who may open it. */
export async function walkOwnPages(walk: Walk): Promise<void> {
  const own = (pages as readonly PageEntry[]).filter((p) => p.nav);
  const faults: string[] = [];
  for (const login of walkers) {
    const mine = own.filter((page) => opener(page) === login);
    if (mine.length === 0) continue;
    const watched = await city.as(login, walk);
    for (const page of mine) faults.push(...(await faultsOf(watched, page.path, walk)));
    await watched.context.close();
  }
  expect(faults, 'what does not hold on the pages').toEqual([]);
}

/** Every page that needs no account. */
export async function walkPublicPages(walk: Walk): Promise<void> {
  const watched = await city.nobody(walk);
  const faults: string[] = [];
  for (const page of pages.filter((p) => 'public' in p && !p.path.includes('$')))
    faults.push(...(await faultsOf(watched, page.path, walk)));
  await watched.context.close();
  expect(faults, 'what does not hold on the pages').toEqual([]);
}
