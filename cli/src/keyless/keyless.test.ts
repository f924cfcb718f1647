/** Keyless commands against a signing service of the test's own, whose seconds pass when something waits for them. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aggregationRequest, imprint, PDU, publicationString, readSignature, verify, writePdu } from '@jingwei/keyless';
import { Authority, writePublicationsFile } from '@jingwei/keyless/publish';
import { SigningService } from '@jingwei/keyless/service';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT } from '../output.ts';
import { jingwei as run, spawned } from '../testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'jingwei-keyless-'));
const at = (name: string) => join(folder, name);
const key = 'a key of forty letters that nobody guesses';
const email = 'editor@city.example';
let now = 1_790_000_000_000;
let steady = 0;
let service: SigningService;
let server: Server;
let url: string;
let authority: Authority;
let printed: string;

const env = {
  JINGWEI_DATA_FOLDER: at('data'),
  JINGWEI_CLI_LANG: 'en',
  JINGWEI_CLI_KEYLESS_LOGIN: 'press',
  JINGWEI_CLI_KEYLESS_KEY: key,
};
const jingwei = (...args: string[]) => run(args, env);
const pass = (ms: number) => {
  now += ms;
  steady += ms;
};

beforeAll(async () => {
  const subject = { organisation: 'City of Test', country: 'CN' };
  authority = Authority.make({ kind: 'ecdsa', subject, email, now });
  service = await SigningService.open({
    folder: at('seal'),
    now: () => now,
    steady: () => steady,
    later: (ms, then) => {
      const soon = setImmediate(() => {
        pass(ms);
        then();
      });
      return () => clearImmediate(soon);
    },
    authenticate: (_time, _root, data) => authority.authenticate(data),
    clients: (login) => (login === 'press' ? { key: Buffer.from(key), organisation: 'Press office' } : undefined),
  });
  server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = new Uint8Array(Buffer.concat(parts));
    const aggregator = request.url === '/keyless/aggregator';
    response.end(await (aggregator ? service.aggregatorAnswer(body) : service.extenderAnswer(body)));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(at('root.pem'), authority.root);
  writeFileSync(at('a.txt'), 'the first');
  writeFileSync(at('b.txt'), '第二个文件');
  mkdirSync(at('out'));
});
afterAll(async () => {
  server.close();
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

const sign = (...args: string[]) => jingwei('sign', ...args, '--aggregator', `${url}/keyless/aggregator`);
const trust = () => ['--publications', at('pub.bin'), '--root', at('root.pem'), '--email', email];

/** Publishes the present second and writes the publications file. */
async function publish(): Promise<void> {
  pass(60_000);
  const { time, root } = await service.publish(BigInt(Math.floor(now / 1000)) - 2n);
  printed = publicationString(time, root);
  const publications = [{ time, hash: root, references: ['City Gazette, 2026-11-21'] }];
  writeFileSync(
    at('pub.bin'),
    writePublicationsFile({ authority, created: BigInt(Math.floor(now / 1000)), publications }),
  );
}

test('several files are signed by one request, each with a signature of its own beside it', async () => {
  const before = service.status().signed;
  const { code, out, err } = await run(
    ['--json', 'sign', at('a.txt'), at('b.txt'), '--aggregator', `${url}/keyless/aggregator`],
    env,
  );
  expect([code, err]).toEqual([EXIT.ok, '']);
  expect(service.status().signed).toBe(before + 1);
  expect(JSON.parse(out).files).toMatchObject([
    { file: at('a.txt'), signature: at('a.txt.ksig'), document: { algorithm: 'sha256' } },
    { file: at('b.txt'), signature: at('b.txt.ksig') },
  ]);
  for (const name of ['a.txt', 'b.txt']) {
    const signature = readSignature(readFileSync(at(`${name}.ksig`)));
    expect(await verify(signature, 'internal', { hash: imprint(1, readFileSync(at(name))) })).toEqual({
      outcome: 'ok',
    });
  }
});

test('nothing is overwritten unless it is asked for, and nothing asked of a server before that is known', async () => {
  const kept = readFileSync(at('a.txt.ksig'));
  const before = service.status().signed;
  const refused = await sign(at('b.txt'), at('a.txt'));
  expect([refused.code, refused.err.split(':')[0]]).toEqual([EXIT.problem, 'cli.keyless.exists']);
  expect(service.status().signed).toBe(before);
  expect(readFileSync(at('a.txt.ksig'))).toEqual(kept);
  expect((await sign(at('a.txt'), '--force', '--algorithm', 'sm3')).code).toBe(EXIT.ok);
  expect(readSignature(readFileSync(at('a.txt.ksig'))).chains[0]!.inputHash[0]).toBe(0x0b);
  expect((await sign(at('a.txt'), '--out', at('out'))).code).toBe(EXIT.ok);
  expect(readdirSync(at('out'))).toEqual(['a.txt.ksig']);
  const twice = await sign(at('a.txt'), at('a.txt'), '--force');
  expect(twice.err.split(':')[0]).toBe('cli.keyless.same-target');
});

