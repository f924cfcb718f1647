/** A signing service for tests: a clock that is set by hand, a key for roots, folders that are removed at the end. */
import { generateKeyPairSync, type KeyPairKeyObjectResult, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authenticate, ServiceOptions } from './options.ts';
import { SigningService } from './service.ts';

const base = mkdtempSync(join(tmpdir(), 'keyless-service-'));
// Several files of tests share this module in one process: it goes with the last of them.
process.once('exit', () => rmSync(base, { recursive: true, force: true }));
let folders = 0;

/** A folder that does not exist yet. */
export const newFolder = (): string => join(base, `${folders++}`);

/** A wall clock and a steady one, both moved by hand. */
export class HandClock {
  /** Unix milliseconds. */
  wall = 1_790_000_000_000;
  #steady = 0;
  readonly now = (): number => this.wall;
  readonly steady = (): number => this.#steady;
  /** Time passes. */
  pass(milliseconds: number): void {
    this.wall += milliseconds;
    this.#steady += milliseconds;
  }
}

let key: KeyPairKeyObjectResult | undefined;

/** Signs roots with a key that is quickly made and signs the same alike. */
export const authenticate: Authenticate = (_time, _root, data) => {
  key ??= generateKeyPairSync('ed25519');
  return {
    signatureType: '1.3.101.112',
    signature: sign(null, data, key.privateKey),
    certificateId: Uint8Array.of(1, 2, 3, 4),
  };
};

/** Opens a service whose seconds end when the test says so. */
export async function openService(
  options: Partial<ServiceOptions> = {},
): Promise<{ service: SigningService; clock: HandClock; nextSecond: () => Promise<void>; folder: string }> {
  const clock = new HandClock();
  const folder = options.folder ?? newFolder();
  const service = await SigningService.open({
    now: clock.now,
    steady: clock.steady,
    later: () => () => {},
    authenticate,
    ...options,
    folder,
  });
  const nextSecond = () => {
    clock.pass(1000);
    return service.tick();
  };
  return { service, clock, nextSecond, folder };
}
