import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPublicationsFile } from '../format/publications-file.ts';
import { readSignature } from '../format/signature.ts';
import { imprint } from '../hash/imprint.ts';
import { readCertificate } from '../keys/x509.ts';
import {
  writeAggregationChain,
  writeCalendarAuthentication,
  writeCalendarChain,
  writePublishedData,
  writeSignature,
} from '../sign/write.ts';
import { verifyPublicationsFile } from '../verify/cms.ts';
import { verifyInternal } from '../verify/internal.ts';
import { verifyByKey } from '../verify/policies.ts';
import { Authority, type KeyKind, writePublicationsFile } from './index.ts';

const now = Date.parse('2026-11-21T00:00:00Z');
const second = BigInt(now / 1000);
const email = 'publications@cixi.example';
const subject = { organisation: '慈溪市数据局', country: 'CN' };
const of = (text: string) => imprint(1, new TextEncoder().encode(text));
const kinds: KeyKind[] = ['rsa', 'ecdsa', 'sm2'];
const authorities = Object.fromEntries(
  kinds.map((kind) => [kind, Authority.make({ kind, subject, email, now })]),
) as Record<KeyKind, Authority>;
const publications = [
  { time: second + 86_400n, hash: of('b') },
  { time: second, hash: of('a'), references: ['慈溪日报, 2026-11-21'], repositories: ['https://city.example'] },
];
const fileOf = (authority: Authority) =>
  writePublicationsFile({
    authority,
    created: second + 90_000n,
    publications,
    repository: 'https://city.example/file',
  });

/** A signature of one second whose calendar root the authority signed. */
function signed(authority: Authority, time = second, flaw?: 'type' | 'value') {
  const links = [{ left: true, levelCorrection: 0, sibling: of('neighbour'), kind: 'imprint' as const }];
  const chain = writeAggregationChain({ time, index: [3n], inputHash: of('document'), algorithm: 1, links });
  const { aggregationRoot } = verifyInternal(readSignature(writeSignature([chain])));
  const ones = time.toString(2).replaceAll('0', '').length;
  const calendar = writeCalendarChain({
    publicationTime: time,
    aggregationTime: time,
    inputHash: aggregationRoot!,
    links: Array.from({ length: ones }, (_, i) => ({ left: false, sibling: of(`calendar ${i}`) })),
  });
  const { calendarRoot } = verifyInternal(readSignature(writeSignature([chain, calendar])));
  const data = writePublishedData(time, calendarRoot!, true);
  const parts = authority.authenticate(data);
  if (flaw === 'type') parts.signatureType = '1.2.3';
  if (flaw === 'value') parts.signature[parts.signature.length - 1]! ^= 1;
  return readSignature(writeSignature([chain, calendar, writeCalendarAuthentication({ data, ...parts })]));
}

