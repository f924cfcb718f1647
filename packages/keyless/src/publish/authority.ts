/**
 * A certificate authority of one's own (自有证书机构): a root, the publisher that signs publications files, and the keys that sign the calendar's
 * root of every second until it is published. Keys are PEM files that only their owner can read.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { crc32 } from '../format/publication.ts';
import type { CertificateRecord } from '../format/publications-file.ts';
import { equal } from '../hash/imprint.ts';
import { type Certificate, readCertificate } from '../keys/x509.ts';
import { type Issue, issue, type Subject } from './certificate.ts';
import { signDetached } from './cms.ts';
import { derOf, type KeyKind, pemOf, SigningKey } from './signing-key.ts';

/** What an authority is made of. */
export interface AuthorityOptions {
  kind: KeyKind;
  subject: Pick<Subject, 'organisation' | 'country'>;
  /** Stands in the publisher's certificate; who verifies publications files asks for it. */
  email: string;
  /** Unix milliseconds. */
  now: number;
  /** Years of the publisher's and the calendar's certificates, 5 where left out. */
  years?: number;
  /** Years of the root, 30 where left out. */
  rootYears?: number;
}

interface Holder {
  key: SigningKey;
  certificate: Certificate;
}

const DAY = 86_400_000;
/** Certificates begin this much earlier than they are made: clocks differ. */
const EARLIER = 3_600_000;
const span = (now: number, years: number) => ({ from: now - EARLIER, to: now + Math.round(years * 365.25) * DAY });

/** Number by which signatures name a certificate: CRC-32 of its DER, four bytes. */
export function certificateId(certificate: Uint8Array): Uint8Array {
  const id = new Uint8Array(4);
  new DataView(id.buffer).setUint32(0, crc32(certificate));
  return id;
}

/** The authority with its keys. */
export class Authority {
  readonly #root: Holder;
  #publisher: Holder;
  readonly #calendar: Holder[];
  readonly #folder: string | undefined;

  private constructor(root: Holder, publisher: Holder, calendar: Holder[], folder?: string) {
    this.#root = root;
    this.#publisher = publisher;
    this.#calendar = calendar;
    this.#folder = folder;
  }

  /** Makes an authority that is kept nowhere. Throws `keyless.certificate.subject`. */
  static make(options: AuthorityOptions, folder?: string): Authority {
    const { kind, subject, email, now, years = 5, rootYears = 30 } = options;
    const key = SigningKey.create(kind);
    const name = { ...subject, name: 'Keyless Signature Root' };
    const certificate = readCertificate(issue({ subject: name, spki: key.spki, key, ...span(now, rootYears) }));
    const root = { key, certificate };
    const publisher = signerOf(root, kind, { ...subject, name: 'Keyless Signature Publications', email }, now, years);
    const calendar = signerOf(root, kind, { ...subject, name: 'Keyless Signature Calendar' }, now, years);
    return new Authority(root, publisher, [calendar], folder);
  }

  /** Makes an authority and keeps it in a folder. Throws `keyless.authority.exists` where there is one. */
  static create(folder: string, options: AuthorityOptions): Authority {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (readdirSync(folder).includes('root.pem'))
      fail('authority.exists', '该文件夹已有证书机构', 'the folder holds an authority already');
    const authority = Authority.make(options, folder);
    authority.#keep('publisher', authority.#publisher);
    authority.#keep(calendarName(0), authority.#calendar[0]!);
    // Its certificate comes last: a folder without it holds no authority.
    authority.#keep('root', authority.#root);
    return authority;
  }

  /**
   * Opens the authority of a folder. Throws `keyless.authority.absent`, `keyless.authority.mode` (others can read a key),
   * `keyless.authority.mismatch` (a key that is not of its certificate), `keyless.key.unreadable`.
   */
  static open(folder: string): Authority {
    let files: string[];
    try {
      files = readdirSync(folder);
    } catch {
      files = [];
    }
    if (!files.includes('root.pem'))
      return fail('authority.absent', '该文件夹没有证书机构', 'the folder holds no authority');
    const calendar = files.filter((file) => /^calendar-\d{4}\.pem$/.test(file)).sort();
    if (calendar.length === 0) return fail('authority.absent', '没有日历证书', 'there is no calendar certificate');
    return new Authority(
      load(folder, 'root'),
      load(folder, 'publisher'),
      calendar.map((file) => load(folder, file.slice(0, -'.pem'.length))),
      folder,
    );
  }

