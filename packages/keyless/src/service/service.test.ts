import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machineDisk } from '../calendar/index.ts';
import { originOf, readSignature, signingTime } from '../format/signature.ts';
import { imprint } from '../hash/imprint.ts';
import { extendSignature, writePublicationRecord } from '../sign/write.ts';
import { verifyInternal } from '../verify/internal.ts';
import { SigningService } from './service.ts';
import { HandClock, openService } from './testing.ts';

const document = (name: string, algorithm = 1) => imprint(algorithm, new TextEncoder().encode(name));
const START = 1_790_000_000n;
const verdictOf = (bytes: Uint8Array, hash: Uint8Array, level = 0) =>
  verifyInternal(readSignature(bytes), { hash, level }).verdict;

describe('a signing service', () => {
  it('signs all requests of a second in one tree, each with a whole signature that tells who asked', async () => {
    for (const algorithm of [1, 11]) {
      const { service, nextSecond } = await openService({ algorithm });
      const asked = Array.from({ length: 7 }, (_, i) => ({ hash: document(`${i}`, [1, 11, 5][i % 3]), level: i % 3 }));
      const waiting = asked.map(({ hash, level }, i) =>
        service.sign(hash, { level, ...(i ? { origin: { clientId: `部门${i}` } } : {}) }),
      );
      await nextSecond();
      const signatures = await Promise.all(waiting);
      signatures.forEach((bytes, i) => {
        const signature = readSignature(bytes);
        expect(verifyInternal(signature, asked[i]!).verdict).toEqual({ outcome: 'ok' });
        expect(signingTime(signature)).toBe(START);
        expect(originOf(signature)).toMatchObject([{ clientId: i ? `部门${i}` : 'jingwei', sequence: BigInt(i) }]);
        expect(bytes.length).toBeLessThan(1600);
      });
      expect(service.status()).toMatchObject({ signing: true, last: START, seconds: 1, waiting: 0, signed: 7 });
      await service.close();
    }
  });

  it('extends to a later publication and to the newest second, and refuses impossible ranges by their numbers', async () => {
    const { service, clock, nextSecond } = await openService();
    const hash = document('a');
    const waiting = service.sign(hash);
    await nextSecond();
    const signature = readSignature(await waiting);
    clock.pass(3_600_000);
    const publication = service.publish(START + 3000n);
    const extended = extendSignature(
      signature,
      await service.extend(START, publication.time),
      writePublicationRecord(0x803, { time: publication.time, hash: publication.root }),
    );
    expect(verdictOf(extended, hash)).toEqual({ outcome: 'ok' });
    expect(verdictOf(extendSignature(signature, await service.extend(START)), hash)).toEqual({ outcome: 'ok' });
    expect(verdictOf(extendSignature(signature, await service.extend(START + 1n)), hash)).toMatchObject({
      code: 'INT-03',
    });
    for (const [from, to, status] of [
      [START, START - 1n, 0x104],
      [START - 1n, START, 0x105],
      [START, START + 3001n, 0x106],
      [START, START + 9_000n, 0x107],
      [START + 9_000n, undefined, 0x107],
      [0n, START, 0x105],
    ] as const)
      await expect(service.extend(from, to)).rejects.toMatchObject({ status });
    expect(() => service.publish(START + 3601n)).toThrow('not over');
    await service.close();
  });

  it('refuses levels, algorithms and numbers of requests beyond its bounds, and says which', async () => {
    const { service, nextSecond } = await openService({ limits: { perSecond: 2, maxLevel: 20 } });
    const refused = (status: number) => ({ status });
    await expect(service.sign(document('a'), { level: 21 })).rejects.toMatchObject(refused(0x104));
    await expect(service.sign(document('a', 0))).rejects.toMatchObject(refused(0x101));
    await expect(service.sign(Uint8Array.of(3, 4))).rejects.toMatchObject(refused(0x103));
    const taken = [service.sign(document('a')), service.sign(document('b'), { level: 20 })];
    await expect(service.sign(document('c'))).rejects.toMatchObject(refused(0x106));
    await nextSecond();
    expect(verdictOf((await Promise.all(taken))[1]!, document('b'), 20)).toEqual({ outcome: 'ok' });
    const waiting = service.sign(document('d'));
    await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'keyless.service.closed' }), service.close()]);
    await expect(service.sign(document('d'))).rejects.toMatchObject({ code: 'keyless.service.closed' });
  });

  it('never signs a second twice: after a restart within it the next one is waited for', async () => {
    const { service, clock, nextSecond, folder } = await openService();
    void service.sign(document('a'));
    await nextSecond();
    await service.close();
    clock.wall -= 1000;
    const again = await SigningService.open({ folder, now: clock.now, steady: clock.steady, later: () => () => {} });
    const waiting = again.sign(document('b'));
    clock.pass(1000);
    await again.tick();
    expect(again.status()).toMatchObject({ waiting: 1, last: START });
    clock.pass(1000);
    await again.tick();
    expect(signingTime(readSignature(await waiting))).toBe(START + 1n);
    await again.close();
  });

  it('stops with an alarm while the clock is behind the last signed second, and goes on by itself', async () => {
    const told: (string | undefined)[] = [];
    const { service, clock, nextSecond } = await openService({ onAlarm: (alarm) => told.push(alarm?.code) });
    const first = service.sign(document('a'));
    await nextSecond();
    await first;
    const waiting = service.sign(document('b'));
    clock.wall -= 3_600_000;
    await Promise.all([expect(waiting).rejects.toMatchObject({ status: 0x200 }), service.tick()]);
    await expect(service.sign(document('c'))).rejects.toThrow('behind the last signed second');
    expect(service.status()).toMatchObject({ signing: false, alarm: { code: 'clock-backwards' } });
    clock.pass(3_601_000);
    const after = service.sign(document('d'));
    await nextSecond();
    expect(verdictOf(await after, document('d'))).toEqual({ outcome: 'ok' });
    expect(told).toEqual(['clock-backwards', undefined]);
    await service.close();
  });

  it('refuses a clock that leaps far ahead until somebody has looked, so that signing is not blocked for as long', async () => {
    const { service, clock, nextSecond } = await openService();
    void service.sign(document('a'));
    await nextSecond();
    clock.wall += 86_400_000;
    await expect(service.sign(document('b'))).rejects.toThrow('leapt ahead');
    expect(service.status()).toMatchObject({ signing: false, last: START, alarm: { code: 'clock-forward' } });
    clock.wall -= 86_400_000;
    expect(service.status()).toMatchObject({ signing: true });
    clock.pass(40 * 86_400_000);
    expect(service.status()).toMatchObject({ signing: true });
    clock.wall += 86_400_000;
    service.acceptClock();
    const waiting = service.sign(document('b'));
    await nextSecond();
    expect(signingTime(readSignature(await waiting))).toBe(START + 41n * 86_400n + 1n);
    await service.close();
  });

  it('acknowledges nothing while the disk is full, raises an alarm, and goes on when there is room', async () => {
    let full = false;
    let allowed = 0;
    const disk = {
      write(fd: number, bytes: Uint8Array, position: number) {
        if (full && allowed-- <= 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        machineDisk.write(fd, bytes, position);
      },
      sync: machineDisk.sync,
    };
    const { service, nextSecond, folder, clock } = await openService({ disk });
    // The first write of a second is its round, the second one its record in the calendar.
    for (const writes of [0, 1]) {
      full = true;
      allowed = writes;
      const waiting = service.sign(document('a'));
      await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'keyless.disk', status: 0x200 }), nextSecond()]);
      expect(service.status()).toMatchObject({ alarm: { code: 'disk' }, seconds: 0 });
    }
    full = false;
    const waiting = service.sign(document('a'));
    await nextSecond();
    expect(verdictOf(await waiting, document('a'))).toEqual({ outcome: 'ok' });
    expect(service.status()).toMatchObject({ alarm: undefined, seconds: 1 });
    await service.close();
    const again = await SigningService.open({ folder, now: clock.now });
    expect([again.found, again.status().seconds]).toEqual([[], 1]);
    await again.close();
  });

  it('gives a signature again for a request whose answer was lost, and forgets requests after the days it keeps', async () => {
    const { service, clock, nextSecond, folder } = await openService({ keepDays: 2 });
    const waiting = [
      service.sign(document('a')),
      service.sign(document('b'), { level: 3 }),
      service.sign(document('a')),
    ];
    await nextSecond();
    const given = await Promise.all(waiting);
    clock.pass(86_400_000);
    void service.sign(document('a'));
    await nextSecond();
    expect(await service.reissue(document('b'), START, START)).toEqual([given[1]]);
    expect(await service.reissue(document('a'), 0n, START + 1n)).toEqual([given[0], given[2]]);
    expect(await service.reissue(document('a'), START, START + 100_000n)).toHaveLength(3);
    expect(await service.reissue(document('a'), START, START, 'somebody')).toEqual([]);
    clock.pass(2 * 86_400_000);
    void service.sign(document('c'));
    await nextSecond();
    expect(await service.reissue(document('b'), START, START)).toEqual([]);
    expect(readdirSync(join(folder, 'rounds'))).toHaveLength(2);
    await service.close();
  });

  it('tells those who wait when the key fails; their second is signed and can be asked for again', async () => {
    let broken = true;
    const { service, nextSecond } = await openService({
      authenticate: () => {
        if (broken) throw new Error('no key');
        return undefined;
      },
    });
    const waiting = service.sign(document('a'));
    await Promise.all([expect(waiting).rejects.toThrow('no key'), nextSecond()]);
    expect(service.status().alarm?.code).toBe('authenticate');
    broken = false;
    const [again] = await service.reissue(document('a'), START, START);
    expect(verdictOf(again!, document('a'))).toEqual({ outcome: 'ok' });
    await service.close();
  });

  it('signs many records by one request and gives each its own signature', async () => {
    const { service, nextSecond } = await openService();
    const records = Array.from({ length: 1000 }, (_, i) => document(`record ${i}`));
    // What is handed in stays the caller's: it may be a Buffer that is used again at once.
    const reused = Buffer.from(document('one'));
    const alone = service.sign(reused);
    reused.fill(1);
    const waiting = service.signMany(records, {
      origin: { clientId: '慈溪市' },
      blinding: { seed: new Uint8Array(32).fill(5), previous: document('before') },
    });
    await nextSecond();
    const tree = await waiting;
    expect(verdictOf(await alone, document('one'))).toEqual({ outcome: 'ok' });
    expect(service.status().signed).toBe(2);
    for (const i of [0, 1, 500, 999]) {
      const bytes = tree.signatureOf(i);
      expect(verdictOf(bytes, records[i]!)).toEqual({ outcome: 'ok' });
      expect(originOf(readSignature(bytes))).toMatchObject([{ clientId: '慈溪市' }]);
    }
    expect(() => tree.signatureOf(1000)).toThrow('no leaf');
    await service.close();
  });
});

