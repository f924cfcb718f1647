/**
 * The hub's own TLS: the pair that is served, taken anew when its files change or an authority issued another, and watched until it ends. A pair
 * that does not hold takes nobody's place: the old one is served on, and the page of operations says what is wrong with the new one.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type SecureContext, type Server, type TlsOptions } from 'node:tls';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/index.ts';
import type { Bilingual } from '../../i18n/index.ts';
import type { Logger } from '../../log/index.ts';
import type { Part } from '../../operations/parts.ts';
import { Problem } from '../../problem.ts';
import { Repeated } from '../../repeat.ts';
import { newKey, order } from './acme.ts';
import { type CertificateFiles, readPair, type Served, stampOf, versions } from './certificate.ts';
import { Redirect } from './redirect.ts';

const DAY = 86_400_000;
/** Milliseconds between two looks at the files and at the clock. */
const LOOK = 10_000;
/** Milliseconds before an authority that refused is asked again. */
const AGAIN = 3_600_000;
/** Days before the end on which administrators are told; what renews itself is told of later, when it should have happened. */
const MARKS = [30, 7, 1] as const;

/** What it stands on. */
export interface TlsHost {
  config: NonNullable<Config['http']['tls']>;
  /** Address that the redirect listens on. */
  host: string;
  publicUrl: string;
  /** Folder of what an authority issued: account, certificate, key. */
  folder: string;
  clock: Clock;
  log: Logger;
}

/** A certificate that ends soon, or ended. */
export interface Ending {
  fingerprint: string;
  /** The mark that was passed: 30, 7 or 1. */
  mark: number;
  until: Date;
}

/** TLS of one hub. */
export class Tls {
  readonly #host: TlsHost;
  readonly #files: CertificateFiles;
  readonly #name: string;
  readonly #looks: Repeated;
  readonly #stop = new AbortController();
  readonly #told = new Set<string>();
  #redirect: Redirect | undefined;
  #server: Server | undefined;
  #served!: Served;
  #context!: SecureContext;
  #stamp = '';
  /** Why the newest files or order were refused. */
  #refused: Bilingual | undefined;
  #askAgain = 0;
  #ending: ((ending: Ending) => Promise<void>) | undefined;
  /** Port of the redirect, once it listens. */
  redirectPort: number | undefined;