  /** The root's certificate, PEM: what a verifier is configured with. */
  get root(): string {
    return pemOf('CERTIFICATE', this.#root.certificate.bytes);
  }

  /** E-mail address in the publisher's certificate. */
  get email(): string {
    return this.#publisher.certificate.emails[0]!;
  }

  /** The calendar's certificates, oldest first: all of them belong into every publications file. */
  get certificates(): CertificateRecord[] {
    return this.#calendar.map(({ certificate: { bytes } }) => ({ id: certificateId(bytes), certificate: bytes }));
  }

  /** Unix second after which the current calendar certificate is of no use: rotate before. */
  get expires(): bigint {
    return this.#current.certificate.notAfter;
  }

  /** Unix second after which the publisher's certificate is of no use. */
  get publisherExpires(): bigint {
    return this.#publisher.certificate.notAfter;
  }

  get #current(): Holder {
    return this.#calendar.at(-1)!;
  }

  /**
   * Signs published data for a calendar authentication record. `data`: the complete element 0x10 as it will stand in the record, header with
   * its flags included. Answers the fields of `writeCalendarAuthentication` beside `data`.
   */
  authenticate(data: Uint8Array): { signatureType: string; signature: Uint8Array; certificateId: Uint8Array } {
    const { key, certificate } = this.#current;
    return {
      signatureType: key.signatureType,
      signature: key.sign(data),
      certificateId: certificateId(certificate.bytes),
    };
  }

  /** Signs the content of a publications file as its publisher; `now` in Unix milliseconds. CMS, DER. */
  sign(content: Uint8Array, now: number): Uint8Array {
    return signDetached(content, this.#publisher, [this.#root.certificate], now);
  }

  /** A new calendar key: joins the old ones in the next publications file and signs from now on. */
  rotate({ now, years = 5 }: { now: number; years?: number }): void {
    const next = this.#renewed(this.#current, now, years);
    this.#keep(calendarName(this.#calendar.length), next);
    this.#calendar.push(next);
  }

  /** A new key and certificate of the publisher, under the same root and e-mail address. */
  renewPublisher({ now, years = 5 }: { now: number; years?: number }): void {
    const next = this.#renewed(this.#publisher, now, years);
    this.#keep('publisher', next);
    this.#publisher = next;
  }

  #renewed({ key, certificate }: Holder, now: number, years: number): Holder {
    return signerOf(this.#root, key.kind, certificate, now, years);
  }

  #keep(name: string, { key, certificate }: Holder): void {
    if (this.#folder === undefined) return;
    // Key and certificate in one file: a stop between two files would leave a pair that does not fit.
    keepFile(this.#folder, `${name}.pem`, key.pem() + pemOf('CERTIFICATE', certificate.bytes));
  }
}

const calendarName = (n: number) => `calendar-${String(n).padStart(4, '0')}`;

/** A key that signs, with its certificate under the root. */
function signerOf(root: Holder, kind: KeyKind, subject: Issue['subject'], now: number, years: number): Holder {
  // Signatures of 2048 bits keep what is signed every second small, and need not outlive their publication.
  const key = SigningKey.create(kind, 2048);
  const { notAfter } = root.certificate;
  const { from, to } = span(now, years);
  const bytes = issue({
    subject,
    spki: key.spki,
    key: root.key,
    issuer: root.certificate,
    from,
    to: Math.min(to, Number(notAfter) * 1000),
  });
  return { key, certificate: readCertificate(bytes) };
}

/** Writes a file that only its owner reads, whole or not at all, and on disk before it answers. */
function keepFile(folder: string, name: string, text: string): void {
  const made = join(folder, `${name}.new`);
  rmSync(made, { force: true });
  const file = openSync(made, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(made, join(folder, name));
  const directory = openSync(folder, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function load(folder: string, name: string): Holder {
  const path = join(folder, `${name}.pem`);
  if (!existsSync(path)) fail('authority.absent', `缺少 ${name}.pem`, `${name}.pem is missing`);
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    fail('authority.mode', `${name}.pem 可被他人读取，请改为 0600`, `others can read ${name}.pem: make it 0600`);
  const text = readFileSync(path, 'utf8');
  const key = SigningKey.load(text);
  const certificate = readCertificate(derOf('CERTIFICATE', text));
  if (!equal(certificate.spki, key.spki))
    fail('authority.mismatch', `${name}.pem 的私钥与证书不符`, `key and certificate of ${name}.pem do not fit`);
  return { key, certificate };
}
