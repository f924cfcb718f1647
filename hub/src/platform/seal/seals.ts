/**
 * The sealing part of the platform. What rooms ask for stands in the operational store before anything is signed; a loop takes what has no
 * signature and has it signed, so that nothing depends on what a process remembers: a hub that was killed between asking and signing signs after
 * its next start.
 */

import { AsyncResource } from 'node:async_hooks';
import type { AggregationLink, Origin } from '@jingwei/keyless';
import { KeylessError, prependChain, readSignature, signingTime } from '@jingwei/keyless';
import type { Kysely } from 'kysely';
import type { Clock } from '../clock.ts';
import type { AnyTables, Db } from '../db/index.ts';
import type { Bilingual } from '../i18n/index.ts';
import type { Logger } from '../log/index.ts';
import { Problem } from '../problem.ts';
import type { AuditPort } from '../room.ts';
import type { Seal, SealKind, SealPort, SealSubject } from './port.ts';
import { notUnderRoot, pendingSeal, unavailable, unknownSeal } from './problems.ts';
import type { Signer } from './signer.ts';
import { SealStore } from './store.ts';
import { checkSubject } from './subject.ts';

/** What the part is made of. */
export interface SealsHost {
  db: Db;
  clock: Clock;
  log: Logger;
  audit: AuditPort;
  signer: Signer;
  /** Id of the city: origin of what belongs to no organisation. */
  city: string;
  /** Whether this hub signs at all. */
  signing: boolean;
}

/** Seals signed with one question to the thread. */
const BATCH = 2000;
/** Milliseconds: after a request in a transaction, which may commit a while later; while all is quiet; after a fault. */
const SOON = 500;
const QUIET = 60_000;
const PATIENCE = 5_000;

/** Seals of this hub: asked for, signed, read. */
export class Seals implements SealPort {
  readonly store: SealStore;
  readonly #host: SealsHost;
  #timer: NodeJS.Timeout | undefined;
  #draining: Promise<void> | undefined;
  #again = false;
  #watchUntil = 0;
  #stopped = false;
  #started = false;
  #fault: Bilingual | null = null;
  readonly #outside = new AsyncResource('seals');
  readonly #ended = new Set<() => void>();
  readonly #signedListeners = new Set<() => void>();

  constructor(host: SealsHost) {
    this.#host = host;
    this.store = new SealStore(host.db);
  }

  /** The signing thread has stopped signing, or signs again: told at once, whoever was asking. */
  async alarmed(alarm: { code: string; zh: string; en: string } | null): Promise<void> {
    await this.#tell(alarm && new Problem(unavailable, { ...alarm }));
    if (!alarm) this.#schedule(0);
  }

  /** Why nothing is signed at present; null when it is. */
  get fault(): Bilingual | null {
    return this.#fault;
  }

  /** Begins to sign what waits. */
  start(): void {
    this.#started = true;
    this.#schedule(0);
  }

  /** Signs nothing more; what waits is signed after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#draining;
  }

  /** Calls back after seals were signed; the answer unsubscribes. */
  onSigned(listener: () => void): () => void {
    this.#signedListeners.add(listener);
    return () => void this.#signedListeners.delete(listener);
  }

  async request(subject: SealSubject, trx?: Kysely<AnyTables>): Promise<number> {
    checkSubject(subject);
    const id = await this.store.request(subject, this.#host.clock.now(), trx);
    // When the transaction commits is not known here: looked at again and again for a while.
    this.#watchUntil = performance.now() + QUIET;
    this.#schedule(trx ? SOON : 20);
    return id;
  }

  async requestAll(subjects: readonly SealSubject[]): Promise<void> {
    for (const subject of subjects) checkSubject(subject);
    const made = await this.store.requestAll(subjects, this.#host.clock.now());
    if (made > 0) this.#schedule(20);
  }

  get(id: number): Promise<Seal | undefined> {
    return this.store.get(id);
  }

  of(kind: SealKind, subject: string): Promise<Seal[]> {
    return this.store.list({ kind, subject, limit: 1000 });
  }

  known(kind: SealKind, subjects: readonly string[]): Promise<Set<string>> {
    return this.store.known(kind, subjects);
  }

  async sealed(id: number, timeoutMs = 10_000): Promise<Seal> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const turn = this.#turn(end);
      const seal = await this.store.get(id);
      if (!seal) throw new Problem(unknownSeal);
      if (seal.state === 'sealed') return seal;
      if (this.#stopped || performance.now() >= end) throw new Problem(pendingSeal);
      this.#schedule(0);
      await turn;
    }
  }

  async proofOf(
    id: number,
    leaf: { imprint: Uint8Array; links: AggregationLink[]; algorithm: number },
  ): Promise<Uint8Array> {
    const seal = await this.store.get(id);
    if (!seal) throw new Problem(unknownSeal);
    if (!seal.signature) throw new Problem(pendingSeal);
    const signature = readSignature(seal.signature);
    try {
      return prependChain(signature, { hash: leaf.imprint, links: leaf.links, algorithm: leaf.algorithm });
    } catch (error) {
      if (error instanceof KeylessError) throw new Problem(notUnderRoot);
      throw error;
    }
  }

  async sign(imprint: Uint8Array, options: { level?: number; origin?: Origin } = {}): Promise<Uint8Array> {
    if (!this.#host.signing) throw new Problem(unavailable, off);
    const [answer] = await this.#host.signer.call('sign', [
      {
        imprint,
        level: options.level ?? 0,
        client: options.origin?.clientId ?? this.#host.city,
        machine: options.origin?.machineId ?? 'jingwei',
      },
    ]);
    if (!(answer instanceof Uint8Array)) throw new Problem(unavailable, { ...answer });
    return answer;
  }

