/** kill -9 in the middle of telling and mailing, against a real SMTP server: JINGWEI_KILLS=20 for as many kills. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { SMTPServer } from 'smtp-server';
import { expect, test } from 'vitest';
import { migrate, openDb } from '../db/index.ts';
import { freshPgliteFolder } from '../db/testing.ts';
import { Sealer } from '../vault/sealer.ts';
import { noticeSets } from './testing.ts';

const KILLS = Number(process.env.JINGWEI_KILLS ?? 2);
const EACH = 12;
const PEOPLE = 3;
const worker = fileURLToPath(new URL('./fixtures/kill-worker.ts', import.meta.url));

/** Runs the worker; kills it when `fatal` says so, or lets it end. Answers the numbers that it told. */
async function run(folder: string, port: number, from: number, fatal: Promise<void> | null): Promise<number[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', worker, folder, String(port), String(EACH), String(from)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  void fatal?.then(() => child.kill('SIGKILL'));
  await new Promise((resolve) => child.on('close', resolve));
  if (fatal === null) expect(out).toContain('all sent');
  return [...out.matchAll(/^told (\d+)$/gm)].map((m) => Number(m[1]));
}

test('however often the hub is killed, everything told arrives, and what arrives twice does so under one id', {
  timeout: 180_000 + KILLS * 90_000,
}, async () => {
  const folder = await freshPgliteFolder();
  /** Times that a message was taken, by its id. */
  const taken = new Map<string, number>();
  /** The kill that is due: when so many more messages came in, so many milliseconds later. */
  let due: { messages: number; ms: number; kill: () => void } | undefined;
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], logger: false, closeTimeout: 100 },
    onData(stream, session, done) {
      let text = '';
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      stream.on('end', () => {
        const id = `${/^Message-ID: (\S+)/im.exec(text)![1]} ${session.envelope.rcptTo[0]!.address}`;
        taken.set(id, (taken.get(id) ?? 0) + 1);
        if (due && --due.messages <= 0) {
          setTimeout(due.kill, due.ms);
          due = undefined;
        }
        // It answers a little later: the time in which nobody can know whether it has it.
        setTimeout(done, taken.size % 2 === 0 ? 80 : 5);
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  try {
    const before = await openDb({ kind: 'pglite', folder });
    await migrate(before, noticeSets);
    const sealer = new Sealer(new Uint8Array(32).fill(7));
    for (let i = 0; i < PEOPLE; i++) {
      const id = randomUUID();
      await before.query(
        `INSERT INTO auth.account (id, login, name, organisation, password_hash, password_set_at, must_change, created_at)
         VALUES ($1, $2, $2, 'scjg', '', now(), false, now())`,
        [id, `p${i}`],
      );
      await before.query(`INSERT INTO auth.role_grant VALUES ($1, 'data-officer', 'scjg', now(), NULL)`, [id]);
      const sealed = sealer.seal([`${id}/mail`], [`p${i}@city.example`]);
      await before.query(
        `INSERT INTO notices.preference (account, settings, mail_salt, mail_sealed, changed_at) VALUES ($1, '{}', $2, $3, now())`,
        [id, Buffer.from(sealed.salts, 'hex'), Buffer.from(sealed.ciphertexts, 'hex')],
      );
    }
    await before.close();
    const told = new Set<number>();
    for (let k = 0; k < KILLS; k++)
      for (const n of await run(
        folder,
        port,
        k * EACH,
        new Promise((kill) => {
          due = { messages: 1 + ((k * 5) % 13), ms: (k * 37) % 110, kill };
        }),
      ))
        told.add(n);
    for (const n of await run(folder, port, KILLS * EACH, null)) told.add(n);
    const after = await openDb({ kind: 'pglite', folder });
    const [counts] = await after.query<{
      matters: number;
      notices: number;
      sent: number;
      uncertain: number;
      doubled: number;
    }>(
      `SELECT (SELECT count(*) FROM notices.matter) AS matters, (SELECT count(*) FROM notices.notice) AS notices,
        (SELECT count(*) FROM notices.delivery WHERE state = 'sent') AS sent,
        (SELECT coalesce(sum(uncertain), 0) FROM notices.delivery) AS uncertain,
        (SELECT count(*) FROM (SELECT FROM notices.notice GROUP BY matter, account HAVING count(*) > 1) d) AS doubled`,
    );
    await after.close();
    const again = [...taken.values()].reduce((sum, n) => sum + n - 1, 0);
    if (process.env.JINGWEI_KILLS)
      console.info({ kills: KILLS, told: told.size, ...counts, arrived: taken.size, again });
    // What was told of is what was committed; a kill between the commit and the word of it leaves a matter more.
    expect(counts!.matters).toBeGreaterThanOrEqual(told.size);
    expect([counts!.notices, counts!.sent, taken.size]).toEqual(Array(3).fill(counts!.matters * PEOPLE));
    expect(counts!.doubled).toBe(0);
    // Twice only where nobody could know, and every such time is counted.
    expect(again).toBeLessThanOrEqual(Number(counts!.uncertain));
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
    rmSync(folder, { recursive: true, force: true });
  }
});