test('a signature is inconclusive without trust, holds by key, and by its publication once extended', async () => {
  const alone = await jingwei('verify', at('a.txt'));
  expect([alone.code, alone.out.split('\n')[0]]).toEqual([EXIT.inconclusive, `${at('a.txt')}: no conclusion`]);
  expect((await jingwei('verify', at('a.txt'), '--policy', 'internal')).code).toBe(EXIT.ok);
  await publish();
  const byKey = await run(['--json', 'verify', at('a.txt'), '--policy', 'key', ...trust()], env);
  expect(JSON.parse(byKey.out)).toMatchObject({ outcome: 'ok', code: null, policy: 'key' });
  const extended = await jingwei('extend', at('a.txt.ksig'), ...trust(), '--extender', `${url}/keyless/extender`);
  expect([extended.code, extended.err]).toEqual([EXIT.ok, '']);
  expect(extended.out).toContain(printed);
  const held = ['verify', at('a.txt'), at('a.txt.extended.ksig')];
  expect((await jingwei(...held, '--policy', 'publications-file', ...trust())).code).toBe(EXIT.ok);
  const byPrint = await jingwei(...held, '--publication', printed.toLowerCase());
  expect([byPrint.code, byPrint.out]).toEqual([EXIT.ok, expect.stringContaining('the signature holds')]);
  expect(byPrint.out).toContain('origin Press office');
  const again = await jingwei('extend', at('a.txt.ksig'), ...trust(), '--extender', `${url}/keyless/extender`);
  expect(again.err.split(':')[0]).toBe('cli.keyless.exists');
  // The chain of the calendar is asked for where the signature has none to the publication.
  const asked = await jingwei('verify', at('b.txt'), ...trust(), '--extender', `${url}/keyless/extender`);
  expect(asked.code).toBe(EXIT.ok);
});

test('another file, another algorithm and a forged publication do not pass, by their codes, in both languages', async () => {
  const other = await jingwei('verify', at('b.txt'), at('a.txt.ksig'));
  expect([other.code, other.out.split('\n')[0]]).toEqual([
    EXIT.problem,
    `${at('b.txt')}: the signature does not hold (GEN-01 Wrong document)`,
  ]);
  const zh = await run(['--lang', 'zh', 'verify', at('b.txt'), at('a.txt.ksig')], env);
  expect(zh.out).toContain('签名不成立（GEN-01 文件与签名不符）');
  const [time, hash] = [1_790_000_030n, imprint(1, Buffer.from('forged'))];
  const forged = await jingwei(
    ...['verify', at('a.txt'), '--publication', publicationString(time, hash)],
    ...['--extender', `${url}/keyless/extender`],
  );
  expect([forged.code, forged.out]).toEqual([EXIT.problem, expect.stringContaining('PUB-01')]);
  const cannot = await jingwei(
    ...['extend', at('b.txt.ksig'), '--publication', publicationString(time, hash)],
    ...['--extender', `${url}/keyless/extender`],
  );
  expect([cannot.code, cannot.err.split(':')[0]]).toEqual([EXIT.problem, 'keyless.extend.mismatch']);
  expect(readdirSync(folder)).not.toContain('b.txt.extended.ksig');
});

test('a publications file is believed from a named root and editor only', async () => {
  const noRoot = await jingwei('verify', at('a.txt'), '--publications', at('pub.bin'));
  expect(noRoot.err.split(':')[0]).toBe('cli.keyless.no-root');
  const email = await jingwei('publications', at('pub.bin'), '--check', '--root', at('root.pem'), '--email', 'x@y.z');
  expect([email.code, email.err.split(':')[0]]).toEqual([EXIT.problem, 'keyless.publications.email']);
  const [, , ...root] = trust();
  const list = await run(['--json', 'publications', at('pub.bin'), '--check', ...root], env);
  expect(JSON.parse(list.out)).toMatchObject({ checked: true, publications: [{ printed }] });
  const plain = await jingwei('publications', at('pub.bin'));
  expect([plain.code, plain.out]).toEqual([EXIT.ok, expect.stringContaining('was not checked')]);
});

