import { appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSignature } from '../format/signature.ts';
import { imprint } from '../hash/imprint.ts';
import { verifyInternal } from '../verify/internal.ts';
import { checkFolder } from './check.ts';
import { SigningService } from './service.ts';
import { openService } from './testing.ts';

const document = (name: string) => imprint(1, new TextEncoder().encode(name));
const RECORD = 45;
const HEADER = 16;

/** A folder in which five seconds were signed, and its files. */
async function signedFolder() {
  const { service, nextSecond, folder, clock } = await openService();
  for (let i = 0; i < 5; i++) {
    void service.sign(document(`${i}`));
    void service.sign(document(`other ${i}`));
    await nextSecond();
    if (i === 2) clock.pass(3000);
  }
  await service.close();
  const [rounds] = readdirSync(join(folder, 'rounds')).map((name) => join(folder, 'rounds', name));
  return { folder, clock, calendar: join(folder, 'calendar.log'), rounds: rounds! };
}
/** A folder in which nothing was signed yet. */
async function openFresh() {
  const { service, folder, clock } = await openService();
  await service.close();
  return { folder, clock };
}
const codes = (folder: string, mend = false) => checkFolder(folder, { mend }).map(({ code, mended }) => [code, mended]);
function change(file: string, at: number) {
  const bytes = readFileSync(file);
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  writeFileSync(file, bytes);
}

it('a sound folder has no findings, one in use cannot be checked, none is none', async () => {
  const { folder, clock } = await signedFolder();
  expect(codes(folder)).toEqual([]);
  const service = await SigningService.open({ folder, now: clock.now });
  expect(() => checkFolder(folder)).toThrow('in use');
  await service.close();
  expect(codes(join(folder, 'none'))).toEqual([]);
});

it('a calendar whose first write the disk refused can be checked, is found empty and goes on', async () => {
  const { folder, clock } = await openFresh();
  for (const bytes of [0, 7]) {
    writeFileSync(join(folder, 'calendar.log'), Buffer.alloc(bytes));
    expect(codes(folder).filter(([code]) => code !== 'torn')).toEqual([]);
  }
  const service = await SigningService.open({ folder, now: clock.now });
  await service.close();
  expect(codes(folder)).toEqual([]);
});

it('ends that were never finished are found and cut', async () => {
  const { folder, calendar, rounds } = await signedFolder();
  appendFileSync(calendar, readFileSync(calendar).subarray(HEADER, HEADER + 30));
  appendFileSync(rounds, readFileSync(rounds).subarray(0, 100));
  expect(codes(folder)).toEqual([
    ['torn', false],
    ['torn', false],
  ]);
  expect(codes(folder, true)).toEqual([
    ['torn', true],
    ['torn', true],
  ]);
  expect(codes(folder)).toEqual([]);
});

it('a last round that is not in the calendar is entered, by mending or by the next start; its requests can be asked for', async () => {
  for (const way of ['mend', 'start'] as const) {
    const { folder, calendar, clock } = await signedFolder();
    truncateSync(calendar, readFileSync(calendar).length - (way === 'mend' ? RECORD : 7));
    if (way === 'mend') {
      expect(codes(folder)).toEqual([['completed', false]]);
      expect(codes(folder, true)).toEqual([['completed', true]]);
    }
    const service = await SigningService.open({ folder, now: clock.now });
    expect(service.found.map(({ code }) => code)).toEqual(way === 'mend' ? [] : ['torn', 'completed']);
    const [signature] = await service.reissue(document('4'), 0n, 2_000_000_000n);
    expect(verifyInternal(readSignature(signature!), { hash: document('4') }).verdict).toEqual({ outcome: 'ok' });
    await service.close();
    expect(codes(folder)).toEqual([]);
  }
});

it('a damaged record of the calendar is written again from its round, and stays a finding where there is none', async () => {
  const { folder, calendar, rounds } = await signedFolder();
  const sound = readFileSync(calendar);
  change(calendar, HEADER + RECORD + 20);
  expect(codes(folder)).toEqual([['crc', false]]);
  expect(codes(folder, true)).toEqual([['crc', true]]);
  expect(readFileSync(calendar)).toEqual(sound);
  change(calendar, HEADER + RECORD + 20);
  change(calendar, HEADER + 2 * RECORD + 20);
  expect(codes(folder, true)).toEqual([
    ['crc', false],
    ['crc', false],
  ]);
  writeFileSync(calendar, sound);
  change(calendar, HEADER + RECORD + 20);
  rmSync(rounds);
  expect(codes(folder, true)).toEqual([['crc', false]]);
});

it('a changed round is found, and so is a calendar that says otherwise or has seconds without rounds', async () => {
  const { folder, rounds, calendar } = await signedFolder();
  const sound = readFileSync(rounds);
  const second = sound.indexOf(sound.subarray(8, 16), 28);
  change(rounds, 60);
  expect(codes(folder)).toEqual([
    ['rounds-damaged', false],
    ['round-missing', false],
  ]);
  writeFileSync(rounds, Buffer.concat([sound.subarray(0, 20), sound.subarray(second), sound.subarray(20, second)]));
  expect(codes(folder)).toEqual([['rounds-order', false]]);
  writeFileSync(rounds, sound);
  const other = await signedFolder();
  writeFileSync(calendar, readFileSync(other.calendar));
  // The same documents at the same times: the same roots, so the two calendars are one.
  expect(codes(folder)).toEqual([]);
  change(calendar, HEADER + 10);
  expect(codes(folder)).toEqual([['crc', false]]);
});

it('a log of rounds whose header is damaged is put aside whole, and signing goes on', async () => {
  for (const way of ['mend', 'start'] as const) {
    const { folder, rounds, clock } = await signedFolder();
    change(rounds, 10);
    const damaged = readFileSync(rounds);
    if (way === 'mend') {
      expect(codes(folder)).toEqual([['rounds-header', false]]);
      expect(codes(folder, true)).toEqual([['rounds-header', true]]);
    }
    const service = await SigningService.open({ folder, now: clock.now });
    expect(service.found.map(({ code }) => code)).toEqual(way === 'start' ? ['rounds-header'] : []);
    await service.close();
    const [aside] = readdirSync(join(folder, 'rounds')).filter((name) => name.includes('.damaged-'));
    expect(readFileSync(join(folder, 'rounds', aside!))).toEqual(damaged);
    expect(codes(folder)).toEqual([]);
  }
});

it('roots of blocks that are wrong are made again', async () => {
  const { service, nextSecond, folder, clock } = await openService();
  for (let i = 0; i < 3; i++) {
    void service.sign(document(`${i}`));
    await nextSecond();
    clock.pass(5_000_000);
  }
  await service.close();
  expect(codes(folder)).toEqual([]);
  const blocks = join(folder, 'calendar.blocks');
  const sound = readFileSync(blocks);
  const bytes = readFileSync(blocks);
  bytes[20]! ^= 1;
  // With its CRC made anew: only reckoning the block again can tell.
  const { crc32 } = await import('node:zlib');
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 49)), 49);
  writeFileSync(blocks, bytes);
  expect(codes(folder)).toEqual([['block', false]]);
  expect(codes(folder, true)).toEqual([['block', true]]);
  expect(readFileSync(blocks)).toEqual(sound);
});
