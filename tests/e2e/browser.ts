/** Driving the console in Chromium: pages at a size, in a language; signing in; what must hold on every page. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core';
import { expect } from 'vitest';
import { newPassword } from './hub.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const sizes = {
  desktop: { width: 1440, height: 900 },
  wide: { width: 1920, height: 1080 },
  phone: { width: 390, height: 844 },
} as const;
export type Size = keyof typeof sizes;
export type Language = 'zh' | 'en';
export type Theme = 'light' | 'dark';

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.JINGWEI_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page, and everything that went wrong in it while it was open. */
export interface Watched {
  page: Page;
  context: BrowserContext;
  /** Uncaught errors, and refusals of the content security policy. */
  faults: string[];
}

/** Requests of a page that have no answer yet. */
const pending = new WeakMap<Page, Set<Request>>();

export interface View {
  size?: Size;
  language?: Language;
  /** `system`: nothing was chosen, so that the page follows what the system asks for (see `dress`). */
  theme?: Theme | 'system';
  /** Cookies of someone who signed in before. */
  state?: Awaited<ReturnType<BrowserContext['storageState']>> | undefined;
}

export async function openPage(
  browser: Browser,
  { size = 'desktop', language = 'zh', theme = 'light', state }: View = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: sizes[size],
    acceptDownloads: true,
    timezoneId: 'America/New_York',
    ...(state ? { storageState: state } : {}),
  });
  const chosen = theme === 'system' ? `removeItem('jingwei.theme')` : `setItem('jingwei.theme', '${theme}')`;
  await context.addInitScript(`localStorage.setItem('jingwei.language', '${language}'); localStorage.${chosen};`);
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const asked = new Set<Request>();
  pending.set(page, asked);
  // What streams (news of jobs) never ends and is not waited for.
  page.on('request', (request) => {
    if (request.resourceType() !== 'eventsource') asked.add(request);
  });
  page.on('requestfinished', (request) => asked.delete(request));
  page.on('requestfailed', (request) => asked.delete(request));
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Minified React error|Each child in a list/i.test(message.text()))
      faults.push(message.text());
  });
  return { page, context, faults };
}

/**
 * What a page answers to a piece of script. A page that never answers (a frame that is not drawn, an animation that stands still) is a fault
 * that names the page and what was asked, after a minute, and not a test that ends without a word.
 */