describe('a service below another', () => {
  const chained = async (fails: { now: boolean }) => {
    const upper = await openService();
    const lower = await openService({
      parent: {
        async sign(hash, { level }) {
          if (fails.now) throw new Error('the line is down');
          const waiting = upper.service.sign(hash, { level, origin: { clientId: '市局' } });
          await upper.nextSecond();
          return waiting;
        },
        extend: (from, to) => upper.service.extension(from, to),
      },
    });
    return { upper, lower };
  };

  it('has its roots signed above: one signature through both, extended by the calendar above', async () => {
    const { upper, lower } = await chained({ now: false });
    const asked = [document('a'), document('b', 11), document('c')];
    const waiting = asked.map((hash, i) => lower.service.sign(hash, { level: i, origin: { clientId: `科室${i}` } }));
    await lower.nextSecond();
    const signatures = await Promise.all(waiting);
    for (const [i, bytes] of signatures.entries()) {
      const signature = readSignature(bytes);
      expect(verifyInternal(signature, { hash: asked[i]!, level: i }).verdict).toEqual({ outcome: 'ok' });
      expect(originOf(signature).map(({ clientId }) => clientId)).toEqual(['市局', `科室${i}`]);
      const chain = await lower.service.extend(signingTime(signature));
      expect(verdictOf(extendSignature(signature, chain), asked[i]!)).toEqual({ outcome: 'ok' });
    }
    expect(await lower.service.reissue(asked[1]!, START, START)).toEqual([signatures[1]]);
    expect(lower.service.status()).toMatchObject({ chained: true, last: START, first: undefined });
    await expect(lower.service.extend(START - 9n)).rejects.toMatchObject({ status: 0x105 });
    await lower.service.close();
    await upper.service.close();
  });

  it('tells its callers when the one above does not answer, and goes on with the next second', async () => {
    const fails = { now: true };
    const { upper, lower } = await chained(fails);
    const waiting = lower.service.sign(document('a'));
    await Promise.all([
      expect(waiting).rejects.toMatchObject({ status: 0x300, message: 'the line is down' }),
      lower.nextSecond(),
    ]);
    expect(lower.service.status().alarm?.code).toBe('upstream');
    fails.now = false;
    const after = lower.service.sign(document('a'));
    await lower.nextSecond();
    expect(verdictOf(await after, document('a'))).toEqual({ outcome: 'ok' });
    expect(lower.service.status().alarm).toBeUndefined();
    expect(await lower.service.reissue(document('a'), 0n, START + 9n)).toHaveLength(1);
    await lower.service.close();
    await upper.service.close();
  });
});

it('a service ends its seconds by its own timer', async () => {
  const clock = new HandClock();
  clock.wall += 995;
  const { service, folder } = await openService({
    now: clock.now,
    steady: clock.steady,
    later(milliseconds, run) {
      expect(milliseconds).toBe(6);
      queueMicrotask(() => {
        clock.pass(milliseconds);
        run();
      });
      return () => {};
    },
  });
  expect(signingTime(readSignature(await service.sign(document('a'))))).toBe(START);
  await service.close();
  rmSync(folder, { recursive: true });
});
