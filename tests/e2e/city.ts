/**
 * One hub with the demonstration city for every browser test that only walks through it: started once (setup.ts). A test
 * that changes accounts starts a hub of its own (hub.ts).
 */
import { existsSync, writeFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, inject } from 'vitest';
import { openBrowser, openPage, type View, type Watched } from './browser.ts';
import { newPassword } from './hub.ts';
import { ask, cityReady, enter, type Login, type State } from './people.ts';

interface City {
  url: string;
  states: Record<Login, State>;
  /** A file that is there once a test file has seen the city arrive: the next ones need not look again. */
  arrived: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    city: City;
  }
}

/** The shared city as a test file uses it: a browser of the file's own, and pages of whoever is asked for. */
export function useCity(): {
  url: string;
  as: (login: Login, view?: View) => Promise<Watched>;
  /** A page of somebody without an account. */
  nobody: (view?: View) => Promise<Watched>;
  /** A page of somebody who signed in just now: nothing that others stated (a purpose) belongs to this session. */
  fresh: (login: Login) => Promise<Watched>;
  ask: <T>(login: Login, path: string) => Promise<T>;
} {
  const { url, states, arrived } = inject('city');
  let browser: Browser;
  beforeAll(async () => {
    if (!existsSync(arrived)) {
      await cityReady(url, states.steward);
      writeFileSync(arrived, '');
    }
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });
  return {
    url,
    as: (login, view = {}) => openPage(browser, { ...view, state: states[login] }),
    nobody: (view = {}) => openPage(browser, view),
    fresh: async (login) => openPage(browser, { state: await enter(url, login, newPassword) }),
    ask: (login, path) => ask(url, states[login], path),
  };
}
