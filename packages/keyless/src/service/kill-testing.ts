/** Kills a signing service at a moment nobody chose and looks at what it leaves: for the test, and at length for the bench. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CalendarChain, readCalendarChain } from '../format/calendar.ts';
import { readSignature, signingTime } from '../format/signature.ts';
import { readOnly } from '../format/tlv.ts';
import { equal } from '../hash/imprint.ts';
import { extendSignature } from '../sign/write.ts';
import { verifyInternal } from '../verify/internal.ts';
import { checkFolder } from './check.ts';
import { SigningService } from './service.ts';

/** A signature that a client of the killed service had in hand. */
export interface Answered {
  hash: Uint8Array;
  signature: Uint8Array;
}

/** Seconds of the service in one real second. */
const SPEED = 50;

/** Starts the service on a folder, kills it (SIGKILL) `after` milliseconds after its first answer; what it had answered. */
export function killedService(folder: string, first: number, after: number, atOnce = 40): Promise<Answered[]> {
  const script = fileURLToPath(new URL('./kill-child.ts', import.meta.url));
  const answers = `${folder}.answers`;
  const given = [script, folder, answers, `${first}`, `${atOnce}`, `${SPEED}`];
  const child = spawn(process.execPath, ['--import', 'tsx', ...given], { stdio: ['ignore', 'pipe', 'pipe'] });
  let failed = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout.once('data', () => {
    timer = setTimeout(() => child.kill('SIGKILL'), after);
  });
  child.stderr.on('data', (data) => {
    failed += data;
  });
  return new Promise((resolve, reject) => {
    child.on('close', (_code, signal) => {
      clearTimeout(timer);
      if (signal !== 'SIGKILL') return reject(new Error(`the service ended by itself: ${failed}`));
      const out = readFileSync(answers, 'utf8');
      rmSync(answers);
      // The last line may be cut off: its client never had it.
      const lines = out.slice(0, out.lastIndexOf('\n')).split('\n');
      resolve(
        lines.map((line) => {
          const { hash, signature } = JSON.parse(line) as { hash: string; signature: string };
          return { hash: Buffer.from(hash, 'hex'), signature: Buffer.from(signature, 'base64') };
        }),
      );
    });
  });
}

/** What a folder was found to be after a kill. */
export interface Aftermath {
  /** Codes of what mending found, and of what it left. */
  mended: string[];
  left: string[];
  /** Answers that do not verify, are not in the calendar, cannot be given again or cannot be extended. */
  lost: number;
  /** The last second that is signed. */
  last: number;
}

/** Mends the folder, opens it again and holds every answer against it. `now`: Unix second after everything that was signed. */
export async function aftermath(folder: string, answered: readonly Answered[], now: number): Promise<Aftermath> {
  const mended = checkFolder(folder, { mend: true }).map(({ code }) => code);
  const left = checkFolder(folder).map(({ code }) => code);
  const service = await SigningService.open({ folder, now: () => now * 1000, later: () => () => {} });
  let lost = 0;
  const again = new Map<bigint, CalendarChain>();
  for (const { hash, signature } of answered) {
    const read = readSignature(signature);
    const time = signingTime(read);
    let chain = again.get(time);
    if (!chain) {
      chain = readCalendarChain(readOnly(await service.extend(time)));
      again.set(time, chain);
    }
    const extended = readSignature(extendSignature(read, chain.tlv.bytes));
    const holds =
      verifyInternal(read, { hash }).verdict.outcome === 'ok' &&
      verifyInternal(extended, { hash }).verdict.outcome === 'ok' &&
      equal(service.calendar!.rootAt(time)!, read.calendar!.inputHash);
    if (!holds) lost += 1;
  }
  // Giving again reads the log of rounds from its beginning: a few answers stand for all.
  const few = answered.filter((_, i) => i % Math.ceil(answered.length / 8) === 0);
  for (const { hash, signature } of few) {
    const time = signingTime(readSignature(signature));
    const [same] = await service.reissue(hash, time, time);
    if (!same || !equal(same, signature)) lost += 1;
  }
  const last = Number(service.status().last ?? 0n);
  await service.close();
  return { mended, left, lost, last };
}