const scratch = mkdtempSync(join(tmpdir(), 'jingwei-authority-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'none';
};
const openssl = (...args: string[]) =>
  execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
const hasOpenssl = (() => {
  try {
    return /^OpenSSL 3/.test(openssl('version'));
  } catch {
    return false;
  }
})();

describe.each(kinds)('an authority with %s keys', (kind) => {
  const authority = authorities[kind];

  it('writes a publications file that verifies, and none that was changed does', () => {
    const bytes = fileOf(authority);
    const file = readPublicationsFile(bytes);
    expect(file.publications.map(({ data }) => data.time)).toEqual([second, second + 86_400n]);
    expect(file.publications[0]!.references).toEqual(['慈溪日报, 2026-11-21']);
    const editor = { roots: [authority.root], email };
    expect(verifyPublicationsFile(file, editor).signer).toContain(`emailAddress=${email}`);
    const changed = bytes.slice();
    changed[60]! ^= 1;
    const refused = codeOf(() => verifyPublicationsFile(readPublicationsFile(changed), editor));
    expect(refused).toMatch(/^keyless\./);
    expect(codeOf(() => verifyPublicationsFile(file, { ...editor, email: 'someone@else.example' }))).toBe(
      'keyless.publications.email',
    );
    const stranger = authorities[kind === 'rsa' ? 'ecdsa' : 'rsa'];
    expect(codeOf(() => verifyPublicationsFile(file, { ...editor, roots: [stranger.root] }))).toBe(
      'keyless.publications.untrusted',
    );
    expect(codeOf(() => verifyPublicationsFile(file, { ...editor, at: second + 200_000_000n }))).toBe(
      'keyless.publications.expired',
    );
  });

  it('signs the calendar: signatures verify by key, in the time of the certificate only', () => {
    const publicationsFile = readPublicationsFile(fileOf(authority));
    const verdict = (signature: ReturnType<typeof signed>) => verifyByKey(signature, { publicationsFile });
    expect(verdict(signed(authority))).toEqual({ outcome: 'ok' });
    expect(verdict(signed(authority, second, 'type'))).toMatchObject({ code: 'KEY-02' });
    expect(verdict(signed(authority, second, 'value'))).toMatchObject({ code: 'KEY-02' });
    expect(verdict(signed(authority, second - 4000n))).toMatchObject({ code: 'KEY-03' });
    expect(verdict(signed(authority, second + 200_000_000n))).toMatchObject({ code: 'KEY-03' });
  });

  it.skipIf(!hasOpenssl)('is read and believed by OpenSSL', () => {
    const path = (name: string) => join(scratch, `${kind}-${name}`);
    const file = readPublicationsFile(fileOf(authority));
    writeFileSync(path('root.pem'), authority.root);
    writeFileSync(path('content'), file.signed);
    writeFileSync(path('signature'), file.signature);
    writeFileSync(path('calendar.der'), authority.certificates[0]!.certificate);
    // OpenSSL does not know by itself which identifier an SM2 signer has.
    const id = kind === 'sm2' ? ['-vfyopt', 'distid:1234567812345678'] : [];
    const text = openssl('x509', '-in', path('calendar.der'), '-inform', 'DER', '-noout', '-text', '-nameopt', 'utf8');
    expect(text).toContain('Digital Signature, Non Repudiation');
    expect(text).toContain('慈溪市数据局');
    const at = ['-attime', String(second)];
    openssl('x509', '-in', path('calendar.der'), '-inform', 'DER', '-out', path('calendar.pem'));
    expect(openssl('verify', ...at, ...id, '-CAfile', path('root.pem'), path('calendar.pem'))).toContain('OK');
    // OpenSSL's CMS cannot be told the identifier of an SM2 signer.
    if (kind === 'sm2') return;
    for (const tool of ['smime', 'cms']) {
      const check = (content: string) =>
        openssl(
          ...[tool, '-verify', '-binary', '-inform', 'DER', '-in', path('signature')],
          ...['-content', path(content), '-CAfile', path('root.pem'), '-out', path('out'), ...at],
        );
      check('content');
      writeFileSync(path('changed'), Buffer.concat([file.signed, Buffer.from('x')]));
      expect(() => check('changed')).toThrow();
    }
  });
});

describe('an authority in a folder', () => {
  const folder = join(scratch, 'authority');
  const made = Authority.create(folder, { kind: 'ecdsa', subject, email, now });

  it('keeps its keys where only their owner reads them, and is the same when opened', () => {
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    const opened = Authority.open(folder);
    expect(opened.root).toBe(made.root);
    expect(opened.email).toBe(email);
    expect(opened.certificates).toEqual(made.certificates);
    const publicationsFile = readPublicationsFile(fileOf(made));
    expect(verifyByKey(signed(opened), { publicationsFile })).toEqual({ outcome: 'ok' });
    expect(codeOf(() => Authority.create(folder, { kind: 'rsa', subject, email, now }))).toBe(
      'keyless.authority.exists',
    );
  });

  it('rotates: a new calendar key joins the old, and signatures of both verify', () => {
    const before = signed(made);
    made.rotate({ now: now + 1000 });
    made.renewPublisher({ now: now + 1000 });
    const opened = Authority.open(folder);
    expect(opened.certificates.length).toBe(2);
    expect(opened.expires).toBeGreaterThan(readCertificate(opened.certificates[0]!.certificate).notAfter);
    const publicationsFile = readPublicationsFile(fileOf(opened));
    expect(verifyPublicationsFile(publicationsFile, { roots: [made.root], email }).signer).toContain(email);
    for (const signature of [before, signed(opened)])
      expect(verifyByKey(signature, { publicationsFile })).toEqual({ outcome: 'ok' });
    expect(signed(opened).authentication!.certificateId).toEqual(opened.certificates[1]!.id);
  });

  it('that is not there, can be read by others or is mixed up is refused', () => {
    expect(codeOf(() => Authority.open(join(scratch, 'nowhere')))).toBe('keyless.authority.absent');
    chmodSync(join(folder, 'root.pem'), 0o644);
    expect(codeOf(() => Authority.open(folder))).toBe('keyless.authority.mode');
    chmodSync(join(folder, 'root.pem'), 0o600);
    writeFileSync(join(folder, 'publisher.pem'), 'nothing');
    expect(codeOf(() => Authority.open(folder))).toBe('keyless.key.unreadable');
    expect(existsSync(join(folder, 'root.pem'))).toBe(true);
  });

  it('has no subject that is empty, endless or of several lines, no two publications of one second', () => {
    for (const organisation of ['', 'x'.repeat(65), 'a\nb'])
      expect(codeOf(() => Authority.make({ kind: 'ecdsa', subject: { organisation }, email, now }))).toBe(
        'keyless.certificate.subject',
      );
    for (const bad of ['nobody', 'a@b c', '中@city'])
      expect(codeOf(() => Authority.make({ kind: 'ecdsa', subject, email: bad, now }))).toBe(
        'keyless.certificate.subject',
      );
    const twice = [publications[0]!, publications[0]!];
    const authority = authorities.ecdsa;
    expect(codeOf(() => writePublicationsFile({ authority, created: second, publications: twice }))).toBe(
      'keyless.publications.repeated',
    );
  });
});
