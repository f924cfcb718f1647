/**
 * Before the first file: one hub with the demonstration city, everyone signed in (vitest's global setup). The city goes on arriving
 * while files that need none of it run; `useCity` waits for it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startHub, type TestHub } from './hub.ts';
import { type Login, logins, type State, signedIn } from './people.ts';

let hub: TestHub;
const notes = mkdtempSync(join(tmpdir(), 'jingwei-e2e-notes-'));

/** Vitest's global setup: the hub, before the first file. */
export async function setup(project: TestProject): Promise<void> {
  hub = await startHub();
  const signed = logins.map(
    async (login) => [login, await signedIn(hub.url, login, hub.passwords.get(login)!)] as const,
  );
  const states = Object.fromEntries(await Promise.all(signed)) as Record<Login, State>;
  project.provide('city', { url: hub.url, states, arrived: join(notes, 'arrived') });
}

/** Vitest's global teardown. */
export async function teardown(): Promise<void> {
  await hub?.stop();
  rmSync(notes, { recursive: true, force: true });
}
