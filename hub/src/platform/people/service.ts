/** People and organisations as the hub composes them: the register in memory, what the day brings, and the parts. */
import { sql } from 'kysely';
import type { Db } from '../db/index.ts';
import type { Part } from '../operations/parts.ts';
import { Repeated } from '../repeat.ts';
import { doneActs, enforceDue } from './acts.ts';
import { certifyDue } from './certify.ts';
import { changeDue } from './changes.ts';
import { dayOf, type PeoplePorts } from './ports.ts';
import { currentOrganisation, type Register, type Registered, registerOn } from './register.ts';
import { standingOf } from './standing.ts';

/** Milliseconds between two looks at what the day brings. */
const LOOK = 30_000;

const registers = new WeakMap<Db, People>();

/** The register of the hub that owns this store; undefined where there is none (the command line, tests of one room). */
export const peopleOf = (db: Db): People | undefined => registers.get(db);

/** People and organisations. */
export class People {
  readonly ports: PeoplePorts;
  readonly #looking: Repeated;
  readonly #listeners: (() => void)[] = [];
  #register: Register = new Map();

  constructor(ports: PeoplePorts) {
    this.ports = ports;
    this.#looking = new Repeated(
      () => this.look(),
      (error) => ports.log.error({ err: error }, 'people and organisations could not be looked at'),
    );
    registers.set(ports.db, this);
  }

  /** The register as it is now. */
  get register(): Register {
    return this.#register;
  }

  /** The register as it was, or will be by what is done already, on a day. */
  async registerOn(day: string): Promise<Register> {
    return registerOn(this.ports.declared(), await doneActs(this.ports.db.kysely), day);
  }

  /** The organisation that answers for a code now; null: nobody, or the code is unknown. */
  current(code: string): string | null {
    return currentOrganisation(this.#register, code);
  }

  /** Declared and founded organisations by the names that they have now; those that are no more keep theirs. */
  organisations(): Registered[] {
    return [...this.#register.values()];
  }

  /** Tells when the register changed. */
  changed(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Reads the register anew. */
  async load(): Promise<void> {
    this.#register = await this.registerOn(dayOf(this.ports.clock));
    for (const listener of this.#listeners) listener();
  }

  /** Does what the day brings: acts, moves and ends, reviews. */
  async look(): Promise<void> {
    if ((await enforceDue(this.ports)) > 0) {
      await this.load();
      this.ports.accounts.forget();
    }
    await changeDue(this.ports);
    await certifyDue(this.ports);
  }

  /** What waits for an administrator's hand. */
  async standing(): Promise<Part[]> {
    return [await standingOf(this.ports)];
  }

  /** How many accounts in use each organisation has. */
  async headcount(): Promise<Map<string, number>> {
    const { rows } = await sql<{ organisation: string; n: number }>`SELECT organisation, count(*)::int AS n
      FROM auth.account WHERE NOT disabled AND organisation IS NOT NULL GROUP BY organisation`.execute(
      this.ports.db.kysely,
    );
    return new Map(rows.map((r) => [r.organisation, r.n]));
  }

  /** What fell due while the hub was down is done before anybody signs in; then it looks by itself. */
  async start(): Promise<void> {
    await this.load();
    await this.#looking.look();
    this.#looking.start(LOOK);
  }

  async stop(): Promise<void> {
    await this.#looking.stop();
  }
}
