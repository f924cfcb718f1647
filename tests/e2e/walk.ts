/**
 * The walk over every page of the console: each is opened once and judged in Chinese and light, on a desk and then on a phone, and in
 * English and dark, on a wide screen and then on a phone. It is opened in one of the two by turns and switched to the other in place.
 */
import { expect } from 'vitest';
import { type PageEntry, pages } from '../../web/console/src/pages.ts';
import { dress, expectSound, expectUnbroken, follow, languageOf, settled, sizes, type Watched } from './browser.ts';
import { useCity } from './city.ts';
import { opener, walkers } from './openers.ts';

const city = useCity();

/** The two ways in which every page is looked at. */
const views = {
  zh: { size: 'desktop', language: 'zh', theme: 'light' },
  en: { size: 'wide', language: 'en', theme: 'dark' },
} as const;
type Walk = (typeof views)['zh' | 'en'];

/** Judges the page that is open, as it is shown now. */
async function judgeView(watched: Watched, path: string, { language, theme }: Walk): Promise<void> {
  const { page } = watched;
  await expectSound(watched, `${path} ${language} ${theme}`, theme === 'light' ? 'all' : 'colours');
  await page.setViewportSize(sizes.phone);
  await settled(page);
  // What is read out does not change with the colours, nor the colours with the width: each is judged once.
  if (theme === 'light') await expectSound(watched, `${path} phone ${language} ${theme}`, 'no-colours');
  else await expectUnbroken(watched, `${path} phone ${language} ${theme}`);
}

/** Judges one page in both languages and themes, on a desk and on a phone. The page must have been opened with the theme `system`. */
export async function judge(watched: Watched, path: string): Promise<void> {
  const { page } = watched;
  await follow(page, city.url, path);
  const first = await languageOf(page);
  // A page that was loaded anew speaks as the browser was opened; colours and size stay as they were last.
  await dress(page, views[first]);
  await judgeView(watched, path, views[first]);
  const second = views[first === 'zh' ? 'en' : 'zh'];
  await dress(page, second);
  await judgeView(watched, path, second);
  await page.setViewportSize(sizes[second.size]);
}

/** What does not hold on a page: a walk goes on and tells all of it at its end. */
async function faultsOf(watched: Watched, path: string): Promise<string[]> {
  try {
    await judge(watched, path);
    return [];
  } catch (fault) {
    watched.faults.length = 0;
    await watched.page.setViewportSize(sizes.desktop);
    // The message shortens what was found.
    return [`${fault} ${JSON.stringify((fault as { actual?: unknown }).actual ?? '')}`];
  }
}

/** Every second page of the navigation, from the `from`th (0 or 1) on, by who may open it. */
export async function walkOwnPages(from: 0 | 1): Promise<void> {
  const own = (pages as readonly PageEntry[]).filter((p) => p.nav).filter((_, at) => at % 2 === from);
  const faults: string[] = [];
  for (const login of walkers) {
    const mine = own.filter((page) => opener(page) === login);
    if (mine.length === 0) continue;
    const watched = await city.as(login, { theme: 'system' });
    for (const page of mine) faults.push(...(await faultsOf(watched, page.path)));
    await watched.context.close();
  }
  expect(faults, 'what does not hold on the pages').toEqual([]);
}

/** Every page that needs no account. */
export async function walkPublicPages(): Promise<void> {
  const watched = await city.nobody({ theme: 'system' });
  const faults: string[] = [];
  for (const page of pages.filter((p) => 'public' in p && !p.path.includes('$')))
    faults.push(...(await faultsOf(watched, page.path)));
  await watched.context.close();
  expect(faults, 'what does not hold on the pages').toEqual([]);
}