  async anchors(): Promise<{ publicationsFile: Uint8Array; root: string }> {
    const { file, root } = await this.#host.signer.call('anchors', null);
    return { publicationsFile: file, root };
  }

  /** The present or next look at what waits. */
  #turn(end: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#ended.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, end - performance.now()));
      this.#ended.add(done);
    });
  }

  #schedule(ms: number): void {
    if (this.#stopped || !this.#started || !this.#host.signing) return;
    if (this.#draining) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    // Not in the context of who asked: that may be a transaction that is still open when the time comes.
    this.#outside.runInAsyncScope(() => this.#wait(ms));
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#draining = this.#drain().finally(() => {
        this.#draining = undefined;
        for (const done of [...this.#ended]) done();
        const again = this.#again;
        this.#again = false;
        const watching = performance.now() < this.#watchUntil;
        this.#schedule(this.#fault ? PATIENCE : again || watching ? SOON : QUIET);
      });
    }, ms).unref();
  }

  /** Has everything signed that waits; a fault is kept for the status, told once and tried again. */
  async #drain(): Promise<void> {
    try {
      for (let signed = 0; !this.#stopped; ) {
        const pending = await this.store.pending(BATCH);
        if (pending.length === 0) {
          if (signed > 0) for (const listener of this.#signedListeners) listener();
          break;
        }
        const answers = await this.#host.signer.call(
          'sign',
          pending.map(({ kind, organisation, imprint, level }) => ({
            imprint,
            level,
            client: organisation ?? this.#host.city,
            machine: `jingwei/${kind}`,
          })),
        );
        const kept = pending.flatMap(({ id }, i) => {
          const signature = answers[i]!;
          if (!(signature instanceof Uint8Array)) return [];
          return [{ id, signature, at: new Date(Number(signingTime(readSignature(signature))) * 1000) }];
        });
        await this.store.signed(kept);
        signed += kept.length;
        const refused = answers.find((answer) => !(answer instanceof Uint8Array));
        if (refused && !(refused instanceof Uint8Array)) {
          if (kept.length === 0) throw new Problem(unavailable, { ...refused });
        }
      }
      if (this.#fault) await this.#tell(null);
    } catch (error) {
      await this.#tell(error);
    }
  }

  /** Keeps a fault, or its end: in the log and in the audit, once each. */
  async #tell(error: unknown): Promise<void> {
    const title = error instanceof Problem ? error.toJSON().title : null;
    const fault: Bilingual | null =
      error === null ? null : (title ?? { zh: '内部错误', en: (error as Error).message || 'an internal error' });
    if (fault?.en === this.#fault?.en) return;
    this.#fault = fault;
    if (this.#stopped) return;
    const { log, audit } = this.#host;
    if (fault) log.error({ err: error }, 'seals wait: nothing is signed at present');
    else log.info('seals are signed again');
    const detail = fault ? { ...fault } : {};
    await audit
      .append({ actor: null, action: 'seal.signing', object: 'seal', outcome: fault ? 'failed' : 'ok', detail })
      .catch((cause) => log.error({ err: cause }, 'the audit could not be written'));
  }
}

/** What is said where signing is switched off. */
export const off = { zh: '本机已关闭签名（seal.signing）', en: 'signing is switched off here (seal.signing)' };