  private constructor(host: TlsHost) {
    this.#host = host;
    this.#name = new URL(host.publicUrl).hostname.replace(/^\[|\]$/g, '');
    const own = join(host.folder, `${this.#name}.pem`);
    const { certificate = own, key = own } = host.config;
    this.#files = { certificate, key };
    this.#looks = new Repeated(
      () => this.look(),
      (error) => host.log.error({ err: error }, 'the certificate could not be looked at'),
    );
  }

  /** Starts the redirect, reads the pair or has one issued. A first pair that does not serve is a Problem: the start ends. */
  static async open(host: TlsHost): Promise<Tls> {
    const tls = new Tls(host);
    try {
      const { redirectPort, acme } = host.config;
      if (redirectPort !== undefined) {
        tls.#redirect = new Redirect(host.publicUrl);
        tls.redirectPort = await tls.#redirect.listen(host.host, redirectPort);
      }
      if (acme && !existsSync(tls.#files.certificate)) await tls.#order();
      tls.#take(false);
      return tls;
    } catch (error) {
      await tls.close();
      throw error;
    }
  }

  /** What the server is made with. Clients that name a host and those that do not get the pair of the moment. */
  options(): TlsOptions {
    return { ...this.#served.context, SNICallback: (_name, done) => done(null, this.#context) };
  }

  /** From now on pairs are taken anew; `ending` is told once for each mark that is passed. */
  start(server: Server, ending: (ending: Ending) => Promise<void>): void {
    this.#server = server;
    this.#ending = ending;
    this.#looks.start(LOOK);
    void this.#looks.look();
  }

  /** Takes what changed, renews what ends, tells what is near its end. */
  async look(): Promise<void> {
    if (stampOf(this.#files) !== this.#stamp) this.#replace();
    const { config, clock } = this.#host;
    const now = clock.now().getTime();
    if (config.acme && now >= this.#askAgain && this.#left(now) < this.#renewBefore()) {
      try {
        await this.#order();
        this.#replace();
      } catch (error) {
        this.#askAgain = now + AGAIN;
        this.#refuse(error);
      }
    }
    const left = this.#left(now);
    const marks = config.acme ? MARKS.slice(1) : MARKS;
    const mark = marks.filter((days) => left <= days * DAY).at(-1);
    if (mark === undefined || !this.#ending) return;
    const { fingerprint, until } = this.#served;
    const key = `${fingerprint}/${mark}`;
    if (this.#told.has(key)) return;
    await this.#ending({ fingerprint, mark, until });
    this.#told.add(key);
  }

  /** What the page of operations asks of every part. */
  async standing(): Promise<Part[]> {
    return [this.part()];
  }

  /** The standing line. */
  part(): Part {
    const { until, issuer, covers } = this.#served;
    const left = this.#left(this.#host.clock.now().getTime());
    const days = Math.floor(left / DAY);
    const day = until.toISOString().slice(0, 10);
    const base = { id: 'tls', title: { zh: 'TLS 证书', en: 'TLS certificate' }, link: null };
    const refused = this.#refused;
    if (left <= 0)
      return {
        ...base,
        standing: 'bad',
        text: withRefused({ zh: `已于 ${day} 到期`, en: `ended on ${day}` }, refused),
      };
    if (!covers(this.#name))
      return {
        ...base,
        standing: 'bad',
        text: { zh: `证书不含主机名 ${this.#name}`, en: `does not name the host ${this.#name}` },
      };
    const near = left <= (this.#host.config.acme ? 7 : 30) * DAY;
    const text = {
      zh: `有效期至 ${day}（还有 ${days} 天），签发者 ${issuer}`,
      en: `holds until ${day} (${days} days), issued by ${issuer}`,
    };
    return {
      ...base,
      standing: left <= 7 * DAY ? 'bad' : refused || near ? 'warn' : 'ok',
      text: withRefused(text, refused),
    };
  }

  /** Ends looks, an order under way, and the redirect. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#looks.stop();
    await this.#redirect?.close();
  }

  #left(now: number): number {
    return this.#served.until.getTime() - now;
  }

  /** A third of its life before the end, thirty days at most. */
  #renewBefore(): number {
    const { from, until } = this.#served;
    return Math.min(30 * DAY, (until.getTime() - from.getTime()) / 3);
  }

  #take(fresh: boolean): void {
    const stamp = stampOf(this.#files);
    const served = readPair(this.#files, this.#host.clock.now(), fresh);
    this.#context = createSecureContext(served.context);
    this.#served = served;
    this.#stamp = stamp;
    this.#refused = undefined;
    this.#server?.setSecureContext({ ...served.context, ...versions });
  }

  #replace(): void {
    const stamp = stampOf(this.#files);
    try {
      this.#take(true);
      this.#host.log.info({ until: this.#served.until }, 'another certificate is served');
    } catch (error) {
      // Judged once for each version of the files.
      this.#stamp = stamp;
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    this.#host.log.warn({ err: error }, 'a new certificate was refused, the old one is served on');
    this.#refused =
      error instanceof Problem
        ? error.toJSON().title
        : { zh: '新证书无法使用', en: 'the new certificate cannot be used' };
  }

  async #order(): Promise<void> {
    const { config, folder, log } = this.#host;
    const acme = config.acme!;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const account = join(folder, 'account.pem');
    if (!existsSync(account)) write(account, newKey());
    log.info({ directory: acme.directory, host: this.#name }, 'a certificate is ordered');
    const { certificate, key } = await order({
      ...{ directory: acme.directory, contact: acme.contact, host: this.#name },
      accountKey: readFileSync(account, 'utf8'),
      authority: acme.authorityFile ? readFileSync(acme.authorityFile, 'utf8') : undefined,
      binding: acme.bindingId && acme.bindingKey ? { id: acme.bindingId, key: acme.bindingKey } : undefined,
      challenges: this.#redirect!,
      signal: this.#stop.signal,
    });
    // One file: a certificate without its key is none.
    write(this.#files.certificate, `${certificate.trim()}\n${key}`);
  }
}

const withRefused = (text: Bilingual, refused: Bilingual | undefined): Bilingual =>
  refused
    ? { zh: `${text.zh}；新证书未采用：${refused.zh}`, en: `${text.en}; the new one is not used: ${refused.en}` }
    : text;

/** Whole or not at all, for the owner only. */
function write(path: string, text: string): void {
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}