async function ask<T>(page: Page, what: string, script: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${page.url()} did not answer in a minute: ${what}`)), 60_000);
  });
  try {
    return await Promise.race([page.evaluate(script) as Promise<T>, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Fills the sign-in form and sends it. */
export async function fillSignIn(page: Page, login: string, password: string): Promise<void> {
  await page.locator('input[autocomplete="username"]').fill(login);
  await page.locator('input[autocomplete="current-password"]').fill(password);
  await page.locator('button[type="submit"]').click();
}

/** Replaces the one-time password on the page that asks for it. */
export async function fillNewPassword(page: Page, current: string, next: string): Promise<void> {
  const fresh = page.locator('input[autocomplete="new-password"]');
  await fresh.first().waitFor();
  await page.locator('input[autocomplete="current-password"]').fill(current);
  await fresh.nth(0).fill(next);
  await fresh.nth(1).fill(next);
  await page.locator('button[type="submit"]').click();
}

/** Signs in for the first time and changes the one-time password. */
export async function firstSignIn(page: Page, url: string, login: string, oneTime: string): Promise<void> {
  await page.goto(url);
  await fillSignIn(page, login, oneTime);
  await fillNewPassword(page, oneTime, newPassword);
  await page.locator('.frame-main h1').first().waitFor({ state: 'attached' });
}

/** Waits until the page has its heading, nothing is loading any more and every answer it asked for is there. */
export async function settled(page: Page): Promise<void> {
  await page.locator('.frame-main h1').first().waitFor({ state: 'attached' });
  // Waiting by evaluated functions would need unsafe-eval, which the hub rightly forbids: by locators instead.
  // Records of a panorama come when they are scrolled to, so their bones may stay.
  const bones = page.locator('.bone:not(.records *)').first();
  await bones.waitFor({ state: 'detached' });
  const deadline = performance.now() + 5_000;
  const asked = pending.get(page);
  for (let calm = 0; calm < 3 && performance.now() < deadline; ) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    calm = asked && asked.size > 0 ? 0 : calm + 1;
  }
  await bones.waitFor({ state: 'detached' });
  // A button that has just become usable fades to its colour: what is judged is what stays. A transition of what is not drawn never
  // ends, so the wait does.
  await ask(
    page,
    'its animations end',
    `Promise.race([
      new Promise((done) => setTimeout(done, 1500, 0)),
      Promise.allSettled(document.getAnimations().filter((a) => a.effect?.getComputedTiming().iterations !== Infinity).map((a) => a.finished)).then(() => 0),
    ])`,
  );
}

/** Opens a page of the navigation as people do: by its link where there is one, and waits for it. */
export async function follow(page: Page, url: string, path: string): Promise<void> {
  const link = page.locator(`.frame-side a[href="${path}"]`);
  // The link is there as soon as the frame is, and the frame stays while pages change. Its area may be folded.
  const folded = page.locator(`.frame-side details:not([open]):has(a[href="${path}"]) > summary`);
  if (page.url().startsWith(url) && (await folded.isVisible())) await folded.click();
  if (page.url().startsWith(url) && (await link.isVisible())) {
    await link.click();
    await page.waitForURL((at) => at.pathname === path);
  } else await page.goto(url + path);
  await settled(page);
}

/** The language that a page speaks now. */
export async function languageOf(page: Page): Promise<Language> {
  return (await page.locator('html').getAttribute('lang')) === 'en' ? 'en' : 'zh';
}

/**
 * Shows an open page at another size, in another language and in other colours, as people do: by the switch of the language and by what
 * the system asks for. The page must have been opened with the theme `system`.
 */
export async function dress(page: Page, { size, language, theme }: { size: Size; language: Language; theme: Theme }) {
  await page.setViewportSize(sizes[size]);
  await page.emulateMedia({ colorScheme: theme });
  if ((await languageOf(page)) !== language) {
    await page.locator(`.frame-tools button[lang="${language === 'zh' ? 'zh-CN' : 'en'}"]`).click();
    await page.locator(`html[lang="${language === 'zh' ? 'zh-CN' : 'en'}"]`).waitFor({ state: 'attached' });
  }
  await settled(page);
}

/** No failure shown, nothing wider than the screen, one h1, no error in the page. */
export async function expectUnbroken({ page, faults }: Watched, where: string): Promise<void> {
  const alerts = await page.locator('[role="alert"]').allTextContents();
  expect(alerts, `failures shown on ${where}`).toEqual([]);
  // A page that was made narrower is laid out anew a moment later: what is judged is what stays.
  const overflow = () =>
    ask<number>(page, 'its width', 'document.documentElement.scrollWidth - document.documentElement.clientWidth');
  await expect
    .poll(overflow, { message: `horizontal overflow on ${where}`, interval: 100, timeout: 3_000 })
    .toBeLessThanOrEqual(0);
  expect(await page.locator('h1').count(), `headings of ${where}`).toBe(1);
  expect(faults, `errors on ${where}`).toEqual([]);
}

/** What is judged: everything, everything but colours, or colours alone (the costliest rule, and the only one that a theme changes). */
type Judged = 'all' | 'no-colours' | 'colours';

/** What must hold on every page: unbroken, and no serious axe violation. */
export async function expectSound(watched: Watched, where: string, judged: Judged = 'all'): Promise<void> {
  await expectUnbroken(watched, where);
  expect(await serious(watched.page, judged), `accessibility of ${where}`).toEqual([]);
  expect(watched.faults, `errors on ${where}`).toEqual([]);
}

interface AxeNode {
  target: string[];
  any: { message: string }[];
}

/** Serious and critical violations of WCAG 2.2 AA, each with its place. */
async function serious(page: Page, judged: Judged): Promise<string[]> {
  // A page that was not loaded anew still has it.
  if (!(await ask(page, 'whether axe is there', 'typeof axe === "object"')))
    await ask(page, 'axe is loaded', axeSource);
  // Only what is wrong is told in full, and no style sheet is fetched once more: no rule of these reads them.
  const brief = `resultTypes: ['violations'], preload: false`;
  const options =
    judged === 'colours'
      ? `{ runOnly: { type: 'rule', values: ['color-contrast'] }, ${brief} }`
      : `{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], ${brief}, rules: { 'color-contrast': { enabled: ${judged === 'all'} } } }`;
  const violations = await ask<{ id: string; impact: string; nodes: AxeNode[] }[]>(
    page,
    `its accessibility (${judged})`,
    `axe.run(${options}).then((r) => r.violations)`,
  );
  return violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map(
      (v) =>
        `${v.id}: ${v.nodes
          .slice(0, 3)
          .map((n) => `${n.target.join(' ')} (${n.any[0]?.message ?? ''})`)
          .join('; ')}`,
    );
}