test('what a file contains is shown, step by step or as one document: signatures, publications, messages', async () => {
  const text = await jingwei('inspect', at('a.txt.extended.ksig'));
  expect(text.out).toContain('sm3:');
  expect(text.out).toContain(printed);
  const json = JSON.parse((await run(['--json', 'inspect', at('a.txt.ksig')], env)).out);
  expect(json).toMatchObject({ kind: 'signature', document: { algorithm: 'sm3' }, anchor: { kind: 'authentication' } });
  expect(JSON.parse((await run(['--json', 'inspect', at('pub.bin')], env)).out)).toMatchObject({
    kind: 'publications',
    signers: [{ emails: [email] }, { emails: [] }],
  });
  const asked = aggregationRequest({ id: 7n, hash: imprint(1, Buffer.from('x')), level: 3 });
  const message = writePdu(PDU.aggregationRequest, { login: 'press' }, [asked], Buffer.from(key), 1);
  writeFileSync(at('message'), message);
  expect(JSON.parse((await run(['--json', 'inspect', at('message')], env)).out)).toMatchObject({
    kind: 'message',
    header: { login: 'press' },
    signing: [{ id: '7', level: 3 }],
  });
});

test('files that are missing, empty, folders, cut off or something else are told with their name', async () => {
  writeFileSync(at('empty'), '');
  writeFileSync(at('cut.ksig'), readFileSync(at('a.txt.ksig')).subarray(0, 100));
  const whole = readFileSync(at('a.txt.ksig'));
  whole[4] = 0xff;
  writeFileSync(at('odd.ksig'), whole);
  const codes = async (...args: string[]) => (await jingwei(...args)).err.split(':')[0];
  expect(await codes('inspect', at('absent'))).toBe('cli.keyless.no-file');
  expect(await codes('inspect', at('empty'))).toBe('cli.keyless.empty');
  expect(await codes('inspect', folder)).toBe('cli.keyless.not-a-file');
  expect(await codes('inspect', at('a.txt'))).toBe('cli.keyless.unknown-kind');
  expect(await codes('verify', at('a.txt'), at('cut.ksig'))).toBe('keyless.tlv.truncated');
  expect(await codes('verify', at('a.txt'), at('odd.ksig'))).toMatch(/^keyless\./);
  expect(await codes('verify', at('a.txt'), at('b.txt'))).toMatch(/^keyless\./);
  expect((await jingwei('verify', at('a.txt'), at('cut.ksig'))).err).toContain('cut.ksig');
  expect(await codes('verify', at('absent'), at('a.txt.ksig'))).toBe('cli.keyless.no-file');
  expect(await codes('verify', at('a.txt'), '--publication', 'AAAAAA-NONSENSE')).toBe('keyless.publication-string');
  expect(await codes('extend', at('a.txt.ksig'), '--to', 'soon', ...trust(), '--force')).toBe('cli.keyless.time');
  const far = await codes('extend', at('b.txt.ksig'), '--to', '2090-01-01T00:00:00Z', ...trust());
  expect(far).toBe('cli.keyless.no-publication');
  expect((await jingwei('verify', at('a.txt'), '--policy', 'mine')).code).toBe(EXIT.usage);
  // An empty file is a file: it has a hash.
  expect((await sign(at('empty'))).code).toBe(EXIT.ok);
  expect((await jingwei('verify', at('empty'), '--policy', 'internal')).code).toBe(EXIT.ok);
});

test('a server that is not there, a wrong key, no key and an unknown algorithm are told, and no file is written', async () => {
  const codes = async (args: string[], over = {}) => (await run(args, { ...env, ...over })).err.split(':')[0];
  const asked = ['sign', at('b.txt'), '--out', at('never.ksig'), '--aggregator'];
  expect(await codes([...asked, 'http://127.0.0.1:1/'])).toBe('keyless.upstream');
  expect(await codes([...asked, 'nonsense'])).toBe('cli.keyless.address');
  expect(await codes(['sign', at('b.txt'), '--out', at('never.ksig')])).toBe('cli.keyless.no-server');
  const aggregator = `${url}/keyless/aggregator`;
  expect(await codes([...asked, aggregator], { JINGWEI_CLI_KEYLESS_KEY: 'another' })).toBe('keyless.pdu.refused');
  expect(await codes([...asked, aggregator], { JINGWEI_CLI_KEYLESS_KEY: '' })).toBe('cli.keyless.no-login');
  expect(await codes([...asked, aggregator, '--algorithm', 'md5'])).toBe('cli.keyless.algorithm');
  writeFileSync(at('key'), `${key}\n`);
  expect(await codes([...asked, aggregator, '--key-file', at('key')], { JINGWEI_CLI_KEYLESS_KEY: 'another' })).toBe('');
  expect(readdirSync(folder)).toContain('never.ksig');
});

test('a file that changes while it is read is not signed', async () => {
  const { imprintOfFile } = await import('./files.ts');
  writeFileSync(at('live'), 'x'.repeat(1000));
  const changing = imprintOfFile(at('live'), 1, () => utimesSync(at('live'), 1, 1));
  await expect(changing).rejects.toMatchObject({ kind: { code: 'cli.keyless.changed' } });
});

test('a shell sees the verdict as exit code', async () => {
  expect((await spawned(['verify', at('b.txt'), at('a.txt.ksig'), '--policy', 'internal'], env)).code).toBe(1);
});
